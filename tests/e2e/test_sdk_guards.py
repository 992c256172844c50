"""Rate limits, profiles, health and errors of an application, seen by a real server."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from tests.e2e.running import CHAT_MODEL, SCRIPTS, Project, run_program, seen_by

pytest.importorskip("limits")
pytest.importorskip("pyinstrument")


def test_guards_of_an_application_reach_the_server(
    own_project: Project, model_url: str, tmp_path: Path
) -> None:
    """Refusals are counted, a slow request has its flame graph, an error its weight, health no trace."""
    environ = {
        "PITWALL_ENDPOINT": own_project.server.otlp_url,
        "PITWALL_API_KEY": own_project.token,
        "MODEL_URL": model_url,
        "MODEL": CHAT_MODEL,
    }
    done = run_program([sys.executable, SCRIPTS / "pitwall_guarded_app.py"], environ, tmp_path)
    seen = seen_by(done)

    assert seen["statuses"] == [200, 200, 200, 429, 429]
    assert 1 <= seen["retry_after"] <= 60
    health = seen["health"]
    assert (health["status"], list(health["checks"])) == ("degraded", ["llm", "disk", "gpu"])
    assert [check["status"] for check in health["checks"].values()] == ["ok", "ok", "failed"]

    spans = own_project.spans(seen["exported"])
    assert not [span for span in spans if "health" in span["name"]]
    own_project.wait_for("points_total", 1)
    assert own_project.signal("requests.rate_limited") == {(): 2}
    assert own_project.signal("requests.rate_limited_rate") == {(): pytest.approx(0.4)}

    slow = next(span for span in spans if span["name"] == "GET /slow")
    opened = own_project.trace(slow["trace_id"])["spans"][0]
    stacks = opened["attributes"]["pitwall.profile.stacks"]
    assert any("rank_documents" in line.rpartition(" ")[0] for line in stacks.splitlines())
    spent_us = sum(int(line.rpartition(" ")[2]) for line in stacks.splitlines())
    # Not as long as the span: what came before the profile, such as loading the profiler, is not in it.
    profiled_ms = float(opened["attributes"]["pitwall.profile.duration_ms"])
    assert spent_us == pytest.approx(profiled_ms * 1000, rel=0.5)

    (profile,) = own_project.get(f"/traces/{slow['trace_id']}/profiles")["profiles"]
    assert (profile["span_id"], profile["total_ms"]) == (slow["span_id"], pytest.approx(spent_us / 1000))
    assert any(frame["function"] == "rank_documents" for frame in profile["frames"])

    failed = next(span for span in spans if span["name"] == "chat m")
    assert (failed["status"], failed["error_class"]) == ("error", "guardrail")
    for rule in ("severity:eq:warning", "should_alert:eq:false"):
        found = own_project.get("/traces", level="span", filter=f"attributes.pitwall.error.{rule}")["spans"]
        assert [span["span_id"] for span in found] == [failed["span_id"]]
