"""A rule's condition in words, short, as it stands in a message."""

from __future__ import annotations

from pitwall.alerts.rules import (
    AbsentCondition,
    AnomalyCondition,
    BandsCondition,
    BurnRateCondition,
    ChangeCondition,
    CompoundCondition,
    Condition,
    Rule,
    Step,
    ThresholdCondition,
)
from pitwall.kit.durations import format_duration


def words_of(rule: Rule) -> str:
    """The condition of a rule: `requests.error_rate > 0.1 (critical), > 0.05 (warning) over 5m for 2m`."""
    parts = [_condition(rule.when), f"over {format_duration(rule.window)}"]
    if rule.where:
        parts.append(f"where {rule.where}")
    if rule.by:
        parts.append(f"by {', '.join(rule.by)}")
    if rule.timing.hold:
        parts.append(f"for {format_duration(rule.timing.hold)}")
    return " ".join(parts)


def _condition(condition: Condition) -> str:
    match condition:
        case BandsCondition(signal=signal):
            return f"{signal} beyond its bands"
        case ThresholdCondition(signal=signal, steps=steps):
            return f"{signal} {_steps(steps)}"
        case AbsentCondition(signal=signal):
            return f"{signal} without data"
        case ChangeCondition(signal=signal, against=against, steps=steps):
            return f"change of {signal} against {against.value} {_steps(steps)}"
        case AnomalyCondition(signal=signal):
            return f"{signal} unusual"
        case BurnRateCondition(signal=signal, objective=objective):
            return f"{signal} burns the budget of {objective:g}"
        case CompoundCondition(parts=parts, needs_all=needs_all, unless=unless):
            joined = (" and " if needs_all else " or ").join(map(_condition, parts))
            return f"({joined})" if unless is None else f"({joined}) unless {_condition(unless)}"


def _steps(steps: tuple[Step, ...]) -> str:
    return ", ".join(f"{step.enter} ({step.level.severity.value})" for step in steps)
