"""The environment is read where a process starts and passed down; nothing else looks at it."""

from __future__ import annotations

import ast
from pathlib import Path

SOURCE = Path(__file__).resolve().parents[2] / "src" / "pitwall"
# The command line starts a process of ours; the SDK starts inside somebody else's.
MAY_READ = ("kit/cli_options.py", "sdk/")
READERS = frozenset({"environ", "environb", "getenv", "getenvb"})


def find_readers(path: Path) -> list[str]:
    """Return `file:line` of every use of `os.environ` and its relatives."""
    return [
        f"{path}:{node.lineno}"
        for node in ast.walk(ast.parse(path.read_text("utf-8")))
        if (isinstance(node, ast.Attribute) and node.attr in READERS and _is_os(node.value))
        or (isinstance(node, ast.ImportFrom) and node.module == "os" and _names(node) & READERS)
    ]


def _is_os(node: ast.expr) -> bool:
    return isinstance(node, ast.Name) and node.id == "os"


def _names(node: ast.ImportFrom) -> set[str]:
    return {alias.name for alias in node.names}


def test_only_the_entrances_read_the_environment() -> None:
    """A setting that is read elsewhere would have no source, no check and no documentation."""
    paths = (path for path in SOURCE.rglob("*.py") if not str(path.relative_to(SOURCE)).startswith(MAY_READ))
    assert not [place for path in paths for place in find_readers(path)]


def test_both_ways_of_reading_are_found(tmp_path: Path) -> None:
    """As an attribute and as an imported name; an argument called `environ` is fine."""
    file = tmp_path / "a.py"
    file.write_text(
        "import os\nfrom os import getenv\ndef f(environ):\n    return environ, os.environ['A']\n", "utf-8"
    )
    assert find_readers(file) == [f"{file}:2", f"{file}:4"]
