"""Figures of model calls that advice is computed from; exact over the range, no texts."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from pitwall.costs.advice.cheaper_model import Scored
from pitwall.costs.advice.failed_calls import AVOIDABLE, PaidFailures
from pitwall.costs.advice.long_prompts import Excess
from pitwall.costs.advice.statements import (
    CALLS,
    COST,
    EXAMPLES,
    FAILED,
    HOUR_SECONDS,
    WORK,
    WORK_COLUMNS,
    WORK_KEY,
    WORK_NAME,
    AdviceRange,
    examples,
    to_cell,
    to_work,
    work_key,
)
from pitwall.costs.advice.types import Work, WorkTotals
from pitwall.kit.clock import from_unix_nano
from pitwall.stores.telemetry.engine import TelemetryEngine
from pitwall.stores.telemetry.literals import quoted
from pitwall.traces.engine_settings import QUERY_SETTINGS

MAX_TEXT_BYTES: Final = 256 * 1024**2
"""How much text is read at most; `Overview.texts_since` is from when on that is enough."""

_MAX_WORKS: Final = 300
_WARM_SECONDS: Final = 300


@dataclass(frozen=True, slots=True)
class Overview:
    """All model calls of the range.

    Attributes:
        first: When the first of them began; None if there is none.
        cost_usd: Of those with a price.
        texts_since: From when on texts can be read; None if there are none.
        texts_calls: Calls with a text from then on.
    """

    calls: int
    first: datetime | None
    cost_usd: float
    texts_since: datetime | None
    texts_calls: int


class CallFigures:
    """Questions about the calls of a project.

    Args:
        engine: The telemetry store; its calls block.
    """

    def __init__(self, engine: TelemetryEngine) -> None:
        self._engine = engine

    def overview(self, range_: AdviceRange, texts_from: datetime) -> Overview:
        """Fetch how many calls there are, and from when on their texts can be read.

        Args:
            range_: The whole range.
            texts_from: From when on texts are kept at all.
        """
        hours = self._ask(
            f"""
            SELECT toUnixTimestamp(toStartOfHour(started_at)) AS hour, count() AS calls,
                min(toUnixTimestamp64Nano(started_at)) AS first, toFloat64(sum(cost_usd)) AS cost,
                countIf(input_bytes > 0) AS texts, sum(toUInt64(input_bytes)) AS bytes
            FROM spans WHERE {CALLS} GROUP BY hour ORDER BY hour DESC
            """,
            range_,
        )
        since, texts = _readable(hours, texts_from)
        return Overview(
            calls=sum(row["calls"] for row in hours),
            first=from_unix_nano(min(row["first"] for row in hours)) if hours else None,
            cost_usd=sum(row["cost"] or 0.0 for row in hours),
            texts_since=since,
            texts_calls=texts,
        )

    def works(self, range_: AdviceRange) -> list[WorkTotals]:
        """Fetch the dearest works with what their calls used."""
        rows = self._ask(
            f"""
            SELECT {WORK_COLUMNS}, count() AS calls, toFloat64(sum(cost_usd)) AS cost,
                sumIf(input_tokens, has_tokens) AS input,
                sumIf(uncached_input_tokens, has_tokens) AS uncached,
                sumIf(cache_read_tokens, has_tokens) AS cached,
                sumIf(cache_write_tokens, has_tokens) AS written,
                sumIf(output_tokens, has_tokens) AS output,
                quantilesTDigestIf(0.25, 0.5, 0.75)(input_tokens, has_tokens) AS quartiles,
                countIf(number > 1 AND pause <= {_WARM_SECONDS}) AS warm,
                countIf(number > 1 AND pause <= {HOUR_SECONDS}) AS recent
            FROM (
                SELECT {WORK}, token_source IN ('provider', 'estimated') AS has_tokens, cost_usd,
                    input_tokens, uncached_input_tokens, cache_read_tokens, cache_write_tokens, output_tokens,
                    row_number() OVER same AS number,
                    dateDiff('second', lagInFrame(started_at) OVER same, started_at) AS pause
                FROM spans WHERE {CALLS}
                WINDOW same AS (PARTITION BY service, provider, model, {WORK_NAME} ORDER BY started_at)
            )
            GROUP BY {WORK_COLUMNS} HAVING cost > 0 ORDER BY cost DESC LIMIT {_MAX_WORKS}
            """,
            range_,
        )
        return [_work_totals(row) for row in rows]

    def excesses(
        self, range_: AdviceRange, works: Sequence[WorkTotals], limits: Mapping[Work, float]
    ) -> list[Excess]:
        """Fetch what prompts beyond the limits of their works send beyond them."""
        limited = [one for one in works if one.work in limits]
        if not limited:
            return []
        keys = ", ".join(work_key(one.work) for one in limited)
        bounds = ", ".join(
            f"({float(limits[one.work])!r}, {float(one.quartiles[2])!r}, {float(one.quartiles[1])!r})"
            for one in limited
        )
        rows = self._ask(
            f"""
            SELECT {WORK_COLUMNS}, count() AS calls, sum(input_tokens - bound.1) AS over_limit,
                sum(input_tokens - bound.2) AS over_upper, sum(input_tokens - bound.3) AS over_median,
                {examples()}
            FROM (
                SELECT {WORK}, input_tokens, trace_id,
                    transform({WORK_KEY}, [{keys}], range(1, {len(limited) + 1}), 0) AS place,
                    [{bounds}][place] AS bound
                FROM spans WHERE {CALLS} AND token_source IN ('provider', 'estimated') AND status != 'error'
            )
            WHERE place > 0 AND input_tokens > bound.1
            GROUP BY {WORK_COLUMNS}
            """,
            range_,
        )
        return [
            Excess(
                work=to_work(row),
                count=row["calls"],
                over_limit=row["over_limit"],
                over_upper=row["over_upper"],
                over_median=row["over_median"],
                trace_ids=row["trace_ids"],
            )
            for row in rows
        ]

    def failures(self, range_: AdviceRange) -> list[PaidFailures]:
        """Fetch what failed calls cost, by model."""
        rows = self._ask(
            f"""
            SELECT service, provider, model, sum(calls) AS failed, sum(paid) AS cost,
                sumIf(paid, class IN ({", ".join(map(quoted, AVOIDABLE))})) AS avoidable,
                groupArray((class, calls)) AS classes,
                arraySlice(arrayFlatten(groupArray(trace_ids)), 1, {EXAMPLES}) AS examples
            FROM (
                SELECT service, provider, model, count() AS calls, sum({COST}) AS paid,
                    if(status = 'error', if(error_class = '', 'unknown', error_class), 'parse') AS class,
                    {examples()}
                FROM spans WHERE {CALLS} AND {FAILED} AND cost_usd > 0
                GROUP BY service, provider, model, class ORDER BY paid DESC
            )
            GROUP BY service, provider, model
            """,
            range_,
        )
        return [
            PaidFailures(
                cell=to_cell(row),
                count=row["failed"],
                cost_usd=row["cost"],
                avoidable_usd=row["avoidable"],
                by_class=dict(row["classes"]),
                trace_ids=row["examples"],
            )
            for row in rows
        ]

    def scored(self, range_: AdviceRange) -> list[Scored]:
        """Fetch how calls were scored: by their own scores, and by those of traces with one kind of call."""
        rows = self._ask(
            f"""
            WITH said AS (
                SELECT name AS score, trace_id, span_id, assumeNotNull(value) AS value FROM scores FINAL
                WHERE project = {{project:String}} AND value IS NOT NULL AND error_type = ''
                    AND at >= fromUnixTimestamp64Nano({{since:Int64}}, 'UTC')
            ), calls AS (
                SELECT {WORK}, trace_id, span_id, input_tokens FROM spans
                WHERE {CALLS} AND status != 'error' AND trace_id IN (SELECT trace_id FROM said)
            ), traces AS (
                SELECT trace_id, any(({WORK_COLUMNS})) AS of, sum(input_tokens) AS tokens
                FROM calls GROUP BY trace_id HAVING uniqExact({WORK_COLUMNS}) = 1
            )
            SELECT {WORK_COLUMNS}, score, count() AS scores, avg(value) AS mean,
                if(count() > 1, varSamp(value), 0) AS variance, avg(sent) AS mean_sent,
                min(value) AS low, max(value) AS high, {examples()}
            FROM (
                SELECT {WORK_COLUMNS}, score, value, toFloat64(input_tokens) AS sent, trace_id
                FROM calls INNER JOIN said USING (trace_id, span_id)
                UNION ALL
                SELECT of.1 AS service, of.2 AS provider, of.3 AS model, of.4 AS work, score, value,
                    toFloat64(tokens) AS sent, trace_id
                FROM traces INNER JOIN (
                    SELECT score, trace_id, value FROM said WHERE span_id = toFixedString('', 8)
                ) AS whole USING (trace_id)
            )
            GROUP BY {WORK_COLUMNS}, score
            """,
            range_,
        )
        return [
            Scored(
                service=row["service"],
                work=row["work"],
                provider=row["provider"],
                model=row["model"],
                score=row["score"],
                count=row["scores"],
                mean=row["mean"],
                variance=row["variance"],
                input_tokens=row["mean_sent"],
                low=row["low"],
                high=row["high"],
                trace_ids=row["trace_ids"],
            )
            for row in rows
        ]

    def _ask(self, sql: str, range_: AdviceRange) -> list[dict[str, Any]]:
        return self._engine.query(sql, range_.parameters(), settings=QUERY_SETTINGS).dicts()


def _readable(hours: Sequence[Mapping[str, Any]], texts_from: datetime) -> tuple[datetime | None, int]:
    """From when on there are few enough texts to read, and of how many calls; hours are newest first."""
    since, texts, size = None, 0, 0
    for row in hours:
        size += row["bytes"]
        if size > MAX_TEXT_BYTES or row["hour"] < texts_from.timestamp():
            break
        texts += row["texts"]
        since = from_unix_nano(row["hour"] * 10**9)
    return (since, texts) if texts else (None, 0)


def _work_totals(row: Mapping[str, Any]) -> WorkTotals:
    lower, median, upper = row["quartiles"]
    return WorkTotals(
        work=to_work(row),
        calls=row["calls"],
        cost_usd=row["cost"],
        input_tokens=row["input"],
        uncached_tokens=row["uncached"],
        cache_read_tokens=row["cached"],
        cache_write_tokens=row["written"],
        output_tokens=row["output"],
        quartiles=(lower, median, upper),
        warm_calls=row["warm"],
        recent_calls=row["recent"],
    )
