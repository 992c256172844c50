"""Snapshots: what a run ran on, enough to run it again, and what differs between two."""
