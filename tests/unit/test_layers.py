"""The house has floors: a folder imports from those above it in the list, never from one below."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

PACKAGE = "pitwall"
SOURCE = Path(__file__).resolve().parents[2] / "src" / PACKAGE

LAYERS = (
    "kit core stats settings stores access work llm ingest traces signals boards views live anomalies "
    "changes alerts incidents notifications probes costs checks artifacts "
    "evals gateway experiments runbooks pipelines packs server worker cli"
).split()
SDK_MAY_IMPORT = frozenset({"kit", "core", "sdk"})
# Importing `pitwall` itself must stay light: it reaches the SDK by name and on demand only.
ROOT_MAY_IMPORT = frozenset({"sdk"})


def _imported_modules(tree: ast.AST, module: str) -> Iterator[tuple[int, str]]:
    """Yield (line, absolute module) for every import of the package, wherever it stands in the file."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from ((node.lineno, alias.name) for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            base = _absolute_base(node, module)
            yield from ((node.lineno, f"{base}.{alias.name}") for alias in node.names)


def _absolute_base(node: ast.ImportFrom, module: str) -> str:
    if node.level == 0:
        return node.module or ""
    package = module.split(".")[: -node.level]
    return ".".join([*package, node.module] if node.module else package)


def _layer(module: str) -> str | None:
    parts = module.split(".")
    return parts[1] if parts[0] == PACKAGE and len(parts) > 1 else None


def _may_import(importer: str, imported: str) -> bool:
    if importer == imported:
        return True
    if importer == "sdk":
        return imported in SDK_MAY_IMPORT
    if importer == PACKAGE:
        return imported in ROOT_MAY_IMPORT
    if imported not in LAYERS:
        return False
    return LAYERS.index(imported) < LAYERS.index(importer)


def find_violations(source: Path) -> list[str]:
    """Return `file:line: why` for every import that goes down a floor or out of a known folder."""
    violations = []
    folders = {child.name for child in source.iterdir() if child.is_dir() and child.name != "__pycache__"}
    known = {*LAYERS, "sdk"}
    violations += [f"{source / name}: folder is in no layer" for name in sorted(folders - known)]
    for path in sorted(source.rglob("*.py")):
        relative = path.relative_to(source)
        importer = relative.parts[0] if len(relative.parts) > 1 else PACKAGE
        module = ".".join([PACKAGE, *relative.with_suffix("").parts])
        for line, imported_module in _imported_modules(ast.parse(path.read_text("utf-8")), module):
            imported = _layer(imported_module)
            if imported not in folders or _may_import(importer, imported):
                continue
            violations.append(f"{path}:{line}: {importer} imports {imported_module}")
    return violations


def test_no_folder_imports_from_one_below() -> None:
    """Every import in the package goes up the list of DESIGN section 2; the SDK needs kit and core only."""
    violations = find_violations(SOURCE)
    assert not violations, "\n".join(["imports against the layers:", *violations])


@pytest.mark.parametrize(
    ("file", "code", "expected"),
    [
        ("kit/a.py", "from pitwall.core import errors", "kit/a.py:1: kit imports pitwall.core.errors"),
        (
            "core/a.py",
            "def f():\n    import pitwall.server.app",
            "core/a.py:2: core imports pitwall.server.app",
        ),
        (
            "signals/a.py",
            "from ..alerts import rules",
            "signals/a.py:1: signals imports pitwall.alerts.rules",
        ),
        ("core/a.py", "from pitwall import cli", "core/a.py:1: core imports pitwall.cli"),
        ("sdk/a.py", "from pitwall.settings import x", "sdk/a.py:1: sdk imports pitwall.settings.x"),
        ("server/a.py", "import pitwall.sdk", "server/a.py:1: server imports pitwall.sdk"),
        ("__init__.py", "import pitwall.core", "__init__.py:1: pitwall imports pitwall.core"),
    ],
)
def test_import_against_the_layers_is_named_with_file_and_line(
    tmp_path: Path, file: str, code: str, expected: str
) -> None:
    """Each wrong import is reported, also inside a function, relative or through the package."""
    _make_house(tmp_path, file, code)
    assert find_violations(tmp_path) == [f"{tmp_path}/{expected}"]


def test_import_from_a_floor_above_is_fine(tmp_path: Path) -> None:
    """The order allows what it says it allows; other packages are nobody's business."""
    _make_house(
        tmp_path, "server/a.py", "import json\nfrom pitwall.signals import query\nfrom pitwall import kit"
    )
    assert find_violations(tmp_path) == []


def test_unknown_folder_is_refused(tmp_path: Path) -> None:
    """A new folder has to take its place in the order before it may hold code."""
    _make_house(tmp_path, "helpers/a.py", "")
    assert find_violations(tmp_path) == [f"{tmp_path / 'helpers'}: folder is in no layer"]


def _make_house(root: Path, file: str, code: str) -> None:
    for folder in ("kit", "core", "settings", "signals", "alerts", "server", "cli", "sdk"):
        (root / folder).mkdir()
    target = root / file
    target.parent.mkdir(exist_ok=True)
    target.write_text(code, "utf-8")
