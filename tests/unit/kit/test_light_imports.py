"""A library without what it has no use for, and everything as before afterwards."""

from __future__ import annotations

import subprocess
import sys

_CODE = """
import sys
from pitwall.kit.light_imports import import_without
import_without("httpx", ("rich", "pygments"))
assert "httpx" in sys.modules
assert not [name for name in sys.modules if name.startswith(("rich", "pygments"))]
import httpx, rich.console
httpx.AsyncClient
import_without("httpx", ("rich",))
assert sys.modules["rich"] is not None
"""


def test_unwanted_packages_are_neither_imported_nor_lost() -> None:
    """In a process of its own: others have imported them already."""
    subprocess.run([sys.executable, "-c", _CODE], check=True)
