"""Reading an answer out of what a service or a function returned."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

from pitwall.evals.datasets.values import (
    Unreadable,
    read_count,
    read_number,
    read_tool_calls,
    read_turns,
)
from pitwall.evals.metrics.types import Needs
from pitwall.evals.types import Answer, Context, ToolCall
from pitwall.kit.json_path import Missing, find

Value = TypeVar("Value")
Number = TypeVar("Number", int, float)


@dataclass(frozen=True, slots=True)
class Usage:
    """What an answer took, as far as it is told."""

    input_tokens: int | None = None
    output_tokens: int | None = None
    cost_usd: float | None = None


class ReplyUnreadable(ValueError):
    """The reply has no answer where one was said to be."""


def read_text(reply: Any, path: str) -> str:
    """Return the answer of a reply.

    Raises:
        ReplyUnreadable: There is none.
    """
    found = _at(reply, path)
    if not isinstance(found, str):
        raise ReplyUnreadable(f"The reply has {_kind(found)} at {path!r}, not a text.")
    return found


def read_contexts(reply: Any, path: str) -> tuple[Context, ...]:
    """Return the contexts of a reply: a list of texts, or of objects with `text` or `content`.

    Raises:
        ReplyUnreadable: There is no such list.
    """
    found = _at(reply, path)
    if not isinstance(found, list):
        raise ReplyUnreadable(f"The reply has {_kind(found)} at {path!r}, not a list of contexts.")
    return contexts_of(found)


def read_calls(reply: Any, path: str) -> tuple[ToolCall, ...]:
    """Return the tool calls of a reply, in the forms that datasets have them in.

    Raises:
        ReplyUnreadable: There is no such list.
    """
    return _read(lambda: read_tool_calls(_at(reply, path)))


def read_usage(reply: Any, path: str) -> Usage:
    """Return what an answer took: an object with `input_tokens`, `output_tokens` and `cost_usd`, or OpenAI's.

    Raises:
        ReplyUnreadable: There is no such object, or a number in it is none.
    """
    found = _at(reply, path)
    if not isinstance(found, Mapping):
        raise ReplyUnreadable(f"The reply has {type(found).__name__} at {path!r}, not an object of counts.")
    return _usage(found)


def fields_of_reply(contexts: str | None, tool_calls: str | None, usage: str | None) -> frozenset[Needs]:
    """Which fields answers may have that are read at these places, None for those that are not told."""
    found = {Needs.ANSWER, Needs.LATENCY}
    found |= {Needs.CONTEXTS} if contexts else set()
    found |= {Needs.TOOL_CALLS} if tool_calls else set()
    found |= {Needs.TOKENS, Needs.COST} if usage else set()
    return frozenset(found)


def contexts_of(found: Sequence[Any]) -> tuple[Context, ...]:
    """Return contexts that are written as texts or as objects.

    Raises:
        ReplyUnreadable: One of them is neither.
    """
    return tuple(_context(one, number) for number, one in enumerate(found, 1))


def answer_of_result(result: Any) -> Answer:
    """Return the answer of what a function returned: a text, a mapping, or an `Answer`.

    Raises:
        ReplyUnreadable: It is none of them.
    """
    if isinstance(result, Answer):
        return result
    if isinstance(result, str):
        return Answer(text=result)
    if not isinstance(result, Mapping):
        raise ReplyUnreadable(
            f"The function returned {type(result).__name__}; a text, a mapping with `answer`, or an Answer."
        )
    contexts, calls, turns = (result.get(name) for name in ("contexts", "tool_calls", "turns"))
    listed = [contexts] if isinstance(contexts, str | Mapping) else contexts
    usage = _usage(result)
    return Answer(
        text=read_text(dict(result), "answer"),
        contexts=None if listed is None else contexts_of(list(listed)),
        tool_calls=None if calls is None else _read(lambda: read_tool_calls(calls)),
        turns=() if turns is None else _read(lambda: read_turns(turns, "")),
        input_tokens=usage.input_tokens,
        output_tokens=usage.output_tokens,
        cost_usd=usage.cost_usd,
        trace_id=result.get("trace_id"),
    )


def _at(reply: Any, path: str) -> Any:
    try:
        return find(reply, path)
    except Missing as error:
        raise ReplyUnreadable(f"The reply has nothing at {path!r}; it has {_shape(reply)}.") from error


def _usage(found: Mapping[str, Any]) -> Usage:
    def number(names: Sequence[str], read: Callable[[Any], Number]) -> Number | None:
        value = next((found[name] for name in names if found.get(name) is not None), None)
        return None if value is None else _read(lambda: read(value))

    return Usage(
        number(("input_tokens", "prompt_tokens"), read_count),
        number(("output_tokens", "completion_tokens"), read_count),
        number(("cost_usd",), read_number),
    )


def _read(read: Callable[[], Value]) -> Value:
    """What a reader of datasets makes of a value; what it refuses is the answer's error."""
    try:
        return read()
    except Unreadable as error:
        raise ReplyUnreadable(str(error)) from error


def _context(one: Any, number: int) -> Context:
    if isinstance(one, str):
        return Context(one)
    if isinstance(one, Mapping):
        text = one.get("text", one.get("content", one.get("page_content")))
        if isinstance(text, str):
            name, score = one.get("id"), one.get("score")
            return Context(
                text,
                None if name is None else str(name),
                float(score) if isinstance(score, int | float) else None,
            )
    raise ReplyUnreadable(f"Context {number} is neither a text nor an object with `text`.")


def _shape(reply: Any) -> str:
    """What a reply has instead, in a few words."""
    if isinstance(reply, Mapping):
        return ", ".join(list(map(str, reply))[:8]) or "nothing"
    return _kind(reply)


def _kind(value: Any) -> str:
    return "null" if value is None else type(value).__name__
