"""A small company's two hours: services, releases, models, an incident, people and what they asked, as OTLP.

Everything a page can show is in it: documents before and after reranking, tools, reasoning, errors with
stacks, logs, scores, sessions, models with and without a price. The same seed tells the same story; only the
clock moves.
"""

from __future__ import annotations

import json
import random
import time
from collections.abc import Iterator
from dataclasses import asdict, dataclass, field
from typing import Any, Final, TypeAlias

import httpx
from opentelemetry.proto.collector.logs.v1.logs_service_pb2 import ExportLogsServiceRequest
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest

from tests.e2e.running import RunningPitwall
from tests.e2e.ui.asked import ask_in_vain, wait_for_scores
from tests.e2e.ui.watched import watch_over
from tests.e2e.ui.world_evals import build_evaluations
from tests.e2e.ui.world_texts import DOCUMENTS, STACK, SYSTEM, TALKS, Talk

MINUTES: Final = 125
TRACES_PER_MINUTE: Final = 4
RELEASE_MINUTES_AGO: Final = 26
INCIDENT_MINUTES_AGO: Final = range(9, 17)
_SECOND: Final = 10**9
_MODELS: Final = (
    ("gpt-4o-mini", "openai", 0.9),
    ("claude-sonnet-4-5", "anthropic", 1.7),
    ("qwen2.5:7b", "ollama", 2.6),
    ("gemini-2.0-flash", "gcp.gemini", 0.6),
)
_FRAMEWORKS: Final = ("ISO 10002", "KS Q 10002", "in-house")
_TOOL: Final = {
    "type": "function",
    "name": "find_order",
    "description": "Find an order by its number or by the customer's phone.",
}

Value: TypeAlias = bool | int | float | str | list[str]


@dataclass(frozen=True, slots=True)
class World:
    """What was sent, and the ids that pages are opened with.

    Attributes:
        rag_trace: A chat with documents, scores, logs; `root_span`, `rerank_span`, `answer_span` are of it.
        agent_trace: An agent that called a tool and reasoned in `thought_span`.
        failed_trace: A chat whose model call, `failed_span`, timed out.
        incident_at: A minute of the incident.
        alert: Of the project that is watched, like `incident` and `error_group`.
        run_before: An evaluation; `run_after` is the one that answers worse.
    """

    rag_trace: str
    root_span: str
    rerank_span: str
    answer_span: str
    agent_trace: str
    thought_span: str
    failed_trace: str
    failed_span: str
    incident_at: str
    session: str
    user: str
    alert: str
    incident: str
    error_group: str
    run_before: str
    run_after: str


@dataclass(slots=True)
class Teller:
    """Writes traces and logs of one service into requests.

    Attributes:
        now: Unix nanoseconds at which the story ends.
    """

    now: int
    rng: random.Random = field(default_factory=lambda: random.Random(7))
    traces: ExportTraceServiceRequest = field(default_factory=ExportTraceServiceRequest)
    logs: ExportLogsServiceRequest = field(default_factory=ExportLogsServiceRequest)
    told: dict[str, str] = field(default_factory=dict)

    def tell(self) -> None:
        """Write the whole story."""
        middle = self.now // _SECOND - 60 * INCIDENT_MINUTES_AGO[4]
        self.told["incident_at"] = time.strftime("%Y-%m-%dT%H:%M:00Z", time.gmtime(middle))
        for minutes_ago in range(MINUTES, 0, -1):
            for at in range(TRACES_PER_MINUTE):
                seconds_ago = minutes_ago * 60 - at * 60 / TRACES_PER_MINUTE - self.rng.random() * 9
                began = self.now - int(seconds_ago * _SECOND)
                tell = self._claims if at == 3 else self._chat
                tell(began, minutes_ago)

    def _chat(self, began: int, minutes_ago: int) -> None:
        release = "1.5.0" if minutes_ago < RELEASE_MINUTES_AGO else "1.4.2"
        environment = "staging" if self.rng.random() < 0.12 else "prod"
        told = self._trace("voc-chat", release, environment, began)
        model = self.rng.choice(_MODELS)
        is_slow = model[0] == "qwen2.5:7b" and minutes_ago in INCIDENT_MINUTES_AGO
        is_failed = is_slow or self.rng.random() < 0.02
        talk = self.rng.choice(TALKS)
        root = told.span("POST /chat", "chain", 0)
        _write(root, {"http.route": "/chat", "http.request.method": "POST", "input.value": talk.question})
        _write(told.span("embedding cache", "cache", 4), {"pitwall.cache.name": "embeddings"})
        _write(told.spans[-1], {"pitwall.cache.hit": self.rng.random() < 0.6})
        embedding = told.span("embed question", "embedding", self.rng.randint(20, 80))
        _write(embedding, {"gen_ai.request.model": "bge-m3", "gen_ai.usage.input_tokens": 31})
        self._search(told, talk)
        self._answer(told, talk, model, minutes_ago, is_failed)
        if is_failed:
            self._fail_chat(told)
        else:
            parsed = told.span("parse answer", "parser", 3)
            _write(parsed, {"pitwall.parse.ok": self.rng.random() < 0.96, "output.value": '{"answer": "…"}'})
            _write(root, {"output.value": talk.answer, "http.response.status_code": 200})
            _write(root, {"pitwall.fallback": self.rng.random() < 0.04})
            self._score(root)
        told.close()
        self._log(told, is_failed)
        if is_failed:
            self._note(told, "failed_trace", failed_span=-1)
        else:
            self._note(told, "rag_trace", root_span=0, rerank_span=-3, answer_span=-2)

    def _note(self, told: Told, trace: str, **spans: int) -> None:
        """Keep the ids of a trace and of some of its spans, by their places; the newest ones stay."""
        self.told[trace] = told.trace_id.hex()
        self.told.update({name: told.spans[at].span_id.hex() for name, at in spans.items()})

    def _search(self, told: Told, talk: Talk) -> None:
        found = self.rng.sample(DOCUMENTS, 5 if self.rng.random() < 0.9 else 2)
        scores = sorted((self.rng.uniform(0.2, 0.9) for _ in found), reverse=True)
        search = told.span("search knowledge base", "retriever", self.rng.randint(60, 240))
        _write(search, {"input.value": talk.question, "gen_ai.retrieval.top_k": 5})
        _write_documents(search, "retrieval.documents", found, scores)
        rerank = told.span("rerank", "reranker", self.rng.randint(40, 160))
        _write(rerank, {"reranker.query": talk.question, "reranker.model_name": "bge-reranker-v2-m3"})
        _write_documents(rerank, "reranker.input_documents", found, scores)
        kept = self.rng.sample(found, min(3, len(found)))
        _write_documents(rerank, "reranker.output_documents", kept, [0.94, 0.71, 0.38])

    def _answer(
        self, told: Told, talk: Talk, model: tuple[str, str, float], minutes_ago: int, is_failed: bool
    ) -> None:
        name, provider, seconds = model
        wave = 1 + 0.35 * ((minutes_ago // 7) % 3)
        took = 20_000 if is_failed else int(seconds * 1000 * wave * self.rng.uniform(0.6, 1.6))
        call = told.span(f"chat {name}", "llm", took)
        sent = self.rng.randrange(700, 3200)
        asked = _messages(("system", SYSTEM), ("user", talk.question))
        _write(call, {"gen_ai.provider.name": provider, "gen_ai.request.model": name})
        _write(call, {"gen_ai.input.messages": asked, "gen_ai.usage.input_tokens": sent})
        _write(call, {"gen_ai.request.temperature": 0.2, "gen_ai.prompt.name": "voc-answer"})
        _write(call, {"pitwall.retry.count": int(is_failed or self.rng.random() < 0.05)})
        if not is_failed:
            _write(call, {"gen_ai.output.messages": _messages(("assistant", talk.answer))})
            _write(call, {"gen_ai.usage.output_tokens": self.rng.randrange(60, 420)})
            _write(call, {"gen_ai.usage.cache_read.input_tokens": sent // 3})
            _write(call, {"gen_ai.response.time_to_first_chunk": took / 1000 * 0.2})
            _write(call, {"gen_ai.response.finish_reasons": ["stop"]})

    def _fail_chat(self, told: Told) -> None:
        for span in (told.spans[-1], told.spans[0]):
            span.status.code = 2
            span.status.message = "openai.APITimeoutError: Request timed out."
            _write(span, {"error.type": "openai.APITimeoutError"})
        event = told.spans[-1].events.add(name="exception", time_unix_nano=told.clock)
        _write(event, {"exception.type": "openai.APITimeoutError", "exception.stacktrace": STACK})
        _write(event, {"exception.message": "Request timed out."})
        _write(told.spans[0], {"http.response.status_code": 504})

    def _claims(self, began: int, minutes_ago: int) -> None:
        told = self._trace("claims-agent", "0.9.3", "prod", began)
        talk = TALKS[3]
        root = told.span("handle claim", "agent", 0)
        _write(root, {"input.value": talk.question, "output.value": talk.answer})
        call_id = f"call_{self.rng.randrange(10**6):06}"
        thought = {"type": "reasoning", "content": "The order number is given; look it up before answering."}
        arguments = {"number": "20418", "with_payments": True}
        called = {"type": "tool_call", "id": call_id, "name": "find_order", "arguments": arguments}
        found = {"type": "tool_call_response", "id": call_id, "response": _ORDER}
        asked = [_message("system", SYSTEM), _message("user", talk.question)]
        steps = [*asked, {"role": "assistant", "parts": [thought, called]}]
        self._think(told, asked, steps[-1], minutes_ago)
        tool = told.span("find_order", "tool", self.rng.randint(30, 400))
        _write(tool, {"gen_ai.tool.name": "find_order", "gen_ai.tool.call.id": call_id})
        _write(tool, {"gen_ai.tool.call.arguments": json.dumps(arguments)})
        _write(tool, {"gen_ai.tool.call.result": json.dumps(_ORDER, ensure_ascii=False)})
        if self.rng.random() < 0.08:
            tool.status.code = 2
            _write(tool, {"error.type": "ConnectionError"})
            tool.status.message = "ConnectionError: order database refused the connection"
        answered = [*steps, {"role": "tool", "parts": [found]}]
        self._think(told, answered, _message("assistant", talk.answer), minutes_ago)
        told.close()
        self._note(told, "agent_trace", thought_span=1)

    def _think(self, told: Told, asked: list[Any], answer: Any, minutes_ago: int) -> None:
        call = told.span("chat claude-sonnet-4-5", "llm", self.rng.randint(700, 3200))
        _write(call, {"gen_ai.provider.name": "anthropic", "gen_ai.request.model": "claude-sonnet-4-5"})
        _write(call, {"gen_ai.input.messages": json.dumps(asked, ensure_ascii=False)})
        _write(call, {"gen_ai.output.messages": json.dumps([answer], ensure_ascii=False)})
        _write(call, {"gen_ai.tool.definitions": json.dumps([_TOOL])})
        _write(call, {"gen_ai.usage.input_tokens": 1200 + minutes_ago * 3})
        _write(call, {"gen_ai.usage.output_tokens": self.rng.randrange(90, 600)})
        _write(call, {"gen_ai.usage.reasoning.output_tokens": 64})
        _write(call, {"gen_ai.response.time_to_first_chunk": self.rng.uniform(0.2, 0.8)})

    def _trace(self, service: str, version: str, environment: str, began: int) -> Told:
        group = self.traces.resource_spans.add()
        _write(group.resource, {"service.name": service, "service.version": version})
        _write(group.resource, {"deployment.environment.name": environment})
        _write(group.resource, {"telemetry.sdk.language": "python", "host.name": f"{service}-7d9f"})
        person = self.rng.randrange(24)
        self.told["session"], self.told["user"] = f"chat-{2400 + person}", f"customer-{person:03}"
        who: dict[str, Value] = {"session.id": self.told["session"], "user.id": self.told["user"]}
        scope = group.scope_spans.add()
        scope.scope.name = f"{service}.tracing"
        return Told(scope, self.rng.randbytes(16), began, who, self.rng)

    def _score(self, root: Any) -> None:
        scores = (
            ("confidence", self.rng.betavariate(7, 2), "", "llm", "The documents say so plainly."),
            ("match", float(self.rng.random() < 0.84), "", "code", ""),
            ("framework", None, self.rng.choice(_FRAMEWORKS), "code", ""),
        )
        for at, (name, value, label, kind, why) in enumerate(scores):
            prefix = f"evaluations.{at}.evaluation"
            _write(root, {f"{prefix}.name": name, f"{prefix}.annotator_kind": kind})
            _write(root, {f"{prefix}.score": round(value, 3)} if value is not None else {})
            _write(root, {f"{prefix}.label": label} if label else {})
            _write(root, {f"{prefix}.explanation": why} if why else {})

    def _log(self, told: Told, is_failed: bool) -> None:
        group = self.logs.resource_logs.add()
        _write(group.resource, {"service.name": "voc-chat", "deployment.environment.name": "prod"})
        lines = [(9, "INFO", "question received", 0), (9, "INFO", "5 documents found, 3 kept", 3)]
        lines += [(17, "ERROR", "model did not answer within 20 s, gave up", -1)] if is_failed else []
        for number, severity, body, at in lines:
            span = told.spans[at]
            line = group.scope_logs.add().log_records.add(
                severity_number=number, severity_text=severity, trace_id=told.trace_id, span_id=span.span_id
            )
            line.time_unix_nano = span.end_time_unix_nano
            line.body.string_value = body
            _write(line, {"logger.name": "voc.chat", "thread.name": "worker-3"})


@dataclass(slots=True)
class Told:
    """One trace while it is written: spans stand one after another below the first."""

    scope: Any
    trace_id: bytes
    clock: int
    who: dict[str, Value]
    rng: random.Random
    spans: list[Any] = field(default_factory=list)

    def span(self, name: str, kind: str, milliseconds: int) -> Any:
        """Add a span below the root (or the root), which lasts as long."""
        span = self.scope.spans.add(trace_id=self.trace_id, name=name, kind=1)
        span.span_id = self.rng.randbytes(8)
        if self.spans:
            span.parent_span_id = self.spans[0].span_id
        span.start_time_unix_nano = self.clock
        self.clock += milliseconds * 1_000_000
        span.end_time_unix_nano = self.clock
        _write(span, {"pitwall.span.kind": kind, **self.who})
        self.spans.append(span)
        return span

    def close(self) -> None:
        """Let the root end after everything below it."""
        self.spans[0].end_time_unix_nano = self.clock + 2_000_000


_ORDER: Final = {
    "number": "20418",
    "customer": "김하늘",
    "items": [{"name": "무선 이어폰", "count": 1, "price": 129000}],
    "payments": [{"state": "released", "amount": 129000}, {"state": "captured", "amount": 129000}],
}


def build_world(server: RunningPitwall) -> World:
    """Send the story to a server and wait until all of it is stored."""
    ask_in_vain(server)
    teller = Teller(time.time_ns())
    teller.tell()
    for kind, request in (("traces", teller.traces), ("logs", teller.logs)):
        for body in _pieces(request):
            _send(f"{server.otlp_url}/v1/{kind}", body)
    spans = sum(len(group.scope_spans[0].spans) for group in teller.traces.resource_spans)
    _wait_for(server, spans)
    world = World(**teller.told, **asdict(watch_over(server)), **build_evaluations(server))
    wait_for_scores(server)
    return world


def _pieces(request: Any, size: int = 100) -> Iterator[bytes]:
    """The groups of a request as several ones, as exporters send them."""
    name = request.DESCRIPTOR.fields[0].name
    groups = getattr(request, name)
    for start in range(0, len(groups), size):
        yield type(request)(**{name: groups[start : start + size]}).SerializeToString()


def _send(url: str, body: bytes) -> None:
    headers = {"content-type": "application/x-protobuf"}
    httpx.post(url, content=body, headers=headers, trust_env=False, timeout=30).raise_for_status()


def _wait_for(server: RunningPitwall, spans: int) -> None:
    deadline = time.monotonic() + 60
    while (seen := _stored(server)) < spans:
        assert time.monotonic() < deadline, f"{seen} of {spans} spans are stored"
        time.sleep(0.2)


def _stored(server: RunningPitwall) -> int:
    status = httpx.get(f"{server.url}/api/v1/status", trust_env=False, timeout=30).json()
    return int(status["spans_total"])


def _write_documents(span: Any, prefix: str, documents: list[Any], scores: list[float]) -> None:
    for at, ((name, title, text), score) in enumerate(zip(documents, scores, strict=False)):
        head = f"{prefix}.{at}.document"
        _write(span, {f"{head}.id": name, f"{head}.content": text, f"{head}.score": round(score, 3)})
        metadata = {"title": title, "source": f"kb/{name}.md"}
        _write(span, {f"{head}.metadata": json.dumps(metadata, ensure_ascii=False)})


def _message(role: str, text: str) -> dict[str, Any]:
    return {"role": role, "parts": [{"type": "text", "content": text}]}


def _messages(*said: tuple[str, str]) -> str:
    return json.dumps([_message(role, text) for role, text in said], ensure_ascii=False)


def _write(target: Any, values: dict[str, Value]) -> None:
    """Add attributes to a span, an event, a log line or a resource."""
    for key, value in values.items():
        written = target.attributes.add(key=key).value
        match value:
            case bool():
                written.bool_value = value
            case int():
                written.int_value = value
            case float():
                written.double_value = value
            case list():
                for item in value:
                    written.array_value.values.add().string_value = item
            case _:
                written.string_value = value
