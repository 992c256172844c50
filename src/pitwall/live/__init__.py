"""Live: how fresh the numbers are, and what has just come in, pushed to whoever listens."""
