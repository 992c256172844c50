"""The views of the two streams that are Pitwall's own: scores and dead letters, and the encoder of scores."""

from __future__ import annotations

import struct
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Final

from pitwall.ingest.mapping.flatten import fixed_sql, masked_name_sql, masked_text_sql
from pitwall.ingest.mapping.masking import Rule
from pitwall.ingest.mapping.sql import element, first_non_empty, select
from pitwall.kit.protobuf_fields import FIXED64, bytes_field, tag


@dataclass(frozen=True, slots=True)
class Score:
    """What a judge, code or a person said of a span, a trace or a session.

    Attributes:
        score_id: The same id again replaces the earlier score.
        name: Name of the metric.
        at_unix_nano: When it was given.
        value: The number; None when there is only a label, or the evaluation failed.
        trace_id, span_id: 16 and 8 bytes, empty when the score is not about one.
        source: Who scored: `human`, `llm`, `code`, or the door it came through.
        error_type: Why there is no value.
    """

    score_id: str
    name: str
    at_unix_nano: int
    value: float | None = None
    label: str = ""
    explanation: str = ""
    trace_id: bytes = b""
    span_id: bytes = b""
    session_id: str = ""
    run_id: str = ""
    source: str = ""
    evaluator: str = ""
    error_type: str = ""
    environment: str = ""
    service: str = ""
    attributes: Mapping[str, str] = field(default_factory=dict)


def encode_scores(scores: Iterable[Score]) -> bytes:
    """Encode scores as one request of the scores stream, the body of a log entry (see `stages`)."""
    return b"".join(bytes_field(1, _encode_score(score)) for score in scores)


def _encode_score(score: Score) -> bytes:
    texts = {
        1: score.score_id,
        2: score.name,
        6: score.session_id,
        7: score.run_id,
        9: score.label,
        10: score.explanation,
        11: score.source,
        12: score.evaluator,
        13: score.error_type,
        14: score.environment,
        15: score.service,
    }
    parts = [bytes_field(number, text.encode("utf-8", "replace")) for number, text in texts.items()]
    parts.append(tag(3, FIXED64) + struct.pack("<Q", score.at_unix_nano))
    parts += [bytes_field(4, score.trace_id), bytes_field(5, score.span_id)]
    if score.value is not None:
        parts.append(tag(8, FIXED64) + struct.pack("<d", score.value))
    for key, value in score.attributes.items():
        pair = bytes_field(1, key.encode("utf-8", "replace")) + bytes_field(
            2, value.encode("utf-8", "replace")
        )
        parts.append(bytes_field(16, pair))
    return b"".join(parts)


def scores_select(source: str, rules: tuple[Rule, ...]) -> str:
    """SELECT with the columns of `scores_in` from staged score requests of `source`."""
    of = _member
    attributes = f"mapFromArrays({of('attributes', 'key')}, {of('attributes', 'value')})"
    columns = {
        "project": "project",
        "environment": of("environment"),
        "service": of("service"),
        "score_id": of("score_id"),
        "name": masked_name_sql(of("name"), rules),
        "at": f"fromUnixTimestamp64Nano(toInt64({of('time_unix_nano')}), 'UTC')",
        "received_at": _RECEIVED_AT,
        "trace_id": fixed_sql(of("trace_id"), 16),
        "span_id": fixed_sql(of("span_id"), 8),
        "session_id": of("session_id"),
        "run_id": of("run_id"),
        "value": of("value"),
        "label": masked_text_sql(of("label"), rules),
        "explanation": masked_text_sql(of("explanation"), rules),
        "source": of("source"),
        "evaluator": masked_name_sql(of("evaluator"), rules),
        "error_type": masked_name_sql(of("error_type"), rules),
        "attributes": f"mapApply((k, v) -> ({masked_text_sql('k', rules)}, {masked_text_sql('v', rules)}), "
        f"{attributes})",
        "log_position": "log_position",
    }
    return select(columns, f"(SELECT *, arrayJoin(records) AS r FROM {source})")


def dead_letters_select(source: str) -> str:
    """SELECT with the columns of `dead_letters_in`; bodies were masked by the door that rejected them."""
    of = _member
    columns = {
        "project": "project",
        "dead_letter_id": of("dead_letter_id"),
        "received_at": _RECEIVED_AT,
        "telemetry_type": of("telemetry_type"),
        "door": first_non_empty(of("door"), "header_door"),
        "reason": of("reason"),
        "message": of("message"),
        "record_index": of("record_index"),
        "record_name": of("record_name"),
        "content_type": of("content_type"),
        "body": of("body"),
        "body_bytes": of("body_bytes"),
        "log_position": "log_position",
    }
    header = "project, received_unix_nano, log_position, door AS header_door"
    return select(columns, f"(SELECT {header}, arrayJoin(records) AS r FROM {source})")


_RECEIVED_AT: Final = "fromUnixTimestamp64Milli(intDiv(toInt64(received_unix_nano), 1000000), 'UTC')"


def _member(*path: str) -> str:
    return element("r", *path)
