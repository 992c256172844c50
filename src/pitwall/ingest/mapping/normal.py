"""Second view of the traces: from `span_rows_in` to the normal form, the columns of `spans_in`."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from pitwall.core.vocabulary import ErrorClass
from pitwall.ingest.mapping.documents import bool_sql, document_columns, document_facts
from pitwall.ingest.mapping.errors import error_class_sql
from pitwall.ingest.mapping.kinds import USAGE_KINDS_SQL, kind_sql, said_kind_sql
from pitwall.ingest.mapping.messages import event_messages_sql, messages_sql, with_instructions_sql
from pitwall.ingest.mapping.providers import provider_sql
from pitwall.ingest.mapping.slots import field, has_field, name_field
from pitwall.ingest.mapping.sql import first_non_empty, lookup, quote, select, strings
from pitwall.ingest.mapping.tables import (
    ANSWER_USAGE,
    COST_TOTAL_KEYS,
    ERROR_FINISH,
    FIRST_TOKEN_EVENTS,
    INPUT_EVENT_KEYS,
    MAX_COST_USD,
    MAX_TTFT_MS,
    OUTPUT_EVENT_KEYS,
)
from pitwall.ingest.mapping.tokens import (
    INCLUSIVE_USAGE_KEYS,
    NESTED_USAGE,
    USAGE_JSON_KEYS,
    additive_sql,
    count_sql,
)
from pitwall.ingest.mapping.values import kept_sql
from pitwall.ingest.pricing.lookup import cost_pico_sql, model_id_sql, price_member, price_sql

_COUNTS: Final = tuple(USAGE_JSON_KEYS)


def spans_in_select(source: str, *, mapping_version: int) -> str:
    """SELECT with the columns of `spans_in`, in their order, from a relation that `facts_select` made."""
    return select(
        _columns(mapping_version),
        _extended(source, {**_classes(), **_verdicts(), **_prices(), **document_facts()}),
    )


def facts_select(source: str) -> str:
    """SELECT that adds to `span_rows_in` what several columns of the normal form need."""
    return select({"*": "*", **_kind_and_counts()}, _extended(source, _facts()))


def _extended(source: str, *steps: Mapping[str, str]) -> str:
    for step in steps:
        source = "(" + select({"*": "*", **step}, source) + ")"
    return source


def _facts() -> dict[str, str]:
    """What several columns need."""
    said_input = first_non_empty(
        field("input_messages"),
        messages_sql("input_list"),
        field("input"),
        *map(event_attribute, INPUT_EVENT_KEYS),
        "event_messages[1]",
    )
    return {
        "event_messages": event_messages_sql(),
        "input_text": with_instructions_sql(field("instructions"), said_input),
        "output_text": first_non_empty(
            field("output_messages"),
            messages_sql("output_list"),
            field("output"),
            field("answer_json"),
            *map(event_attribute, OUTPUT_EVENT_KEYS),
            "event_messages[2]",
        ),
        "provider": provider_sql(field("provider")),
        "named_model": name_field("request_model"),
        "response_model": name_field("response_model"),
        "usage_json": first_non_empty(
            field("usage_json"), f"JSONExtractRaw({field('answer_json')}, {quote(ANSWER_USAGE)})"
        ),
        "usage": _usage_sql(),
        "http_status": f"ifNull(toUInt16OrNull({field('http_status')}), 0)",
        "level": field("level"),
        "said_error_type": field("error_type"),
        "own_name": first_non_empty(field("entity_name"), "name"),
        "said_kind": said_kind_sql(),
    }


def _asked_model_sql() -> str:
    """The model in what a call was asked with: instrumentations name it there when the call fails."""
    asked = f"if(kind IN {USAGE_KINDS_SQL}, {field('input')}, '')"
    return first_non_empty(
        f"JSONExtractString({field('invocation_json')}, 'model')", f"JSONExtractString({asked}, 'model')"
    )


def event_attribute(key: str) -> str:
    """An attribute of the first span event that has it, '' when none has."""
    return f"event_vals[indexOf(event_keys, {quote(key)})]"


def _kind_and_counts() -> dict[str, str]:
    failed = f"notEmpty(said_error_type) OR {field('finish_reason')} = {quote(ERROR_FINISH)}"
    return {
        "kind": kind_sql("said_kind", "named_model", has_field),
        "request_model": first_non_empty("named_model", _asked_model_sql()),
        "counts": _counts_sql(),
        "error_type": first_non_empty("said_error_type", event_attribute("exception.type")),
        "is_error": f"status_code = 2 OR level = 'ERROR' OR (({failed}) AND status_code != 1)",
        "message": first_non_empty(
            "status_message", field("level_message"), event_attribute("exception.message")
        ),
        "model": first_non_empty("request_model", "response_model"),
    }


def _counts_sql() -> str:
    """Array(Nullable(UInt32)) of `_COUNTS`, the attribute, else the usage object; absurd counts are NULL."""
    given = f"ifNull({count_sql('t')}, accurateCastOrNull(usage[n], 'UInt32'))"
    return f"arrayMap((t, n) -> {given}, [{', '.join(map(field, _COUNTS))}], {strings(_COUNTS)})"


def _usage_sql() -> str:
    """Map(String, Nullable(Int32)) of the usage object by our names; a lookup finds the first of equals."""
    canonical = {key: name for name, keys in USAGE_JSON_KEYS.items() for key in keys}
    usage = "JSONExtract(usage_json, 'Map(String, Nullable(Int32))')"
    names = [f"arrayMap(k -> {lookup('k', canonical, 'k')}, mapKeys({usage}))", strings(NESTED_USAGE)]
    nested = [
        f"JSONExtract(usage_json, {', '.join(map(quote, path))}, 'Nullable(Int32)')"
        for path in NESTED_USAGE.values()
    ]
    values = f"arrayConcat(mapValues({usage}), [{', '.join(nested)}])"
    return f"if(empty(usage_json), map(), mapFromArrays(arrayConcat({', '.join(names)}), {values}))"


def _count(name: str) -> str:
    return f"counts[{_COUNTS.index(name) + 1}]"


def _classes() -> dict[str, str]:
    known = ("cache_read_tokens", "cache_write_1h_tokens", "reasoning_tokens")
    return {
        "has_usage": f"isNotNull({_count('input_tokens')}) OR isNotNull({_count('output_tokens')})",
        "given_input": f"ifNull({_count('input_tokens')}, 0)",
        "given_output": f"ifNull({_count('output_tokens')}, 0)",
        "input_at": "indexOf(vals, input_text)",
        "output_at": "indexOf(vals, output_text)",
        **{name: f"ifNull({_count(name)}, 0)" for name in known},
        "total_tokens": f"ifNull({_count('total_tokens')}, 0)",
        "cache_write_tokens": f"greatest(ifNull({_count('cache_write_tokens')}, 0), cache_write_1h_tokens)",
        "duration_ms": _duration_sql(),
    }


def _duration_sql() -> str:
    """Nullable(Float64): NULL on a record that says it does not know."""
    unknown = f"end_unix_nano <= start_unix_nano AND {field('duration_known')} = 'false'"
    return f"if({unknown}, NULL, greatest(end_unix_nano - start_unix_nano, 0) / 1e6)"


def _verdicts() -> dict[str, str]:
    cached = "(cache_read_tokens + cache_write_tokens)"
    openai = " OR ".join(
        f"position(usage_json, {quote(chr(34) + key + chr(34))}) > 0" for key in INCLUSIVE_USAGE_KEYS
    )
    by_table = f"({additive_sql('dialect', 'provider', 'scope_name')}) AND NOT ({openai})"
    total = f"total_tokens = given_input + {cached} + given_output"
    additive = f"{cached} > given_input OR ({cached} > 0 AND ({total} OR ({by_table})))"
    return {
        "uncached_input_tokens": f"toUInt32(if({additive}, given_input, given_input - {cached}))",
        "output_tokens": "if(reasoning_tokens > given_output OR total_tokens = given_input + given_output + "
        "reasoning_tokens, given_output + reasoning_tokens, given_output)",
        "is_usage_rollup": f"has_usage AND (wraps_usage OR kind NOT IN {USAGE_KINDS_SQL})",
        "places": _places_sql(),
    }


def _places_sql() -> str:
    """Array(UInt8), where each value stands: 0 in `attributes`, 1 and 2 as input and output, 3 by itself."""
    # Positions, not texts: what a lambda captures is copied for every value.
    kept = f"multiIf(NOT ({kept_sql('v')}), 0, n = input_at, 1, n = output_at, 2, 3)"
    return f"arrayMap((v, n) -> {kept}, vals, arrayEnumerate(vals))"


def _prices() -> dict[str, str]:
    said = field("reported_cost")
    parts = f"JSONExtract({said}, 'Map(String, Float64)')"
    totals = ", ".join(f"mapContains({parts}, '{key}'), {parts}['{key}']" for key in COST_TOTAL_KEYS)
    total = f"multiIf({totals}, arraySum(mapValues({parts})))"
    amount = f"if(startsWith({said}, '{{'), {total}, toFloat64OrNull({said}))"
    # Some SDKs report a cost of 0 for calls that failed before anything was counted.
    is_meant = "(c > 0 OR has_usage OR NOT is_error)"
    credible = f"arrayFirst(c -> c BETWEEN 0 AND {MAX_COST_USD} AND {is_meant}, [{amount}])"
    return {
        **price_columns("toDate(fromUnixTimestamp64Nano(start_unix_nano, 'UTC'))"),
        "reported": f"accurateCastOrNull({credible}, 'Decimal(18, 12)')",
    }


def price_columns(day: str) -> dict[str, str]:
    """Whether a span has a cost of its own, and its price; over `duration_ms`, `has_usage` and the columns
    of a span.
    """
    # The model that answered names the price; a deployment or alias that was asked for often does not.
    answered = first_non_empty("response_model", "request_model")
    per_second = price_member("price", "per_second")
    is_paid = f"if({per_second} > 0, isNotNull(duration_ms), has_usage)"
    return {
        "is_billable": f"kind IN {USAGE_KINDS_SQL} AND NOT is_usage_rollup",
        "price": price_sql(f"if(is_billable, {model_id_sql('provider', answered)}, 0)", day),
        "is_priced": f"notEmpty({price_member('price', 'rates')}) AND {is_paid}",
    }


def first_item_sql(text: str) -> str:
    """The first element of a JSON list, or the text itself."""
    return f"if(startsWith({text}, '['), JSONExtractString({text}, 1), {text})"


def _else_of_span(column: str, name: str) -> str:
    # The column is the resource's; Langfuse says it on spans. Of one type, so that it is not made anew.
    return f"if(notEmpty({column}), {column}, toLowCardinality({field(name)}))"


def _columns(mapping_version: int) -> dict[str, str]:
    return {
        **_identity_columns(),
        **_outcome_columns(),
        **_usage_columns(),
        **_correlation_columns(),
        **document_columns(),
        **_work_columns(),
        **_text_columns(),
        "scope_name": "scope_name",
        "scope_version": "scope_version",
        "events": "events",
        "links": "links",
        "masked_count": "masked",
        "dialect": "dialect",
        "mapping_version": str(mapping_version),
        "log_position": "log_position",
    }


def _identity_columns() -> dict[str, str]:
    component = (
        f"multiIf(kind = 'tool', tool_name, kind = 'cache', {field('cache_name')}, kind = 'agent', agent, "
        f"kind = 'retriever', {field('data_source')}, '')"
    )
    return {
        "project": "project",
        "environment": _else_of_span("environment", "environment"),
        "service": "service",
        "version": _else_of_span("version", "release"),
        "trace_id": "trace_id",
        "span_id": "span_id",
        "parent_span_id": "parent_span_id",
        "name": "name",
        "kind": "kind",
        "operation": field("operation"),
        "component": first_non_empty(component, field("stage")),
        "started_at": "fromUnixTimestamp64Nano(start_unix_nano, 'UTC')",
        "duration_ms": "duration_ms",
        "received_at": "fromUnixTimestamp64Milli(intDiv(toInt64(received_unix_nano), 1000000), 'UTC')",
    }


def _outcome_columns() -> dict[str, str]:
    said = field("error_class")
    known = f"if(has({strings(ErrorClass)}, {said}), {said}, '')"
    judged = error_class_sql(
        ("said_error_type", event_attribute("exception.type")),
        ("message", event_attribute("exception.message")),
        "http_status",
    )
    return {
        "status": "multiIf(is_error, 'error', status_code = 1, 'ok', 'unset')",
        "error_class": f"if(is_error, {first_non_empty(known, judged)}, '')",
        "error_type": "error_type",
        "status_message": "message",
    }


def _usage_columns() -> dict[str, str]:
    estimated = f"{field('token_source')} = 'estimated'"
    return {
        "provider": "provider",
        "request_model": "request_model",
        "response_model": "response_model",
        "model": "model",
        "input_tokens": "uncached_input_tokens + cache_read_tokens + cache_write_tokens",
        "uncached_input_tokens": "uncached_input_tokens",
        "cache_read_tokens": "cache_read_tokens",
        "cache_write_tokens": "cache_write_tokens",
        "cache_write_1h_tokens": "cache_write_1h_tokens",
        "output_tokens": "output_tokens",
        "reasoning_tokens": "reasoning_tokens",
        "token_source": f"multiIf(has_usage, if({estimated}, 'estimated', 'provider'), "
        "kind IN ('llm', 'embedding') AND NOT is_error, 'missing', 'none')",
        "is_usage_rollup": "is_usage_rollup",
        **cost_columns("reported"),
        "ttft_ms": _ttft_sql(),
        "finish_reason": first_item_sql(field("finish_reason")),
    }


def cost_columns(reported: str) -> dict[str, str]:
    """The cost columns of `spans`, from `price_columns` and the reported cost."""
    computed = f"reinterpret({cost_pico_sql('price')}, 'Decimal(18, 12)')"
    return {
        "cost_usd": f"multiIf(is_priced, {computed}, is_billable, {reported}, NULL)",
        "cost_source": f"multiIf(is_priced, 'computed', is_billable AND isNotNull({reported}), 'reported', "
        "is_billable AND has_usage, 'unpriced', 'none')",
        "reported_cost_usd": reported,
        "price_version": f"if(is_priced, {price_member('price', 'source')}, '')",
    }


def _ttft_sql() -> str:
    said = name_field("first_token_at")
    # Best effort would read any number as a time.
    said_at = f"if(substring({said}, 5, 1) = '-', parseDateTime64BestEffortOrNull({said}, 9, 'UTC'), NULL)"
    event = f"arrayFirst(e -> has({strings(FIRST_TOKEN_EVENTS)}, tupleElement(e, 'name')), events)"
    event_at = f"if(empty(events), NULL, toUnixTimestamp64Nano(tupleElement({event}, 'at')))"
    known = (
        f"coalesce(toFloat64OrNull({field('ttft_seconds')}) * 1000, toFloat64OrNull({field('ttft_ms')}), "
        f"(toUnixTimestamp64Nano({said_at}) - start_unix_nano) / 1e6, ({event_at} - start_unix_nano) / 1e6)"
    )
    return f"arrayFirst(t -> t BETWEEN 0 AND {MAX_TTFT_MS}, [{known}])"


def _correlation_columns() -> dict[str, str]:
    def named(column: str) -> str:
        return first_non_empty(name_field(column), f"if(kind = {quote(column)}, own_name, '')")

    def linked(member: str) -> str:
        return f"JSONExtract({field('linked_prompts')}, 1, {quote(member)}, 'String')"

    return {
        "session_id": name_field("session_id"),
        "user_id": name_field("user_id"),
        "company": field("company"),
        "request_id": first_item_sql(name_field("request_id")),
        "response_id": field("response_id"),
        "agent": named("agent"),
        "workflow": named("workflow"),
        "tool_name": first_non_empty(field("tool_name"), "if(kind = 'tool', own_name, '')"),
        "tool_call_id": field("tool_call_id"),
        "prompt_name": first_non_empty(field("prompt_name"), linked("name")),
        "prompt_version": first_non_empty(field("prompt_version"), linked("version")),
        "experiment": field("experiment"),
        "variant": field("variant"),
        "run_id": field("run_id"),
    }


def _work_columns() -> dict[str, str]:
    return {
        "cache_hit": bool_sql(field("cache_hit")),
        "parse_ok": bool_sql(field("parse_ok")),
        "is_fallback": bool_sql(field("fallback")),
        "retry_count": f"toUInt16OrNull({field('retry_count')})",
        "http_status": "http_status",
    }


def _text_columns() -> dict[str, str]:
    def alone(column: str) -> str:
        return f"arrayFilter((x, p) -> p = 3, {column}, places)"

    references = "['\\x01i', '\\x01o', '\\x01'][p]"
    return {
        "input": "input_text",
        "output": "output_text",
        "long_attributes": f"mapFromArrays({alone('keys')}, {alone('vals')})",
        "attributes": f"mapFromArrays(keys, arrayMap((v, p) -> if(p = 0, v, {references}), vals, places))",
        "resource_attributes": "resource",
    }
