"""The written form of an example loses nothing, and equal examples have equal hashes."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pitwall.evals.datasets.canonical import (
    example_hash,
    example_json,
    example_of,
    example_text,
    read_example,
    version_hash,
)
from pitwall.evals.types import Answer, Context, Example, ToolCall, Turn

TEXTS = st.text(st.characters(exclude_categories=["Cs"]), max_size=20)
NUMBERS = st.floats(allow_nan=False, allow_infinity=False)
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**63), 2**63 - 1) | NUMBERS | TEXTS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXTS, inner, max_size=3),
    max_leaves=6,
)
OBJECTS = st.dictionaries(TEXTS, VALUES, max_size=3)
CONTEXTS = st.lists(st.builds(Context, TEXTS, st.none() | TEXTS, st.none() | NUMBERS), max_size=3).map(tuple)
CALLS = st.lists(st.builds(ToolCall, TEXTS, OBJECTS), max_size=2).map(tuple)
TURN = st.builds(Turn, TEXTS, st.none() | TEXTS, CONTEXTS, st.none() | NUMBERS, st.none() | TEXTS)
TURNS = st.lists(TURN, max_size=2).map(tuple)
ANSWERS = st.builds(
    Answer,
    text=st.none() | TEXTS,
    contexts=st.none() | CONTEXTS,
    tool_calls=st.none() | CALLS,
    turns=TURNS,
    latency_ms=st.none() | NUMBERS,
    input_tokens=st.none() | st.integers(0, 2**40),
    output_tokens=st.none() | st.integers(0, 2**40),
    cost_usd=st.none() | NUMBERS,
    trace_id=st.none() | TEXTS,
    error=st.none() | TEXTS,
)
EXAMPLES = st.builds(
    Example,
    id=TEXTS,
    question=TEXTS,
    language=st.sampled_from(["ko", "en", "ja"]),
    group=st.none() | TEXTS,
    reference=st.none() | TEXTS,
    reference_contexts=st.none() | CONTEXTS,
    relevance=st.none() | st.dictionaries(TEXTS, NUMBERS, max_size=3),
    reference_tool_calls=st.none() | CALLS,
    answer=st.none() | ANSWERS,
    trace_id=st.none() | TEXTS,
    span_id=st.none() | TEXTS,
    metadata=OBJECTS,
)


@given(EXAMPLES)
def test_example_comes_back_as_it_was(example: Example) -> None:
    """Whatever an example holds, reading what was written gives the same one, and the same text again."""
    assert example_of(example_json(example)) == example
    text = example_text(example)
    assert read_example(text) == example
    assert example_text(read_example(text)) == text


@given(EXAMPLES, EXAMPLES)
def test_equal_hashes_are_equal_examples(one: Example, other: Example) -> None:
    """Two examples have the same hash exactly if their text is the same."""
    assert (example_hash(one) == example_hash(other)) == (example_text(one) == example_text(other))


def test_order_of_keys_does_not_matter() -> None:
    """Metadata that a file wrote in another order is the same example."""
    one = Example(id="a", question="q", metadata={"x": 1, "y": 2})
    assert example_hash(one) == example_hash(replace(one, metadata={"y": 2, "x": 1}))


def test_no_contexts_are_not_unknown_contexts() -> None:
    """A search that found nothing is another thing than a search that nobody told of."""
    nothing = Example(id="a", question="q", answer=Answer(contexts=()))
    assert example_hash(nothing) != example_hash(replace(nothing, answer=Answer()))


def test_version_has_a_hash_of_its_examples_in_any_order() -> None:
    """Order does not matter, another example does."""
    assert version_hash(["a", "b"]) == version_hash(["b", "a"]) != version_hash(["a", "c"])


@pytest.mark.parametrize("value", [2**70, "\ud800", object()])
def test_what_json_cannot_say_is_refused(value: object) -> None:
    """Such an example would come back as another one."""
    with pytest.raises(ValueError, match=r".+"):
        example_text(Example(id="a", question="q", metadata={"x": value}))
