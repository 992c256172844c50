"""The tables of the mapping are consistent, and the pieces built on them do what they say."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pitwall.core.error_rules import classify_text
from pitwall.core.vocabulary import ErrorClass, SpanKind
from pitwall.ingest.mapping.kinds import KIND_EVIDENCE, KIND_TABLE, resolve_kind
from pitwall.ingest.mapping.messages import gather_messages, unflatten_messages
from pitwall.ingest.mapping.providers import PROVIDER_ALIASES, normal_provider
from pitwall.ingest.mapping.tables import (
    DIALECTS,
    FIELD_NUMBERS,
    FIELDS,
    INDEXED,
    NUMBERED_HEAD,
    SLOTS,
    dialect_rank,
)
from pitwall.ingest.mapping.tokens import MAX_TOKENS, RawTokens, classify, is_additive_by_table, parse_count
from pitwall.ingest.mapping.values import double_text


def test_every_key_has_one_code_of_its_own() -> None:
    """Codes fit 17 bits, differ, and sort a field's keys by priority."""
    codes = [slot.code for slot in SLOTS.values()]
    assert len(set(codes)) == len(codes)
    assert max(codes) < 2**17
    for entry in FIELDS:
        marks = [SLOTS[key].mark for key in entry.keys]
        assert marks == sorted(marks)
        assert len(entry.keys) <= 32


def test_kind_fields_lead_the_slots() -> None:
    """`kinds` looks at the head of the sorted slots only, so its fields have the lowest numbers."""
    assert [FIELD_NUMBERS[name] for name in ("kind", "operation", "database")] == [1, 2, 3]
    assert {key for entry in FIELDS[:3] for key in entry.keys} == set(KIND_TABLE)


def test_numbered_prefixes_have_two_parts_and_differ_early() -> None:
    """The engine finds a list by its first characters and a number as the third part of the key."""
    prefixes = [prefix for entry in INDEXED for prefix in entry.prefixes]
    assert {prefix.count(".") for prefix in prefixes} == {1}
    assert len({prefix[:NUMBERED_HEAD] for prefix in prefixes}) == len(prefixes)


def test_evidence_names_fields_that_exist() -> None:
    """A misspelt field would be evidence of nothing."""
    assert {name for _, names in KIND_EVIDENCE for name in names} <= set(FIELD_NUMBERS)


def test_dialect_ranks_fit_their_bits() -> None:
    """Five bits of a code name the dialect."""
    assert len(DIALECTS) < 32
    assert dialect_rank("session.id") == len(DIALECTS)
    assert dialect_rank("pitwall.stage") == 0


@pytest.mark.parametrize(
    ("attributes", "present", "kind"),
    [
        ({"pitwall.span.kind": "cache", "openinference.span.kind": "LLM"}, {"kind"}, SpanKind.CACHE),
        (
            {"langfuse.observation.type": "span", "gen_ai.operation.name": "chat"},
            {"kind", "operation"},
            SpanKind.LLM,
        ),
        ({"openinference.span.kind": "UNKNOWN"}, {"kind", "request_model", "input_tokens"}, SpanKind.LLM),
        ({"db.system": "postgresql"}, {"database"}, SpanKind.OTHER),
        ({"db.system": "qdrant"}, {"database"}, SpanKind.RETRIEVER),
        ({}, {"http_method"}, SpanKind.HTTP),
        ({}, set(), SpanKind.OTHER),
    ],
)
def test_kind_is_asked_of_the_best_source_first(
    attributes: dict[str, str], present: set[str], kind: SpanKind
) -> None:
    """An answer that says nothing passes the question on; facts decide when nobody says."""
    assert resolve_kind(attributes, present) is kind


@pytest.mark.parametrize(
    ("text", "status", "expected"),
    [
        ("RateLimitError\nError code: 429", 0, ErrorClass.RATE_LIMIT),
        ("", 429, ErrorClass.RATE_LIMIT),
        ("BadRequestError\nThis model's maximum context length is 8192 tokens", 400, ErrorClass.TOKEN_LIMIT),
        ("APITimeoutError\nRequest timed out.", 0, ErrorClass.TIMEOUT),
        ("ConnectError\n[Errno 111] Connection refused", 0, ErrorClass.NETWORK),
        ("ConnectionError\n('Connection aborted.', RemoteDisconnected())", 0, ErrorClass.NETWORK),
        ("AuthenticationError\nIncorrect API key provided", 401, ErrorClass.AUTH),
        ("JSONDecodeError\nExpecting value: line 1 column 1", 0, ErrorClass.PARSE),
        ("ValidationError\n1 validation error for Answer", 0, ErrorClass.VALIDATION),
        ("\nResponse blocked by content_filter", 0, ErrorClass.GUARDRAIL),
        ("CancelledError\n", 0, ErrorClass.CANCELLED),
        ("\noverloaded_error", 529, ErrorClass.PROVIDER),
        ("InternalServerError\n", 500, ErrorClass.PROVIDER),
        ("ZeroDivisionError\ndivision by zero", 0, ErrorClass.INTERNAL),
        ("", 0, ErrorClass.INTERNAL),
    ],
)
def test_failures_are_classed_by_what_a_team_can_do(text: str, status: int, expected: ErrorClass) -> None:
    """Messages that SDKs really raise, each in its class."""
    error_type, _, message = text.partition("\n")
    assert classify_text(error_type, message, status) is expected


def test_cached_tokens_are_taken_out_of_an_inclusive_count() -> None:
    """OpenTelemetry's input count contains what was read from the cache."""
    tokens = classify(RawTokens(100, 10, None, 30, 20, 4), additive_by_table=False)
    assert (tokens.uncached_input_tokens, tokens.input_tokens, tokens.output_tokens) == (50, 100, 10)


def test_cache_counts_above_the_input_must_be_additive() -> None:
    """What exceeds the whole cannot be part of it."""
    tokens = classify(RawTokens(10, 5, None, 90, 0, None), additive_by_table=False)
    assert (tokens.uncached_input_tokens, tokens.input_tokens) == (10, 100)


def test_reasoning_outside_the_output_is_found_by_the_total() -> None:
    """Gemini counts thoughts apart from the answer; its total says so."""
    assert classify(RawTokens(100, 50, 170, 0, 0, 20), additive_by_table=False).output_tokens == 70
    assert classify(RawTokens(100, 50, 150, 0, 0, 20), additive_by_table=False).output_tokens == 50


def test_one_hour_writes_are_part_of_the_cache_writes() -> None:
    """MLflow gives them beside the whole, and sometimes without it."""
    beside = classify(RawTokens(10, 5, None, 0, 300, 0, 200), additive_by_table=True)
    alone = classify(RawTokens(10, 5, None, 0, None, 0, 200), additive_by_table=True)
    assert (beside.cache_write_tokens, beside.cache_write_1h_tokens) == (300, 200)
    assert (alone.cache_write_tokens, alone.input_tokens) == (200, 210)


def test_a_total_that_adds_up_decides() -> None:
    """A reported total of all classes says that they are additive, whatever the table says."""
    tokens = classify(RawTokens(100, 5, 155, 50, 0, None), additive_by_table=False)
    assert tokens.input_tokens == 150


@given(st.tuples(*[st.one_of(st.none(), st.integers(0, MAX_TOKENS))] * 7), st.booleans())
def test_token_classes_never_go_below_zero(counts: tuple[int | None, ...], additive: bool) -> None:
    """Whatever was reported, classes are disjoint, non-negative, and reasoning is part of output."""
    tokens = classify(RawTokens(*counts), additive_by_table=additive)
    assert min(tokens.uncached_input_tokens, tokens.cache_read_tokens, tokens.cache_write_tokens) >= 0
    assert 0 <= tokens.reasoning_tokens <= tokens.output_tokens
    assert 0 <= tokens.cache_write_1h_tokens <= tokens.cache_write_tokens


def test_additive_table_matches_every_given_member() -> None:
    """An entry speaks for the spans that have all its members, and only for them."""
    assert is_additive_by_table("langfuse", "", "")
    assert is_additive_by_table("mlflow", "anthropic", "x")
    assert not is_additive_by_table("mlflow", "openai", "x")


@pytest.mark.parametrize(
    ("text", "count"),
    [("12", 12), ("+3", 3), ("-1", None), ("", None), ("1.5", None), (str(2**31), None), ("١٢", None)],
)
def test_absurd_counts_are_missing_not_zero(text: str, count: int | None) -> None:
    """A count that cannot be true is unknown."""
    assert parse_count(text) == count


@pytest.mark.parametrize(
    ("number", "text"),
    [
        (1.0, "1"),
        (0.1, "0.1"),
        (1e-7, "1e-7"),
        (0.00001, "0.00001"),
        (1e21, "1e21"),
        (1.5e300, "1.5e300"),
        (123456789012345680000.0, "123456789012345680000"),
        (-0.0, "-0"),
        (math.inf, "inf"),
        (0.30000000000000004, "0.30000000000000004"),
    ],
)
def test_doubles_are_written_as_the_engine_writes_them(number: float, text: str) -> None:
    """Shortest text that gives the number back."""
    assert double_text(number) == text


@given(st.floats(allow_nan=False, allow_infinity=False))
def test_doubles_round_trip(number: float) -> None:
    """No digit is lost."""
    assert float(double_text(number)) == number


def test_messages_come_back_as_a_list() -> None:
    """Numbered attributes make one object, and the object the list of messages in order."""
    attributes = {
        "llm.input_messages.10.message.role": "tool",
        "llm.input_messages.2.message.role": "user",
        "llm.input_messages.2.message.content": '안녕 "a/b"',
        "llm.model_name": "x",
    }
    text = gather_messages("input_list", attributes)
    assert unflatten_messages(text) == [{"role": "user", "content": '안녕 "a/b"'}, {"role": "tool"}]


def test_providers_have_one_name() -> None:
    """Aliases lead to names that are no aliases themselves."""
    assert normal_provider("OpenAI") == "openai"
    assert normal_provider('"Bedrock"') == "aws.bedrock"
    assert normal_provider("my-own") == "my-own"
    assert not set(PROVIDER_ALIASES.values()) & set(PROVIDER_ALIASES)
