"""First view of the traces: one row per span, its attribute values as masked text, its known facts by field.

`span_rows_in` (engine Null) stands between this view and the normal form. The cut keeps the second view's
expressions short, which halves the time the engine needs to plan an insert, and gives `remap` a place to
enter.

How a column finds its attribute without comparing strings: every known key has a 17-bit code (`tables.Slot`).
`known` maps the number of a field to its value; its entries are sorted by code, so that the best key of a
field comes first, and the first entry is what a lookup finds. `marks` says which key each entry came from.
"""

from __future__ import annotations

from typing import Final

from pitwall.ingest.mapping.escapes import is_escaped_sql, unescaped_sql
from pitwall.ingest.mapping.masking import Rule, hit_sql, mask_raw_sql, mask_sql
from pitwall.ingest.mapping.sql import element, first_non_empty, numbers, quote, select, strings
from pitwall.ingest.mapping.tables import (
    DEFAULT_DIALECT,
    DIALECTS,
    ENVIRONMENT_KEYS,
    FIELD_NUMBERS,
    FIELDS,
    NUMBERED_HEAD,
    PROJECT_KEYS,
    SERVICE_KEYS,
    SLOTS,
    UNNAMED_SERVICE,
    VERSION_KEYS,
)
from pitwall.ingest.mapping.values import stored_sql, texts_sql, values_sql

SPAN_ROWS: Final = """CREATE TABLE span_rows_in
(
    project            String,
    log_position       UInt64,
    received_unix_nano UInt64,
    resource           Map(LowCardinality(String), String),
    service            LowCardinality(String),
    environment        LowCardinality(String),
    version            LowCardinality(String),
    scope_name         String,
    scope_version      String,
    trace_id           FixedString(16),
    span_id            FixedString(8),
    parent_span_id     FixedString(8),
    name               String,
    span_kind          Int32,
    start_unix_nano    Int64,
    end_unix_nano      Int64,
    status_code        Int32,
    status_message     String,
    keys               Array(String),
    vals               Array(String),
    known              Map(UInt8, String),
    marks              Array(UInt16),
    dialect            String,
    masked             UInt16,
    wraps_usage        Bool,
    event_keys         Array(String),
    event_vals         Array(String),
    events             Array(Tuple(at DateTime64(9, 'UTC'), name String, attributes Map(String, String))),
    links              Array(Tuple(trace_id FixedString(16), span_id FixedString(8)))
)
ENGINE = Null"""

_HEADER: Final = {name: name for name in ("project", "log_position", "received_unix_nano")}
RESOURCE_COLUMNS: Final = {name: name for name in ("resource", "service", "environment", "version")}
_USAGE_FIELDS: Final = ("input_tokens", "output_tokens", "usage_json")
_ANCESTOR_LEVELS: Final = 3


def code_sql(key: str) -> str:
    """UInt32 code of an attribute key, 0 when it is unknown; numbered keys share the code of their list."""
    exact = {name: slot.code for name, slot in SLOTS.items() if not name.endswith(".N")}
    numbered = {name[:-2]: slot.code for name, slot in SLOTS.items() if name.endswith(".N")}
    heads = {name[:NUMBERED_HEAD]: code for name, code in numbered.items()}
    if len(heads) != len(numbered):
        raise ValueError(
            f"prefixes of numbered keys differ only after {NUMBERED_HEAD} characters: {sorted(numbered)}"
        )
    head = f"substring({key}, 1, {NUMBERED_HEAD})"
    by_head = f"transform({head}, {strings(heads)}, {numbers(heads.values())}, 0::UInt32)"
    return f"transform({key}, {strings(exact)}, {numbers(exact.values())}, {by_head})"


def spans_view(source: str, rules: tuple[Rule, ...]) -> str:
    """SELECT that turns staged trace requests of `source` into `span_rows_in`.

    Members of the wide tuples are taken out once, each step in a SELECT of its own: to resolve a function
    costs the analyzer more the wider the types it touches, and it does so at every insert.
    """
    carried = {**_HEADER, "wrappers": "wrappers"}
    scopes = resource_scopes_select(_requests(source), "resource_spans", "scope_spans", carried, rules)
    carried |= RESOURCE_COLUMNS
    spans = select(
        {
            **carried,
            "scope": element("group", "scope"),
            "span": f"arrayJoin({element('group', 'spans')})",
        },
        f"({scopes})",
    )
    members = ("trace_id", "span_id", "parent_span_id", "attributes", "events", "links", "status")
    carried |= {"scope": "scope", "name": element("span", "name"), "span_kind": element("span", "kind")}
    carried |= {
        "start_unix_nano": f"toInt64({element('span', 'start_time_unix_nano')})",
        "end_unix_nano": f"toInt64({element('span', 'end_time_unix_nano')})",
    }
    taken = select({**carried, **{f"span_{name}": element("span", name) for name in members}}, f"({spans})")
    return _rows(_with_texts(taken, rules), rules)


def _requests(source: str) -> str:
    """Requests with `wrappers`: spans with usage that have a descendant with usage in the same request.

    Most requests have no span with usage that is anybody's parent; for them the answer costs one set
    intersection.
    """
    usage_keys = strings(key for name in _USAGE_FIELDS for key in FIELDS[FIELD_NUMBERS[name] - 1].keys)
    flat = select(
        {
            **_HEADER,
            "resource_spans": "resource_spans",
            "flat": f"arrayFlatten({element('resource_spans', 'scope_spans', 'spans')})",
        },
        source,
    )
    carried = {**_HEADER, "resource_spans": "resource_spans"}
    taken = {
        "traces": element("flat", "trace_id"),
        "span_ids": element("flat", "span_id"),
        "parent_ids": element("flat", "parent_span_id"),
        "key_lists": element("flat", "attributes", "key"),
    }
    identified = {
        "ids": f"arrayMap((s, t) -> {_identity_sql('s', 't')}, span_ids, traces)",
        "parents": f"arrayMap((s, t) -> {_identity_sql('s', 't')}, parent_ids, traces)",
        "spends": f"arrayMap(ks -> hasAny(ks, {usage_keys}), key_lists)",
    }
    candidates = "arrayIntersect(arrayFilter((i, s) -> s, ids, spends), parents)"
    ancestors = ["arrayDistinct(arrayFilter((p, s) -> s, parents, spends))"]
    for _ in range(_ANCESTOR_LEVELS - 1):
        ancestors.append(f"arrayMap(p -> parents[indexOf(ids, p)], {ancestors[-1]})")
    wrappers = (
        f"if(empty({candidates}), [], arrayIntersect({candidates}, arrayConcat({', '.join(ancestors)})))"
    )
    opened = select({**carried, **taken}, f"({flat})")
    return select({**carried, "wrappers": wrappers}, f"({select({**carried, **identified}, f'({opened})')})")


def _identity_sql(span_id: str, trace_id: str) -> str:
    # One integer for (trace, span): enough to find a parent within a request.
    return f"bitXor(reinterpretAsUInt64({span_id}), reinterpretAsUInt64({trace_id}))"


def resource_scopes_select(
    requests: str, outer: str, inner: str, carried: dict[str, str], rules: tuple[Rule, ...]
) -> str:
    """SELECT of staged requests by scope: `carried`, the columns `RESOURCE_COLUMNS` and the tuple `group`.

    What belongs to the resource is made once a request here, in the type it is stored in, not once a span.
    """
    resources = select({**carried, "rs": f"arrayJoin({outer})"}, f"({requests})")
    attributes = {"pairs": element("rs", "resource", "attributes"), "groups": element("rs", inner)}
    opened = select({**carried, **attributes}, f"({resources})")
    texts = attribute_map_sql("pairs", rules)
    mapped = select({**carried, "groups": "groups", "texts": texts}, f"({opened})")
    columns = {
        "resource": "CAST(texts, 'Map(LowCardinality(String), String)')",
        "service": _service_sql(),
        "environment": _resource_text(ENVIRONMENT_KEYS),
        "version": _resource_text(VERSION_KEYS),
    }
    return select({**carried, **columns, "group": "arrayJoin(groups)"}, f"({mapped})")


def _service_sql() -> str:
    said, project = _resource_text(SERVICE_KEYS), _resource_text(PROJECT_KEYS)
    is_unnamed = f"empty({said}) OR startsWith({said}, {quote(UNNAMED_SERVICE)})"
    return f"if(({is_unnamed}) AND notEmpty({project}), {project}, {said})"


def _resource_text(keys: tuple[str, ...]) -> str:
    return f"toLowCardinality({first_non_empty(*(f'texts[{quote(key)}]' for key in keys))})"


def attribute_map_sql(attributes: str, rules: tuple[Rule, ...]) -> str:
    """Map(String, String) of an array of (key, value) tuples, masked."""
    values = texts_sql(attributes, lists=False)
    keys = masked_names_sql(element(attributes, "key"), rules)
    return f"mapFromArrays({keys}, {masked_values_sql(values, rules)})"


def masked_values_sql(values: str, rules: tuple[Rule, ...], *, hits: str = "", unescape: bool = False) -> str:
    """Array(String) as it is stored: masked, marked values encoded; values without a hit pass untouched.

    `hits` is the column of `hits_sql` where it is needed beside this; else each value is scanned here.
    `unescape` resolves the escapes of JSON texts (see `escapes`), before masking. Each use of it costs every
    insert two milliseconds of planning.
    """
    arms = [f"startsWith(v, '\\x02'), {stored_sql('v', mask_raw_sql('substring(v, 3)', rules))}"]
    if unescape:
        arms.append(f"{is_escaped_sql('v')}, {mask_sql(unescaped_sql('v'), rules)}")
    if rules:
        arms.append(f"{'is_hit' if hits else hit_sql('v', rules)}, {mask_sql('v', rules)}")
    arguments, arrays = ("v, is_hit", f"{values}, {hits}") if hits else ("v", values)
    return f"arrayMap(({arguments}) -> multiIf({', '.join(arms)}, v), {arrays})"


def hits_sql(values: str, rules: tuple[Rule, ...]) -> str:
    """Array(UInt8): which values some rule matches."""
    return f"arrayMap(v -> toUInt8({hit_sql('v', rules)}), {values})"


def masked_text_sql(text: str, rules: tuple[Rule, ...]) -> str:
    """One String masked."""
    return f"if({hit_sql(text, rules)}, {mask_sql(text, rules)}, {text})" if rules else text


def masked_name_sql(name: str, rules: tuple[Rule, ...]) -> str:
    """One name or key masked; each different one is looked at once, however many rows have it."""
    return (
        f"if({hit_sql(f'toLowCardinality({name})', rules)}, {mask_sql(name, rules)}, {name})"
        if rules
        else name
    )


def masked_names_sql(names: str, rules: tuple[Rule, ...]) -> str:
    """The same for an array of names."""
    return f"arrayMap(n -> {masked_name_sql('n', rules)}, {names})" if rules else names


def _with_texts(spans: str, rules: tuple[Rule, ...]) -> str:
    opened = {
        "*": "*",
        "keys": masked_names_sql(element("span_attributes", "key"), rules),
        "values": element("span_attributes", "value"),
        "event_attributes": f"arrayFlatten({element('span_events', 'attributes')})",
    }
    return select({"*": "*", "raw_vals": values_sql("values", "keys")}, f"({select(opened, f'({spans})')})")


def _rows(source: str, rules: tuple[Rule, ...]) -> str:
    scanned = select({"*": "*", "hits": hits_sql("raw_vals", rules)}, f"({source})")
    vals = masked_values_sql("raw_vals", rules, hits="hits", unescape=True)
    masked = select({"*": "*", "vals": vals}, f"({scanned})")
    sorted_pairs = select({"*": "*", "pairs": pairs_sql("keys", "vals")}, f"({masked})")
    message = element("span_status", "message")
    columns = {
        **_HEADER,
        **RESOURCE_COLUMNS,
        "scope_name": masked_name_sql(element("scope", "name"), rules),
        "scope_version": masked_name_sql(element("scope", "version"), rules),
        "trace_id": fixed_sql("span_trace_id", 16),
        "span_id": fixed_sql("span_span_id", 8),
        "parent_span_id": fixed_sql("span_parent_span_id", 8),
        "name": masked_name_sql("name", rules),
        "span_kind": "span_kind",
        "start_unix_nano": "start_unix_nano",
        "end_unix_nano": "end_unix_nano",
        "status_code": element("span_status", "code"),
        "status_message": f"({masked_values_sql(f'[{message}]', rules)})[1]",
        "keys": "keys",
        "vals": "vals",
        **slots_sql("pairs"),
        "masked": "arraySum(hits)",
        "wraps_usage": f"has(wrappers, {_identity_sql('span_span_id', 'span_trace_id')})",
        "event_keys": masked_names_sql(element("event_attributes", "key"), rules),
        "event_vals": masked_values_sql(texts_sql("event_attributes", lists=False), rules),
        "events": _events_sql(rules),
        "links": f"arrayMap((t, s) -> ({fixed_sql('t', 16)}, {fixed_sql('s', 8)}), "
        f"{element('span_links', 'trace_id')}, {element('span_links', 'span_id')})",
    }
    return select(columns, f"({sorted_pairs})")


def fixed_sql(text: str, length: int) -> str:
    """FixedString(length); an id of another length must not stop the log, so it is cut or padded."""
    return f"toFixedString(substring({text}, 1, {length}), {length})"


def pairs_sql(keys: str, values: str) -> str:
    """Array of (code, position, value) of the known attributes that have a value, sorted."""
    codes = f"arrayMap(k -> {code_sql('k')}, {keys})"
    zipped = f"arrayZip({codes}, arrayEnumerate({keys}), {values})"
    return f"arraySort(arrayFilter(x -> tupleElement(x, 1) != 0 AND notEmpty(tupleElement(x, 3)), {zipped}))"


def slots_sql(pairs: str) -> dict[str, str]:
    """The columns that find attributes, from `pairs_sql`: `known`, `marks` and the dialect."""
    codes = f"tupleElement({pairs}, 1)"
    rank = f"arrayMin(arrayPushBack(arrayMap(c -> bitAnd(c, 31), {codes}), {len(DIALECTS)}))"
    names = [name for name, _ in DIALECTS] + [DEFAULT_DIALECT]
    fields = f"arrayMap(c -> toUInt8(bitShiftRight(c, 10)), {codes})"
    return {
        "known": f"mapFromArrays({fields}, tupleElement({pairs}, 3))",
        "marks": f"arrayMap(c -> bitShiftRight(c, 5), {codes})",
        "dialect": f"{strings(names)}[{rank} + 1]",
    }


def _events_sql(rules: tuple[Rule, ...]) -> str:
    # The attributes of all events stand in one pair of arrays; an event takes its slice.
    event = (
        "fromUnixTimestamp64Nano(toInt64(at), 'UTC'), name, "
        "mapFromArrays(arraySlice(event_keys, end - length(ks) + 1, length(ks)), "
        "arraySlice(event_vals, end - length(ks) + 1, length(ks)))"
    )
    keys = element("span_events", "attributes", "key")
    names = masked_names_sql(element("span_events", "name"), rules)
    parts = f"{element('span_events', 'time_unix_nano')}, {names}, {keys}"
    return f"arrayMap((at, name, ks, end) -> ({event}), {parts}, arrayCumSum(k -> length(k), {keys}))"
