"""The server: wiring of stores, doors and features into one process, and nothing else."""
