"""A real server: spans through its OTLP door and stage events through the API are one run."""

from __future__ import annotations

import json
import time
from pathlib import Path

import httpx

from tests.integration.server.processes import MakeServer, run_command

RUN = "rag-7"
TRACE = "0af7651916cd43dd8448eb211c80319c"
SPAN = "b7ad6b7169203331"
WAIT_SECONDS = 20


def otlp_span() -> dict[str, object]:
    """A search of the run, as an exporter sends it."""
    now = time.time_ns()
    attributes = {"openinference.span.kind": "RETRIEVER", "pitwall.run.id": RUN}
    return {
        "resourceSpans": [
            {
                "resource": {},
                "scopeSpans": [
                    {
                        "spans": [
                            {
                                "traceId": TRACE,
                                "spanId": SPAN,
                                "name": "search",
                                "startTimeUnixNano": str(now - 650_000_000),
                                "endTimeUnixNano": str(now),
                                "attributes": [
                                    {"key": key, "value": {"stringValue": value}}
                                    for key, value in attributes.items()
                                ],
                            }
                        ]
                    }
                ],
            }
        ]
    }


def wait_for_spans(url: str) -> dict[str, object]:
    """The report as soon as the span can be asked for."""
    deadline = time.monotonic() + WAIT_SECONDS
    while time.monotonic() < deadline:
        answer = httpx.get(f"{url}/api/v1/stages/report", params={"run_id": RUN}, trust_env=False)
        if answer.status_code == 200 and answer.json()["spans"]:
            report: dict[str, object] = answer.json()
            return report
        time.sleep(0.1)
    raise AssertionError(answer.text)


def test_events_and_spans_of_a_run(make_server: MakeServer, tmp_path: Path) -> None:
    """The same step by its span id; the guide of the core pack quotes what events measured."""
    server = make_server().start()
    sent = httpx.post(f"{server.url}/v1/traces", json=otlp_span(), trust_env=False)
    assert sent.status_code == 200, sent.text
    event = {
        "run_id": RUN,
        "stage_id": "se-1",
        "stage_type": "retrieval",
        "duration_ms": 700,
        "trace": {"trace_id": TRACE, "span_id": SPAN},
    }
    path = tmp_path / "events.jsonl"
    path.write_text(json.dumps(event))
    taken = run_command("stage", "ingest", str(path), "--url", server.url)
    assert taken.returncode == 0, taken.stderr
    side = wait_for_spans(server.url)["side_by_side"]
    assert isinstance(side, dict)
    assert (side["matched_by_span_id"], side["only_events"], side["only_spans"]) == (1, 0, 0)
    report = run_command("stage", "report", RUN, "--url", server.url)
    assert "Retrieval takes 700 ms at the 95th percentile of 1 searches, above 500 ms" in report.stdout
    missing = run_command("ops", "snapshot", "--run-id", "run_nothing", "--url", server.url)
    assert (missing.returncode, "run_nothing" in missing.stderr) == (1, True)
