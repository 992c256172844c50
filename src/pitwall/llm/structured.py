"""Structured replies: how each mode is asked for, how a reply is read and sent back for repair."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Generic

from pydantic import ValidationError

from pitwall.llm.shapes import Shape
from pitwall.llm.types import Api, CallFailure, Message, ModelEndpoint, Reply
from pitwall.llm.wire import NO_QUIRKS, Mode, Quirks

ALL_MODES = tuple(Mode)
_MOST_PROBLEMS = 5
_LONGEST_REPLY_SHOWN = 4_000
# What some models think aloud before they answer, and the one block of code that an answer may stand in.
_THOUGHT = re.compile(r"\A\s*<think>.*?</think>", re.DOTALL)
_FENCE = re.compile(r"^```[A-Za-z]*[ \t]*\n(.*?)\n?[ \t]*```[ \t]*$", re.DOTALL | re.MULTILINE)
_SCHEMA = "It must match this JSON schema:\n{schema}"
_INSTRUCTIONS = {
    Mode.JSON_SCHEMA: "",
    Mode.TOOLS: "Give your reply by calling the function {name}.",
    Mode.JSON_OBJECT: "Reply with one JSON object and nothing else. " + _SCHEMA,
    Mode.FENCED: "Reply with one JSON object in a ```json block and nothing else. " + _SCHEMA,
}
_REPAIR = (
    "That reply could not be used: {problem}\n"
    "Give the whole reply again, corrected, as one JSON object and nothing else."
)


@dataclass(frozen=True, slots=True)
class Read(Generic[Reply]):
    """A reply that was read: its value, or why there is none."""

    value: Reply | None
    failure: CallFailure | None = None
    problem: str = ""


def instructed(messages: Sequence[Message], mode: Mode, shape: Shape) -> list[Message]:
    """Return the messages with what a mode has to say at their end."""
    text = _INSTRUCTIONS[mode].replace("{name}", shape.name).replace("{schema}", shape.text)
    if not text:
        return list(messages)
    if not messages or messages[-1].role != "user":
        return [*messages, Message("user", text)]
    last = messages[-1]
    return [*messages[:-1], replace(last, content=f"{last.content}\n\n{text}")]


def read_reply(text: str, model: type[Reply]) -> Read[Reply]:
    """Read a reply as the model that was asked for.

    It is JSON as a whole, or exactly one block of code that is; nothing is searched for in prose.
    """
    try:
        return Read(model.model_validate_json(_json_of(text)))
    except ValidationError as error:
        is_json = all(one["type"] != "json_invalid" for one in error.errors(include_url=False))
        failure = CallFailure.WRONG_SHAPE if is_json else CallFailure.INVALID_JSON
        return Read(None, failure, _problem(error))


def _json_of(text: str) -> str:
    bare = _THOUGHT.sub("", text, count=1).strip()
    blocks = _FENCE.findall(bare)
    return str(blocks[0]) if len(blocks) == 1 else bare


def _problem(error: ValidationError) -> str:
    """What is wrong, for the model and for people; values are not repeated."""
    problems = error.errors(include_url=False, include_input=False, include_context=False)
    lines = [
        f"{'.'.join(map(str, one['loc'])) or 'the reply'}: {one['msg']}" for one in problems[:_MOST_PROBLEMS]
    ]
    if len(problems) > _MOST_PROBLEMS:
        lines.append(f"and {len(problems) - _MOST_PROBLEMS} more problems")
    return "; ".join(lines)


def repair_messages(messages: Sequence[Message], reply: str, problem: str) -> list[Message]:
    """Return the conversation that shows a model its reply and what was wrong with it."""
    shown = reply if len(reply) <= _LONGEST_REPLY_SHOWN else f"{reply[:_LONGEST_REPLY_SHOWN]} …"
    answer = Message("assistant", shown or "(empty)")
    return [*messages, answer, Message("user", _REPAIR.replace("{problem}", problem))]


@dataclass(frozen=True, slots=True)
class Abilities:
    """What a model at an endpoint can do, as far as it is known.

    Attributes:
        modes: The modes that may work, the one to try first at the front.
        quirks: What it does not take.
        is_proven: A valid reply came in the first mode.
    """

    modes: tuple[Mode, ...] = ALL_MODES
    quirks: Quirks = NO_QUIRKS
    is_proven: bool = False

    def without(self, mode: Mode) -> Abilities:
        """The same without a mode that does not work; the last one stays."""
        left = tuple(one for one in self.modes if one is not mode)
        return replace(self, modes=left or self.modes, is_proven=self.is_proven and mode is not self.modes[0])

    def proven(self, mode: Mode) -> Abilities:
        """The same with a mode that gave a valid reply at the front."""
        if self.is_proven and self.modes[0] is mode:
            return self
        start = self.modes.index(mode) if mode in self.modes else 0
        return replace(self, modes=(mode, *self.modes[start + 1 :]), is_proven=True)


class AbilityMemory:
    """What models can do, by api, address and model; lives as long as those who share it."""

    def __init__(self) -> None:
        self._known: dict[tuple[Api, str, str], Abilities] = {}

    def get(self, endpoint: ModelEndpoint) -> Abilities:
        """Return what is known, all modes where nothing is."""
        return self._known.get(_place(endpoint), Abilities())

    def set(self, endpoint: ModelEndpoint, abilities: Abilities) -> None:
        """Remember."""
        self._known[_place(endpoint)] = abilities


def _place(endpoint: ModelEndpoint) -> tuple[Api, str, str]:
    return endpoint.api, endpoint.base_url, endpoint.model
