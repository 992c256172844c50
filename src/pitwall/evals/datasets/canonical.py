"""The written form of an example: what is stored, hashed and exported. Reading it gives the same example."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import orjson

from pitwall.evals.types import Answer, Context, Example, Json, ToolCall, Turn
from pitwall.kit.hashing import content_hash, json_hash


def example_json(example: Example) -> dict[str, Any]:
    """An example as a JSON object without what it does not have."""
    return _known(
        id=example.id,
        question=example.question,
        language=example.language,
        group=example.group,
        reference=example.reference,
        reference_contexts=_contexts(example.reference_contexts),
        relevance=None if example.relevance is None else dict(example.relevance),
        reference_tool_calls=_tool_calls(example.reference_tool_calls),
        answer=None if example.answer is None else answer_json(example.answer),
        trace_id=example.trace_id,
        span_id=example.span_id,
        metadata=dict(example.metadata) or None,
    )


def example_of(written: Mapping[str, Any]) -> Example:
    """The example of a JSON object that `example_json` made."""
    answer = written.get("answer")
    return Example(
        id=written["id"],
        question=written["question"],
        language=written["language"],
        group=written.get("group"),
        reference=written.get("reference"),
        reference_contexts=_contexts_of(written.get("reference_contexts")),
        relevance=written.get("relevance"),
        reference_tool_calls=_tool_calls_of(written.get("reference_tool_calls")),
        answer=None if answer is None else answer_of(answer),
        trace_id=written.get("trace_id"),
        span_id=written.get("span_id"),
        metadata=written.get("metadata", {}),
    )


def answer_json(answer: Answer) -> dict[str, Any]:
    """An answer as a JSON object without what is not known of it."""
    return _known(
        text=answer.text,
        contexts=_contexts(answer.contexts),
        tool_calls=_tool_calls(answer.tool_calls),
        turns=[_turn(turn) for turn in answer.turns] or None,
        latency_ms=answer.latency_ms,
        input_tokens=answer.input_tokens,
        output_tokens=answer.output_tokens,
        cost_usd=answer.cost_usd,
        trace_id=answer.trace_id,
        error=answer.error,
    )


def answer_of(written: Mapping[str, Any]) -> Answer:
    """The answer of a JSON object that `answer_json` made."""
    return Answer(
        text=written.get("text"),
        contexts=_contexts_of(written.get("contexts")),
        tool_calls=_tool_calls_of(written.get("tool_calls")),
        turns=tuple(map(_turn_of, written.get("turns", ()))),
        latency_ms=written.get("latency_ms"),
        input_tokens=written.get("input_tokens"),
        output_tokens=written.get("output_tokens"),
        cost_usd=written.get("cost_usd"),
        trace_id=written.get("trace_id"),
        error=written.get("error"),
    )


def example_text(example: Example) -> bytes:
    """The one text of an example: keys in order, no blanks.

    Raises:
        ValueError: It holds what JSON cannot say, such as a number of more than 64 bits or half a character.
    """
    return json_text(example_json(example))


def json_text(written: Mapping[str, Any]) -> bytes:
    """The same for what `example_json` made.

    Raises:
        ValueError: As `example_text`.
    """
    try:
        return orjson.dumps(written, option=orjson.OPT_SORT_KEYS)
    except TypeError as error:
        raise ValueError(str(error)) from error


def example_hash(example: Example) -> str:
    """The fingerprint of an example, its id included."""
    return content_hash(example_text(example))


def read_example(text: bytes | str) -> Example:
    """The example of a text that `example_text` made."""
    return example_of(orjson.loads(text))


def version_hash(hashes: Iterable[str]) -> str:
    """The fingerprint of a version from those of its examples, in any order."""
    return json_hash(sorted(hashes))


def _known(**members: Json) -> dict[str, Json]:
    return {name: value for name, value in members.items() if value is not None}


def _contexts(contexts: tuple[Context, ...] | None) -> list[dict[str, Json]] | None:
    if contexts is None:
        return None
    return [_known(text=one.text, id=one.id, score=one.score) for one in contexts]


def _contexts_of(written: Iterable[Mapping[str, Any]] | None) -> tuple[Context, ...] | None:
    if written is None:
        return None
    return tuple(Context(one["text"], one.get("id"), one.get("score")) for one in written)


def _tool_calls(calls: tuple[ToolCall, ...] | None) -> list[dict[str, Json]] | None:
    if calls is None:
        return None
    return [{"name": call.name, "arguments": dict(call.arguments)} for call in calls]


def _tool_calls_of(written: Iterable[Mapping[str, Any]] | None) -> tuple[ToolCall, ...] | None:
    if written is None:
        return None
    return tuple(ToolCall(one["name"], one["arguments"]) for one in written)


def _turn(turn: Turn) -> dict[str, Json]:
    return _known(
        question=turn.question,
        answer=turn.answer,
        contexts=_contexts(turn.contexts) or None,
        latency_ms=turn.latency_ms,
        trace_id=turn.trace_id,
    )


def _turn_of(written: Mapping[str, Any]) -> Turn:
    contexts = _contexts_of(written.get("contexts", ()))
    told = written.get("answer"), contexts or (), written.get("latency_ms"), written.get("trace_id")
    return Turn(written["question"], *told)
