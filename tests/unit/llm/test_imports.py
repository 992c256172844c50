"""The client of models stays light: a run of evaluations has 80 MB and little time to start."""

from __future__ import annotations

import subprocess
import sys

HEAVY = ("numpy", "pandas", "fastapi", "chdb", "grpc", "alembic", "clickhouse_connect")
MODULES = ("models", "profiles", "doctor", "commands", "service", "budget")


def test_asking_models_imports_nothing_heavy() -> None:
    """Neither arrays nor a web server nor an embedded database."""
    imports = "; ".join(f"import pitwall.llm.{name}" for name in MODULES)
    code = f"import sys; {imports}; print([name for name in {HEAVY} if name in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
