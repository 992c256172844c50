"""Whose spend it is: by model, service, environment, user or prompt, against the time before."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Final

from pitwall.costs.repository import SpendRange, SpendRepository
from pitwall.costs.totals import Labels, Question, ask_totals
from pitwall.costs.types import NOTHING, By, Spend, SpendKey, SpendRow, Totals
from pitwall.signals.service import Signals

_LABELS: Final = {
    By.MODEL: ("model", "provider"),
    By.SERVICE: ("service",),
    By.ENVIRONMENT: ("environment",),
}
_REST: Final = SpendKey("", is_rest=True)


class SpendBy:
    """Splits spend; calls block.

    Args:
        signals: Where every number comes from that rollups can split.
        repository: Has users and prompts.
    """

    def __init__(self, signals: Signals, repository: SpendRepository) -> None:
        self._signals = signals
        self._repository = repository

    def spend(self, project: str, by: By, since: datetime, until: datetime, limit: int) -> Spend:
        """Split the spend of a range, dearest first, with the range of the same length before it.

        Args:
            project: Whose spend.
            by: What splits it.
            since: Start, a whole minute.
            until: End, not part of the range, a whole minute.
            limit: How many rows at most; what is not listed is one more.
        """
        previous = since - (until - since)
        now, before = Question(project, since, until), Question(project, previous, since)
        labels = _LABELS.get(by)
        if labels is None:
            ((total,), (earlier,)) = ask_totals(self._signals, [now, before])
            rows = self._repository.rows(by, SpendRange(project, previous, since, until), limit)
        else:
            split = [replace(question, by=labels) for question in (now, before)]
            ((total,), (earlier,), (these,), (those,)) = ask_totals(self._signals, [now, before, *split])
            rows = _rows(by, these, those)[:limit]
        whole, whole_before = total.get((), NOTHING), earlier.get((), NOTHING)
        listed = [*rows, *_rest(whole, whole_before, rows)]
        return Spend(
            by=by,
            since=since,
            until=until,
            previous_since=previous,
            total=whole,
            previous_cost_usd=whole_before.cost_usd,
            rows=[replace(row, share=_part(row.totals.cost_usd, whole.cost_usd)) for row in listed],
        )


def _rows(by: By, now: Mapping[Labels, Totals], before: Mapping[Labels, Totals]) -> list[SpendRow]:
    rows = [
        SpendRow(
            key=SpendKey(labels[0], "".join(labels[1:])),
            totals=totals,
            share=None,
            previous_cost_usd=before.get(labels, NOTHING).cost_usd,
            cost_per_request_usd=None if by is By.MODEL else _part(totals.cost_usd, totals.requests),
        )
        for labels, totals in now.items()
        if totals.calls or totals.llm_calls
    ]
    return sorted(rows, key=lambda row: (-(row.totals.cost_usd or 0), -row.totals.calls, row.key.name))


def _rest(whole: Totals, whole_before: Totals, rows: Sequence[SpendRow]) -> list[SpendRow]:
    """What is left of the whole, if calls are left."""
    listed, before = NOTHING, 0.0
    for row in rows:
        listed, before = listed.plus(row.totals), before + (row.previous_cost_usd or 0)
    left = whole.minus(listed)
    if left.calls <= 0:
        return []
    previous = None if whole_before.cost_usd is None else max(0.0, whole_before.cost_usd - before)
    return [SpendRow(_REST, left, None, previous, None)]


def _part(amount: float | None, whole: float | None) -> float | None:
    return amount / whole if amount is not None and whole else None
