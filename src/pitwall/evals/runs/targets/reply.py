"""Reading an answer out of what a service or a function returned."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from pitwall.evals.types import Answer, Context
from pitwall.probes.kinds.json_path import Missing, find


class ReplyUnreadable(ValueError):
    """The reply has no answer where one was said to be."""


def read_text(reply: Any, path: str) -> str:
    """Return the answer of a reply.

    Raises:
        ReplyUnreadable: There is none.
    """
    try:
        found = find(reply, path)
    except Missing as error:
        raise ReplyUnreadable(f"The reply has nothing at {path!r}; it has {_shape(reply)}.") from error
    if not isinstance(found, str):
        raise ReplyUnreadable(f"The reply has {_kind(found)} at {path!r}, not a text.")
    return found


def read_contexts(reply: Any, path: str) -> tuple[Context, ...]:
    """Return the contexts of a reply: a list of texts, or of objects with `text` or `content`.

    Raises:
        ReplyUnreadable: There is no such list.
    """
    try:
        found = find(reply, path)
    except Missing as error:
        raise ReplyUnreadable(f"The reply has nothing at {path!r}; it has {_shape(reply)}.") from error
    if not isinstance(found, list):
        raise ReplyUnreadable(f"The reply has {_kind(found)} at {path!r}, not a list of contexts.")
    return contexts_of(found)


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
    contexts = result.get("contexts")
    return Answer(
        text=read_text(dict(result), "answer"),
        contexts=None if contexts is None else contexts_of(list(contexts)),
        input_tokens=result.get("input_tokens"),
        output_tokens=result.get("output_tokens"),
        cost_usd=result.get("cost_usd"),
        trace_id=result.get("trace_id"),
    )


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
