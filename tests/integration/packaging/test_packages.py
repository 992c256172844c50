"""Wheel and sdist hold the built UI, or are not built."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tarfile
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[3]
UI = "pitwall/server/ui"
BUILT = {"index.html": "<!doctype html>", "assets/index-B4c.js": "//", "assets/index-B4c.js.gz": "packed"}
NEEDED = ("pyproject.toml", "hatch_build.py", "README.md", "LICENSE", ".gitignore")


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    """A source tree as git has it: with what a build needs, without a UI."""
    tree = tmp_path / "tree"
    package = tree / "src/pitwall"
    shutil.copytree(ROOT / "src/pitwall/kit", package / "kit", ignore=shutil.ignore_patterns("__pycache__"))
    (package / "server").mkdir()
    for path in ("src/pitwall/__init__.py", "src/pitwall/server/static.py", *NEEDED):
        shutil.copy(ROOT / path, tree / path)
    return tree


def build_ui(tree: Path) -> None:
    for name, text in BUILT.items():
        path = tree / "src" / UI / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)


def build(tree: Path, target: str, environ: dict[str, str] | None = None) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "hatchling", "build", "-t", target, "-d", str(tree / "dist")],
        cwd=tree,
        env={**os.environ, **(environ or {})},
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )


def built_names(tree: Path) -> set[str]:
    """Names of the UI's files in the only wheel of a tree."""
    (wheel,) = (tree / "dist").glob("*.whl")
    with zipfile.ZipFile(wheel) as archive:
        return {name.removeprefix(f"{UI}/") for name in archive.namelist() if name.startswith(f"{UI}/")}


@pytest.mark.parametrize("target", ["wheel", "sdist"])
def test_package_without_ui_is_not_built(tree: Path, target: str) -> None:
    """A release must not lack its face; the refusal says what to run and how to do without."""
    done = build(tree, target)
    assert done.returncode != 0
    assert "make ui" in done.stderr
    assert "PITWALL_WITHOUT_UI=1" in done.stderr
    assert not list(tree.glob("dist/*"))


def test_wheel_without_ui_is_built_on_purpose(tree: Path) -> None:
    """Whoever wants the server alone says so."""
    done = build(tree, "wheel", {"PITWALL_WITHOUT_UI": "1"})
    assert done.returncode == 0, done.stderr
    assert built_names(tree) == set()


def test_wheel_has_the_ui_although_git_does_not(tree: Path) -> None:
    """Every file that was built, packed forms too."""
    build_ui(tree)
    done = build(tree, "wheel")
    assert done.returncode == 0, done.stderr
    assert built_names(tree) == set(BUILT)


def test_sdist_has_the_ui_and_a_wheel_is_built_from_it(tree: Path, tmp_path: Path) -> None:
    """Whoever installs from source needs no front-end tools."""
    build_ui(tree)
    done = build(tree, "sdist")
    assert done.returncode == 0, done.stderr
    (sdist,) = (tree / "dist").glob("*.tar.gz")
    with tarfile.open(sdist) as archive:
        archive.extractall(tmp_path / "unpacked", filter="data")
    (unpacked,) = (tmp_path / "unpacked").iterdir()
    done = build(unpacked, "wheel")
    assert done.returncode == 0, done.stderr
    assert built_names(unpacked) == set(BUILT)


def test_source_tree_installs_without_ui(tree: Path, tmp_path: Path) -> None:
    """`pip install -e .` asks for an editable wheel, which needs nothing built."""
    script = "import sys; from hatchling.build import build_editable; build_editable(sys.argv[1])"
    (tmp_path / "out").mkdir()
    done = subprocess.run(
        [sys.executable, "-c", script, str(tmp_path / "out")],
        cwd=tree,
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )
    assert done.returncode == 0, done.stderr
    assert len(list((tmp_path / "out").glob("*.whl"))) == 1
