"""The mapping of traces in plain Python: what the views must do, one span at a time.

It reads the same tables as the SQL and none of the SQL. Tests compare the two; nothing in the product calls
it.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from opentelemetry.proto.trace.v1.trace_pb2 import Span

from pitwall.core.error_rules import DEFAULT_CLASS, make_evidence, match_rules
from pitwall.core.vocabulary import CostSource, ErrorClass, SpanKind, TokenSource
from pitwall.ingest.mapping.kinds import USAGE_FIELDS, USAGE_KINDS, resolve_kind
from pitwall.ingest.mapping.masking import DEFAULT_GROUPS, mask_text
from pitwall.ingest.mapping.messages import event_messages, gather_messages, with_instructions
from pitwall.ingest.mapping.providers import normal_provider
from pitwall.ingest.mapping.readings import (
    first_item,
    fixed_bytes,
    json_length,
    parse_boolean,
    parse_cost,
    parse_documents,
    parse_instant,
    parse_linked_prompt,
    parse_member,
    parse_number,
    parse_raw_member,
    parse_unsigned,
    parse_usage,
    plain_texts,
    stored_texts,
    to_float32,
    utc_day,
)
from pitwall.ingest.mapping.tables import (
    ANSWER_USAGE,
    DEFAULT_DIALECT,
    DIALECTS,
    DOCUMENT_EVENTS,
    ENVIRONMENT_KEYS,
    ERROR_FINISH,
    FIELDS,
    FIRST_TOKEN_EVENTS,
    INDEXED,
    INPUT_EVENT_KEYS,
    MAX_TTFT_MS,
    OUTPUT_EVENT_KEYS,
    PROJECT_KEYS,
    SERVICE_KEYS,
    SLOTS,
    UNNAMED_SERVICE,
    VERSION_KEYS,
)
from pitwall.ingest.mapping.tokens import (
    INCLUSIVE_USAGE_KEYS,
    USAGE_JSON_KEYS,
    RawTokens,
    Tokens,
    classify,
    is_additive_by_table,
    parse_count,
)
from pitwall.ingest.mapping.values import is_kept
from pitwall.ingest.pricing.book import Price, PriceBook, Usage, to_usd

_KEYS: Final = {entry.name: entry.keys for entry in FIELDS}
_PREFIXES: Final = {entry.name: entry.prefixes for entry in INDEXED}
_USAGE_KEYS: Final = frozenset(key for name in USAGE_FIELDS for key in _KEYS[name])
_ANCESTOR_LEVELS: Final = 3


@dataclass(frozen=True, slots=True)
class Context:
    """What a row gets from its surroundings."""

    project: str = "default"
    log_position: int = 0
    received_unix_nano: int = 0
    mapping_version: int = 1
    masking: Collection[str] = DEFAULT_GROUPS
    book: PriceBook = field(default_factory=lambda: PriceBook("empty"))


def map_request(request: ExportTraceServiceRequest, context: Context) -> Iterator[dict[str, Any]]:
    """Rows of `spans_in`, in the order of the spans; `attributes` holds the full texts, not their hashes."""
    spans = [span for rs in request.resource_spans for ss in rs.scope_spans for span in ss.spans]
    wrappers = _wrappers(spans)
    for resource_spans in request.resource_spans:
        resource = plain_texts(resource_spans.resource.attributes, context.masking)
        for scope_spans in resource_spans.scope_spans:
            names = (scope_spans.scope.name, scope_spans.scope.version)
            scope = (mask_text(names[0], context.masking), mask_text(names[1], context.masking))
            for span in scope_spans.spans:
                wraps = (span.trace_id, span.span_id) in wrappers
                yield _SpanMapper(span, resource, scope, context, wraps).row()


def _wrappers(spans: Sequence[Span]) -> set[tuple[bytes, bytes]]:
    """Spans with usage that have a descendant with usage, at most `_ANCESTOR_LEVELS` below."""
    parents = {(s.trace_id, s.span_id): (s.trace_id, s.parent_span_id) for s in spans}
    spending = {
        (s.trace_id, s.span_id) for s in spans if any(item.key in _USAGE_KEYS for item in s.attributes)
    }
    found: set[tuple[bytes, bytes]] = set()
    for identity in spending:
        ancestor = parents[identity]
        for _ in range(_ANCESTOR_LEVELS):
            if ancestor in spending:
                found.add(ancestor)
            if ancestor not in parents:
                break
            ancestor = parents[ancestor]
    return found


class _SpanMapper:
    """Everything about one span."""

    def __init__(
        self, span: Span, resource: Mapping[str, str], scope: tuple[str, str], context: Context, wraps: bool
    ) -> None:
        self.span = span
        self.resource = resource
        self.scope_name, self.scope_version = scope
        self.name = mask_text(span.name, context.masking)
        self.context = context
        self.wraps = wraps
        self.attributes, self.masked = stored_texts(span.attributes, context.masking)
        self.event_attributes: dict[str, str] = {}
        for event in span.events:
            for key, text in plain_texts(event.attributes, context.masking).items():
                self.event_attributes.setdefault(key, text)
        self.fields = {name: self._first(keys) for name, keys in _KEYS.items()}
        self.events = [(event.name, plain_texts(event.attributes, context.masking)) for event in span.events]
        self.present = {name for name, text in self.fields.items() if text} | self._lists()

    def _first(self, keys: Sequence[str]) -> str:
        return next((text for key in keys if (text := self.attributes.get(key, ""))), "")

    def _lists(self) -> set[str]:
        return {
            name
            for name, prefixes in _PREFIXES.items()
            for key, text in self.attributes.items()
            if text and key not in SLOTS and any(key.startswith(f"{p}.") for p in prefixes)
        }

    def _name(self, field_name: str) -> str:
        return self.fields[field_name].strip('"')

    def _resource(self, keys: Sequence[str]) -> str:
        return next((text for key in keys if (text := self.resource.get(key, ""))), "")

    def _service(self) -> str:
        said, project = self._resource(SERVICE_KEYS), self._resource(PROJECT_KEYS)
        return project if project and (not said or said.startswith(UNNAMED_SERVICE)) else said

    def _event(self, *keys: str) -> str:
        return next((text for key in keys if (text := self.event_attributes.get(key, ""))), "")

    def row(self) -> dict[str, Any]:
        self.dialect = self._dialect()
        self.provider = normal_provider(self.fields["provider"])
        self.kind = resolve_kind(self.attributes, self.present)
        self.request_model, self.response_model = self._request_model(), self._name("response_model")
        self.raw = self._raw_tokens()
        self.tokens = self._tokens()
        self.is_rollup = self.raw.is_known and (self.wraps or self.kind not in USAGE_KINDS)
        self.input, self.output = self._input(), self._output()
        self._judge()
        return {
            **self._identity(),
            **self._outcome(),
            **self._usage(),
            **self._correlation(),
            **self._documents(),
            **self._work(),
            **self._texts(),
        }

    def _dialect(self) -> str:
        names = [name for name, _ in DIALECTS] + [DEFAULT_DIALECT]
        ranks = [slot.rank for key, text in self.attributes.items() if text and (slot := self._slot(key))]
        return names[min(ranks, default=len(DIALECTS))]

    @staticmethod
    def _slot(key: str) -> Any:
        if key in SLOTS:
            return SLOTS[key]
        listed = [p for prefixes in _PREFIXES.values() for p in prefixes if key.startswith(f"{p}.")]
        return SLOTS[f"{listed[0]}.N"] if listed else None

    def _request_model(self) -> str:
        texts = [self.fields["invocation_json"], self.fields["input"] if self.kind in USAGE_KINDS else ""]
        given = (parse_member(text, "model") for text in texts)
        return self._name("request_model") or next((name for name in given if name), "")

    def _input(self) -> str:
        messages = gather_messages("input_list", self.attributes) if "input_list" in self.present else ""
        said = (
            self.fields["input_messages"]
            or messages
            or self.fields["input"]
            or self._event(*INPUT_EVENT_KEYS)
            or event_messages(self.events)[0]
        )
        return with_instructions(self.fields["instructions"], said)

    def _output(self) -> str:
        messages = gather_messages("output_list", self.attributes) if "output_list" in self.present else ""
        return (
            self.fields["output_messages"]
            or messages
            or self.fields["output"]
            or self.fields["answer_json"]
            or self._event(*OUTPUT_EVENT_KEYS)
            or event_messages(self.events)[1]
        )

    def _raw_tokens(self) -> RawTokens:
        usage = parse_usage(self._usage_json())
        counts = {
            name: count if (count := parse_count(self.fields[name])) is not None else usage.get(name)
            for name in USAGE_JSON_KEYS
        }
        return RawTokens(**counts)

    def _usage_json(self) -> str:
        return self.fields["usage_json"] or parse_raw_member(self.fields["answer_json"], ANSWER_USAGE)

    def _tokens(self) -> Tokens:
        from_openai = any(f'"{key}"' in self._usage_json() for key in INCLUSIVE_USAGE_KEYS)
        by_table = is_additive_by_table(self.dialect, self.provider, self.scope_name) and not from_openai
        return classify(self.raw, additive_by_table=by_table)

    def _judge(self) -> None:
        code = self.span.status.code
        said = self.fields["error_type"]
        failed = bool(said) or self.fields["finish_reason"] == ERROR_FINISH
        self.is_error = code == 2 or self.fields["level"] == "ERROR" or (failed and code != 1)
        self.error_type = said or self._event("exception.type")
        message = mask_text(self.span.status.message, self.context.masking)
        self.message = message or self.fields["level_message"] or self._event("exception.message")
        self.http_status = parse_unsigned(self.fields["http_status"], 16) or 0

    def _identity(self) -> dict[str, Any]:
        component = {
            SpanKind.TOOL: self._tool_name(),
            SpanKind.CACHE: self.fields["cache_name"],
            SpanKind.AGENT: self._named("agent"),
            SpanKind.RETRIEVER: self.fields["data_source"],
        }.get(self.kind, "")
        return {
            "project": self.context.project,
            "environment": self._resource(ENVIRONMENT_KEYS) or self.fields["environment"],
            "service": self._service(),
            "version": self._resource(VERSION_KEYS) or self.fields["release"],
            "trace_id": fixed_bytes(self.span.trace_id, 16),
            "span_id": fixed_bytes(self.span.span_id, 8),
            "parent_span_id": fixed_bytes(self.span.parent_span_id, 8),
            "name": self.name,
            "kind": self.kind.value,
            "operation": self.fields["operation"],
            "component": component or self.fields["stage"],
            "started_unix_nano": self.span.start_time_unix_nano,
            "duration_ms": self._duration_ms(),
            "scope_name": self.scope_name,
            "scope_version": self.scope_version,
            "log_position": self.context.log_position,
            "mapping_version": self.context.mapping_version,
            "dialect": self.dialect,
        }

    def _duration_ms(self) -> float | None:
        start, end = self.span.start_time_unix_nano, self.span.end_time_unix_nano
        if end <= start and self.fields["duration_known"] == "false":
            return None
        return max(end - start, 0) / 1e6

    def _outcome(self) -> dict[str, Any]:
        judged = ""
        if self.is_error:
            said = self.fields["error_class"]
            judged = said if said in set(ErrorClass) else self._error_class()
        status = "error" if self.is_error else "ok" if self.span.status.code == 1 else "unset"
        return {
            "status": status,
            "error_class": str(judged),
            "error_type": self.error_type,
            "status_message": self.message,
        }

    def _error_class(self) -> ErrorClass:
        types = (self.fields["error_type"], self._event("exception.type"))
        text = f"{self.message}\n{self._event('exception.message')}"
        return match_rules(make_evidence(types, text, self.http_status)) or DEFAULT_CLASS

    def _usage(self) -> dict[str, Any]:
        tokens = self.tokens
        if self.raw.is_known:
            is_estimate = self.fields["token_source"] == TokenSource.ESTIMATED
            source = TokenSource.ESTIMATED if is_estimate else TokenSource.PROVIDER
        else:
            is_model = self.kind in (SpanKind.LLM, SpanKind.EMBEDDING)
            source = TokenSource.MISSING if is_model and not self.is_error else TokenSource.NONE
        return {
            "provider": self.provider,
            "request_model": self.request_model,
            "response_model": self.response_model,
            "model": self.request_model or self.response_model,
            "input_tokens": tokens.input_tokens,
            "uncached_input_tokens": tokens.uncached_input_tokens,
            "cache_read_tokens": tokens.cache_read_tokens,
            "cache_write_tokens": tokens.cache_write_tokens,
            "cache_write_1h_tokens": tokens.cache_write_1h_tokens,
            "output_tokens": tokens.output_tokens,
            "reasoning_tokens": tokens.reasoning_tokens,
            "token_source": source,
            "is_usage_rollup": self.is_rollup,
            **self._cost(),
            "ttft_ms": self._ttft_ms(),
            "finish_reason": first_item(self.fields["finish_reason"]),
        }

    def _cost(self) -> dict[str, Any]:
        reported = parse_cost(self.fields["reported_cost"])
        if reported == 0 and self.is_error and not self.raw.is_known:
            reported = None
        is_billable = self.kind in USAGE_KINDS and not self.is_rollup
        cost, version = (reported if is_billable else None), ""
        source = CostSource.NONE
        if is_billable and reported is not None:
            source = CostSource.REPORTED
        elif is_billable and self.raw.is_known:
            source = CostSource.UNPRICED
        book = self.context.book
        model_id = book.find(self.provider, self.response_model or self.request_model) if is_billable else 0
        price = book.price_on(model_id, utc_day(self.span.start_time_unix_nano))
        if price is not None and self._is_paid(price):
            cost, source, version = (
                to_usd(price.cost_pico(self._priced_usage())),
                CostSource.COMPUTED,
                price.source,
            )
        return {
            "cost_usd": cost,
            "cost_source": source,
            "reported_cost_usd": reported,
            "price_version": version,
        }

    def _is_paid(self, price: Price) -> bool:
        return self._duration_ms() is not None if price.per_second > 0 else self.raw.is_known

    def _priced_usage(self) -> Usage:
        tokens = self.tokens
        return Usage(
            uncached_input_tokens=tokens.uncached_input_tokens,
            cache_read_tokens=tokens.cache_read_tokens,
            cache_write_tokens=tokens.cache_write_tokens,
            cache_write_1h_tokens=tokens.cache_write_1h_tokens,
            output_tokens=tokens.output_tokens,
            reasoning_tokens=tokens.reasoning_tokens,
            duration_ms=self._duration_ms() or 0.0,
        )

    def _ttft_ms(self) -> float | None:
        start = self.span.start_time_unix_nano
        known: float | None = None
        if (seconds := parse_number(self.fields["ttft_seconds"])) is not None:
            known = seconds * 1000
        elif (milliseconds := parse_number(self.fields["ttft_ms"])) is not None:
            known = milliseconds
        elif (at := parse_instant(self.fields["first_token_at"])) is not None:
            known = (at - start) / 1e6
        else:
            events = (event.time_unix_nano for event in self.span.events if event.name in FIRST_TOKEN_EVENTS)
            first = next(events, None)
            known = None if first is None else (first - start) / 1e6
        return known if known is not None and 0 <= known <= MAX_TTFT_MS else None

    def _named(self, field_name: str) -> str:
        own = (self.fields["entity_name"] or self.name) if self.kind == field_name else ""
        return self._name(field_name) or own

    def _tool_name(self) -> str:
        own = (self.fields["entity_name"] or self.name) if self.kind is SpanKind.TOOL else ""
        return self.fields["tool_name"] or own

    def _correlation(self) -> dict[str, Any]:
        plain = (
            "company",
            "response_id",
            "tool_call_id",
            "experiment",
            "variant",
            "run_id",
        )
        return {
            "session_id": self._name("session_id"),
            "user_id": self._name("user_id"),
            "request_id": first_item(self._name("request_id")),
            "agent": self._named("agent"),
            "workflow": self._named("workflow"),
            "tool_name": self._tool_name(),
            "prompt_name": self._prompt("name"),
            "prompt_version": self._prompt("version"),
            **{name: self.fields[name] for name in plain},
        }

    def _prompt(self, part: str) -> str:
        linked = parse_linked_prompt(self.fields["linked_prompts"], part)
        return self.fields[f"prompt_{part}"] or linked

    def _documents(self) -> dict[str, Any]:
        count, ids, scores = self._found()
        return {
            "top_k": self._top_k(),
            "document_count": count,
            "document_ids": ids if len(ids) == (count or 0) and "" not in ids else [],
            "document_scores": [to_float32(s) for s in scores if s is not None]
            if len(scores) == (count or 0) and None not in scores
            else [],
            "rerank_enabled": parse_boolean(self.fields["rerank_enabled"]),
            "rerank_input_count": self._rerank_input_count(),
            "embedding_count": self._embedding_count(),
            "embedding_dimensions": self._embedding_dimensions(),
        }

    def _top_k(self) -> int | None:
        own = parse_unsigned(self.fields["top_k"], 32)
        if own is None and self.kind is SpanKind.RETRIEVER:
            return parse_unsigned(self.fields["request_top_k"], 32)
        return own

    def _found(self) -> tuple[int | None, list[str], list[float | None]]:
        count = parse_unsigned(self.fields["document_count"], 32)
        if "documents" in self.present:
            numbered, ids, scores = self._numbered_documents()
        elif listed := self._documents_json():
            numbered, ids, scores = parse_documents(listed)
        else:
            numbered, ids, scores = self._event_documents()
        return (numbered if count is None else count), ids, scores

    def _numbered_documents(self) -> tuple[int | None, list[str], list[float | None]]:
        parts = self._numbered("documents")
        ids = [text for _, key, text in parts if key.endswith(".document.id")]
        scores = [parse_number(text) for _, key, text in parts if key.endswith(".document.score")]
        return len({".".join(key.split(".")[:3]) for _, key, _ in parts}), ids, scores

    def _numbered(self, name: str) -> list[tuple[int, str, str]]:
        found = []
        for key, text in self.attributes.items():
            if any(key.startswith(f"{prefix}.") for prefix in _PREFIXES[name]):
                number = key.split(".")[2]
                found.append((int(number) if number.isdigit() else 0, key, text))
        return sorted(found, key=lambda item: item[0])

    def _documents_json(self) -> str:
        listed = self.fields["documents_json"] or (self.output if self.kind is SpanKind.RETRIEVER else "")
        return listed if listed.startswith("[") else ""

    def _event_documents(self) -> tuple[int | None, list[str], list[float | None]]:
        count = sum(event.name in DOCUMENT_EVENTS for event in self.span.events)
        ids, scores = [], []
        for event in self.span.events:
            for key, text in plain_texts(event.attributes, self.context.masking).items():
                if key in {f"{name}.id" for name in DOCUMENT_EVENTS}:
                    ids.append(text)
                if key in {f"{name}.{part}" for name in DOCUMENT_EVENTS for part in ("score", "distance")}:
                    scores.append(parse_number(text))
        return count or None, ids, scores

    def _rerank_input_count(self) -> int | None:
        if (own := parse_unsigned(self.fields["rerank_input_count"], 32)) is not None:
            return own
        is_listed = self.kind is SpanKind.RERANKER and "rerank_input" in self.present
        return self._count_numbered("rerank_input") if is_listed else None

    def _count_numbered(self, name: str) -> int:
        return len({".".join(key.split(".")[:3]) for _, key, _ in self._numbered(name)})

    def _embedding_count(self) -> int:
        if (own := parse_unsigned(self.fields["embedding_count"], 32)) is not None:
            return own
        if "vectors" in self.present:
            return self._count_numbered("vectors")
        return json_length(self.fields["embedding_list"])

    def _embedding_dimensions(self) -> int:
        if (own := parse_unsigned(self.fields["embedding_dimensions"], 32)) is not None:
            return own
        if "vectors" not in self.present:
            return 0
        vector = next(
            (text for key, text in self.attributes.items() if key.endswith(".embedding.vector")), ""
        )
        dropped = re.match(r"\[vector of (\d+) numbers", vector)
        return int(dropped[1]) if dropped else json_length(vector)

    def _work(self) -> dict[str, Any]:
        return {
            "cache_hit": parse_boolean(self.fields["cache_hit"]),
            "parse_ok": parse_boolean(self.fields["parse_ok"]),
            "is_fallback": parse_boolean(self.fields["fallback"]),
            "retry_count": parse_unsigned(self.fields["retry_count"], 16),
            "http_status": self.http_status,
            "masked_count": self.masked,
        }

    def _texts(self) -> dict[str, Any]:
        return {
            "input": self.input,
            "output": self.output,
            "long_attributes": {
                key: text
                for key, text in self.attributes.items()
                if is_kept(text) and text not in (self.input, self.output)
            },
            "attributes": self.attributes,
            "resource_attributes": dict(self.resource),
            "events": [
                (
                    event.time_unix_nano,
                    mask_text(event.name, self.context.masking),
                    plain_texts(event.attributes, self.context.masking),
                )
                for event in self.span.events
            ],
            "links": [
                (fixed_bytes(link.trace_id, 16), fixed_bytes(link.span_id, 8)) for link in self.span.links
            ],
        }
