"""Message lists that came as numbered attributes, shown as messages."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pitwall.ingest.mapping.messages import gather_messages, listed_messages, unflatten_messages

ATTRIBUTES = {
    "llm.input_messages.10.message.content": "마지막",
    "llm.input_messages.0.message.role": "user",
    "llm.input_messages.0.message.content": '안녕 "a/b" 😀',
    "llm.input_messages.1.message.role": "assistant",
    "llm.input_messages.1.message.tool_calls.0.tool_call.id": "call-1",
    "llm.input_messages.1.message.tool_calls.0.tool_call.function.name": "search",
    "llm.input_messages.1.message.contents.0.message_content.type": "text",
    "llm.input_messages.1.message.contents.0.message_content.text": "그림",
}
MESSAGES: list[dict[str, Any]] = [
    {"role": "user", "content": '안녕 "a/b" 😀'},
    {
        "role": "assistant",
        "tool_calls": [{"id": "call-1", "function": {"name": "search"}}],
        "contents": [{"type": "text", "text": "그림"}],
    },
    {"content": "마지막"},
]


def test_numbered_attributes_are_a_list_of_messages() -> None:
    """In the order of their numbers; tool calls and contents are lists in them."""
    assert json.loads(listed_messages(gather_messages("input_list", ATTRIBUTES))) == MESSAGES


@given(st.integers(0, 400))
def test_cut_text_shows_what_is_left_of_it(length: int) -> None:
    """A preview is the beginning of the text: never more than the messages say, and never broken JSON."""
    text = gather_messages("input_list", ATTRIBUTES)
    shown = listed_messages(text[:length])
    if not shown.startswith("["):
        assert shown == text[:length]
        return
    messages = json.loads(shown)
    assert len(messages) <= 3
    texts = {message["content"] for message in messages if "content" in message}
    assert all(any(whole.startswith(part) for whole in ('안녕 "a/b" 😀', "마지막")) for part in texts)


@pytest.mark.parametrize(
    "text",
    ["", "안녕", '{"a": 1}', '{"0.5": 1}', '{"0.role": "user", "b": "c"}', '{"0', "[1]", '{"role": "user"}'],
)
def test_any_other_text_stays_as_it_is(text: str) -> None:
    """Only what the mapping made is taken apart."""
    assert listed_messages(text) == text


def test_value_in_the_way_of_deeper_parts_is_kept() -> None:
    """Attributes may contradict each other; nothing is lost."""
    flat = {"0.content": "text", "0.content.0.text": "deeper"}
    assert unflatten_messages(json.dumps(flat)) == [{"content": "text", "content.0.text": "deeper"}]


@given(
    st.dictionaries(
        st.from_regex(r"\A[0-3]\.(?:[a-c]|[0-1])(?:\.(?:[a-c]|[0-1])){0,3}\Z"), st.text(max_size=3)
    )
)
def test_no_part_is_lost_whatever_the_keys_say(flat: dict[str, str]) -> None:
    """Every value is somewhere in the messages."""

    def values(node: Any) -> list[str]:
        if isinstance(node, str):
            return [node]
        inner = node.values() if isinstance(node, dict) else node
        return [value for part in inner for value in values(part)]

    assert sorted(values(unflatten_messages(json.dumps(flat)))) == sorted(flat.values())
