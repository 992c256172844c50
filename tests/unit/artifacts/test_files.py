"""Files for existing stacks: as fresh as the packs, and right by the tools that read them."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest
import yaml
from grafana_foundation_sdk.models.dashboard import Dashboard

from pitwall.artifacts.files import DASHBOARDS, RULE_TESTS, RULES, artifact_files, write_files
from pitwall.artifacts.packs import load_packs
from pitwall.artifacts.panels import adds_up
from pitwall.artifacts.prometheus_rules import band_rules
from pitwall.signals.openmetrics import metric_name, observations_name, part_labels
from tests.support.monitoring import run_tool

DEPLOY = Path(__file__).resolve().parents[3] / "deploy"
DECLARED = load_packs()
CATALOGUE = DECLARED.catalogue
FILES = artifact_files(DECLARED)


def _dashboards() -> dict[str, dict[str, Any]]:
    return {path: json.loads(text) for path, text in FILES.items() if path.startswith(DASHBOARDS)}


def _panels(path: str) -> list[dict[str, Any]]:
    panels: list[dict[str, Any]] = _dashboards()[f"{DASHBOARDS}/{path}.json"]["panels"]
    return panels


def _rules() -> list[dict[str, Any]]:
    return [rule for group in yaml.safe_load(FILES[RULES])["groups"] for rule in group["rules"]]


@pytest.fixture
def written(tmp_path: Path) -> Path:
    write_files(tmp_path, FILES)
    return tmp_path


@pytest.mark.parametrize("path", FILES)
def test_committed_file_is_fresh(path: str) -> None:
    """What stands in deploy/ is what the packs say today; `pitwall artifacts write deploy` makes it so."""
    assert (DEPLOY / path).read_text(encoding="utf-8") == FILES[path]


def test_writing_again_changes_nothing(written: Path) -> None:
    """Only files that are different are written; one that was edited is put right."""
    assert write_files(written, FILES) == []
    (written / RULES).write_text("groups: []\n", encoding="utf-8")
    assert write_files(written, FILES) == [RULES]


def test_prometheus_tools_accept_configuration_and_rules(written: Path) -> None:
    """promtool finds nothing wrong, and every band fires where it should and nowhere else."""
    run_tool("promtool", "check", "config", written / "prometheus/prometheus.yml")
    run_tool("promtool", "check", "rules", written / RULES)
    said = run_tool("promtool", "test", "rules", written / RULE_TESTS)
    assert "SUCCESS" in said


def test_alertmanager_tool_accepts_its_configuration(written: Path) -> None:
    """amtool finds nothing wrong."""
    assert "2 receivers" in run_tool("amtool", "check-config", written / "alertmanager/alertmanager.yml")


def test_every_band_has_a_rule_with_enough_observations() -> None:
    """A rule fires where the band does, and only on as many observations as the band needs."""
    limits = [
        limit for signal in CATALOGUE for limit in (signal.bands.warning, signal.bands.critical) if limit
    ]
    rules = {rule["alert"]: rule for rule in _rules()}
    assert len(rules) == len(_rules())
    bands = {rule.alert for rule in band_rules(CATALOGUE)}
    others = {name for name in rules if not name.startswith("PitwallRule")} - bands
    assert bands <= set(rules)
    assert others == {"PitwallDown", "PitwallIngestLag"}
    assert len(list(band_rules(CATALOGUE))) == len(limits)
    rule = rules["PitwallLlmSuccessRateCritical"]
    assert rule["expr"] == (
        "(pitwall_llm_success_rate < 0.9 and ignoring(signal) "
        'pitwall_signal_observations{signal="llm.success_rate"} >= 20) or '
        "(pitwall_llm_success_rate_by_service_model < 0.9 and ignoring(signal) "
        'pitwall_signal_observations_by_service_model{signal="llm.success_rate"} >= 20)'
    )
    assert rule["annotations"]["summary_ko"] == "LLM 성공률 < 0.9 ratio"


def test_files_ask_for_what_a_scrape_has() -> None:
    """Every metric that a rule or a panel names is a family of `/metrics`, and no two signals share one."""
    splits = {signal.name: dict.fromkeys(((), part_labels(signal))) for signal in CATALOGUE}
    names = [metric_name(name, by) for name, split in splits.items() for by in split]
    assert len(set(names)) == len(names)
    exposed = {*names, *(observations_name(by) for split in splits.values() for by in split)}
    queries = [target["expr"] for panel in _panels("pack-core") for target in panel.get("targets") or ()]
    asked = set(re.findall(r"pitwall_\w+", " ".join([*queries, *(rule["expr"] for rule in _rules())])))
    assert asked - {"pitwall_ingest_lag_seconds"} == exposed
    for path, dashboard in _dashboards().items():
        drawn = [target["expr"] for panel in dashboard["panels"] for target in panel.get("targets") or ()]
        assert drawn, path
        assert set(re.findall(r"pitwall_\w+", " ".join(drawn))) <= exposed, path


def test_dashboard_is_one_that_grafana_reads() -> None:
    """The package that Grafana's makers generate from its schema reads every dashboard back."""
    uids = set()
    for dashboard in _dashboards().values():
        read = Dashboard.from_json(dashboard)
        assert read.uid
        assert len(read.uid) <= 40
        uids.add(read.uid)
        ids = [panel["id"] for panel in dashboard["panels"]]
        cells = [(panel["gridPos"]["x"], panel["gridPos"]["y"]) for panel in dashboard["panels"]]
        assert len(set(ids)) == len(ids)
        assert len(set(cells)) == len(cells)
    assert len(uids) == len(_dashboards())


def test_pack_dashboard_has_a_panel_for_every_signal() -> None:
    """Each draws the whole and the chosen parts, links to the signal, and its colours rise in order."""
    charts = [panel for panel in _panels("pack-core") if panel["type"] == "timeseries"]
    assert [chart["links"][0]["url"] for chart in charts] == [
        f"${{pitwall}}/signals/{signal.name}"
        for signal in sorted(CATALOGUE, key=lambda one: one.name.partition(".")[0])
    ]
    for panel in charts:
        steps = [step["value"] for step in panel["fieldConfig"]["defaults"]["thresholds"]["steps"]]
        assert steps[0] is None
        assert steps[1:] == sorted(steps[1:])


def test_bands_are_thresholds() -> None:
    """A lower limit colours from below: red, yellow, green."""
    (panel,) = [panel for panel in _panels("pack-core") if panel["title"].startswith("LLM success rate")]
    steps = panel["fieldConfig"]["defaults"]["thresholds"]["steps"]
    bands = CATALOGUE.get("llm.success_rate").bands
    assert bands.warning is not None
    assert bands.critical is not None
    assert [(step["value"], step["color"]) for step in steps] == [
        (None, "red"),
        (bands.critical.threshold, "yellow"),
        (bands.warning.threshold, "green"),
    ]


def test_boards_become_dashboards_tile_by_tile_and_chart_by_chart() -> None:
    """Three boards, each with as many panels as it has tiles and charts."""
    assert [board.name for board in DECLARED.boards] == ["real_time", "quality", "cost"]
    for board in DECLARED.boards:
        assert len(_panels(f"board-{board.name}")) == len(board.tiles) + len(board.charts)


def test_number_over_a_day_adds_up_only_what_may_be_added() -> None:
    """Costs of five minutes make a day's; a title promises no stretch that the query does not have."""
    cost, projected = _panels("board-cost")[0], _panels("board-cost")[2]
    assert cost["targets"][0]["expr"] == 'sum_over_time(pitwall_cost_usd{project=~"$project"}[24h:5m])'
    assert cost["title"].startswith("Cost, last 24 hours")
    assert projected["targets"][0]["expr"] == 'pitwall_cost_projected_month_usd{project=~"$project"}'
    assert "last 5 minutes" in projected["title"]
    assert adds_up(CATALOGUE.get("cost.usd"))
    assert not adds_up(CATALOGUE.get("requests.p95_latency_ms"))
    assert not adds_up(CATALOGUE.get("requests.per_minute"))


def test_compose_file_names_images_files_and_ports_of_this_machine() -> None:
    """Every image has a version, every mounted folder is written, and nobody listens beyond loopback."""
    services = yaml.safe_load(FILES["compose.monitoring.yml"])["services"]
    folders = {path.partition("/")[0] for path in FILES}
    for service in services.values():
        assert re.fullmatch(r"[a-z]+/[a-z]+:v?\d+\.\d+\.\d+", service["image"])
        mounted = [volume.partition(":")[0] for volume in service["volumes"] if volume.startswith("./")]
        assert mounted
        assert {Path(folder).parts[0] for folder in mounted} <= folders
        told = " ".join([*service.get("command", []), *service.get("environment", {}).values()])
        assert "127.0.0.1" in told
        assert "0.0.0.0" not in told
