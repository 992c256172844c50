"""Replies are read as what they are, or not at all: nothing is searched for in prose."""

from __future__ import annotations

import json
from typing import Literal

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import BaseModel, Field

from pitwall.llm.shapes import shape_of
from pitwall.llm.structured import instructed, read_reply, repair_messages
from pitwall.llm.types import CallFailure, Message
from pitwall.llm.wire import Mode


class Verdict(BaseModel):
    id: int
    verdict: Literal["yes", "no"]


class Verdicts(BaseModel):
    verdicts: list[Verdict]


class Free(BaseModel):
    values: dict[str, float]


class Tree(BaseModel):
    name: str
    children: list[Tree] = Field(default_factory=list)


GOOD = '{"verdicts": [{"id": 1, "verdict": "yes"}]}'


@pytest.mark.parametrize(
    "text",
    [
        GOOD,
        f"\n {GOOD} \n",
        f"```json\n{GOOD}\n```",
        f"```\n{GOOD}\n```",
        f"Here are the verdicts:\n\n```json\n{GOOD}\n```\nI hope this helps.",
        f"<think>Claim 1 says yes, no, {{maybe}}.</think>\n{GOOD}",
        f"<think>\nnothing\n</think>\n\n```json\n{GOOD}\n```",
    ],
)
def test_json_alone_or_in_one_block_is_read(text: str) -> None:
    """What a model thinks aloud before it, and politeness around one block, do no harm."""
    read = read_reply(text, Verdicts)
    assert read.value == Verdicts(verdicts=[Verdict(id=1, verdict="yes")])


@pytest.mark.parametrize(
    ("text", "failure"),
    [
        ("", CallFailure.INVALID_JSON),
        ("1. Yes. 2. Yes. 3. Yes. 4. Yes. 5. Yes.", CallFailure.INVALID_JSON),
        ("Yes, No, Yes", CallFailure.INVALID_JSON),
        ("No, the context never mentions yes. No.", CallFailure.INVALID_JSON),
        (GOOD[:-3], CallFailure.INVALID_JSON),
        (f"The verdicts are {GOOD} as you asked.", CallFailure.INVALID_JSON),
        (f"```json\n{GOOD}\n```\nor\n```json\n{GOOD}\n```", CallFailure.INVALID_JSON),
        ('{"verdicts": [{"id": 1, "verdict": "perhaps"}]}', CallFailure.WRONG_SHAPE),
        ('[{"id": 1, "verdict": "yes"}]', CallFailure.WRONG_SHAPE),
        ("{}", CallFailure.WRONG_SHAPE),
        ("null", CallFailure.WRONG_SHAPE),
        ('"yes"', CallFailure.WRONG_SHAPE),
    ],
)
def test_anything_else_is_a_failure_of_its_kind(text: str, failure: CallFailure) -> None:
    """No verdict is ever taken from the words of a sentence."""
    read = read_reply(text, Verdicts)
    assert (read.value, read.failure) == (None, failure)
    assert read.problem


@given(st.text())
def test_no_text_breaks_the_reading(text: str) -> None:
    """A model may say whatever it likes."""
    assert (read_reply(text, Verdicts).value is None) == (read_reply(text, Verdicts).failure is not None)


@given(st.lists(st.tuples(st.integers(), st.sampled_from(["yes", "no"]))))
def test_what_was_written_in_the_shape_is_read_as_it_was(pairs: list[tuple[int, str]]) -> None:
    """Every value of the shape survives each way in which it may be written."""
    value = {"verdicts": [{"id": number, "verdict": verdict} for number, verdict in pairs]}
    for text in (json.dumps(value), f"```json\n{json.dumps(value, indent=2)}\n```"):
        read = read_reply(text, Verdicts)
        assert read.value is not None
        assert read.value.model_dump() == value


def test_a_schema_is_closed_flat_and_strict() -> None:
    """Objects have exactly their fields, definitions stand where they are used, titles are left out."""
    shape = shape_of(Verdicts)
    item = shape.schema["properties"]["verdicts"]["items"]
    assert item["required"] == ["id", "verdict"]
    assert item["additionalProperties"] is False
    assert "$defs" not in shape.schema
    assert "title" not in shape.text
    assert shape.is_strict


def test_free_objects_and_trees_are_not_strict() -> None:
    """OpenAI enforces neither; they are asked for all the same."""
    assert not shape_of(Free).is_strict
    tree = shape_of(Tree)
    assert not tree.is_strict
    assert tree.schema["$defs"]["Tree"]["additionalProperties"] is False


def test_shapes_are_made_once_and_differ_by_what_they_ask() -> None:
    """Making a schema takes longer than a call's own work, and another shape is another question."""
    assert shape_of(Verdicts) is shape_of(Verdicts)
    assert len({shape_of(model).hash for model in (Verdicts, Free, Tree, Verdict)}) == 4


def test_only_modes_without_a_schema_of_their_own_say_it_in_the_prompt() -> None:
    """The schema stands at the end of the user's message; json_schema leaves the messages as they are."""
    messages, shape = [Message("system", "s"), Message("user", "{schema} u")], shape_of(Verdicts)
    assert instructed(messages, Mode.JSON_SCHEMA, shape) == messages
    for mode in (Mode.JSON_OBJECT, Mode.FENCED):
        *_, last = instructed(messages, mode, shape)
        assert last.content.startswith("{schema} u\n\n")
        assert last.content.endswith(shape.text)
    assert "Verdicts" in instructed(messages, Mode.TOOLS, shape)[-1].content


def test_a_repair_shows_the_reply_and_the_problem() -> None:
    """A model can only correct what it sees; a reply of a megabyte is not sent back whole."""
    repair = repair_messages([Message("user", "q")], "x" * 1_000_000, "verdicts: Field required")
    assert [message.role for message in repair] == ["user", "assistant", "user"]
    assert len(repair[1].content) < 5_000
    assert "verdicts: Field required" in repair[2].content
