"""The views and the oracle agree: on any attributes, and on what real applications sent."""

from __future__ import annotations

import json
import string
from typing import Any

from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from pitwall.ingest.mapping.kinds import KIND_TABLE
from pitwall.ingest.mapping.tables import (
    ANSWER_EVENT,
    DOCUMENT_EVENTS,
    FIELDS,
    FIRST_TOKEN_EVENTS,
    INDEXED,
    MESSAGE_ROLES,
)
from tests.integration.ingest.mapping_rows import RECEIVED, SpanMapping, make_request

_KNOWN_KEYS = [key for entry in FIELDS for key in entry.keys]
_LIST_KEYS = [
    f"{prefix}.{number}.{part}"
    for entry in INDEXED
    for prefix in entry.prefixes
    for number in (0, 1, 2, 10)
    for part in (
        "message.role",
        "document.id",
        "document.score",
        "document.content",
        "embedding.vector",
        "embedding.text",
    )
]
_KIND_WORDS = sorted({value for table in KIND_TABLE.values() for value in table})
_WORDS = st.one_of(
    st.sampled_from(_KIND_WORDS),
    st.sampled_from([word.upper() for word in _KIND_WORDS]),
    st.sampled_from(
        [
            "openai",
            "anthropic",
            "OpenAI",
            "google",
            "openai.responses",
            "gpt-4o",
            "gpt-4o-mini-2024-07-18",
            "claude-sonnet-4-5",
            "qwen2.5:7b",
            '"LLM"',
            "ERROR",
            "true",
            "false",
            "estimated",
            "0",
            "12",
            "+3",
            "-1",
            "2147483648",
            "99999999999999999999",
            "0.25",
            "1e3",
            "한국어 질문",
            "2025-01-01T00:00:00.5Z",
            '["stop"]',
            "[]",
            '{"input": 10, "output": 5, "cache_read_input_tokens": 100, "total": 115}',
            '{"prompt_tokens": 50, "completion_tokens": 7, "prompt_tokens_details": {"cached_tokens": 20}}',
            '{"input": -4, "output": "12"}',
            '{"total": 0.5}',
            '{"input": 0.25, "output": 0.5}',
            "{broken",
            '[{"id": "a", "score": 0.5}, {"id": "b", "score": 0.25}]',
            '[{"id": "a"}, {"score": 1}]',
            '["x", "y"]',
            r'{"content": "\ud55c\uae00 \ud83d\ude00 \u0022 \u0007 \ud83d \\ud55c & &amp; \u00e9"}',
            r'"\uc11c\uc6b8',
            r"\ud55c",
            '{"model": "gpt-4o-mini", "temperature": 0}',
            '{"model": 7}',
            '{"input_tokens": 9, "cache_creation_input_tokens_above_1hr": 40, "output_tokens": 2}',
            '{"anthropic": {"cacheCreationInputTokens": 30}}',
            '{"usage_metadata":{"prompt_token_count":5,"thoughts_token_count":3,"total_token_count":8}}',
            '[{"id": "a", "metadata": {"score": 0.5}}, {"id": "b", "metadata": "none"}]',
            '[{"name": "greeting", "version": 3}]',
            '[{"type": "text", "content": "be kind"}]',
            "error",
        ]
    ),
    st.text(string.ascii_letters + "가나다 /\\\"'\n", max_size=12),
)
_SCALARS = st.one_of(
    _WORDS,
    st.integers(-(2**63), 2**63 - 1),
    st.integers(0, 5000),
    st.booleans(),
    st.floats(allow_nan=False, allow_infinity=False),
    st.none(),
)
_VALUES = st.one_of(
    _SCALARS,
    st.lists(st.one_of(_WORDS, st.integers(0, 9), st.booleans(), st.floats(0, 1)), max_size=3),
    st.dictionaries(st.text(string.ascii_letters, max_size=4), _SCALARS, max_size=2),
    st.binary(max_size=6),
    st.text("가a ", min_size=260, max_size=300),
)
_ATTRIBUTES = st.dictionaries(
    st.one_of(
        st.sampled_from(_KNOWN_KEYS),
        st.sampled_from(_LIST_KEYS),
        st.text(string.ascii_lowercase + ".", max_size=8),
    ),
    _VALUES,
    max_size=14,
)
_EVENTS = st.lists(
    st.tuples(
        st.sampled_from(
            [*FIRST_TOKEN_EVENTS, *DOCUMENT_EVENTS, *MESSAGE_ROLES, ANSWER_EVENT, "exception", "other"]
        ),
        st.integers(RECEIVED - 3_000_000_000, RECEIVED),
        st.dictionaries(
            st.sampled_from(
                [
                    "exception.type",
                    "exception.message",
                    "db.query.result.id",
                    "db.query.result.score",
                    "gen_ai.prompt",
                    "gen_ai.event.content",
                    "role",
                    "content",
                    "x",
                ]
            ),
            _SCALARS,
            max_size=3,
        ),
    ),
    max_size=3,
)
_SPANS = st.lists(
    st.fixed_dictionaries(
        {
            "attributes": _ATTRIBUTES,
            "events": _EVENTS,
            "code": st.integers(0, 2),
            "message": _WORDS,
            "parent": st.sampled_from(
                [b"", (1).to_bytes(8, "big"), (2).to_bytes(8, "big"), (3).to_bytes(8, "big")]
            ),
        }
    ),
    min_size=1,
    max_size=12,
)


# An example costs an insert, a tenth of a second: shrinking would take minutes, and the message names span
# and column.
@settings(
    max_examples=40,
    deadline=None,
    phases=[Phase.explicit, Phase.reuse, Phase.generate],
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(spans=_SPANS)
def test_views_and_oracle_make_the_same_rows(mapping: SpanMapping, spans: list[dict[str, Any]]) -> None:
    """Whatever attributes come, the SQL and the plain Python give the same normal form."""
    mapping.assert_agrees(make_request(*spans))


def test_requests_of_one_segment_do_not_mix(mapping: SpanMapping) -> None:
    """Parents are looked for within a request; the same ids in another request mean other spans."""
    usage = {
        "gen_ai.operation.name": "chat",
        "gen_ai.request.model": "gpt-4o",
        "gen_ai.usage.input_tokens": 5,
    }
    lone = make_request({"attributes": usage})
    child = make_request({"span_id": b"childchi", "parent": (1).to_bytes(8, "big"), "attributes": usage})
    rows = mapping.assert_agrees(lone, child)
    assert [row["is_usage_rollup"] for row in rows] == [False, False]


def test_json_round_trip_of_usage(mapping: SpanMapping) -> None:
    """A usage object that is no object, or holds objects, costs nothing but its own counts."""
    odd = [
        "[]",
        "null",
        "5",
        '{"input": {"a": 1}}',
        '{"input": null, "input_tokens": 3}',
        json.dumps({"output": 2**40}),
    ]
    mapping.assert_agrees(
        *(make_request({"attributes": {"langfuse.observation.usage_details": text}}) for text in odd)
    )
