"""What a stopped server left on disk, asked of the engine itself: run as a program, it prints JSON.

python benchmarks/harness/store.py DATA_DIR
"""

from __future__ import annotations

import json
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

_QUIET_SECONDS = 3.0
_LONGEST_WAIT_SECONDS = 90.0
_MEMORY_BYTES = 6 * 2**30  # counting ten million distinct spans takes more than a server may use
_PROJECT = "project != '_pitwall'"
_ACTIVE = "FROM system.parts WHERE active AND database = currentDatabase()"


@dataclass(frozen=True, slots=True)
class StoreFacts:
    """What is in a store.

    Attributes:
        bytes_by_table: Of active parts, indexes included.
        parts: Active parts of the span table.
        rollup_spans: Spans that the minute and the hour rollup counted.
        distinct_spans: Different (trace id, span id) pairs.
        are_merges_done: Whether background merges came to rest before this was asked.
    """

    spans: int
    distinct_spans: int
    rollup_spans: tuple[int, int]
    bytes_by_table: dict[str, int]
    parts: int
    are_merges_done: bool

    @property
    def bytes_per_span(self) -> float:
        """Everything a span costs on disk: its row, its texts and its share of the rollups."""
        return sum(self.bytes_by_table.values()) / self.spans


def inspect_store(data_dir: Path) -> StoreFacts:
    """Look into the store of a stopped server, in a process of its own.

    Raises:
        RuntimeError: Rollups and rows do not agree, or a span is there twice.
    """
    done = subprocess.run(
        [sys.executable, __file__, str(data_dir)], check=True, stdout=subprocess.PIPE, text=True
    )
    found = json.loads(done.stdout)
    facts = StoreFacts(**found | {"rollup_spans": tuple(found["rollup_spans"])})
    if {facts.spans} != {facts.distinct_spans, *facts.rollup_spans}:
        raise RuntimeError(f"rows, distinct spans and rollups do not agree: {facts}")
    return facts


def _inspect(data_dir: Path) -> dict[str, Any]:
    from pitwall.stores.telemetry.clickhouse import open_embedded

    engine = open_embedded(data_dir / "telemetry", memory_limit_bytes=_MEMORY_BYTES)
    try:
        are_merges_done = _wait_for_merges(engine)
        rollups = [
            engine.query(f"SELECT sum(spans) FROM {table} WHERE {_PROJECT}").scalar()
            for table in ("spans_by_minute", "spans_by_hour")
        ]
        return {
            "spans": engine.query(f"SELECT count() FROM spans WHERE {_PROJECT}").scalar(),
            "distinct_spans": engine.query(
                f"SELECT uniqExact(span_id, trace_id) FROM spans WHERE {_PROJECT}"
            ).scalar(),
            "rollup_spans": rollups,
            "bytes_by_table": dict(
                engine.query(f"SELECT table, sum(bytes_on_disk) {_ACTIVE} GROUP BY table").rows
            ),
            "parts": engine.query(f"SELECT count() {_ACTIVE} AND table = 'spans'").scalar(),
            "are_merges_done": are_merges_done,
        }
    finally:
        engine.close()


def _wait_for_merges(engine: Any) -> bool:
    began = quiet_since = time.monotonic()
    while time.monotonic() - began < _LONGEST_WAIT_SECONDS:
        if engine.query("SELECT count() FROM system.merges").scalar():
            quiet_since = time.monotonic()
        if time.monotonic() - quiet_since >= _QUIET_SECONDS:
            return True
        time.sleep(0.2)
    return False


if __name__ == "__main__":
    print(json.dumps(_inspect(Path(sys.argv[1]))))
