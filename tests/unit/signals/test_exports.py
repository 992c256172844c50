"""Rules for Prometheus and a dashboard for Grafana come from the catalogue, whole and consistent."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
from pathlib import Path

import pytest
import yaml

from pitwall.kit.sparkline import sparkline
from pitwall.signals.catalogue import core_pack, load_catalogue
from pitwall.signals.grafana import grafana_dashboard
from pitwall.signals.openmetrics import metric_name, observations_name, part_labels
from pitwall.signals.prometheus_rules import prometheus_rules
from pitwall.signals.render import chart, show_number

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
        "(pitwall_llm_success_rate < 0.9 and ignoring(signal) "
        'pitwall_signal_observations{signal="llm.success_rate"} >= 20) or '
        "(pitwall_llm_success_rate_by_service_model < 0.9 and ignoring(signal) "
        'pitwall_signal_observations_by_service_model{signal="llm.success_rate"} >= 20)'
    )
    assert rule["annotations"]["summary_ko"] == "LLM 성공률 < 0.9 ratio"


@pytest.fixture
def rules_file(tmp_path: Path) -> Path:
    path = tmp_path / "rules.yaml"
    path.write_text(prometheus_rules(CATALOGUE), encoding="utf-8")
    return path


def _promtool(*arguments: str | Path) -> None:
    promtool = shutil.which("promtool")
    if promtool is None:
        pytest.skip("promtool is not installed")
    checked = subprocess.run([promtool, *arguments], capture_output=True, text=True, check=False)
    assert checked.returncode == 0, checked.stdout + checked.stderr


def test_promtool_accepts_the_rules(rules_file: Path) -> None:
    """Prometheus' own tool finds nothing wrong."""
    _promtool("check", "rules", rules_file)


SUCCESS = "pitwall_llm_success_rate"
PARTS = "_by_service_model"
SICK, THIN = '{service="chat",model="a"}', '{service="chat",model="b"}'


@pytest.mark.parametrize(
    ("values", "fired"),
    [
        pytest.param([("", 0.8, 40)], [{}], id="whole"),
        pytest.param([("", 0.8, 19)], [], id="thin whole"),
        pytest.param(
            [("", 0.97, 500), (SICK, 0.5, 20), (THIN, 0.0, 3)], [{"service": "chat", "model": "a"}], id="part"
        ),
        pytest.param([("", 0.99, 500), (SICK, 0.98, 20)], [], id="all well"),
    ],
)
def test_rule_fires_for_the_whole_and_for_each_part(
    rules_file: Path, values: list[tuple[str, float, int]], fired: list[dict[str, str]]
) -> None:
    """Evaluated by Prometheus: what is beyond the limit and rests on enough is named, and nothing else."""
    series = []
    for labels, value, count in values:
        by = PARTS if labels else ""
        observed = '{signal="llm.success_rate"' + (f",{labels[1:]}" if labels else "}")
        series.append({"series": f"{SUCCESS}{by}{labels}", "values": f"{value}x10"})
        series.append({"series": f"pitwall_signal_observations{by}{observed}", "values": f"{count}x10"})
    rules = yaml.safe_load(rules_file.read_text())["groups"][0]["rules"]
    (rule,) = [rule for rule in rules if rule["alert"] == "PitwallLlmSuccessRateCritical"]
    alerts = [
        {"exp_labels": {**rule["labels"], **labels}, "exp_annotations": rule["annotations"]}
        for labels in fired
    ]
    case = {"eval_time": "8m", "alertname": rule["alert"], "exp_alerts": alerts}
    test = {"interval": "1m", "input_series": series, "alert_rule_test": [case]}
    path = rules_file.with_name("test.yaml")
    path.write_text(yaml.safe_dump({"rule_files": [rules_file.name], "tests": [test]}), encoding="utf-8")
    _promtool("test", "rules", path)


def test_exports_ask_for_what_a_scrape_has() -> None:
    """Every metric that a rule or a panel names is a family of `/metrics`, and no two signals share one."""
    splits = {signal.name: dict.fromkeys(((), part_labels(signal))) for signal in CATALOGUE}
    names = [metric_name(name, by) for name, split in splits.items() for by in split]
    assert len(set(names)) == len(names)
    exposed = {*names, *(observations_name(by) for split in splits.values() for by in split)}
    panels = json.loads(grafana_dashboard(CATALOGUE))["panels"]
    queries = [target["expr"] for panel in panels for target in panel.get("targets", ())]
    rules = yaml.safe_load(prometheus_rules(CATALOGUE))["groups"][0]["rules"]
    asked = set(re.findall(r"pitwall_\w+", " ".join([*queries, *(rule["expr"] for rule in rules)])))
    assert asked == exposed


def test_dashboard_has_a_panel_for_every_signal() -> None:
    """Panels draw whole and parts, do not overlap, and colour rises in order."""
    panels = json.loads(grafana_dashboard(CATALOGUE))["panels"]
    charts = [panel for panel in panels if panel["type"] == "timeseries"]
    assert len(charts) == len(CATALOGUE)
    assert len({panel["id"] for panel in panels}) == len(panels)
    cells = [(panel["gridPos"]["x"], panel["gridPos"]["y"]) for panel in panels]
    assert len(set(cells)) == len(cells)
    for panel in charts:
        steps = [step["value"] for step in panel["fieldConfig"]["defaults"]["thresholds"]["steps"]]
        assert steps[0] is None
        assert steps[1:] == sorted(steps[1:])


def test_panel_draws_the_whole_and_the_chosen_parts() -> None:
    """The whole is there whatever is chosen; a distribution's legend names its buckets."""
    panels = json.loads(grafana_dashboard(CATALOGUE))["panels"]
    drawn = {
        panel["title"].partition(" / ")[0]: [(t["expr"], t["legendFormat"]) for t in panel["targets"]]
        for panel in panels
        if panel["type"] == "timeseries"
    }
    assert drawn["LLM success rate"] == [
        ("pitwall_llm_success_rate", "all"),
        (
            'pitwall_llm_success_rate_by_service_model{service=~"$service",model=~"$model"}',
            "{{service}} {{model}}",
        ),
    ]
    assert drawn["Most frequent request errors"] == [
        ("pitwall_requests_errors_by_class", "all {{error_class}}"),
        (
            'pitwall_requests_errors_by_class_by_service{service=~"$service"}',
            "{{service}} {{error_class}}",
        ),
    ]


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
