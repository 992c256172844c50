"""Alert rules of packs as rules of a Prometheus: the same condition, or none with the reason."""

from __future__ import annotations

from typing import Any

import pytest

from pitwall.alerts.schemas import RuleBody
from pitwall.artifacts.pack_rules import pack_rules
from pitwall.artifacts.packs import load_packs

DECLARED = load_packs()
BODY = {"name": "slow", "title": {"en": "Slow", "ko": "느림"}, "window": "5m"}
SLOW = {"threshold": {"signal": "requests.p95_latency_ms", "warning": "> 900"}}


def _written(**written: Any) -> tuple[list[dict[str, Any]], list[str]]:
    rule = RuleBody.model_validate({**BODY, **written}).rule()
    found = pack_rules([rule], DECLARED.catalogue)
    return list(found.written), [reason for _, reason in found.left_out]


def test_threshold_becomes_a_rule_on_the_metric() -> None:
    """The metric of the split, the limit, enough observations, `for` and the severity of the step."""
    ((alert,), _) = _written(
        when=SLOW, by=["service"], **{"for": "10m"}, min_samples=20, labels={"team": "ai"}
    )
    assert alert["expr"] == (
        "(pitwall_requests_p95_latency_ms_by_service > 900 and ignoring(signal) "
        'pitwall_signal_observations_by_service{signal="requests.p95_latency_ms"} >= 20)'
    )
    assert (alert["alert"], alert["for"]) == ("PitwallRuleSlowWarning", "10m")
    assert alert["labels"] == {"team": "ai", "severity": "warning", "rule": "slow", "source": "pitwall"}


def test_bands_become_an_alert_for_each_severity() -> None:
    """Warning and critical have limits of their own."""
    alerts, _ = _written(when={"bands": "requests.error_rate"})
    assert [alert["labels"]["severity"] for alert in alerts] == ["warning", "critical"]


def test_compound_conditions_are_joined() -> None:
    """All, any and unless are and, or and unless."""
    busy = {"threshold": {"signal": "requests.count", "warning": "> 100"}}
    ((alert,), _) = _written(when={"all": [SLOW, busy]}, severity="critical")
    assert ") and (" in alert["expr"]
    ((alert,), _) = _written(when={**SLOW, "unless": busy})
    assert ") unless (" in alert["expr"]
    assert alert["labels"]["severity"] == "warning"


@pytest.mark.parametrize(
    ("written", "reason"),
    [
        ({"when": SLOW, "window": "1h"}, "its window is 1h"),
        ({"when": SLOW, "where": "environment = 'prod'"}, "condition on the records"),
        ({"when": {"bands": "llm.timeout_rate"}, "by": ["service"]}, "split by service"),
        ({"when": {"bands": "requests.error_rate"}, "confidence": 0.95}, "bound of an interval"),
        ({"when": {"absent": "requests.count"}}, "kind absent"),
    ],
)
def test_what_metrics_cannot_answer_is_left_out(written: dict[str, Any], reason: str) -> None:
    """Each rule that stays with Pitwall says why."""
    alerts, reasons = _written(**written)
    assert alerts == []
    assert reason in reasons[0]


def test_every_rule_of_the_core_pack_is_accounted_for() -> None:
    """Written or left out; none is forgotten."""
    found = pack_rules(DECLARED.rules, DECLARED.catalogue)
    written = {alert["labels"]["rule"] for alert in found.written}
    left_out = {name for name, _ in found.left_out}
    assert written | left_out == {rule.name for rule in DECLARED.rules}
    assert written
    assert not written & left_out
