"""The JSON objects of a line: trace events, Pitwall's own form, and lines that a column map explains.

A time (`ts`) is when the event began; Unix seconds or milliseconds, or ISO 8601, UTC if it names no zone.

`llm.call` is the root of its interaction's trace, and the only event that counts as a request or as a model
call. The others hang under a span that no event tells of. So does `ollama.usage` of the kinds chat and
generate: it says again what an `llm.call` says, becomes a span of kind `other`, component `usage`, and is
never a second call. Of the kind embed it is the embedding call itself. Another kind is another event, one
that is not known.

Fields that an event does not have by its definition are kept: under their normal name if they have one, else
as attributes.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from functools import lru_cache
from types import MappingProxyType
from typing import Any, Final

from pitwall.core.vocabulary import SpanKind
from pitwall.ingest.files.column_map import ColumnMap, Entry
from pitwall.ingest.files.errors import BadLine, LineReason
from pitwall.ingest.files.fields import (
    ALIASES,
    ATTRIBUTE_PREFIX,
    ATTRIBUTES,
    MODEL_CALL,
    NAMES,
    RESOURCE,
    TIMES,
)
from pitwall.ingest.files.spans import number_of, request_span_id
from pitwall.ingest.files.times import TimeRule

JsonObject = Mapping[str, Any]
Record = dict[str, Any]

OWN_EVENT: Final = "span"
_TIME = TimeRule()
_TOKENS: Final = MappingProxyType(
    {
        "input": "input_tokens",
        "output": "output_tokens",
        "total": "total_tokens",
        "cache_read": "cache_read_tokens",
        "cache_write": "cache_write_tokens",
        "reasoning": "reasoning_tokens",
    }
)
_HEAD: Final = frozenset({"ts", "event", "latency_ms"})
# The documents themselves, where an event lists its hits instead of counting them.
_DOCUMENTS: Final = f"{ATTRIBUTE_PREFIX}gen_ai.retrieval.documents"
_OLLAMA_MODEL_CALLS: Final = frozenset({"chat", "generate", "completion"})
_OLLAMA_EMBEDDINGS: Final = frozenset({"embed", "embedding", "embeddings"})


def read_object(line: JsonObject) -> Record:
    """Make a record of a line.

    Raises:
        BadLine: The event is not known, or a field is missing or of the wrong type.
    """
    event = line.get("event")
    if event is None:
        if "started_at" in line or "start" in line:
            return _read_own(line)
        raise BadLine(
            LineReason.MISSING_FIELD,
            "it has neither `event` nor `start`; lines of another form need a column map",
        )
    maker = _MAKERS.get(event) if type(event) is str else None
    if maker is None:
        raise BadLine(LineReason.UNKNOWN_EVENT, f"the event {event!r:.60} is not known")
    return maker(line)


def read_mapped(line: JsonObject, column_map: ColumnMap) -> Record:
    """Make a record of a line as a column map says; keys that it does not name are left out.

    Raises:
        BadLine: A mapped value does not fit its field.
    """
    record: Record = dict(column_map.constants)
    for entry in column_map.entries:
        value = _find(line, entry.column)
        if value is not None:
            record[entry.field] = read_value(entry, value)
    return record


def read_value(entry: Entry, value: Any) -> Any:
    """Return the value of a mapped column as its field wants it.

    Raises:
        BadLine: It does not fit.
    """
    if entry.time is not None:
        return None if value == "" else entry.time.read(entry.column, value)
    if entry.factor != 1.0 and value != "":
        return number_of(entry.column, value) * entry.factor
    return value


def _find(line: JsonObject, column: str) -> Any:
    if column in line:
        return line[column]
    value: Any = line
    for part in column.split("."):
        if not isinstance(value, Mapping):
            return None
        value = value.get(part)
    return value


def _llm_call(line: JsonObject) -> Record:
    record = _begin(line, SpanKind.LLM)
    record["success"] = line.get("success")
    record["error"] = line.get("error")
    return _with_rest(record, line, "success", "error")


def _rag_retrieve(line: JsonObject) -> Record:
    record = _begin(line, SpanKind.RETRIEVER)
    hits = line.get("hits")
    record["document_count"] = len(hits) if isinstance(hits, list) else hits
    if isinstance(hits, list):
        record[_DOCUMENTS] = json.dumps(hits, ensure_ascii=False)
    return _below_request(_with_rest(record, line, "hits"))


def _ollama_usage(line: JsonObject) -> Record:
    kind, count = _usage_kind(line), line.get("count")
    if kind in _OLLAMA_EMBEDDINGS:
        record = _begin(line, SpanKind.EMBEDDING)
        record["embedding_count"] = count
    else:
        record = _begin(line, SpanKind.OTHER)
        record["stage"] = "usage"
        record["attributes.kind"] = kind
        record["attributes.count"] = count
    record["provider"] = "ollama"
    return _below_request(_with_rest(record, line, "kind", "count"))


def _usage_kind(line: JsonObject) -> str:
    kind = line.get("kind")
    if kind is None:
        raise BadLine(LineReason.MISSING_FIELD, "it has no `kind`")
    if type(kind) is str and kind in _OLLAMA_MODEL_CALLS | _OLLAMA_EMBEDDINGS:
        return kind
    raise BadLine(
        LineReason.UNKNOWN_EVENT,
        f"the kind {kind!r:.60} of ollama.usage is not known; use chat, generate or embed",
    )


def _embed_cache(line: JsonObject) -> Record:
    record = _begin(line, SpanKind.CACHE)
    record["cache_name"] = "embedding"
    record["cache_key"] = line.get("key")
    record["cache_hit"] = line.get("hit")
    if record["cache_hit"] is None:
        raise BadLine(LineReason.MISSING_FIELD, "it has no `hit`")
    return _below_request(_with_rest(record, line, "key", "hit"))


def _begin(line: JsonObject, kind: SpanKind) -> Record:
    at = line.get("ts")
    if at is None:
        raise BadLine(LineReason.MISSING_FIELD, "it has no `ts`")
    return {
        "started_at": _TIME.read("ts", at),
        "kind": kind.value,
        "name": line["event"],
        "duration_ms": line.get("latency_ms"),
    }


def _with_rest(record: Record, line: JsonObject, *spoken_for: str) -> Record:
    """Add the fields that have a normal name of their own, and what is left as attributes."""
    for key, value in line.items():
        if value is not None and key not in _HEAD and key not in spoken_for:
            record.setdefault(_name_of(key), value)
    return record


@lru_cache(maxsize=1024)  # lines have the same few keys
def _name_of(key: str) -> str:
    name = ALIASES.get(key, key)
    return name if name in ATTRIBUTES or name in RESOURCE else ATTRIBUTE_PREFIX + key


def _below_request(record: Record) -> Record:
    """Hang the part of a request under it, so that it does not count as a request itself."""
    record["parent_span_id"] = request_span_id(str(record.get("request_id") or "none"))
    return record


def _read_own(line: JsonObject) -> Record:
    record: Record = {}
    for key, value in line.items():
        name = ALIASES.get(key, key)
        if name in TIMES:
            record[name] = None if value is None else _TIME.read(key, value)
        elif key == "tokens" and isinstance(value, Mapping):
            record |= _read_tokens(value)
        elif key == "attributes" and isinstance(value, Mapping):
            record |= {ATTRIBUTE_PREFIX + str(name): item for name, item in value.items()}
        elif name in NAMES:
            record[name] = value
        elif key != "event":
            record[ATTRIBUTE_PREFIX + key] = value
    if not record.get("kind"):
        record["kind"] = SpanKind.LLM.value if record.keys() & MODEL_CALL else SpanKind.OTHER.value
    return record


def _read_tokens(tokens: JsonObject) -> Record:
    unknown = tokens.keys() - _TOKENS.keys()
    if unknown:
        raise BadLine(
            LineReason.WRONG_TYPE, f"tokens has {min(unknown)!r:.60}; it takes {', '.join(_TOKENS)}"
        )
    return {_TOKENS[name]: count for name, count in tokens.items()}


_MAKERS: Final[Mapping[str, Callable[[JsonObject], Record]]] = MappingProxyType(
    {
        "llm.call": _llm_call,
        "rag.retrieve": _rag_retrieve,
        "ollama.usage": _ollama_usage,
        "embed.cache": _embed_cache,
        OWN_EVENT: _read_own,
    }
)
