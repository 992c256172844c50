"""Importing a library without what it has no use for here."""

from __future__ import annotations

import importlib
import sys
from collections.abc import Sequence


def import_without_rich(others: Sequence[str] = ()) -> None:
    """Import structlog and httpx without rich and pygments, and without others that they would take along.

    httpx imports its own command line where it can, and with it both of them, structlog rich for its
    tracebacks: 4 MB and 50 ms that a process which draws nothing has no use for.
    """
    for library in ("structlog", "httpx"):
        import_without(library, ("rich", "pygments", *others))


def import_without(module: str, unwanted: Sequence[str]) -> None:
    """Import a module as if some packages were not installed; those that are imported already stay."""
    blocked = [name for name in unwanted if name not in sys.modules]
    for name in blocked:
        sys.modules[name] = None  # type: ignore[assignment]  # what the import system takes for "not there"
    try:
        importlib.import_module(module)
    finally:
        for name in blocked:
            del sys.modules[name]
