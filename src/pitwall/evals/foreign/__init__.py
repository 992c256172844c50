"""Results of other evaluation tools, taken in as runs."""
