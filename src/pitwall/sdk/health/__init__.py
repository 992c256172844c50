"""Whether the application can do its work: checks, ready-made and its own, and endpoints that tell."""
