"""Runs as files: JSON, JSON lines, CSV, Excel, Markdown and a page of HTML that needs nothing else."""
