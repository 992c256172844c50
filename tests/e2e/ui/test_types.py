"""The types that the user interface is checked with are those of the server it talks to."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from tests.e2e.running import ROOT

GENERATED = ROOT / "ui" / "src" / "api" / "schema.gen.ts"
GENERATOR = ROOT / "ui" / "node_modules" / ".bin" / "openapi-typescript"


def test_types_are_those_of_the_openapi_description(tmp_path: Path) -> None:
    """Generated again from a running server they are the committed ones; `make ui-api` renews them."""
    description, types = tmp_path / "openapi.json", tmp_path / "schema.gen.ts"
    subprocess.run([sys.executable, ROOT / "scripts" / "openapi.py", description], check=True, timeout=120)
    command = [str(GENERATOR), str(description), "--output", str(types), "--alphabetize"]
    subprocess.run(command, check=True, timeout=120, capture_output=True)
    assert types.read_text("utf-8") == GENERATED.read_text("utf-8"), "run `make ui-api`"
