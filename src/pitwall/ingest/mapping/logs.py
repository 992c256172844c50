"""The views that turn staged OTLP logs into rows of `logs_in`, and evaluation events among them into
`scores_in`.
"""

from __future__ import annotations

from typing import Final

from pitwall.ingest.mapping.flatten import (
    RESOURCE_COLUMNS,
    fixed_sql,
    masked_name_sql,
    masked_names_sql,
    masked_values_sql,
    resource_scopes_select,
)
from pitwall.ingest.mapping.masking import Rule, hit_sql
from pitwall.ingest.mapping.sql import element, first_non_empty, lookup, quote, select
from pitwall.ingest.mapping.tables import FIELD_NUMBERS, FIELDS
from pitwall.ingest.mapping.values import texts_sql, values_sql

EVALUATION_EVENT: Final = "gen_ai.evaluation.result"
# Upper bounds of OTLP severity numbers; 0 means not given.
SEVERITY_BOUNDS: Final = (
    (4, "trace"),
    (8, "debug"),
    (12, "info"),
    (16, "warning"),
    (20, "error"),
    (24, "critical"),
)
SEVERITY_TEXTS: Final = {
    "trace": "trace",
    "debug": "debug",
    "info": "info",
    "information": "info",
    "notice": "info",
    "warn": "warning",
    "warning": "warning",
    "error": "error",
    "err": "error",
    "critical": "critical",
    "fatal": "critical",
    "alert": "critical",
    "emergency": "critical",
}
_RECORD: Final = (
    "time_unix_nano", "observed_time_unix_nano", "severity_number", "severity_text", "trace_id", "span_id",
)  # fmt: skip


def logs_select(source: str, rules: tuple[Rule, ...]) -> str:
    """SELECT with the columns of `logs_in` from staged log requests of `source`."""
    return select(_log_columns(rules), f"({_records(source, rules)})")


def evaluations_select(source: str) -> str:
    """SELECT with the columns of `scores_in` from those rows of `source` (`logs_in`) that are evaluation
    results.
    """
    relation = f"(SELECT * FROM {source} WHERE event_name = {quote(EVALUATION_EVENT)})"
    return select(_score_columns(), relation)


def _records(source: str, rules: tuple[Rule, ...]) -> str:
    header = {name: name for name in ("project", "log_position", "received_unix_nano")}
    scopes = resource_scopes_select(f"SELECT * FROM {source}", "resource_logs", "scope_logs", header, rules)
    records = select(
        {
            **header,
            **RESOURCE_COLUMNS,
            "scope_name": masked_name_sql(element("group", "scope", "name"), rules),
            "scope_version": masked_name_sql(element("group", "scope", "version"), rules),
            "r": f"arrayJoin({element('group', 'log_records')})",
        },
        f"({scopes})",
    )
    # The body goes through the same expression as the attributes: it is the value of one more, nameless key.
    body = element("r", "body")
    attributes = element("r", "attributes")
    nameless = f"arrayMap(b -> '', {body})"
    texts = f"arrayConcat({texts_sql(attributes, lists=True)}, {values_sql(body, nameless)})"
    keys = masked_names_sql(element(attributes, "key"), rules)
    raw = {"*": "*", "keys": keys, "raw_vals": texts}
    masked = {"*": "*", "vals": masked_values_sql("raw_vals", rules, unescape=True)}
    return select(masked, f"({select(raw, f'({records})')})")


def _log_columns(rules: tuple[Rule, ...]) -> dict[str, str]:
    record = {name: element("r", name) for name in _RECORD}
    at = (
        f"if({record['time_unix_nano']} = 0, {record['observed_time_unix_nano']}, {record['time_unix_nano']})"
    )
    observed = f"if({record['observed_time_unix_nano']} = 0, {at}, {record['observed_time_unix_nano']})"
    number = record["severity_number"]
    bounds = ", ".join(f"{number} <= {bound}, {quote(name)}" for bound, name in SEVERITY_BOUNDS)
    by_text = lookup(f"lower({record['severity_text']})", SEVERITY_TEXTS, "''")
    request_keys = FIELDS[FIELD_NUMBERS["request_id"] - 1].keys
    return {
        "project": "project",
        "environment": "environment",
        "service": "service",
        "version": "version",
        "at": _moment(at),
        "observed_at": _moment(observed),
        "received_at": "fromUnixTimestamp64Milli(intDiv(toInt64(received_unix_nano), 1000000), 'UTC')",
        "severity": f"multiIf({number} <= 0, {by_text}, {bounds}, '')",
        "severity_number": f"toUInt8(greatest(0, least({number}, 255)))",
        "severity_text": masked_name_sql(record["severity_text"], rules),
        "event_name": first_non_empty(
            masked_name_sql(element("r", "event_name"), rules), _attribute("event.name")
        ),
        "body": "vals[length(keys) + 1]",
        "trace_id": fixed_sql(record["trace_id"], 16),
        "span_id": fixed_sql(record["span_id"], 8),
        "request_id": first_non_empty(*(_attribute(key) for key in request_keys)),
        "attributes": "mapFromArrays(keys, arraySlice(vals, 1, length(keys)))",
        "resource_attributes": "resource",
        "scope_name": "scope_name",
        "scope_version": "scope_version",
        "masked_count": f"arrayCount(v -> {hit_sql('v', rules)}, raw_vals)" if rules else "0",
        "log_position": "log_position",
    }


def _attribute(key: str) -> str:
    return f"vals[indexOf(keys, {quote(key)})]"


def _moment(nanoseconds: str) -> str:
    # A log without any time happened when it was received, as far as anybody knows.
    known = f"if({nanoseconds} = 0, received_unix_nano, {nanoseconds})"
    return f"fromUnixTimestamp64Nano(toInt64({known}), 'UTC')"


def _score_columns() -> dict[str, str]:
    def of(*keys: str) -> str:
        return first_non_empty(*(f"attributes[{quote(key)}]" for key in keys))

    name = of("gen_ai.evaluation.name")
    evaluator = of("pitwall.evaluator", "gen_ai.evaluation.evaluator.name")
    identity = f"lower(hex(sipHash128(project, trace_id, span_id, {name}, {evaluator}, at)))"
    return {
        "project": "project",
        "environment": "environment",
        "service": "service",
        "score_id": first_non_empty(of("pitwall.score.id"), identity),
        "name": name,
        "at": "at",
        "received_at": "received_at",
        "trace_id": "trace_id",
        "span_id": "span_id",
        "session_id": of("session.id", "gen_ai.conversation.id"),
        "run_id": of("pitwall.run.id"),
        "value": f"toFloat64OrNull({of('gen_ai.evaluation.score.value')})",
        "label": of("gen_ai.evaluation.score.label"),
        "explanation": of("gen_ai.evaluation.explanation"),
        "source": first_non_empty(of("pitwall.score.source"), "'otlp'"),
        "evaluator": evaluator,
        "error_type": of("error.type"),
        "attributes": "attributes",
        "log_position": "log_position",
    }
