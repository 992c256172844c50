"""Importing a library without what it has no use for here."""

from __future__ import annotations

import gc
import importlib
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Final

# What libraries import where it is installed: httpx its own command line, structlog prettier tracebacks. That
# is 6 MB and 50 ms, which a process that draws nothing has no use for.
_UNWANTED: Final[Mapping[str, tuple[str, ...]]] = {
    "httpx": ("rich", "pygments", "zstandard"),
    "structlog": ("rich", "pygments", "greenlet", "colorama"),
}


def import_lightly(*libraries: str) -> None:
    """Import httpx or structlog without what they would take along."""
    for library in libraries:
        import_without(library, _UNWANTED[library])


@contextmanager
def importing() -> Iterator[None]:
    """Import much at once: the hundred thousand objects that this makes stay, so none of them is garbage."""
    was_enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_enabled:
            gc.enable()


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
