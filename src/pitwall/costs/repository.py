"""Spend by what rollups do not keep, from raw records; every column means what it means in a signal."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from pitwall.costs.types import By, SpendKey, SpendRow, Totals
from pitwall.signals.expressions import Source
from pitwall.signals.sources import SOURCES
from pitwall.signals.sql import unix_nano
from pitwall.stores.telemetry.engine import TelemetryEngine
from pitwall.traces.engine_settings import QUERY_SETTINGS

_COLUMNS: Final = SOURCES[Source.SPANS].columns
_KEYS: Final = {
    By.USER: "user_id AS owner, '' AS detail, true AS is_named",
    # A prompt without a name is known by the span that sends it and by how it begins.
    By.PROMPT: (
        "if(prompt_name != '', prompt_name, concat(name, ': ', input_preview)) AS owner, "
        "if(prompt_name != '', prompt_version, '') AS detail, prompt_name != '' AS is_named"
    ),
}
_WHICH: Final = {
    By.USER: f"(({_COLUMNS['is_priced'].sql}) IS NOT NULL OR kind = 'llm' OR {_COLUMNS['is_root'].sql})",
    By.PROMPT: "kind = 'llm'",
}


@dataclass(frozen=True, slots=True)
class SpendRange:
    """A range, and where the one that it is compared with begins."""

    project: str
    previous: datetime
    since: datetime
    until: datetime


class SpendRepository:
    """Spend of users and prompts.

    Args:
        engine: The telemetry store; its calls block.
    """

    def __init__(self, engine: TelemetryEngine) -> None:
        self._engine = engine

    def rows(self, by: By, range_: SpendRange, limit: int) -> list[SpendRow]:
        """Fetch the dearest users or prompts; shares are left to who knows the whole."""
        parameters = {
            "project": range_.project,
            "previous": unix_nano(range_.previous),
            "since": unix_nano(range_.since),
            "until": unix_nano(range_.until),
            "limit": limit,
        }
        answer = self._engine.query(_statement(by), parameters, settings=QUERY_SETTINGS)
        return [_spend_row(by, row) for row in answer.dicts()]


def _statement(by: By) -> str:
    now = "started_at >= fromUnixTimestamp64Nano({since:Int64}, 'UTC')"
    return f"""
    SELECT
        {_KEYS[by]},
        toFloat64(sumIf({_COLUMNS["cost_usd"].sql} AS cost, {now} AS is_now)) AS total_usd,
        countIf(({_COLUMNS["is_priced"].sql} AS priced) AND is_now) AS priced_calls,
        countIf(NOT priced AND is_now) AS unpriced_calls,
        countIf(is_now AND kind = 'llm') AS llm_calls,
        countIf(is_now AND {_COLUMNS["is_root"].sql}) AS requests,
        sumIf({_COLUMNS["input_tokens"].sql} AS input, is_now AND kind = 'llm') AS total_input,
        sumIf({_COLUMNS["output_tokens"].sql} AS output, is_now AND kind = 'llm') AS total_output,
        countIf(is_now AND kind = 'llm' AND input IS NOT NULL) AS token_calls,
        toFloat64(sumIf(cost, NOT is_now)) AS previous_usd,
        countIf(priced AND NOT is_now) AS previous_priced_calls
    FROM spans
    WHERE project = {{project:String}}
        AND started_at >= fromUnixTimestamp64Nano({{previous:Int64}}, 'UTC')
        AND started_at < fromUnixTimestamp64Nano({{until:Int64}}, 'UTC')
        AND {_WHICH[by]}
    GROUP BY owner, detail, is_named
    HAVING priced_calls + unpriced_calls + llm_calls > 0
    ORDER BY total_usd DESC NULLS LAST, llm_calls DESC, owner
    LIMIT {{limit:UInt32}}
    """


def _spend_row(by: By, row: dict[str, Any]) -> SpendRow:
    has_tokens = row["token_calls"] > 0
    totals = Totals(
        cost_usd=row["total_usd"] if row["priced_calls"] else None,
        calls=row["priced_calls"] + row["unpriced_calls"],
        llm_calls=row["llm_calls"],
        requests=row["requests"],
        input_tokens=row["total_input"] if has_tokens else None,
        output_tokens=row["total_output"] if has_tokens else None,
        unpriced_calls=row["unpriced_calls"],
    )
    is_asked_for = by is By.USER and totals.cost_usd is not None and totals.requests > 0
    return SpendRow(
        key=SpendKey(row["owner"], row["detail"], is_named=bool(row["is_named"])),
        totals=totals,
        share=None,
        previous_cost_usd=row["previous_usd"] if row["previous_priced_calls"] else None,
        cost_per_request_usd=(totals.cost_usd or 0.0) / totals.requests if is_asked_for else None,
    )
