"""What a range cost and what for, in all or split by labels, as the signals have it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from pitwall.costs.types import Totals
from pitwall.signals.service import Signals, required
from pitwall.signals.types import SignalQuery, SignalResult

_SIGNALS: Final = (
    "cost.usd",
    "cost.priced_calls",
    "cost.unpriced_calls",
    "llm.requests",
    "llm.input_tokens",
    "llm.output_tokens",
)
_REQUESTS: Final = "requests.count"
_NO_REQUESTS: Final = frozenset({"model", "provider", "kind"})
Labels = tuple[str, ...]
Values = Mapping[str, float]


@dataclass(frozen=True, slots=True)
class Question:
    """A range of a project, split by labels; with a step, window by window."""

    project: str
    since: datetime
    until: datetime
    by: Labels = ()
    step: timedelta | None = None


def ask_totals(signals: Signals, questions: Sequence[Question]) -> list[list[dict[Labels, Totals]]]:
    """Totals of each question: for each of its windows, by the values of its labels.

    What had no call and no request is left out.
    """
    queries = [
        SignalQuery(name, question.project, question.since, question.until, question.step, question.by)
        for question in questions
        for name in _names(question)
    ]
    answers = iter(map(required, signals.query_many(queries)))
    return [_by_window([next(answers) for _ in _names(question)]) for question in questions]


def _names(question: Question) -> tuple[str, ...]:
    """A call of a model is part of a request; requests cannot be told apart by model."""
    return _SIGNALS if _NO_REQUESTS.intersection(question.by) else (*_SIGNALS, _REQUESTS)


def _by_window(answers: Sequence[SignalResult]) -> list[dict[Labels, Totals]]:
    found: list[dict[Labels, dict[str, float]]] = [{} for _ in answers[0].windows]
    for answer in answers:
        for series in answer.series:
            labels = tuple(series.labels.values())
            for window, value in zip(found, series.values, strict=True):
                if value is not None:
                    window.setdefault(labels, {})[answer.name] = value
    return [{labels: _totals(values) for labels, values in window.items()} for window in found]


def _totals(values: Values) -> Totals:
    priced = round(values.get("cost.priced_calls", 0))
    unpriced = round(values.get("cost.unpriced_calls", 0))
    return Totals(
        cost_usd=values.get("cost.usd"),
        calls=priced + unpriced,
        llm_calls=round(values.get("llm.requests", 0)),
        requests=round(values.get(_REQUESTS, 0)),
        input_tokens=values.get("llm.input_tokens"),
        output_tokens=values.get("llm.output_tokens"),
        unpriced_calls=unpriced,
    )
