"""Gates as values: what a run has to keep to, and what came of looking."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from pitwall.evals.comparison.types import Comparison
from pitwall.kit.i18n import Text

MOST_UNSCORED = 0.02
"""Share of cases that may be without a verdict unless a policy says otherwise."""


class RegressionRule(StrEnum):
    """When a run counts as worse than its baseline."""

    INTERVAL = "interval"
    """The whole interval of the difference lies beyond the margin, adjusted for the number of metrics."""
    POINT = "point"
    """The mean difference lies beyond the margin, chance or not."""


class GateExit(StrEnum):
    """How a gate ends; `code` is the exit code of the command."""

    PASSED = "passed"
    THRESHOLD = "threshold"
    REGRESSION = "regression"

    @property
    def code(self) -> int:
        """0 passed, 1 a threshold or a share of unscored cases, 2 worse than the baseline."""
        return _CODES[self]


_CODES = {GateExit.PASSED: 0, GateExit.THRESHOLD: 1, GateExit.REGRESSION: 2}


@dataclass(frozen=True, slots=True, kw_only=True)
class GatePolicy:
    """What a run has to keep to.

    Attributes:
        metrics: Only these; empty takes all of the run.
        thresholds: Of means by metric, before those of the run's plan.
        checks_thresholds: Look at means at all.
        pass_rate: Share of cases that have to pass all metrics; None for no such demand.
        most_unscored: Share of cases of a metric that may be in error or undetermined.
        rule: When it counts as worse than a baseline.
        needs_enough_data: A comparison that could not show anything fails as a regression.
    """

    metrics: tuple[str, ...] = ()
    thresholds: Mapping[str, float] = field(default_factory=dict)
    checks_thresholds: bool = True
    pass_rate: float | None = None
    most_unscored: float = MOST_UNSCORED
    rule: RegressionRule = RegressionRule.INTERVAL
    needs_enough_data: bool = False


class CheckKind(StrEnum):
    """What was looked at."""

    THRESHOLD = "threshold"
    CASES = "cases"
    """The share of cases that pass all metrics."""
    UNSCORED = "unscored"
    COMPLETE = "complete"
    """Every case of the plan was judged."""
    REGRESSION = "regression"


@dataclass(frozen=True, slots=True)
class GateCheck:
    """One thing that was looked at.

    Attributes:
        metric: None for what is about all of them.
        value: What was found; None where there is no data, which does not pass.
        limit: What was demanded of it.
        text: What was found, in one sentence.
    """

    kind: CheckKind
    metric: str | None
    is_passed: bool
    value: float | None
    limit: float | None
    text: Text


@dataclass(frozen=True, slots=True, kw_only=True)
class GateResult:
    """What a gate says of a run.

    Attributes:
        checks: Everything that was looked at, what failed first.
        comparison: With the baseline; None without one.
        baseline: Name of the baseline, if the other run was found by it.
    """

    run_id: str
    dataset: str
    exit: GateExit
    checks: tuple[GateCheck, ...]
    comparison: Comparison | None
    baseline: str | None = None

    @property
    def failed(self) -> tuple[GateCheck, ...]:
        """What did not pass."""
        return tuple(check for check in self.checks if not check.is_passed)
