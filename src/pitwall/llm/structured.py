"""Structured replies: how each mode is asked for, how a reply is read and sent back for repair."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Generic

from pydantic import ValidationError

from pitwall.llm.shapes import Shape
from pitwall.llm.types import CallFailure, Message, Reply
from pitwall.llm.wire import Mode

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
