"""Files of real shape: the project's own, and the public ones where they are on this machine."""

from __future__ import annotations

import gzip
import json
import os
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).resolve().parents[2]
OWN = ROOT / "tests" / "data"
# Read here, because tests themselves run without the variables of Pitwall.
_PUBLIC = Path(os.environ.get("PITWALL_SHARED_DATA") or ROOT.parent / "shared" / "data")


def shared_data() -> Path:
    """The folder of public data, which may be missing.

    It is the one that PITWALL_SHARED_DATA names, else `shared/data` beside the checkout.
    """
    return _PUBLIC


def public_file(name: str) -> object:
    """A public file or folder as a test's parameter; the test is skipped where it is missing."""
    path = shared_data() / name
    missing = pytest.mark.skipif(not path.exists(), reason=f"there is no {path}; see PITWALL_SHARED_DATA")
    return pytest.param(path, id=f"public:{path.name}", marks=missing)


def own_file(name: str) -> object:
    """One of the project's own files or folders as a test's parameter."""
    return pytest.param(OWN / name, id=f"own:{name}")


def own_and_public(own: str, public: str) -> list[object]:
    """The project's own file, and the public one of the same shape."""
    return [own_file(own), public_file(public)]


def figures_of(path: Path) -> dict[str, Any]:
    """What has to come out of a file, counted without Pitwall."""
    known: dict[str, dict[str, dict[str, Any]]] = json.loads((OWN / "figures.json").read_text("utf-8"))
    if path.is_relative_to(OWN):
        return known["own"][path.relative_to(OWN).as_posix()]
    return known["public"][path.relative_to(shared_data()).as_posix()]


def read_json(path: Path) -> Any:
    """The contents of a JSON file, packed or not."""
    raw = path.read_bytes()
    return json.loads(gzip.decompress(raw) if path.suffix == ".gz" else raw)
