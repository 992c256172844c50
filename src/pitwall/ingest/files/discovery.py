"""Which files belong to a trace directory or to one followed file: the present one and those rotated away."""

from __future__ import annotations

import re
from collections.abc import Iterable
from pathlib import Path

TRACE_FILES = ("llm_calls.jsonl", "rag_retrieval.jsonl", "cost_usage.jsonl", "cache.jsonl")
# What rotation puts behind a name: .1, -20261120, .2026-11-20, with .gz or .zst once it is packed.
_ROTATED = r"(?:[.-]\d[\d._T-]*)?(?:\.(?:gz|zst))?"


def trace_files(directory: Path) -> list[Path]:
    """Return the trace files of a directory with the rotated ones, oldest first."""
    return oldest_first(path for name in TRACE_FILES for path in with_rotated(directory / name))


def with_rotated(path: Path) -> list[Path]:
    """Return a file, if it is there, and the files that it was rotated to."""
    stem, suffix = path.stem, path.suffix
    # Rotation puts its mark behind the name or before its suffix.
    names = re.compile(
        f"{re.escape(path.name)}{_ROTATED}|{re.escape(stem)}[.-]\\d[\\d._T-]*{re.escape(suffix)}(?:\\.(?:gz|zst))?"
    )
    try:
        return [entry for entry in path.parent.iterdir() if names.fullmatch(entry.name) and entry.is_file()]
    except (FileNotFoundError, NotADirectoryError):
        return []


def oldest_first(paths: Iterable[Path]) -> list[Path]:
    """Sort files by the time they were last written; those that are gone meanwhile are left out."""
    found = []
    for path in paths:
        try:
            found.append((path.stat().st_mtime_ns, path.name, path))
        except FileNotFoundError:
            continue
    return [path for *_, path in sorted(found)]
