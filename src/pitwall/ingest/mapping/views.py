"""Installs the mapping in a telemetry store: stage tables, and the views that fill the normal form from them.

    stage_traces  -> span_rows_in -> span_facts_in -> spans_in
                                  -> scores_in (evaluations and annotations on spans)
    stage_metrics -> points_in
    stage_logs    -> logs_in -> scores_in (evaluation events)
    stage_scores  -> scores_in
    stage_dead_letters -> dead_letters_in

All of it is derived from the tables of this package; nothing is stored but what passed through. When the
generated SQL differs from what the store has, everything is replaced and the mapping version, stamped on each
span, goes up by one.
"""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Final

from pitwall.ingest.mapping.feedback import feedback_select
from pitwall.ingest.mapping.flatten import SPAN_ROWS, spans_view
from pitwall.ingest.mapping.logs import evaluations_select, logs_select
from pitwall.ingest.mapping.masking import DEFAULT_GROUPS, select_rules
from pitwall.ingest.mapping.normal import facts_select, spans_in_select
from pitwall.ingest.mapping.points import points_select
from pitwall.ingest.mapping.records import dead_letters_select, scores_select
from pitwall.ingest.mapping.stages import STAGE_TABLES, STAGES
from pitwall.ingest.pricing.lookup import install_prices
from pitwall.stores.telemetry.engine import TelemetryEngine

__all__ = ["STAGES", "current_version", "install", "statements"]

_VIEWS: Final = (
    "map_span_rows",
    "map_span_facts",
    "map_spans",
    "map_feedback",
    "map_points",
    "map_logs",
    "map_evaluations",
    "map_scores",
    "map_dead_letters",
)
_TABLES: Final = ("span_rows_in", "span_facts_in", *(stage.table for stage in STAGES.values()))
_VERSION_MARK: Final = 0
# The views that read the stage tables themselves, one for each. They go first and come last: while one is not
# there, an insert into its stage table writes nothing but the stage's own rows, which the engine refuses
# (`clickhouse._refuse_lost_rows`), so that a server that shares the store sends the segment again.
_ENTRANCES: Final = ("map_span_rows", "map_points", "map_logs", "map_scores", "map_dead_letters")


def statements(*, mapping_version: int, masking: Collection[str] = DEFAULT_GROUPS) -> Iterator[str]:
    """DDL that creates the stage tables and views, in order."""
    rules = select_rules(masking)
    yield SPAN_ROWS
    facts = facts_select("span_rows_in")
    yield f"CREATE TABLE span_facts_in ENGINE = Null AS {facts} LIMIT 0"
    yield _view("map_spans", "spans_in", spans_in_select("span_facts_in", mapping_version=mapping_version))
    yield _view("map_span_facts", "span_facts_in", facts)
    yield _view("map_feedback", "scores_in", feedback_select("span_rows_in"))
    yield _view("map_evaluations", "scores_in", evaluations_select("logs_in"))
    yield from STAGE_TABLES.values()
    yield _view("map_span_rows", "span_rows_in", spans_view("stage_traces", rules))
    yield _view("map_points", "points_in", points_select("stage_metrics", rules))
    yield _view("map_logs", "logs_in", logs_select("stage_logs", rules))
    yield _view("map_scores", "scores_in", scores_select("stage_scores", rules))
    yield _view("map_dead_letters", "dead_letters_in", dead_letters_select("stage_dead_letters"))


def _view(name: str, target: str, query: str) -> str:
    return f"CREATE MATERIALIZED VIEW {name} TO {target} AS\n{query}"


def current_version(engine: TelemetryEngine) -> int:
    """The mapping version that rows get now; 0 before the first install."""
    return int(engine.query("SELECT max(version) FROM mapping_versions").scalar())


def install(
    engine: TelemetryEngine, *, masking: Collection[str] = DEFAULT_GROUPS, price_file: Path | None = None
) -> int:
    """Make the store map and price telemetry as this version of Pitwall does; quick when it already does.

    What another server inserts while views are replaced is refused and sent again by it.

    Args:
        engine: A migrated store.
        masking: Groups of `masking.RULES` to apply.
        price_file: The user's prices (`pricing/user_file.py`).

    Returns:
        The mapping version.

    Raises:
        InvalidInput: A masking group does not exist, or the price file has an error.
    """
    with ThreadPoolExecutor(1) as pool:  # neither waits for the other, and a new store has both to do
        pricing = pool.submit(install_prices, engine, user_file=price_file)
        version = _install_views(engine, masking)
        pricing.result()
    return version


def _install_views(engine: TelemetryEngine, masking: Collection[str]) -> int:
    checksum = _checksum(masking)
    latest = engine.query("SELECT version, checksum FROM mapping_versions ORDER BY version DESC LIMIT 1").rows
    if latest and latest[0][1] == checksum and _is_complete(engine):
        return int(latest[0][0])
    version = (int(latest[0][0]) if latest else 0) + 1
    for name in dict.fromkeys((*_ENTRANCES, *_VIEWS)):
        engine.command(f"DROP VIEW IF EXISTS {name}")
    for name in _TABLES:
        engine.command(f"DROP TABLE IF EXISTS {name}")
    for statement in statements(mapping_version=version, masking=masking):
        engine.command(statement)
    # Written last: a killed install is done again.
    engine.insert_rows(
        "mapping_versions",
        ["version", "checksum"],
        [[version, checksum]],
        token=f"mapping-{version}-{checksum}",
    )
    return version


def _checksum(masking: Collection[str]) -> str:
    text = ";".join(statements(mapping_version=_VERSION_MARK, masking=masking))
    return hashlib.sha256(text.encode()).hexdigest()


def _is_complete(engine: TelemetryEngine) -> bool:
    names = engine.query("SELECT name FROM system.tables WHERE database = currentDatabase()").rows
    return {*_VIEWS, *_TABLES} <= {name for (name,) in names}
