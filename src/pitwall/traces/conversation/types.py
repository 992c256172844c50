"""What a chat is made of, whatever SDK wrote it: messages of parts, and the tools the model was offered."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any


class Side(StrEnum):
    """Whether a message was given to the model or came from it."""

    INPUT = "input"
    OUTPUT = "output"

    @property
    def default_role(self) -> str:
        """Who speaks where nobody says so."""
        return "user" if self is Side.INPUT else "assistant"


class PartType(StrEnum):
    """What a part of a message is."""

    TEXT = "text"
    REASONING = "reasoning"
    TOOL_CALL = "tool_call"
    TOOL_RESULT = "tool_result"
    IMAGE = "image"
    AUDIO = "audio"
    FILE = "file"
    DATA = "data"
    """JSON that says something this reader does not know."""


MEDIA_TYPES = frozenset({PartType.IMAGE, PartType.AUDIO, PartType.FILE})


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """One part of a message; what it has not is None.

    Attributes:
        text: What is read: the words, the tool's answer, the address or name of a file, JSON for data.
        arguments: What a tool is called with, as JSON, exactly as the model wrote it where it did.
        media_type: Of an image, audio or file.
        bytes: Size of a content that is not shown.
    """

    type: PartType
    text: str | None = None
    tool_name: str | None = None
    tool_call_id: str | None = None
    arguments: str | None = None
    media_type: str | None = None
    bytes: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Message:
    """One message.

    Attributes:
        role: system, developer, user, assistant, tool, or what the SDK said.
        omitted_parts: Parts at the end that were left out.
        omitted_before: Messages between the one before and this one that were left out.
    """

    role: str
    side: Side
    parts: Sequence[Part]
    name: str | None = None
    omitted_parts: int = 0
    omitted_before: int = 0


@dataclass(frozen=True, slots=True)
class Tool:
    """A tool that the model could call."""

    name: str
    description: str | None


@dataclass(frozen=True, slots=True)
class Conversation:
    """A span as a chat."""

    messages: Sequence[Message]
    tools: Sequence[Tool]


@dataclass(frozen=True, slots=True, kw_only=True)
class SpanTexts:
    """What a conversation is read from.

    Attributes:
        kind: Of the span.
        input: Its input as a reader sees it, None if there is none; so `output`.
        attributes: All of them, whole, structured values decoded.
    """

    kind: str | None
    input: str | None
    output: str | None
    attributes: Mapping[str, Any] = field(default_factory=dict)
