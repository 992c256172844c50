"""What tells of missed questions, out of the telemetry store."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

from pitwall.evals.missed.types import GivenScore, Root, RootTexts
from pitwall.stores.telemetry.engine import TelemetryEngine
from pitwall.stores.telemetry.literals import id_literal
from pitwall.traces.conditions import UNIX_NANO, instant, joined, selected
from pitwall.traces.content import shown_text
from pitwall.traces.engine_settings import QUERY_SETTINGS
from pitwall.traces.types import Selection

MAX_ROOTS: Final = 20_000


class MissedRepository:
    """Reads roots, searches and scores of a time range; calls block."""

    def __init__(self, engine: TelemetryEngine) -> None:
        self._engine = engine

    def roots(self, selection: Selection) -> Sequence[Root]:
        """Return the newest root spans that match, one more than `MAX_ROOTS` if there are so many."""
        where = joined([selected(selection)])
        sql = (
            f"SELECT trace_id, span_id, kind, {UNIX_NANO} AS unix_nano, status, output_preview "
            f"FROM spans WHERE {where.text} AND parent_span_id = {id_literal(bytes(8))} "
            f"ORDER BY started_at DESC, received_at DESC, span_id LIMIT 1 BY trace_id LIMIT {MAX_ROOTS + 1}"
        )
        return [
            Root(
                trace_id=row["trace_id"].hex(),
                unix_nano=row["unix_nano"],
                is_error=row["status"] == "error",
                output_preview=row["output_preview"],
                span_id=row["span_id"].hex(),
                kind=row["kind"],
            )
            for row in self._rows(sql, where.parameters)
        ]

    def texts(self, project: str, roots: Sequence[Root]) -> dict[str, RootTexts]:
        """Return the texts of root spans by trace, as they are shown; what is not stored is missing."""
        if not roots:
            return {}
        times = [root.unix_nano for root in roots]
        ids = (f"({_id(root.trace_id)}, {_id(root.span_id)})" for root in roots)
        sql = (
            "SELECT trace_id, input, output FROM payloads WHERE project = {project:String} "
            f"AND started_at BETWEEN {instant('first')} AND {instant('last')} "
            f"AND (trace_id, span_id) IN ({', '.join(ids)}) ORDER BY received_at, mapping_version"
        )
        rows = self._rows(sql, {"project": project, "first": min(times), "last": max(times)})
        return {
            row["trace_id"].hex(): RootTexts(shown_text(row["input"]), shown_text(row["output"]))
            for row in rows
        }

    def without_hits(self, project: str, since_nano: int, until_nano: int) -> set[str]:
        """Return traces in whose searches no document was found."""
        sql = (
            "SELECT trace_id FROM spans WHERE project = {project:String} "
            "AND started_at >= fromUnixTimestamp64Nano({since:Int64}, 'UTC') "
            "AND started_at < fromUnixTimestamp64Nano({until:Int64}, 'UTC') "
            "AND kind = 'retriever' AND document_count IS NOT NULL "
            "GROUP BY trace_id HAVING max(document_count) = 0"
        )
        parameters = {"project": project, "since": since_nano, "until": until_nano}
        return {row["trace_id"].hex() for row in self._rows(sql, parameters)}

    def scores(self, project: str, since_nano: int) -> Sequence[GivenScore]:
        """Return the scores with a value that traces were given since a moment."""
        sql = (
            "SELECT trace_id, name, value FROM scores FINAL WHERE project = {project:String} "
            "AND at >= fromUnixTimestamp64Nano({since:Int64}, 'UTC') "
            f"AND value IS NOT NULL AND trace_id != {id_literal(bytes(16))}"
        )
        rows = self._rows(sql, {"project": project, "since": since_nano})
        return [GivenScore(row["trace_id"].hex(), row["name"], row["value"]) for row in rows]

    def _rows(self, sql: str, parameters: dict[str, Any]) -> list[dict[str, Any]]:
        return self._engine.query(sql, parameters, settings=QUERY_SETTINGS).dicts()


def _id(digits: str) -> str:
    return id_literal(bytes.fromhex(digits))
