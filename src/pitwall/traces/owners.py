"""Sessions and users: the spans that carry their id, summed up over a time range."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any, Final

from pitwall.stores.telemetry.engine import TelemetryEngine
from pitwall.traces.conditions import UNIX_NANO, joined, selected
from pitwall.traces.engine_settings import QUERY_SETTINGS
from pitwall.traces.filters import Sql
from pitwall.traces.scores import SCORE_COLUMNS, to_score
from pitwall.traces.types import Owner, OwnerRow, OwnerSort, Score, Selection

_MAX_NAMES: Final = 20
_LAST_COPY_FIRST: Final = "ORDER BY received_at DESC, log_position DESC"
_SORTS: Final = {
    OwnerSort.LAST_AT: "last_nano",
    OwnerSort.TRACES: "traces",
    OwnerSort.ERRORS: "errors",
    OwnerSort.TOKENS: "if(token_spans > 0, input_tokens + output_tokens, -1)",
    OwnerSort.COST: "ifNull(toFloat64(cost), -1)",
}
# Models that answer stand before those that embed or rank.
_MODELS: Final = f"""arraySlice(arrayDistinct(arrayConcat(
        arraySort(groupUniqArrayIf({_MAX_NAMES})(model, model != '' AND kind = 'llm')),
        arraySort(groupUniqArrayIf({_MAX_NAMES})(model, model != ''))
    )), 1, {_MAX_NAMES})"""
# A span received twice counts once. One session or user counts the last copy, as its traces do; a list may be
# about millions of spans: sorting them for that would cost more than all the rest, and copies rarely differ.
_TOTALS: Final = f"""
SELECT
    owner,
    min(at) AS first_nano,
    max(at + toInt64(ifNull(duration_ms, 0) * 1000000)) AS last_nano,
    uniqExact(trace_id) AS traces,
    count() AS spans,
    countIf(status = 'error') AS errors,
    uniqExactIf(session_id, session_id != '') AS sessions,
    arraySort(groupUniqArrayIf({_MAX_NAMES})(user_id, user_id != '')) AS users,
    {_MODELS} AS models,
    arraySort(groupUniqArrayIf({_MAX_NAMES})(service, service != '')) AS services,
    countIf(has_tokens) AS token_spans,
    sumIf(span_input_tokens, has_tokens) AS input_tokens,
    sumIf(span_output_tokens, has_tokens) AS output_tokens,
    sumIf(cost_usd, NOT is_usage_rollup) AS cost,
    countIf(cost_source = 'unpriced' AND NOT is_usage_rollup) AS unpriced
FROM
(
    SELECT
        {{owner}} AS owner, trace_id, kind, {UNIX_NANO} AS at, duration_ms, status, session_id, user_id,
        model, service,
        input_tokens AS span_input_tokens, output_tokens AS span_output_tokens, cost_usd, cost_source,
        is_usage_rollup, token_source IN ('provider', 'estimated') AND NOT is_usage_rollup AS has_tokens
    FROM spans
    WHERE {{where}}
    {{order}}
    LIMIT 1 BY trace_id, span_id
)
GROUP BY owner
"""


class OwnerRepository:
    """Totals of sessions and users.

    Args:
        engine: The telemetry store; its calls block.
    """

    def __init__(self, engine: TelemetryEngine) -> None:
        self._engine = engine

    def page(
        self, owner: Owner, selection: Selection, sort: OwnerSort, after: tuple[float, str] | None, limit: int
    ) -> list[OwnerRow]:
        """Fetch owners that come after one, greatest first; at most `limit`."""
        where = joined([Sql(f"{owner} != ''"), selected(selection)])
        beyond = ""
        parameters = dict(where.parameters)
        if after is not None:
            parameters |= {"after_value": after[0], "after_id": after[1]}
            beyond = "WHERE (sort_value, owner) < ({after_value:Float64}, {after_id:String})"
        sql = (
            f"SELECT *, toFloat64({_SORTS[sort]}) AS sort_value "
            f"FROM ({_TOTALS.format(owner=owner.value, where=where.text, order='')}) {beyond} "
            f"ORDER BY sort_value DESC, owner DESC LIMIT {limit}"
        )
        return [_owner_row(row) for row in self._query(sql, parameters)]

    def one(self, owner: Owner, owner_id: str, selection: Selection) -> OwnerRow | None:
        """Fetch the totals of one owner; None if it has no spans in the range."""
        where = joined([Sql(f"{owner} = {{owner_id:String}}", {"owner_id": owner_id}), selected(selection)])
        totals = _TOTALS.format(owner=owner.value, where=where.text, order=_LAST_COPY_FIRST)
        rows = self._query(f"SELECT *, toFloat64(0) AS sort_value FROM ({totals})", where.parameters)
        return _owner_row(rows[0]) if rows else None

    def session_scores(self, project: str, session_id: str) -> list[Score]:
        """Fetch what was said of a session as a whole, oldest first."""
        sql = (
            f"SELECT {SCORE_COLUMNS} FROM scores WHERE project = {{project:String}} "
            "AND session_id = {session_id:String} ORDER BY received_at DESC LIMIT 1 BY score_id"
        )
        rows = self._query(sql, {"project": project, "session_id": session_id})
        return sorted(map(to_score, rows), key=lambda score: (score.unix_nano, score.score_id))

    def _query(self, sql: str, parameters: Mapping[str, Any]) -> list[dict[str, Any]]:
        return self._engine.query(sql, parameters, settings=QUERY_SETTINGS).dicts()


def _owner_row(row: Mapping[str, Any]) -> OwnerRow:
    has_tokens = row["token_spans"] > 0
    return OwnerRow(
        id=row["owner"],
        first_nano=row["first_nano"],
        last_nano=row["last_nano"],
        trace_count=row["traces"],
        span_count=row["spans"],
        error_count=row["errors"],
        session_count=row["sessions"],
        user_ids=row["users"],
        models=row["models"],
        services=row["services"],
        input_tokens=row["input_tokens"] if has_tokens else None,
        output_tokens=row["output_tokens"] if has_tokens else None,
        cost_usd=None if row["cost"] is None else float(row["cost"]),
        unpriced_span_count=row["unpriced"],
        sort_value=row["sort_value"] if math.isfinite(row["sort_value"]) else -1.0,
    )
