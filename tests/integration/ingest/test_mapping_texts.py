"""Texts are stored the way people read and search them."""

from __future__ import annotations

from typing import Any

import pytest
from opentelemetry.proto.collector.logs.v1.logs_service_pb2 import ExportLogsServiceRequest

from pitwall.core.vocabulary import TelemetryType
from pitwall.ingest.mapping.escapes import unescape
from tests.integration.ingest.mapping_rows import SpanMapping, Stages, make_request

ESCAPED = (
    r'{"q": "\ud55c\uAE00\u0020\u003c"}',
    r'"\ud83d\ude00\ud83d\udc4d caf\u00e9 \ud83d\ude00"',
    r'["\u0022\u005c\u0000\u001f\u007f\u0085 & &lt; &#x41; &#92;"]',
    r'"\ud83d alone \ude00"',
    r'"\\ud55c \\\ud55c \\\\ud83d\ude00"',
    r'{"cut off": "\ud55c\uae',
    r"path C:\ud55c",
    '{"plain": "한글 & &amp;"}',
)


@pytest.mark.parametrize("text", ESCAPED)
def test_the_engine_resolves_escapes_like_the_oracle(mapping: SpanMapping, text: str) -> None:
    """In attributes and inputs, byte for byte."""
    span: dict[str, Any] = {
        "attributes": {"input.value": text, "output.value": f"[{text}", "x": text},
    }
    (row,) = mapping.assert_agrees(make_request(span))
    assert (row["input"], row["attributes"]["x"]) == (unescape(text), unescape(text))


def test_secret_behind_an_escape_is_masked(mapping: SpanMapping) -> None:
    """Rules look at the characters, not at how they were written."""
    text = r'{"note": "password\u003dhunter2hunter2 \ud55c"}'
    (row,) = mapping.assert_agrees(make_request({"attributes": {"input.value": text}}))
    assert row["input"] == '{"note": "password=[masked:secret] 한"}'


def test_log_bodies_are_readable(stages: Stages) -> None:
    """The same holds for what comes as log records."""
    request = ExportLogsServiceRequest()
    record = request.resource_logs.add().scope_logs.add().log_records.add()
    record.body.string_value = r'{"q": "\ud55c"}'
    stages.insert(TelemetryType.LOGS, request.SerializeToString())
    (row,) = stages.rows("logs")
    assert row["body"] == '{"q": "한"}'
