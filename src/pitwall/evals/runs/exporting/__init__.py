"""Runs as files: JSON, JSON lines, CSV, Excel, Markdown and a page of HTML that needs nothing else."""

from __future__ import annotations

from pitwall.evals.runs.exporting.choosing import FORMATS, ExportedFile, export_run

__all__ = ["FORMATS", "ExportedFile", "export_run"]
