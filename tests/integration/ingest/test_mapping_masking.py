"""The engine masks what `mask_text` masks: same rules, same result, on any text."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from pitwall.ingest.mapping.flatten import masked_text_sql, spans_view
from pitwall.ingest.mapping.logs import logs_select
from pitwall.ingest.mapping.masking import (
    GROUPS,
    hit_sql,
    mask_bytes,
    mask_raw_sql,
    mask_stored,
    mask_text,
    select_rules,
)
from pitwall.ingest.mapping.points import points_select
from pitwall.ingest.mapping.records import scores_select
from pitwall.ingest.mapping.values import decode_value, value_text
from pitwall.stores.telemetry.engine import TelemetryEngine
from tests.integration.ingest.mapping_rows import SpanMapping, any_value, make_request

_PIECES = (
    "sk-proj-Abc123_def-456ghi789",
    "AKIAIOSFODNN7EXAMPLE",
    "ghp_abcdefghijklmnopqrstuvwxyz0123456789",
    "xoxb-123456789012-abcdef",
    "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0In0.c2lnbmF0dXJl",
    "Bearer abcdefghijklmnop1234",
    "password=hunter2222",
    '"api_key": "abcdef123456"',
    '\\"client_secret\\":\\"zyxwvu987654\\"',
    "-----BEGIN RSA PRIVATE KEY-----\\nMIIE+abc/=\\n-----END RSA PRIVATE KEY-----",
    "hong@example.co.kr",
    "a.b+c@x.io",
    "010-1234-5678",
    "01012345678",
    "02-123-4567",
    "+82 10 1234 5678",
    "+1 (415) 555-2671",
    "4111 1111 1111 1111",
    "5500-0000-0000-0004",
    "378282246310005",
    "900101-1234567",
    "900101-9234567",
    "1732099999000000000",
    "9001011234568",
    "9001011234567",
    "900101 1234567",
    "주민등록번호는 9001011234567",
    "02 123 4567",
    "(02) 123-4567",
    "0212345678",
    "0.0212345678",
    "1588-1234",
    "hong@예시.한국",
    "a@메일.예시.com",
    "postgresql://u:pw@h/d",
    "redis://:p@ss@h",
    "Authorization: Basic dXNlcjpwYXNz",
    "Basic dXNlcjpwYXNzdw==",
    "aws_secret_access_key=abcdefgh12",
    "비밀번호=1234",
    "비밀번호: hunter2",
    "password=1234",
    "홍길동",
    "비밀번호는",
    "환불 문의",
    " ",
    "\n",
    "-",
    "=",
    "@",
    ":",
    ".",
    "(",
    "1",
    "9",
    "가",
    "task-list",
    "risk",
    "e\u0301",
    "😀",
)
_TEXTS = st.lists(st.sampled_from(_PIECES), max_size=7).map("".join)
_SPACED_TEXTS = st.lists(st.sampled_from(_PIECES), max_size=7).map(" ".join)


def _mask_in_engine(engine: TelemetryEngine, texts: list[str]) -> list[str]:
    sql = masked_text_sql("t", select_rules(GROUPS))
    rows = engine.query(
        f"SELECT {sql} FROM (SELECT arrayJoin({{texts:Array(String)}}) AS t)", {"texts": texts}
    ).rows
    return [text for (text,) in rows]


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(texts=st.lists(_TEXTS, min_size=1, max_size=30))
def test_engine_and_python_mask_alike(telemetry_engine: TelemetryEngine, texts: list[str]) -> None:
    """With every rule on, the views and `mask_text` change the same characters."""
    assert _mask_in_engine(telemetry_engine, texts) == [mask_text(text, GROUPS) for text in texts]


@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(texts=st.lists(_SPACED_TEXTS, min_size=1, max_size=30))
def test_engine_overwrites_what_python_does(telemetry_engine: TelemetryEngine, texts: list[str]) -> None:
    """The same for encoded values, whose length must not change."""
    sql = mask_raw_sql("t", select_rules(GROUPS))
    rows = telemetry_engine.query(
        f"SELECT {sql} FROM (SELECT arrayJoin({{texts:Array(String)}}) AS t)", {"texts": texts}
    ).rows
    for (masked,), text in zip(rows, texts, strict=True):
        expected = mask_bytes(text.encode(), GROUPS)
        assert len(masked.encode()) == len(expected) == len(text.encode())
        # The engine overwrites what it found wherever it stands in the text.
        assert all(
            ours == theirs or ours == 42 for ours, theirs in zip(masked.encode(), expected, strict=True)
        )


@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(texts=st.lists(_TEXTS, min_size=1, max_size=30))
def test_what_is_counted_is_what_is_masked(telemetry_engine: TelemetryEngine, texts: list[str]) -> None:
    """A number that only looks like a resident number is neither."""
    sql = hit_sql("t", select_rules(GROUPS))
    rows = telemetry_engine.query(
        f"SELECT {sql} FROM (SELECT arrayJoin({{texts:Array(String)}}) AS t)", {"texts": texts}
    ).rows
    assert [bool(hit) for (hit,) in rows] == [mask_text(text, GROUPS) != text for text in texts]


@pytest.mark.parametrize("number", [0x00, 0x01, 0x1F, 0x7F, 0x80, 0xA0, 0x2028, 0xFFFD, 0x1F600])
def test_odd_characters_do_not_hide_a_secret(telemetry_engine: TelemetryEngine, number: int) -> None:
    """A secret next to any character is found, and the character stays."""
    text = f"{chr(number)}sk-abcdefghijklmnopqrstuvwx{chr(number)}"
    assert _mask_in_engine(telemetry_engine, [text]) == [f"{chr(number)}[masked:secret]{chr(number)}"]


def test_secret_that_ends_like_another_is_overwritten_whole(telemetry_engine: TelemetryEngine) -> None:
    """Overwriting the short one first would leave the rest of the long one."""
    text = "sk-abcdefghijklmnop1 sk-abcdefghijklmnop1AndMore"
    sql = f"SELECT {mask_raw_sql('t', select_rules(GROUPS))} FROM (SELECT {{text:String}} AS t)"
    assert telemetry_engine.query(sql, {"text": text}).rows[0][0] == "*" * 20 + " " + "*" * 27


def test_nothing_secret_reaches_the_store(mapping: SpanMapping) -> None:
    """A secret in attributes, lists, maps, events, status, resource or any name is in no column."""
    secret = "sk-abcdefghijklmnopqrstuvwxyz0123"
    request = make_request(
        {
            "attributes": {
                "input.value": f"키는 {secret} 입니다",
                "list": ["a", secret],
                "mixed": [1, secret],
                "map": {"deep": [{"er": secret}]},
                "long": "x" * 300 + f" {secret}",
                f"header {secret}": "kept",
            },
            "name": f"GET /?key={secret}",
            "events": [
                (
                    f"event {secret}",
                    1_790_000_000_000_000_000,
                    {"exception.message": secret, "map": {"k": secret}, f"cookie {secret}": "kept"},
                )
            ],
            "message": f"failed with {secret}",
            "code": 2,
        },
        resource={"service.name": "s", "token": secret, f"env {secret}": "kept"},
        scope=(f"lib {secret}", f"1.0 {secret}"),
    )
    [row] = mapping.assert_agrees(request)
    assert secret not in repr(row)
    assert row["input"] == "키는 [masked:secret] 입니다"
    assert row["masked_count"] == 5
    assert (row["name"], row["scope_name"]) == ("GET /?key=[masked:secret]", "lib [masked:secret]")
    assert (row["scope_version"], row["event_names"]) == ("1.0 [masked:secret]", ["event [masked:secret]"])
    assert row["attributes"]["header [masked:secret]"] == "kept"
    assert row["event_attributes"][0]["cookie [masked:secret]"] == "kept"
    assert row["resource_attributes"]["env [masked:secret]"] == "kept"
    assert row["status_message"] == "failed with [masked:secret]"
    assert row["attributes"]["map"] == {"deep": [{"er": "*" * len(secret)}]}


@pytest.mark.parametrize(
    ("select", "stage"),
    [
        (spans_view, "stage_traces"),
        (points_select, "stage_metrics"),
        (logs_select, "stage_logs"),
        (scores_select, "stage_scores"),
    ],
)
def test_views_can_have_every_rule(telemetry_engine: TelemetryEngine, select: Any, stage: str) -> None:
    """The engine accepts the statements of all streams with all rules on."""
    assert telemetry_engine.query(select(stage, select_rules(GROUPS))).rows == []


def test_encoded_values_stay_readable_after_masking() -> None:
    """Masking an encoded map keeps its length prefixes true."""

    text = value_text(any_value({"a": "password=hunter2222", "b": ["x", {"c": "AKIAIOSFODNN7EXAMPLE"}]}))
    assert decode_value(mask_stored(text)) == {"a": "*" * 19, "b": ["x", {"c": "*" * 20}]}
