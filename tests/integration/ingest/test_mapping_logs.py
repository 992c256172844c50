"""Logs become rows of `logs`, and evaluation events among them scores as well."""

from __future__ import annotations

from typing import Any

import pytest
from opentelemetry.proto.collector.logs.v1.logs_service_pb2 import ExportLogsServiceRequest

from pitwall.core.vocabulary import TelemetryType
from pitwall.ingest.mapping.values import decode_value
from tests.integration.ingest.mapping_rows import RECEIVED, Stages, any_value, key_values

_SECRET = "sk-abcdefghijklmnopqrstuvwxyz"


def _request(*records: dict[str, Any], resource: dict[str, Any] | None = None) -> bytes:
    request = ExportLogsServiceRequest()
    group = request.resource_logs.add()
    group.resource.attributes.extend(key_values(resource or {"service.name": "shop"}))
    scope = group.scope_logs.add()
    scope.scope.name = "app"
    for given in records:
        record = scope.log_records.add()
        record.time_unix_nano = given.get("time", RECEIVED - 1_000_000_000)
        record.observed_time_unix_nano = given.get("observed", 0)
        record.severity_number = given.get("number", 0)
        record.severity_text = given.get("text", "")
        record.event_name = given.get("event", "")
        record.trace_id = given.get("trace_id", b"")
        record.span_id = given.get("span_id", b"")
        if "body" in given:
            record.body.CopyFrom(any_value(given["body"]))
        record.attributes.extend(key_values(given.get("attributes", {})))
    return request.SerializeToString()


def _logs(stages: Stages, *records: dict[str, Any]) -> list[dict[str, Any]]:
    stages.insert(TelemetryType.LOGS, _request(*records))
    return sorted(stages.rows("logs"), key=lambda row: row["at"])


def test_log_record_keeps_what_was_sent(stages: Stages) -> None:
    """Body, severity, trace, attributes and resource of a record."""
    record = {
        "body": "주문 실패",
        "number": 17,
        "text": "ERROR",
        "trace_id": b"t" * 16,
        "span_id": b"s" * 8,
        "attributes": {"order": 7, "request_id": "r-1"},
    }
    [row] = _logs(stages, record)
    assert (row["service"], row["severity"], row["severity_number"]) == ("shop", "error", 17)
    assert (row["body"], row["request_id"]) == ("주문 실패", "r-1")
    assert (row["trace_id"], row["span_id"]) == (b"t" * 16, b"s" * 8)
    assert row["attributes"] == {"order": "7", "request_id": "r-1"}
    assert row["observed_at"] == row["at"]


def test_structured_body_can_be_decoded(stages: Stages) -> None:
    """A body that is a map or list comes back as it was sent."""
    bodies: list[Any] = [{"a": [1, {"b": "c"}]}, [1, "x", True], ["y", {"z": 1.5}], 7, None]
    rows = _logs(stages, *({"body": body, "time": RECEIVED + n} for n, body in enumerate(bodies)))
    assert [decode_value(row["body"]) for row in rows] == [bodies[0], '[1,"x",true]', bodies[2], "7", ""]


@pytest.mark.parametrize(
    ("number", "text", "expected"),
    [
        (9, "", "info"),
        (13, "whatever", "warning"),
        (24, "", "critical"),
        (0, "WARN", "warning"),
        (0, "?", ""),
        (99, "", ""),
    ],
)
def test_severity_has_one_name(stages: Stages, number: int, text: str, expected: str) -> None:
    """The number decides; without one, the text."""
    [row] = _logs(stages, {"number": number, "text": text})
    assert row["severity"] == expected


def test_log_without_time_happened_when_it_was_seen(stages: Stages) -> None:
    """Observed time stands in for a missing time, receipt for both."""
    rows = _logs(stages, {"time": 0, "observed": RECEIVED - 5_000_000_000}, {"time": 0})
    assert [int(row["at"].timestamp()) for row in rows] == [1_789_999_995, 1_790_000_000]


def test_secrets_in_logs_are_masked(stages: Stages) -> None:
    """Body, attributes and what is inside a structured body lose their secrets before they are stored."""
    rows = _logs(
        stages,
        {"body": f"key {_SECRET}", "attributes": {"k": _SECRET, "ok": "fine"}, "time": RECEIVED},
        {"body": {"nested": f"key {_SECRET}"}, "time": RECEIVED + 1},
    )
    assert rows[0]["body"] == "key [masked:secret]"
    assert rows[0]["attributes"] == {"k": "[masked:secret]", "ok": "fine"}
    assert rows[0]["masked_count"] == 2
    assert decode_value(rows[1]["body"]) == {"nested": "key " + "*" * len(_SECRET)}


def test_evaluation_event_is_a_score_too(stages: Stages) -> None:
    """A `gen_ai.evaluation.result` event stays a log and becomes a score of its span."""
    attributes = {
        "gen_ai.evaluation.name": "faithfulness",
        "gen_ai.evaluation.score.value": 0.75,
        "gen_ai.evaluation.score.label": "good",
        "gen_ai.evaluation.explanation": "근거 있음",
        "pitwall.run.id": "run-1",
    }
    record = {
        "event": "gen_ai.evaluation.result",
        "trace_id": b"t" * 16,
        "span_id": b"s" * 8,
        "attributes": attributes,
    }
    rows = _logs(stages, record)
    assert [row["event_name"] for row in rows] == ["gen_ai.evaluation.result"]
    [score] = stages.rows("scores")
    assert (score["name"], score["value"], score["label"], score["explanation"]) == (
        "faithfulness",
        0.75,
        "good",
        "근거 있음",
    )
    assert (score["trace_id"], score["span_id"], score["run_id"]) == (b"t" * 16, b"s" * 8, "run-1")
    assert len(score["score_id"]) == 32


def test_evaluation_without_a_value_is_not_zero(stages: Stages) -> None:
    """A judge that failed leaves its reason and no number."""
    attributes = {"gen_ai.evaluation.name": "toxicity", "error.type": "TimeoutError"}
    _logs(stages, {"event": "gen_ai.evaluation.result", "attributes": attributes})
    [score] = stages.rows("scores")
    assert (score["value"], score["error_type"]) == (None, "TimeoutError")


def test_the_same_evaluation_again_is_one_score(stages: Stages) -> None:
    """The id is made of what was judged, so an event that arrives twice is one score."""
    record = {
        "event": "gen_ai.evaluation.result",
        "attributes": {"gen_ai.evaluation.name": "x", "gen_ai.evaluation.score.value": 1},
    }
    stages.insert(TelemetryType.LOGS, _request(record))
    stages.insert(TelemetryType.LOGS, _request(record))
    assert len({row["score_id"] for row in stages.rows("scores")}) == 1


def test_no_name_of_a_record_holds_a_secret(stages: Stages) -> None:
    """Event, severity and keys are looked at like values."""
    record = {"event": f"login {_SECRET}", "text": _SECRET, "attributes": {_SECRET: "kept"}}
    [row] = _logs(stages, record)
    assert _SECRET not in repr(row)
    assert (row["event_name"], row["attributes"]) == ("login [masked:secret]", {"[masked:secret]": "kept"})
