"""One span as a conversation, whatever SDK wrote it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, Final

from pitwall.core.vocabulary import SpanKind
from pitwall.traces.conversation.envelopes import Raw, find_likely, find_messages
from pitwall.traces.conversation.messages import read_message
from pitwall.traces.conversation.tools import is_definition, read_tools
from pitwall.traces.conversation.types import Conversation, Message, Part, PartType, Side, SpanTexts, Tool
from pitwall.traces.conversation.values import parsed, readable, without_files

# Of a longer side these many at its beginning and at its end are kept.
HEAD_MESSAGES: Final = 100
TAIL_MESSAGES: Final = 900

# Whatever goes in and comes out of them is talk.
_TALKERS: Final = frozenset({SpanKind.LLM, SpanKind.AGENT})
_INSTRUCTIONS: Final = ("gen_ai.system_instructions", "ai.prompt.system", "ai.settings.system")
_TELLERS: Final = frozenset({"system", "developer"})
# Answers that stand in several attributes, by the first of them.
_ANSWERS: Final[Mapping[str, Mapping[str, str]]] = {
    "ai.response.": {
        "reasoning": "reasoning",
        "text": "content",
        "object": "text",
        "toolCalls": "tool_calls",
        "files": "files",
    },
    "lk.response.": {"text": "content", "function_calls": "tool_calls"},
}
# What SDKs write for an argument or an answer that is not there.
_NOTHING: Final[tuple[Any, ...]] = ("null", "None", {}, [])
_EVENTS: Final = "events"
_EVENT_NAME: Final = "event.name"
_CHOICE: Final = "gen_ai.choice"


@dataclass(frozen=True, slots=True)
class _Said:
    """One side: its raw messages, what they were found in, and whether they are certainly messages."""

    raw: Raw
    whole: Any
    is_certain: bool


def read_conversation(texts: SpanTexts) -> Conversation | None:
    """The messages of a span, None for one that is no conversation; never fails, whatever the texts are."""
    said = {side: _side(texts, side) for side in Side}
    if not any(one.is_certain for one in said.values()) and texts.kind not in _TALKERS:
        return None
    messages = [message for side, one in said.items() for message in _messages_or_text(texts, one, side)]
    if not messages:
        return None
    messages = _with_instructions(texts.attributes, messages)
    return Conversation(messages, _tools(texts.attributes, said[Side.INPUT]))


def _side(texts: SpanTexts, side: Side) -> _Said:
    text = texts.input if side is Side.INPUT else texts.output
    if side is Side.OUTPUT:
        answer = _answer(texts.attributes)
        if answer is not None:
            return _Said([answer], answer, is_certain=True)
    if not text:
        return _side_of_events(texts.attributes, side)
    value = parsed(text)
    try:
        found = find_messages(value, side)
        is_certain = found is not None
        found = found or find_likely(value)
    except RecursionError:
        found, value, is_certain = None, text, False
    return _Said(found or [value] if value not in _NOTHING else [], value, is_certain)


def _answer(attributes: Mapping[str, Any]) -> dict[str, Any] | None:
    """One message of the attributes that hold an answer's parts."""
    for prefix, members in _ANSWERS.items():
        found = {name: attributes.get(prefix + key) for key, name in members.items()}
        found = {name: value for name, value in found.items() if value}
        if found:
            return {"role": "assistant", **found}
    return None


def _side_of_events(attributes: Mapping[str, Any], side: Side) -> _Said:
    """Messages of an attribute that lists events, as pydantic-ai wrote them."""
    events = attributes.get(_EVENTS)
    events = parsed(events) if isinstance(events, str) else events
    if not isinstance(events, list):
        return _Said([], None, is_certain=False)
    named = [event for event in events if isinstance(event, dict) and event.get(_EVENT_NAME)]
    raw = [event for event in named if (event[_EVENT_NAME] == _CHOICE) is (side is Side.OUTPUT)]
    return _Said(raw, None, is_certain=bool(raw))


def _messages_or_text(texts: SpanTexts, said: _Said, side: Side) -> list[Message]:
    """The messages of a side; its text as it is when it is nested more deeply than can be read."""
    try:
        return _messages(said, side)
    except RecursionError:
        text = texts.input if side is Side.INPUT else texts.output
        part = Part(type=PartType.TEXT, text=without_files(readable(text or "")))
        return [Message(role=side.default_role, side=side, parts=[part])]


def _messages(said: _Said, side: Side) -> list[Message]:
    raw = [one for one in said.raw if not _is_offered_tool(one)]
    gap = max(0, len(raw) - HEAD_MESSAGES - TAIL_MESSAGES)
    kept = raw[:HEAD_MESSAGES] + raw[HEAD_MESSAGES + gap :] if gap else raw
    messages = [read_message(one, side) for one in kept]
    if gap:
        messages[HEAD_MESSAGES] = replace(messages[HEAD_MESSAGES], omitted_before=gap)
    return messages


def _is_offered_tool(raw: Any) -> bool:
    return isinstance(raw, dict) and is_definition(raw.get("content"))


def _with_instructions(attributes: Mapping[str, Any], messages: list[Message]) -> list[Message]:
    """System instructions that are not among the messages go first."""
    told = next((attributes[name] for name in _INSTRUCTIONS if attributes.get(name)), None)
    if told is None or any(message.role in _TELLERS for message in messages):
        return messages
    return [read_message({"role": "system", "content": told}, Side.INPUT), *messages]


def _tools(attributes: Mapping[str, Any], asked: _Said) -> list[Tool]:
    among = [one["content"] for one in asked.raw if _is_offered_tool(one)]
    request = asked.whole if isinstance(asked.whole, dict) else None
    try:
        return read_tools(attributes, request, among)
    except RecursionError:
        return []
