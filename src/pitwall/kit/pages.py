"""Pages of documentation that are made from the code."""

from __future__ import annotations

import sys
from pathlib import Path


def write_page(page: str) -> None:
    """Write a page to the file that the command line names, or to standard output."""
    if len(sys.argv) > 1:
        Path(sys.argv[1]).write_text(page, encoding="utf-8")
    else:
        sys.stdout.write(page)
