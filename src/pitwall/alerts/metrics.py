"""What the evaluation counts about itself, for `/metrics` and the project `_pitwall`."""

from __future__ import annotations

from collections.abc import Callable

from pitwall.alerts.evaluator import Round
from pitwall.alerts.jobs import AlertCounters
from pitwall.signals.openmetrics import Family, Sample

_ROUND_GAUGES: tuple[tuple[str, str, Callable[[Round], float]], ...] = (
    ("pitwall_alert_rules", "Alert rules in the last round.", lambda done: done.rules),
    (
        "pitwall_alert_failed_rules",
        "Alert rules that could not be evaluated in the last round.",
        lambda done: done.failed_rules,
    ),
    ("pitwall_alert_label_sets", "Label sets evaluated in the last round.", lambda done: done.series),
    (
        "pitwall_alert_dropped_label_sets",
        "Label sets beyond the limits of their rules in the last round.",
        lambda done: done.dropped_series,
    ),
)
_COUNTERS: tuple[tuple[str, str, str, Callable[[AlertCounters], float]], ...] = (
    ("pitwall_alert_rounds", "", "Rounds of evaluation.", lambda counters: counters.rounds),
    (
        "pitwall_alert_failed_rounds",
        "",
        "Rounds of a project that could not be read or written.",
        lambda counters: counters.failed_rounds,
    ),
    ("pitwall_alert_events", "", "Events of alerts.", lambda counters: counters.events),
    (
        "pitwall_alert_round_seconds",
        "seconds",
        "Time that rounds of evaluation took.",
        lambda counters: counters.seconds,
    ),
)


def alert_families(counters: AlertCounters) -> list[Family]:
    """Return every metric of the evaluation with its samples now."""
    rounds = list(counters.last.values())
    gauges = [
        Family(name, "gauge", text, "", (Sample(sum(fact(done) for done in rounds), {}),))
        for name, text, fact in _ROUND_GAUGES
    ]
    counts = [
        Family(name, "counter", text, unit, (Sample(fact(counters), {}, "_total"),))
        for name, unit, text, fact in _COUNTERS
    ]
    return [*gauges, *counts]
