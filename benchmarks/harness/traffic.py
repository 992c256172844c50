"""RAG traces as an application would send them: five spans, twelve attributes, about 1.5 KB a span.

A part of them may be *telling* traces, for data sets in which every signal has something to count: also five
spans and one model call, but with a cache and a parser in place of embedding and reranking, and attributes
that only some applications send. Without them the traffic is that of the ingest bars, byte for byte.

Every text and every request id has a mark in it: `templates.py` gives each copy of a request other marks, ids
and times, because a server may drop a body it has seen and store equal texts once.
"""

from __future__ import annotations

import itertools
import json
import random
from dataclasses import dataclass, field
from typing import Any, Final

from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest

VERSION: Final = 2
"""Raise it when the traffic changes: stored data sets are then made again."""

SPANS_PER_TRACE: Final = 5
MODELS: Final = ("qwen2.5:7b", "gpt-4o-mini", "gemini-2.0-flash", "claude-sonnet-4-5")
MARK_LENGTH: Final = 12
ERROR_RATIO: Final = 0.02
ANCHOR_UNIX_NANO: Final = 1_700_000_000 * 10**9
"""Where the first span of every trace begins until the template is filled."""

_WORDS: Final = tuple(f"w{index}" if index % 3 else f"단어{index}" for index in range(5000))
_WEIGHTS: Final = tuple(itertools.accumulate(1 / (index + 1) for index in range(5000)))
_STEPS: Final = (
    ("POST /voc/chat", "CHAIN", 0, 0),
    ("embed", "EMBEDDING", 10, 80),
    ("retrieve", "RETRIEVER", 20, 200),
    ("rerank", "RERANKER", 20, 150),
    ("chat", "LLM", 200, 2600),
)
_TELLING_STEPS: Final = (
    ("POST /voc/chat", "CHAIN", 0, 0),
    ("embedding cache", "CACHE", 1, 5),
    ("retrieve", "RETRIEVER", 20, 200),
    ("chat", "LLM", 200, 2600),
    ("parse", "PARSER", 1, 20),
)


@dataclass(slots=True)
class Traffic:
    """Makes requests; the same seed makes the same ones.

    Attributes:
        telling_ratio: How many of the traces are telling ones.
    """

    seed: int
    telling_ratio: float = 0.0
    rng: random.Random = field(init=False)
    _marks: itertools.count[int] = field(init=False)

    def __post_init__(self) -> None:
        self.rng = random.Random(self.seed)
        self._marks = itertools.count()

    def request(self, spans: int) -> ExportTraceServiceRequest:
        """Make a request of whole traces, all of which begin at `ANCHOR_UNIX_NANO`."""
        request = ExportTraceServiceRequest()
        group = request.resource_spans.add()
        for key, value in (
            ("service.name", "voc"),
            ("service.version", "1.2"),
            ("deployment.environment.name", "prod"),
        ):
            _set(group.resource, key, value)
        target = group.scope_spans.add()
        target.scope.name = "benchmark"
        for _ in range(spans // SPANS_PER_TRACE):
            self._add_trace(target)
        return request

    def _add_trace(self, target: Any) -> None:
        rng = self.rng
        trace_id, root_id, request_id = rng.randbytes(16), rng.randbytes(8), f"r{self._mark()}"
        identity = {
            "session.id": f"s{rng.randrange(5000)}",
            "user.id": f"u{rng.randrange(2000)}",
            "request.id": request_id,
        }
        began, root = ANCHOR_UNIX_NANO, None
        is_telling = self.telling_ratio > 0 and rng.random() < self.telling_ratio
        for name, kind, shortest_ms, longest_ms in _TELLING_STEPS if is_telling else _STEPS:
            span = target.spans.add(trace_id=trace_id, name=name, kind=1, start_time_unix_nano=began)
            span.span_id = rng.randbytes(8) if root else root_id
            if root:
                span.parent_span_id = root_id
                began += rng.randint(shortest_ms, longest_ms) * 1_000_000 + rng.randrange(1_000_000)
                span.end_time_unix_nano = began
            else:
                root = span
            for key, value in identity.items():
                _set(span, key, value)
            if kind in ("CACHE", "PARSER"):
                _set(span, "pitwall.span.kind", kind.lower())
            else:
                _set(span, "openinference.span.kind", kind)
            self._describe(span, kind)
            if is_telling:
                self._tell_more(span, kind)
        if root is not None:
            root.end_time_unix_nano = began + rng.randrange(1, 5_000_000)

    def _describe(self, span: Any, kind: str) -> None:
        match kind:
            case "LLM":
                self._describe_model_call(span)
            case "RETRIEVER":
                self._describe_documents(span, "retrieval.documents")
            case "RERANKER":
                self._describe_documents(span, "reranker.output_documents")
            case "EMBEDDING":
                _set(span, "gen_ai.request.model", "bge-m3")
                _set(span, "gen_ai.usage.input_tokens", 20)
                _set(span, "input.value", self._text(400))
                _set(span, "pitwall.cache.hit", self.rng.random() < 0.5)
                _set(span, "embedding.text", self._text(100))
                _set(span, "pitwall.embedding.count", 1)
            case "CACHE":
                _set(span, "pitwall.cache.name", "embedding_cache")
                _set(span, "pitwall.cache.hit", self.rng.random() < 0.6)
                _set(span, "input.value", self._text(400))
            case "PARSER":
                _set(span, "pitwall.parse.ok", self.rng.random() < 0.97)
                _set(span, "input.value", self._text(800))
                _set(span, "output.value", self._text(450))
            case _:
                _set(span, "input.value", self._text(450))
                _set(span, "output.value", self._text(800))
                _set(span, "http.route", "/voc/chat")
                _set(span, "http.response.status_code", 200)

    def _tell_more(self, span: Any, kind: str) -> None:
        """Add what only some applications send."""
        rng = self.rng
        match kind:
            case "LLM":
                _set(span, "gen_ai.response.time_to_first_chunk", rng.uniform(0.05, 0.9))
                _set(span, "pitwall.fallback", rng.random() < 0.03)
                _set(span, "pitwall.retry.count", int(rng.random() < 0.1))
            case "RETRIEVER":
                _set(span, "pitwall.rerank.enabled", False)
            case "CHAIN":
                _set(span, "pitwall.fallback", rng.random() < 0.03)
                if rng.random() < 0.05:
                    _fail(span, "timeout")

    def _describe_model_call(self, span: Any) -> None:
        rng = self.rng
        _set(span, "gen_ai.operation.name", "chat")
        _set(span, "gen_ai.provider.name", "openai")
        _set(span, "gen_ai.request.model", rng.choice(MODELS))
        _set(span, "gen_ai.usage.input_tokens", rng.randrange(100, 4000))
        _set(span, "gen_ai.usage.output_tokens", rng.randrange(10, 900))
        _set(span, "gen_ai.response.finish_reasons", ["stop"])
        _set(span, "gen_ai.input.messages", _message("user", self._text(800)))
        _set(span, "gen_ai.output.messages", _message("assistant", self._text(400)))
        if rng.random() < ERROR_RATIO:
            _fail(span, "timeout")

    def _describe_documents(self, span: Any, prefix: str) -> None:
        _set(span, "input.value", self._text(80))
        for index in range(3):
            _set(span, f"{prefix}.{index}.document.id", f"doc{self.rng.randrange(999)}")
            _set(span, f"{prefix}.{index}.document.score", self.rng.random())
            _set(span, f"{prefix}.{index}.document.content", self._text(300))

    def _mark(self) -> str:
        return f"Q{next(self._marks):0{MARK_LENGTH - 1}d}"

    def _text(self, size: int) -> str:
        """Words by Zipf's law behind a mark, at least `size` bytes."""
        words = [self._mark()]
        length = MARK_LENGTH + 1
        while length < size:
            for word in self.rng.choices(_WORDS, cum_weights=_WEIGHTS, k=16):
                words.append(word)
                length += len(word.encode()) + 1
                if length >= size:
                    break
        return " ".join(words)


def _fail(span: Any, error: str) -> None:
    span.status.code = 2
    span.status.message = error
    _set(span, "error.type", error)


def _message(role: str, text: str) -> str:
    return json.dumps([{"role": role, "parts": [{"type": "text", "content": text}]}], ensure_ascii=False)


def _set(target: Any, key: str, value: bool | int | float | str | list[str]) -> None:
    attribute = target.attributes.add()
    attribute.key = key
    match value:
        case bool():
            attribute.value.bool_value = value
        case int():
            attribute.value.int_value = value
        case float():
            attribute.value.double_value = value
        case list():
            for item in value:
                attribute.value.array_value.values.add().string_value = item
        case _:
            attribute.value.string_value = value
