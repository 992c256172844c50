"""Rules for Prometheus and a dashboard for Grafana come from the catalogue, whole and consistent."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
from pathlib import Path

import pytest
import yaml

from pitwall.signals.catalogue import core_pack, load_catalogue
from pitwall.signals.grafana import grafana_dashboard
from pitwall.signals.openmetrics import metric_name
from pitwall.signals.prometheus_rules import prometheus_rules
from pitwall.signals.render import chart, show_number, sparkline

CATALOGUE = load_catalogue([core_pack()])


def test_every_band_has_a_rule_with_enough_observations() -> None:
    """A rule fires where the band does, and only on as many observations as the band needs."""
    rules = yaml.safe_load(prometheus_rules(CATALOGUE))["groups"][0]["rules"]
    limits = [
        limit for signal in CATALOGUE for limit in (signal.bands.warning, signal.bands.critical) if limit
    ]
    assert len(rules) == len(limits)
    assert len({rule["alert"] for rule in rules}) == len(rules)
    rule = next(rule for rule in rules if rule["alert"] == "PitwallLlmSuccessRateCritical")
    assert rule["expr"] == (
        "pitwall_llm_success_rate < 0.9 and ignoring(signal) "
        'pitwall_signal_observations{signal="llm.success_rate"} >= 20'
    )
    assert rule["annotations"]["summary_ko"] == "LLM 성공률 < 0.9 ratio"


def test_promtool_accepts_the_rules(tmp_path: Path) -> None:
    """Prometheus' own tool finds nothing wrong."""
    promtool = shutil.which("promtool")
    if promtool is None:
        pytest.skip("promtool is not installed")
    path = tmp_path / "rules.yaml"
    path.write_text(prometheus_rules(CATALOGUE), encoding="utf-8")
    checked = subprocess.run([promtool, "check", "rules", path], capture_output=True, text=True, check=False)
    assert checked.returncode == 0, checked.stderr


def test_dashboard_has_a_panel_for_every_signal() -> None:
    """Panels ask for the metrics that `/metrics` exposes, do not overlap, and colour rises in order."""
    panels = json.loads(grafana_dashboard(CATALOGUE))["panels"]
    charts = [panel for panel in panels if panel["type"] == "timeseries"]
    asked = {re.match(r"\w+", panel["targets"][0]["expr"])[0] for panel in charts}  # type: ignore[index]
    assert asked == {metric_name(signal.name) for signal in CATALOGUE}
    assert len({panel["id"] for panel in panels}) == len(panels)
    cells = [(panel["gridPos"]["x"], panel["gridPos"]["y"]) for panel in panels]
    assert len(set(cells)) == len(cells)
    for panel in charts:
        steps = [step["value"] for step in panel["fieldConfig"]["defaults"]["thresholds"]["steps"]]
        assert steps[0] is None
        assert steps[1:] == sorted(steps[1:])


@pytest.mark.parametrize(
    ("value", "unit", "text"),
    [
        (None, "ms", "–"),
        (0.987, "ratio", "98.7 %"),
        (1.0, "ratio", "100 %"),
        (1240.4, "ms", "1,240 ms"),
        (0.00423, "usd", "$0.00423"),
        (0.5, "usd/request", "$0.5/request"),
        (3.0, "calls", "3 calls"),
    ],
)
def test_number_is_written_with_its_unit(value: float | None, unit: str, text: str) -> None:
    """Nobody has to guess what a number measures."""
    assert show_number(value, unit) == text


def test_sparkline_shows_gaps_as_gaps() -> None:
    """A window without data is a dot, never the lowest tick."""
    assert sparkline([0.0, None, 7.0]) == "▁·█"
    assert sparkline([None, None]) == "··"
    assert sparkline([5.0, 5.0]) == "▁▁"


def test_chart_of_nothing_is_empty() -> None:
    """Without data there is nothing to draw."""
    assert chart([None, None], "ms") == []
