"""Unit tests for the generated rules, as `promtool test rules` runs them.

Each rule is shown a value beyond its limit on enough observations, which must fire after it held, the same on
one observation too few, and a value on the good side, which must not.
"""

from __future__ import annotations

from typing import Any

from pitwall.artifacts.prometheus_rules import HOLD, BandRule, band_rules, yaml_text
from pitwall.signals.catalogue import Catalogue
from pitwall.signals.openmetrics import metric_name, observations_name

_INTERVAL = "1m"
_STEPS = 10
_BEFORE, _AFTER = "4m", "6m"
_NAMES = {"service": "chat", "model": "qwen2.5:7b"}


def prometheus_rule_tests(catalogue: Catalogue, rules_file: str) -> str:
    """The test file; it names the rules file beside it."""
    tests = [test for rule in band_rules(catalogue) for test in _tests(rule)]
    return yaml_text({"rule_files": [rules_file], "evaluation_interval": _INTERVAL, "tests": tests})


def _tests(rule: BandRule) -> list[dict[str, Any]]:
    return [_case(rule, by, is_beyond, is_enough) for by in rule.splits for is_beyond, is_enough in _KINDS]


_KINDS = ((True, True), (True, False), (False, True))


def _case(rule: BandRule, by: tuple[str, ...], is_beyond: bool, is_enough: bool) -> dict[str, Any]:
    labels = {name: _NAMES[name] for name in by}
    value = rule.limit.threshold + _distance(rule) * (1 if rule.limit.is_upper is is_beyond else -1)
    count = rule.signal.bands.min_count - (0 if is_enough else 1)
    fires = is_beyond and is_enough
    kind = "fires" if fires else "is on too few" if is_beyond else "is well"
    observed = {"signal": rule.signal.name, **labels}
    return {
        "name": f"{rule.alert} {' and '.join(by) or 'whole'} {kind}",
        "interval": _INTERVAL,
        "input_series": [
            _series(metric_name(rule.signal.name, by), labels, value),
            _series(observations_name(by), observed, count),
        ],
        "alert_rule_test": [
            {"eval_time": _BEFORE, "alertname": rule.alert, "exp_alerts": []},
            {"eval_time": _AFTER, "alertname": rule.alert, "exp_alerts": _expected(rule, labels, fires)},
        ],
    }


def _distance(rule: BandRule) -> float:
    return max(abs(rule.limit.threshold) * 0.1, 0.001)


def _expected(rule: BandRule, labels: dict[str, str], fires: bool) -> list[dict[str, Any]]:
    if not fires:
        return []
    written = rule.written()
    assert written["for"] == HOLD  # the times of evaluation lie before and after it
    return [{"exp_labels": {**written["labels"], **labels}, "exp_annotations": written["annotations"]}]


def _series(name: str, labels: dict[str, str], value: float) -> dict[str, str]:
    written = ",".join(f'{label}="{text}"' for label, text in labels.items())
    return {"series": f"{name}{{{written}}}", "values": f"{value!r}x{_STEPS}"}
