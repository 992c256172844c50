"""The Langfuse door of a real server, spoken to as SDKs do."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import httpx

from tests.integration.ingest.test_ingest_commands import ask
from tests.integration.server.processes import MakeServer

TRACE = "4bf92f3577b34da6a3ce929d0e0e4736"


def score(score_id: str, value: Any, **fields: Any) -> dict[str, Any]:
    """Make a score as the Python SDK 5 sends it."""
    return {"id": score_id, "traceId": TRACE, "name": "helpful", "value": value, **fields}


def test_langfuse_sdk_conversation(make_server: MakeServer, tmp_path: Path) -> None:
    """Health, project, scores of either form and an older batch, with the answers that SDKs look at."""
    server = make_server(data_dir=tmp_path / "data").start()
    with httpx.Client(
        base_url=f"{server.url}/api/public", auth=("pk-lf", "sk-lf"), trust_env=False
    ) as client:
        assert client.get("/health").json()["status"] == "OK"
        (project,) = client.get("/projects").json()["data"]
        assert project["id"] == "default"
        assert client.post("/scores", json=score("one", 0.5)).json() == {"id": "one"}
        whole = client.post(
            "/scores", json=[score("two", 1.0), score("three", "good", dataType="CATEGORICAL")]
        )
        assert (whole.status_code, whole.json()) == (202, {"message": "Accepted"})
        partial = client.post("/scores", json=[score("four", 0.25), score("bad", "x", dataType="NUMERIC")])
        assert partial.status_code == 207
        assert {name: partial.json()[name] for name in ("accepted", "rejected")} == {
            "accepted": 1,
            "rejected": 1,
        }
        assert "'x' is no number" in partial.json()["errors"][0]["message"]
        batch = client.post("/ingestion", json={"batch": BATCH})
        assert batch.status_code == 207
        assert [item["id"] for item in batch.json()["successes"]] == ["e1", "e2", "e3", "e4"]
        assert [item["id"] for item in batch.json()["errors"]] == ["e5"]
        assert client.post("/ingestion", json={"events": []}).status_code == 400
        assert client.post("/ingestion", content=b"{").status_code == 400
        cut = client.post(
            "/scores", content=rb'{"id": "cut", "traceId": "t", "name": "n", "value": "\ud83d"}'
        )
        assert cut.json() == {"id": "cut"}
        assert client.post("/scores", json=score("one", 0.75)).status_code == 200
    server.stop()
    data_dir = tmp_path / "data"
    assert ask(data_dir, "SELECT score_id, value, label FROM scores FINAL ORDER BY score_id") == [
        ["cut", None, "�"],
        ["five", 0.0, ""],
        ["four", 0.25, ""],
        ["one", 0.75, ""],
        ["three", None, "good"],
        ["two", 1.0, ""],
    ]
    spans = "SELECT name, kind, model, input_tokens, output_tokens, duration_ms, session_id FROM spans"
    assert ask(data_dir, spans) == [["answer", "llm", "gpt-4o", 12, 3, 2000.0, "s-1"]]


BATCH = [
    {
        "id": "e1",
        "type": "trace-create",
        "timestamp": "2026-11-20T09:00:00Z",
        "body": {"id": TRACE, "name": "chat", "sessionId": "s-1"},
    },
    {
        "id": "e2",
        "type": "generation-create",
        "timestamp": "2026-11-20T09:00:00Z",
        "body": {
            "id": "g",
            "traceId": TRACE,
            "name": "answer",
            "model": "gpt-4o",
            "startTime": "2026-11-20T09:00:00Z",
        },
    },
    {
        "id": "e3",
        "type": "generation-update",
        "timestamp": "2026-11-20T09:00:02Z",
        "body": {"id": "g", "endTime": "2026-11-20T09:00:02Z", "usageDetails": {"input": 12, "output": 3}},
    },
    {
        "id": "e4",
        "type": "score-create",
        "timestamp": "2026-11-20T09:00:02Z",
        "body": {"id": "five", "traceId": TRACE, "name": "thumb", "value": 0, "dataType": "BOOLEAN"},
    },
    {"id": "e5", "type": "span-update", "timestamp": "2026-11-20T09:00:02Z", "body": {"id": "elsewhere"}},
]
