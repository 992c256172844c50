"""`pitwall` with the engine's query condition cache off; started by `server.py`."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from pitwall.cli.main import main
from pitwall.stores.telemetry.clickhouse import EmbeddedEngine
from pitwall.stores.telemetry.engine import Rows

_OFF = {"use_query_condition_cache": 0}
_query = EmbeddedEngine.query


def _query_without_cache(
    engine: EmbeddedEngine,
    sql: str,
    parameters: Mapping[str, Any] | None = None,
    *,
    settings: Mapping[str, Any] | None = None,
) -> Rows:
    return _query(engine, sql, parameters, settings={**(settings or {}), **_OFF})


if __name__ == "__main__":
    EmbeddedEngine.query = _query_without_cache  # type: ignore[assignment, method-assign]
    main()
