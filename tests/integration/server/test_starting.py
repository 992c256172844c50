"""What a start does at the same time, so that it takes less time; each in a process of its own."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

_LATE = ("fastapi", "starlette", "grpc", "chdb", "pitwall.signals.service")
_LATER = (
    "numpy",
    "rich",
    "sqlalchemy.dialects.postgresql",
    "pitwall.evals.runs.bench",
    "pitwall.evals.analysis.plan",
    "pitwall.server.eval_routers",
)
_MAKES_A_SERVER = f"""
import sys
from pitwall.kit.light_imports import import_lightly
import_lightly("structlog", "httpx")
import pitwall.server.serve, pitwall.server.parts, pitwall.server.web, pitwall.server.features
print([name for name in {_LATER!r} if name in sys.modules])
"""

_FAILS_WHILE_OPENING = """
import sys
from pathlib import Path

import pitwall.server.compose as root
from pitwall.kit.clock import SystemClock
from pitwall.server.lifecycle import Mode
from pitwall.settings import load_settings
from pitwall.stores.telemetry.clickhouse import open_embedded

def fail(*_parts):
    raise ZeroDivisionError

root._telemetry = fail
data_dir = Path(sys.argv[1])
data_dir.mkdir()
settings = load_settings(environ={}, config=None, flags={"data_dir": str(data_dir)})
try:
    root.compose(settings, Mode.UP, SystemClock(), local_token="t")
except ZeroDivisionError:
    # The engine refuses a second directory as long as one is open.
    other = open_embedded(data_dir / "other" / "telemetry")
    print(other.query("SELECT 1").scalar())
    other.close()
"""

_LEAN = """
import sys
from pathlib import Path

from pitwall.stores.telemetry.clickhouse import open_embedded

engine = open_embedded(Path(sys.argv[1]) / "telemetry")
allocator = engine.query("SELECT * FROM system.jemalloc_stats").scalar()
engine.close()
print("opt.dirty_decay_ms: 1000" in allocator, [name for name in ("pyarrow", "numpy") if name in sys.modules])
import pyarrow
"""


def _run(script: str, *arguments: str) -> str:
    done = subprocess.run(
        [sys.executable, "-c", script, *arguments], capture_output=True, text=True, check=False, timeout=60
    )
    assert done.returncode == 0, done.stderr
    return done.stdout.strip().rpartition("\n")[2]  # logs come before


def test_what_the_store_need_not_wait_for_is_imported_late() -> None:
    """The store begins to open before the web framework, gRPC and half of the server are imported."""
    script = f"import sys, pitwall.server.serve\nprint([n for n in {_LATE!r} if n in sys.modules])"
    assert _run(script) == "[]"


def test_what_only_answers_and_jobs_need_is_imported_by_them() -> None:
    """A server is ready without numpy and without what works on evaluation runs."""
    assert _run(_MAKES_A_SERVER) == "[]"


def test_server_that_cannot_be_made_closes_the_store_it_began_to_open(tmp_path: Path) -> None:
    """An error beside the opening store leaves no engine behind."""
    assert _run(_FAILS_WHILE_OPENING, str(tmp_path / "data")) == "1"


def test_engine_is_lean(tmp_path: Path) -> None:
    """Freed memory goes back soon; pyarrow comes with chDB and is not loaded, though who wants it can."""
    assert _run(_LEAN, str(tmp_path)) == "True []"
