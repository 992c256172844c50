"""What is read of rule files, and what becomes of it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from enum import StrEnum
from typing import Any


class Reason(StrEnum):
    """Why a rule was not imported."""

    NOT_A_RULE = "not_a_rule"
    NOT_PROMQL = "not_promql"
    RECORDING_RULE = "recording_rule"
    HISTOGRAM = "histogram"
    TIME = "time"
    FUNCTION = "function"
    OFFSET = "offset"
    SUBQUERY = "subquery"
    WITHOUT = "without"
    MATCHING = "matching"
    AGGREGATION = "aggregation"
    METRIC_NAME = "metric_name"
    WINDOWS = "windows"
    BOOL = "bool"
    LABEL = "label"
    DURATION = "duration"
    TOO_LARGE = "too_large"


class Refused(Exception):
    """An expression means something that no signal and no condition can say."""

    def __init__(self, reason: Reason, message: str) -> None:
        super().__init__(message)
        self.reason = reason


@dataclass(frozen=True, slots=True)
class PrometheusRule:
    """An alert rule as a file has it.

    Attributes:
        place: `file:line`.
    """

    place: str
    alert: str
    expression: str
    hold: timedelta
    keep_firing: timedelta | None
    labels: Mapping[str, str]
    annotations: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of one rule.

    Attributes:
        rule: Name of the rule it became; None if it was refused.
        reason: Why it was refused.
        detail: The same in words.
        notes: Where an imported rule may differ from what Prometheus does.
    """

    place: str
    alert: str
    rule: str | None = None
    reason: Reason | None = None
    detail: str = ""
    notes: tuple[str, ...] = ()


@dataclass(slots=True)
class Imported:
    """Everything that rule files became: entries of a pack, and what became of each rule."""

    signals: list[dict[str, Any]] = field(default_factory=list)
    rules: list[dict[str, Any]] = field(default_factory=list)
    outcomes: list[Outcome] = field(default_factory=list)

    @property
    def refused(self) -> Sequence[Outcome]:
        """The rules that were not imported."""
        return [outcome for outcome in self.outcomes if outcome.rule is None]
