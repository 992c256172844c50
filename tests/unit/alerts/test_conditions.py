"""Every kind of condition, by rule tests: series in, alerts out."""

from __future__ import annotations

import pytest

from pitwall.alerts.judging import Judge, steps_of, wilson_interval
from pitwall.alerts.rules import Step
from pitwall.alerts.samples import WindowEnd
from pitwall.alerts.types import Level
from pitwall.signals.bands import Bands, parse_limit
from tests.unit.alerts.catalogue import CATALOGUE, failures, make_compiled

RULE = """
- name: {name}
  rule:
    name: mine
    title: {{en: Mine, ko: 내 규칙}}
    by: [service]
    window: 1m
    recover_for: 0s
{rule}
  series:
{series}
  events:
{events}
"""


def check(rule: str, series: str, events: str) -> None:
    """Run one test of a rule; lines are indented to their place."""
    text = RULE.format(
        name="it", rule=indent(rule, 4), series=indent(series, 4), events=indent(events, 4) or "    []"
    )
    assert failures(text) == []


def indent(text: str, by: int) -> str:
    return "\n".join(" " * by + line for line in text.strip().splitlines())


def test_bands_have_hysteresis() -> None:
    """A signal's alert ends in its good zone, not just below the limit."""
    check(
        "when: {bands: requests.error_rate}",
        "- {labels: {service: shop}, values: 0 0.06 0.03 0.03 0.005}",
        """
- {at: 1m, kind: fired, severity: warning, labels: {service: shop}}
- {at: 4m, kind: resolved, labels: {service: shop}, reason: recovered}
""",
    )


def test_threshold_has_limits_of_its_own() -> None:
    """`exit` says when it is over; without it whatever is not `enter`."""
    check(
        """
when:
  threshold:
    signal: requests.per_minute
    warning: {enter: '< 10', exit: '> 20'}
    critical: '< 5'
""",
        "- {labels: {service: shop}, values: 50 9 15 4 7 7 7 30}",
        """
- {at: 1m, kind: fired, severity: warning, labels: {service: shop}}
- {at: 3m, kind: escalated, severity: critical, labels: {service: shop}}
- {at: 4m, kind: eased, severity: warning, labels: {service: shop}}
- {at: 7m, kind: resolved, labels: {service: shop}}
""",
    )


def test_each_label_set_is_an_alert() -> None:
    """One service that fails says nothing of the other."""
    check(
        "when: {bands: requests.error_rate}",
        """
- {labels: {service: shop}, values: 0 0.5 0.5}
- {labels: {service: search}, values: 0 0 0.5}
""",
        """
- {at: 1m, kind: fired, labels: {service: shop}}
- {at: 2m, kind: fired, labels: {service: search}}
""",
    )


def test_too_few_observations_are_no_alarm() -> None:
    """Five requests of which all fail are too few for a band that needs twenty; the rule may ask for less."""
    series = "- {labels: {service: shop}, values: 1x3, counts: 5}"
    check("when: {bands: requests.error_rate}", series, "")
    check(
        "when: {bands: requests.error_rate}\nmin_samples: 5",
        series,
        "- {at: 0s, kind: fired, labels: {service: shop}}",
    )


def test_confidence_waits_for_evidence() -> None:
    """3 of 25 are 12 %, but may be 4 %; 120 of 1,000 may not."""
    rule = "when: {bands: requests.error_rate}\nconfidence: 0.95"
    check(rule, "- {labels: {service: shop}, values: 0.12x3, counts: 25}", "")
    check(
        rule,
        "- {labels: {service: shop}, values: 0.12x3, counts: 1000}",
        "- {at: 0s, kind: fired, severity: critical, labels: {service: shop}}",
    )


def test_absence_is_told_of_what_was_seen() -> None:
    """A service that stops reporting is missed; one that nobody ever saw is not."""
    check(
        "when: {absent: requests.count}\nfor: 2m\nseverity: critical",
        """
- {labels: {service: shop}, values: 5 5 _x5 5 5}
- {labels: {service: search}, values: 5x8}
""",
        """
- {at: 4m, kind: fired, severity: critical, labels: {service: shop}}
- {at: 7m, kind: resolved, labels: {service: shop}}
""",
    )


def test_change_is_measured_against_the_window_before() -> None:
    """Twice as much is a change of 1; without a value before nothing is said."""
    check(
        "when: {change: {signal: requests.per_minute, warning: '> 0.5'}}",
        "- {labels: {service: shop}, values: 10 10 20 20}",
        """
- {at: 2m, kind: fired, labels: {service: shop}}
- {at: 3m, kind: resolved, labels: {service: shop}}
""",
    )


def test_change_against_yesterday() -> None:
    """The same time a day ago, here in hours."""
    text = RULE.replace("window: 1m", "window: 1h").replace("  series:", "  every: 1h\n  series:")
    rule = "when: {change: {signal: requests.per_minute, against: yesterday, critical: '< -0.5'}}"
    series = "- {labels: {service: shop}, values: 10 20x22 10 2}"
    events = "- {at: 25h, kind: fired, severity: critical, labels: {service: shop}}"
    wanted = text.format(name="it", rule=indent(rule, 4), series=indent(series, 4), events=indent(events, 4))
    assert failures(wanted) == []


def test_burn_rate_needs_both_windows() -> None:
    """14.4 times the budget of 99 % in both windows is critical; a short burst is not enough."""
    rule = """
when:
  burn_rate:
    signal: requests.availability
    objective: 0.99
    windows: [{long: 10m, short: 1m, factor: 14.4, severity: critical}]
"""
    check(rule, "- {labels: {service: shop}, values: 1x20 0 1x5}", "")
    check(
        rule,
        "- {labels: {service: shop}, values: 1x19 0.5x9 1 1}",
        """
- {at: 22m, kind: fired, severity: critical, labels: {service: shop}}
- {at: 30m, kind: resolved, labels: {service: shop}}
""",
    )


def test_all_needs_every_part() -> None:
    """Slow and failing together; a part without data leaves it open."""
    check(
        """
when:
  all:
    - {bands: requests.error_rate}
    - {threshold: {signal: requests.p95_latency_ms, critical: '> 1000'}}
""",
        """
- {labels: {service: shop}, values: 0 0.2 0.2 0.2 0}
- {signal: requests.p95_latency_ms, labels: {service: shop}, values: 2000 _ 500 2000 2000}
""",
        """
- {at: 3m, kind: fired, severity: critical, labels: {service: shop}}
- {at: 4m, kind: resolved, labels: {service: shop}}
""",
    )


def test_any_needs_one_part() -> None:
    """The worst part says how bad it is; a part that has no data keeps the other from recovering."""
    check(
        """
when:
  any:
    - {bands: requests.error_rate}
    - {threshold: {signal: requests.p95_latency_ms, warning: '> 1000'}}
""",
        """
- {labels: {service: shop}, values: 0 0 0.2 0 0}
- {signal: requests.p95_latency_ms, labels: {service: shop}, values: 500 2000 2000 _ 500}
""",
        """
- {at: 1m, kind: fired, severity: warning, labels: {service: shop}}
- {at: 2m, kind: escalated, severity: critical, labels: {service: shop}}
- {at: 4m, kind: resolved, labels: {service: shop}}
""",
    )


def test_unless_keeps_quiet() -> None:
    """A condition that is split by fewer labels holds for all; while it holds nothing fires."""
    check(
        """
when:
  bands: requests.error_rate
  unless: {threshold: {signal: requests.per_minute, by: [], warning: '< 5'}}
""",
        """
- {labels: {service: shop}, values: 0 0.2 0.2}
- {signal: requests.per_minute, values: 100 1 100}
""",
        "- {at: 2m, kind: fired, labels: {service: shop}}",
    )


def test_anomaly_is_a_warning_unless_the_rule_says_more() -> None:
    """A jump after a steady day is unusual; a person is not woken for that alone."""
    steady = "100 101 99 100 102 98 " * 40
    for severity, said in (("", "warning"), ("severity: critical", "critical")):
        check(
            f"when: {{anomaly: {{signal: requests.p95_latency_ms, direction: up}}}}\n{severity}",
            f"- {{labels: {{service: shop}}, values: {steady} 5000 5000 5000}}",
            f"- {{at: 4h, kind: fired, severity: {said}, labels: {{service: shop}}}}",
        )


def test_good_zone_is_where_bands_end() -> None:
    """Between the limits of normal and warning a value keeps what it has entered."""
    bands = Bands(parse_limit("> 5"), parse_limit("> 10"), 1, parse_limit("< 1"))
    judge = Judge(steps_of(bands))
    assert [judge(value, 1) for value in (0.5, 1, 5, 6, 11)] == [
        (Level.NONE, Level.NONE),
        (Level.NONE, Level.WARNING),
        (Level.NONE, Level.WARNING),
        (Level.WARNING, Level.WARNING),
        (Level.CRITICAL, Level.CRITICAL),
    ]


def test_exit_of_a_worse_level_is_its_own() -> None:
    """A critical limit with hysteresis keeps critical below its limit, though it enters warning only."""
    judge = Judge(
        (
            Step(Level.CRITICAL, parse_limit("> 10"), parse_limit("< 8")),
            Step(Level.WARNING, parse_limit("> 5"), None),
        )
    )
    assert judge(9, 1) == (Level.WARNING, Level.CRITICAL)
    assert judge(7, 1) == (Level.WARNING, Level.WARNING)


@pytest.mark.parametrize(
    ("share", "count", "low", "high"),
    [(0.5, 10, 0.2366, 0.7634), (0.0, 10, 0.0, 0.2775), (0.1, 100, 0.0552, 0.1744)],
)
def test_interval_of_a_share(share: float, count: int, low: float, high: float) -> None:
    """Wilson's interval at 95 %, against the published formula's values."""
    found = wilson_interval(share, count, 1.959964)
    assert found == pytest.approx((low, high), abs=1e-4)


@pytest.mark.parametrize(
    ("when", "end"),
    [
        ({"bands": "requests.error_rate"}, WindowEnd.PRESENT),
        ({"bands": "llm.tokens_per_day"}, WindowEnd.PRESENT),
        ({"bands": "requests.per_minute"}, WindowEnd.COMPLETE),
        ({"threshold": {"signal": "requests.count", "warning": "< 5"}}, WindowEnd.COMPLETE),
        ({"absent": "requests.count"}, WindowEnd.COMPLETE),
    ],
)
def test_window_that_fills_is_not_taken_for_little(when: dict[str, object], end: WindowEnd) -> None:
    """Where a small number is bad, only whole windows tell; elsewhere the present counts at once."""
    by: list[str] = []
    (wanted,) = make_compiled(when, by=by).check.wanted()
    assert wanted.end is end


def test_bands_of_the_issue_are_in_the_catalogue() -> None:
    """What teams wrote down as normal, warning and critical."""
    expected = {
        "requests.p95_latency_ms": ("< 30000", "> 45000", "> 60000"),
        "requests.p99_latency_ms": ("< 45000", "> 60000", "> 90000"),
        "requests.per_minute": ("> 100", "< 50", "< 20"),
        "stage.p95_embedding_ms": ("< 1000", "> 2000", "> 5000"),
        "stage.p95_vector_search_ms": ("< 500", "> 1000", "> 2000"),
        "llm.p95_latency_ms": ("< 15000", "> 30000", "> 60000"),
        "quality.match_rate": ("> 0.9", "< 0.8", "< 0.7"),
        "quality.mean_confidence": ("> 0.8", "< 0.7", "< 0.6"),
        "parse.success_rate": ("> 0.95", "< 0.9", "< 0.85"),
        "requests.fallback_rate": ("< 0.05", "> 0.1", "> 0.2"),
        "llm.tokens_per_day": ("< 1000000", "> 5000000", "> 10000000"),
        "llm.input_tokens_per_call": ("< 2000", "> 3000", "> 4000"),
        "llm.output_tokens_per_call": ("< 1000", "> 2000", "> 3000"),
        "requests.per_day": ("< 10000", "> 50000", "> 100000"),
        "requests.error_rate": ("< 0.01", "> 0.05", "> 0.1"),
        "llm.retry_rate": ("< 0.05", "> 0.15", "> 0.3"),
        "llm.timeout_rate": ("< 0.01", "> 0.03", "> 0.05"),
        "requests.availability": ("> 0.999", "< 0.99", "< 0.95"),
    }
    found = {name: CATALOGUE.get(name).bands for name in expected}
    assert {
        name: (str(one.normal), str(one.warning), str(one.critical)) for name, one in found.items()
    } == expected
