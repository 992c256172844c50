"""Runs: a dataset judged by metrics, durable, resumable, and what came of it."""
