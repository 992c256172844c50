"""Alert rules of packs as Prometheus rules, where what `/metrics` shows is what the rule looks at.

`/metrics` has the last five minutes of every signal, as a whole and by service and model. A rule of another
window, of other labels, or of a kind that compares with the past stays Pitwall's; the file says why.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from pitwall.alerts.rules import BandsCondition, CompoundCondition, Rule, SimpleCondition, ThresholdCondition
from pitwall.alerts.types import Level
from pitwall.artifacts.prometheus_rules import SOURCE
from pitwall.kit.durations import format_duration
from pitwall.signals.bands import Limit
from pitwall.signals.catalogue import Catalogue, Signal
from pitwall.signals.openmetrics import WINDOW, metric_name, observations_name, part_labels


class NotExpressible(Exception):
    """A rule means something that `/metrics` cannot answer; the message says what."""


@dataclass(frozen=True, slots=True)
class PrometheusRules:
    """What became of the rules of packs: written ones, and the others with the reason."""

    written: tuple[dict[str, Any], ...]
    left_out: tuple[tuple[str, str], ...]


def pack_rules(rules: Iterable[Rule], catalogue: Catalogue) -> PrometheusRules:
    """Write every rule that can be written, one alert for each of its severities."""
    written: list[dict[str, Any]] = []
    left_out: list[tuple[str, str]] = []
    for rule in rules:
        try:
            written += _alerts(rule, catalogue)
        except NotExpressible as error:
            left_out.append((rule.name, str(error)))
    return PrometheusRules(tuple(written), tuple(left_out))


def _alerts(rule: Rule, catalogue: Catalogue) -> list[dict[str, Any]]:
    _check(rule)
    if isinstance(rule.when, CompoundCondition):
        expression = _compound(rule, rule.when, catalogue)
        level = Level.of(rule.severity) if rule.severity else Level.WARNING
        return [_alert(rule, level, expression)]
    return [
        _alert(rule, level, _beyond(rule, rule.when, limit, catalogue))
        for level, limit in _limits(rule.when, catalogue)
    ]


def _check(rule: Rule) -> None:
    if rule.where:
        raise NotExpressible("it has a condition on the records")
    if rule.confidence is not None:
        raise NotExpressible("it judges the bound of an interval, not the value")


def _compound(rule: Rule, condition: CompoundCondition, catalogue: Catalogue) -> str:
    parts = [f"({_any_level(rule, part, catalogue)})" for part in condition.parts]
    joined = (" and " if condition.needs_all else " or ").join(parts)
    if condition.unless is None:
        return joined
    return f"({joined}) unless ({_any_level(rule, condition.unless, catalogue)})"


def _any_level(rule: Rule, condition: SimpleCondition | CompoundCondition, catalogue: Catalogue) -> str:
    if isinstance(condition, CompoundCondition):
        return _compound(rule, condition, catalogue)
    limits = [limit for _, limit in _limits(condition, catalogue)]
    return " or ".join(_beyond(rule, condition, limit, catalogue) for limit in limits)


def _limits(condition: SimpleCondition, catalogue: Catalogue) -> Iterator[tuple[Level, Limit]]:
    match condition:
        case BandsCondition(signal):
            bands = catalogue.get(signal).bands
            for level, limit in ((Level.WARNING, bands.warning), (Level.CRITICAL, bands.critical)):
                if limit is not None:
                    yield level, limit
        case ThresholdCondition(_, steps):
            yield from ((step.level, step.enter) for step in reversed(steps))
        case _:
            raise NotExpressible(f"a condition of the kind {condition.kind} needs more than present values")


def _beyond(rule: Rule, condition: SimpleCondition, limit: Limit, catalogue: Catalogue) -> str:
    look, signal = condition.look, catalogue.get(condition.signal)
    window = look.window or rule.window
    if window != WINDOW:
        raise NotExpressible(f"its window is {format_duration(window)}, and /metrics has 5m")
    if look.where:
        raise NotExpressible("it has a condition on the records")
    by = _labels(signal, rule.by if look.by is None else look.by)
    least = rule.min_samples or signal.bands.min_count
    enough = f'{observations_name(by)}{{signal="{signal.name}"}} >= {least}'
    return f"({metric_name(signal.name, by)} {limit} and ignoring(signal) {enough})"


def _labels(signal: Signal, by: Sequence[str]) -> tuple[str, ...]:
    parts = part_labels(signal)
    if by and set(by) != set(parts):
        shown = " and ".join(parts) or "nothing"
        raise NotExpressible(
            f"it is split by {' and '.join(by)}, and /metrics splits {signal.name} by {shown}"
        )
    return parts if by else ()


def _alert(rule: Rule, level: Level, expression: str) -> dict[str, Any]:
    words = "".join(part.title() for part in rule.name.replace("_", ".").replace("-", ".").split("."))
    hold = rule.timing.hold_critical if level is Level.CRITICAL else rule.timing.hold
    return {
        "alert": f"PitwallRule{words}{level.severity.value.title()}",
        "expr": expression,
        "for": format_duration(hold),
        "labels": {**rule.labels, "severity": level.severity.value, "rule": rule.name, "source": SOURCE},
        "annotations": {
            "summary": rule.title.en,
            "summary_ko": rule.title.ko,
            "description": rule.description.en,
            "description_ko": rule.description.ko,
            **({"runbook_url": rule.runbook} if rule.runbook else {}),
        },
    }
