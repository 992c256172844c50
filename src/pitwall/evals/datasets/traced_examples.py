"""What a trace says as an example: question, answer and documents out of its spans; pure."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from pitwall.core.vocabulary import SpanKind
from pitwall.evals.datasets.fields import FIELDS
from pitwall.evals.datasets.languages import find_language
from pitwall.evals.types import Answer, Context, Example, Json, ToolCall
from pitwall.kit.text import normalise
from pitwall.traces.content import with_content
from pitwall.traces.conversation import Conversation, Message, PartType, Side, SpanTexts, read_conversation
from pitwall.traces.conversation.values import parsed
from pitwall.traces.documents import Document
from pitwall.traces.opening import OpenTrace
from pitwall.traces.retrieved import read_retrieved
from pitwall.traces.span_wire import findings_of
from pitwall.traces.types import StoredSpan

NO_QUESTION: Final = "no_question"
NO_TEXTS: Final = "texts_gone"
"""The trace is there, its texts are not: not sent, or older than their retention."""
_QUESTIONS: Final = (*FIELDS["question"], "message", "text", "user_message")
_ANSWERS: Final = (*FIELDS["answer"], "result", "text", "content", "message")
_FACTS: Final = ("name", "service", "environment", "version", "model", "status", "error_class", "started_at")


@dataclass(frozen=True, slots=True)
class _Told:
    """A span with its texts whole."""

    span: StoredSpan
    content: Mapping[str, Any]

    @property
    def kind(self) -> str | None:
        kind: str | None = self.span.columns["kind"]
        return kind

    def conversation(self) -> Conversation | None:
        return read_conversation(
            SpanTexts(
                kind=self.kind,
                input=self.content["input"],
                output=self.content["output"],
                attributes=self.content["attributes"],
            )
        )


def trace_example(trace: OpenTrace) -> Example | str:
    """The example of a trace, or why it is none."""
    spans = list(_told(trace))
    root = spans[0]
    question = _said(root, Side.INPUT) or _from_models(spans, Side.INPUT)
    if not question:
        gone = any(one.content["absent_texts"] for one in spans)
        return NO_TEXTS if gone else NO_QUESTION
    text = _said(root, Side.OUTPUT) or _from_models(reversed(spans), Side.OUTPUT)
    columns = root.span.columns
    return Example(
        id=trace.trace_id,
        question=normalise(question),
        language=find_language(question, text),
        group=columns["session_id"],
        answer=_answer(trace, spans, text),
        trace_id=trace.trace_id,
        span_id=root.span.lite.span_id,
        metadata={name: columns[name] for name in _FACTS if columns[name] is not None},
    )


def _told(trace: OpenTrace) -> Iterator[_Told]:
    """Spans in the order of the tree: the root comes first, or the earliest while none has arrived."""
    for _, span in trace.page:
        span_id = span.lite.span_id
        logged = trace.logged.get(span_id, {})
        yield _Told(span, with_content(span, trace.payloads.get(span_id), logged))


def _answer(trace: OpenTrace, spans: Sequence[_Told], text: str | None) -> Answer | None:
    root = spans[0].span.columns
    total = trace.totals.total
    contexts = _contexts(spans)
    calls = tuple(_tool_call(one) for one in spans if one.kind == SpanKind.TOOL)
    error = None
    if text is None:
        said = root["status_message"] or root["error_class"] or "nothing was answered"
        error = str(said) if root["status"] == "error" else None
        if error is None and contexts is None and not calls:
            return None
    return Answer(
        text=None if text is None else normalise(text),
        contexts=contexts,
        tool_calls=calls or None,
        latency_ms=root["duration_ms"],
        input_tokens=total.input_tokens,
        output_tokens=total.output_tokens,
        cost_usd=total.cost_usd,
        trace_id=trace.trace_id,
        error=error,
    )


def _said(one: _Told, side: Side) -> str | None:
    """What was asked or answered, in the words of people."""
    conversation = one.conversation() if one.kind in (SpanKind.LLM, SpanKind.AGENT) else None
    if conversation is not None:
        return _spoken(conversation, side)
    text: str | None = one.content[side.value]
    if not text or not text.strip():
        return None
    found = said_plainly(text, side)
    if found is not None:
        return found
    conversation = one.conversation()
    return (_spoken(conversation, side) if conversation else None) or text


def said_plainly(text: str, side: Side) -> str | None:
    """What was asked or answered by the input or output of a span that is no model's or agent's.

    Returns:
        None if it is empty, or a conversation has to be looked for in it.
    """
    if not text.strip():
        return None
    value = parsed(text)
    if isinstance(value, str):
        return value
    return _member(value, _QUESTIONS if side is Side.INPUT else _ANSWERS)


def _from_models(spans: Iterator[_Told] | Sequence[_Told], side: Side) -> str | None:
    """What the first model was asked, or the last one answered."""
    for one in spans:
        if one.kind == SpanKind.LLM and (found := _said(one, side)):
            return found
    return None


def _spoken(conversation: Conversation, side: Side) -> str | None:
    """The last words of the user, or of the model."""
    roles = ("user", "human") if side is Side.INPUT else ("assistant", "model", "ai")
    messages = [one for one in conversation.messages if one.side is side and one.role in roles]
    return next((text for one in reversed(messages) if (text := _words(one))), None)


def _words(message: Message) -> str | None:
    texts = [part.text for part in message.parts if part.type is PartType.TEXT and part.text]
    return "\n".join(texts).strip() or None


def _member(value: Any, names: Sequence[str]) -> str | None:
    if not isinstance(value, dict):
        return None
    found = next(
        (value[name] for name in names if isinstance(value.get(name), str) and value[name].strip()), None
    )
    return None if found is None else str(found)


def _contexts(spans: Sequence[_Told]) -> tuple[Context, ...] | None:
    """Documents of the last reranker, else of all searches, each once; None if nothing was searched."""
    searches = [_documents(one) for one in spans if one.kind == SpanKind.RETRIEVER]
    found = [document for documents in searches for document in documents or ()]
    rerankers = [one for one in spans if one.kind == SpanKind.RERANKER]
    kept = _documents(rerankers[-1], found) if rerankers else None
    if kept is None and all(documents is None for documents in searches):
        return None
    contexts = [
        Context(normalise(one.text or ""), one.id, one.score) for one in (found if kept is None else kept)
    ]
    return tuple({(one.id, one.text): one for one in contexts}.values())


def _documents(one: _Told, before: Sequence[Document] = ()) -> list[Document] | None:
    """What a span found; a reranker that gives ids alone has the texts of what it got."""
    return read_retrieved(findings_of(one.span, one.content), before)


def _tool_call(one: _Told) -> ToolCall:
    name = one.span.columns["tool_name"] or one.span.columns["name"]
    given: Json = parsed(one.content["input"] or "")
    return ToolCall(str(name), given if isinstance(given, dict) else _as_arguments(given))


def _as_arguments(given: Json) -> dict[str, Json]:
    if given in (None, ""):
        return {}
    return {"input": given if isinstance(given, str) else json.dumps(given, ensure_ascii=False)}
