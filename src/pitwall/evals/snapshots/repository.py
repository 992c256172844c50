"""Parameters of the searches of a run, from its spans and its stage events."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from typing import Any, Final

import orjson
from sqlalchemy import select

from pitwall.evals.stages.canonical import read_stored
from pitwall.evals.stages.types import RERANK, RETRIEVAL
from pitwall.stores.state import StateStore
from pitwall.stores.state.tables import stage_events
from pitwall.stores.telemetry.engine import TelemetryEngine
from pitwall.traces.engine_settings import QUERY_SETTINGS

_MOST: Final = 20
_MOST_EVENTS: Final = 5_000
_LONGEST: Final = 200
_ATTRIBUTES: Final = (
    *("db.system.name", "db.system", "db.collection.name", "db.vector.collection", "db.namespace"),
    *("gen_ai.data_source.id", "embedding.model_name", "reranker.model_name"),
)
_COLUMNS: Final = ("top_k", "rerank_enabled", "model", "component")
_RESULTS: Final = frozenset(
    "doc_ids scores relevant_doc_ids input_count output_count result_count query".split()
)
Json = dict[str, Any]


class RetrieverFacts:
    """Reads parameters of searches; calls block."""

    def __init__(self, engine: TelemetryEngine, state: StateStore) -> None:
        self._engine = engine
        self._state = state

    def find(self, project_id: str, run_id: str) -> list[Json]:
        """Return the distinct parameters of a run's searches and reranks, the most used first.

        Raises:
            StoreUnavailable: The telemetry store does not answer.
        """
        return [*self._of_spans(project_id, run_id), *self._of_events(project_id, run_id)]

    def _of_spans(self, project_id: str, run_id: str) -> list[Json]:
        attributes = ", ".join(f"attributes['{name}']" for name in _ATTRIBUTES)
        sql = (
            f"SELECT name, kind, {', '.join(_COLUMNS)}, [{attributes}] AS said, "
            "uniqExact(trace_id, span_id) AS uses FROM spans "
            "WHERE project = {project:String} AND run_id = {run:String} "
            "AND kind IN ('retriever', 'reranker') "
            f"GROUP BY name, kind, {', '.join(_COLUMNS)}, said ORDER BY uses DESC, name LIMIT {_MOST}"
        )
        parameters = {"project": project_id, "run": run_id}
        rows = self._engine.query(sql, parameters, settings=QUERY_SETTINGS).dicts()
        return [_of_span(row) for row in rows]

    def _of_events(self, project_id: str, run_id: str) -> list[Json]:
        query = (
            select(stage_events.c.content)
            .where(
                stage_events.c.project_id == project_id,
                stage_events.c.run_id == run_id,
                stage_events.c.stage_type.in_((RETRIEVAL, RERANK)),
            )
            .limit(_MOST_EVENTS)
        )
        with self._state.session(read_only=True) as session:
            events = [read_stored(row[0]) for row in session.execute(query)]
        told = Counter(
            orjson.dumps([event.stage_type, event.stage_name, _plain(event.attributes)]) for event in events
        )
        return [_of_event(orjson.loads(one), uses) for one, uses in told.most_common(_MOST)]


def _of_span(row: Mapping[str, Any]) -> Json:
    said = {name: value for name, value in zip(_ATTRIBUTES, row["said"], strict=True) if value}
    known = {name: row[name] for name in _COLUMNS}
    parameters = {name: value for name, value in known.items() if value not in (None, "")} | said
    return {
        "from": "spans",
        "stage": row["kind"],
        "name": row["name"],
        "uses": row["uses"],
        "parameters": parameters,
    }


def _of_event(told: list[Any], uses: int) -> Json:
    stage, name, parameters = told
    return {"from": "events", "stage": stage, "name": name, "uses": uses, "parameters": parameters}


def _plain(attributes: Mapping[str, Any]) -> Json:
    """What is a parameter and no result: short plain values under names that are no results."""
    return dict(sorted(_parameters(attributes.items())))


def _parameters(items: Iterable[tuple[str, Any]]) -> Iterable[tuple[str, Any]]:
    for name, value in items:
        is_short = not isinstance(value, str) or len(value) <= _LONGEST
        if name not in _RESULTS and isinstance(value, str | int | float | bool) and is_short:
            yield name, value
