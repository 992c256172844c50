"""The faces of metrics: the command, the endpoint and the reference say the same."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from fastapi import FastAPI
from fastapi.testclient import TestClient

from pitwall.access.dependencies import current_principal
from pitwall.access.types import Principal, PrincipalKind, Role
from pitwall.core.vocabulary import Scope
from pitwall.evals.metrics import docs
from pitwall.evals.metrics.commands import metrics
from pitwall.evals.metrics.endpoints import eval_metrics_router
from pitwall.evals.metrics.registry import Problem, Registry, built_in
from pitwall.evals.metrics.schemas import EvalMetricList
from pitwall.evals.metrics.wire import registry_view

_PAGE = Path(__file__).parents[4] / "docs" / "reference" / "metrics.md"
_OWN_FILE = """
from pitwall.evals.metrics.types import CodeMetric, Family, MetricSpec
from pitwall.evals.types import Score, ScoreStatus
from pitwall.kit.i18n import Text

SPEC = MetricSpec("polite", 1, Family.ANSWER, Text("Polite", "공손함"), Text("Says please.", "부탁합니다."))
METRICS = (CodeMetric(SPEC, lambda case: Score("polite", ScoreStatus.SCORED, 1.0)),)
"""


def _run(*arguments: str) -> Any:
    found = CliRunner().invoke(metrics, list(arguments), env={"PITWALL_LANG": "en"}, catch_exceptions=False)
    assert found.exit_code == 0, found.output
    return found


def test_list_shows_every_metric() -> None:
    """By name, as JSON with all facts."""
    listed = json.loads(_run("--output", "json").stdout)
    assert [one["name"] for one in listed["metrics"]] == [metric.spec.name for metric in built_in()]
    assert set(listed["presets"]) >= {"quick", "production", "summary", "comprehensive"}
    assert "offline_groundedness" in _run().stdout


def test_list_can_be_narrowed() -> None:
    """To a family, to what needs no model."""
    tools = [json.loads(line) for line in _run("--family", "tools", "--output", "jsonl").stdout.splitlines()]
    assert {one["family"] for one in tools} == {"tools"}
    offline = json.loads(_run("--offline", "--output", "json").stdout)["metrics"]
    assert all(one["calls"] == 0 and not one["needs_embeddings"] for one in offline)


def test_one_metric_with_its_options() -> None:
    """As it was asked for, and with what can be set."""
    shown = json.loads(_run("ndcg@10", "--output", "json").stdout)
    assert (shown["name"], shown["identity"]) == ("ndcg@10", "ndcg@1:gain=linear:k=10")
    assert [option["name"] for option in shown["options"]] == ["k", "gain"]
    assert ":pattern=" in _run("regex").stdout


def test_own_metrics_are_listed_with_their_file(tmp_path: Path) -> None:
    """A file that the user names."""
    file = tmp_path / "mine.py"
    file.write_text(_OWN_FILE, "utf-8")
    listed = json.loads(_run("--metric-file", str(file), "--output", "json").stdout)["metrics"]
    assert [(one["name"], one["source"]) for one in listed if one["source"]] == [("polite", str(file))]


def test_broken_package_is_told_on_stderr(monkeypatch: pytest.MonkeyPatch) -> None:
    """The list is there all the same."""
    broken = Registry(built_in(), {}, (Problem("theirs = theirs:METRICS", "ImportError: no"),))
    monkeypatch.setattr("pitwall.evals.metrics.commands.load", lambda files: broken)
    found = _run()
    assert "Cannot be used: theirs = theirs:METRICS: ImportError: no" in found.stderr
    assert "ndcg" in found.stdout


def test_endpoint_says_what_the_command_says() -> None:
    """One function writes both."""
    registry = Registry(built_in(), {}, ())
    api = FastAPI()
    api.include_router(eval_metrics_router(lambda: registry))
    reader = Principal(PrincipalKind.LOCAL, "test", "default", frozenset({Scope.READ}), Role.VIEWER)
    api.dependency_overrides[current_principal] = lambda: reader
    assert TestClient(api).get("/api/v1/evals/metrics").json() == registry_view(registry)
    assert EvalMetricList.of(registry).model_dump(mode="json") == registry_view(registry)


def test_page_in_the_repository_is_current() -> None:
    """`python -m pitwall.evals.metrics.docs docs/reference/metrics.md` writes it."""
    assert _PAGE.read_text(encoding="utf-8") == docs.reference()


def test_page_names_every_metric_and_every_option() -> None:
    """What can be asked for stands on the page."""
    page = docs.reference()
    for metric in built_in():
        block = page.partition(f"### `{metric.spec.name}`\n")[2].partition("\n### ")[0]
        assert metric.spec.title.en in block
        assert all(f"`{option.name}`" in block for option in getattr(metric, "options", ()))
