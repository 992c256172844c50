"""Unit tests for the generated rules, as `promtool test rules` runs them.

Each rule is shown a value beyond its limit on enough observations, which must fire after it held, the same on
one observation too few, and a value on the good side, which must not; each in a project of its own.
promtool evaluates every rule for every test, so all rules of a severity share one: a signal has one of each.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from pitwall.artifacts.prometheus_rules import HOLD, BandRule, band_rules, yaml_text
from pitwall.signals.catalogue import Catalogue
from pitwall.signals.openmetrics import metric_name, observations_name

_INTERVAL = "1m"
_STEPS = 10
_BEFORE, _AFTER = "4m", "6m"
_NAMES = {"service": "chat", "model": "qwen2.5:7b"}
# Project, whether the value is beyond the limit, whether there are enough observations.
_KINDS = (("fires", True, True), ("on-too-few", True, False), ("well", False, True))


def prometheus_rule_tests(catalogue: Catalogue, rules_file: str) -> str:
    """The test file; it names the rules file beside it."""
    by_severity: dict[str, list[BandRule]] = {}
    for rule in band_rules(catalogue):
        by_severity.setdefault(rule.severity, []).append(rule)
    tests = [_test(severity, rules) for severity, rules in by_severity.items()]
    return yaml_text({"rule_files": [rules_file], "evaluation_interval": _INTERVAL, "tests": tests})


def _test(severity: str, rules: Sequence[BandRule]) -> dict[str, Any]:
    return {
        "name": severity,
        "interval": _INTERVAL,
        "input_series": [series for rule in rules for series in _shown(rule)],
        "alert_rule_test": [
            {"eval_time": at, "alertname": rule.alert, "exp_alerts": alerts}
            for rule in rules
            for at, alerts in ((_BEFORE, []), (_AFTER, _expected(rule)))
        ],
    }


def _shown(rule: BandRule) -> list[dict[str, str]]:
    series = []
    for by in rule.splits:
        for project, is_beyond, is_enough in _KINDS:
            labels = {"project": project, **{name: _NAMES[name] for name in by}}
            value = rule.limit.threshold + _distance(rule) * (1 if rule.limit.is_upper is is_beyond else -1)
            count = rule.signal.bands.min_count - (0 if is_enough else 1)
            observed = {"signal": rule.signal.name, **labels}
            series.append(_series(metric_name(rule.signal.name, by), labels, value))
            series.append(_series(observations_name(by), observed, count))
    return series


def _distance(rule: BandRule) -> float:
    return max(abs(rule.limit.threshold) * 0.1, 0.001)


def _expected(rule: BandRule) -> list[dict[str, Any]]:
    written = rule.written()
    assert written["for"] == HOLD  # the times of evaluation lie before and after it
    labels = [{"project": "fires", **{name: _NAMES[name] for name in by}} for by in rule.splits]
    return [
        {"exp_labels": {**written["labels"], **parts}, "exp_annotations": written["annotations"]}
        for parts in labels
    ]


def _series(name: str, labels: dict[str, str], value: float) -> dict[str, str]:
    written = ",".join(f'{label}="{text}"' for label, text in labels.items())
    return {"series": f"{name}{{{written}}}", "values": f"{value!r}x{_STEPS}"}
