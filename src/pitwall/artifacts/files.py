"""All files for existing stacks, by their paths below a directory such as `deploy/`."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from pitwall.artifacts.grafana import board_dashboard, pack_dashboard
from pitwall.artifacts.packs import Declared
from pitwall.artifacts.prometheus_tests import prometheus_rule_tests
from pitwall.artifacts.rules_file import rules_file
from pitwall.artifacts.stack import (
    alertmanager_config,
    compose,
    grafana_datasource,
    grafana_provider,
    prometheus_config,
)

RULES = "prometheus/rules/pitwall.yml"
RULE_TESTS = "prometheus/tests/pitwall_test.yml"
DASHBOARDS = "grafana/dashboards"


def artifact_files(declared: Declared) -> Mapping[str, str]:
    """The text of every file by its path."""
    catalogue = declared.catalogue
    boards = {
        f"{DASHBOARDS}/board-{board.name}.json": board_dashboard(board, catalogue)
        for board in declared.boards
    }
    packs = {f"{DASHBOARDS}/pack-{pack.name}.json": pack_dashboard(pack) for pack in declared.packs}
    return {
        "compose.monitoring.yml": compose(),
        "prometheus/prometheus.yml": prometheus_config(),
        RULES: rules_file(declared),
        RULE_TESTS: prometheus_rule_tests(catalogue, "../rules/pitwall.yml"),
        "alertmanager/alertmanager.yml": alertmanager_config(),
        "grafana/provisioning/datasources/prometheus.yml": grafana_datasource(),
        "grafana/provisioning/dashboards/pitwall.yml": grafana_provider(),
        **boards,
        **packs,
    }


def write_files(directory: Path, files: Mapping[str, str]) -> list[str]:
    """Write files below a directory; returns the paths of those that were not there as they are now."""
    changed = []
    for path, text in files.items():
        target = directory / path
        if target.exists() and target.read_text(encoding="utf-8") == text:
            continue
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(text, encoding="utf-8")
        changed.append(path)
    return changed
