"""How the oracle reads raw texts: numbers, times, flags, JSON; absent or absurd is None, as in the engine."""

from __future__ import annotations

import json
import math
import struct
from collections.abc import Collection, Iterable
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any, Final

from opentelemetry.proto.common.v1.common_pb2 import KeyValue

from pitwall.ingest.mapping.documents import FALSE_TEXTS, TRUE_TEXTS
from pitwall.ingest.mapping.escapes import unescape
from pitwall.ingest.mapping.masking import mask_stored, mask_text
from pitwall.ingest.mapping.tables import COST_TOTAL_KEYS, MAX_COST_USD
from pitwall.ingest.mapping.tokens import NESTED_USAGE, USAGE_JSON_KEYS, parse_count
from pitwall.ingest.mapping.values import value_text

_CANONICAL_USAGE: Final = {key: name for name, keys in USAGE_JSON_KEYS.items() for key in keys}


def stored_texts(attributes: Iterable[KeyValue], masking: Collection[str]) -> tuple[dict[str, str], int]:
    """Span attributes as they are stored, first of equal keys first, and how many had something to mask."""
    texts: dict[str, str] = {}
    hits = 0
    for item in attributes:
        text = value_text(item.value, item.key)
        hits += mask_stored(text, masking) != text
        texts.setdefault(mask_text(item.key, masking), mask_stored(unescape(text), masking))
    return texts, hits


def plain_texts(attributes: Iterable[KeyValue], masking: Collection[str]) -> dict[str, str]:
    """The same for resources and events: lists stay encoded, and escapes stay as they are."""
    texts: dict[str, str] = {}
    for item in attributes:
        text = value_text(item.value, item.key, lists=False)
        texts.setdefault(mask_text(item.key, masking), mask_stored(text, masking))
    return texts


def fixed_bytes(raw: bytes, length: int) -> bytes:
    """Cut or padded with zeros to `length` bytes."""
    return raw[:length].ljust(length, b"\0")


def utc_day(unix_nano: int) -> date:
    """The day of an instant."""
    return datetime.fromtimestamp(unix_nano // 10**9, UTC).date()


def parse_unsigned(text: str, bits: int) -> int | None:
    """A whole number of at most `bits` bits; None when the text is no such thing."""
    digits = text.removeprefix("+")
    if not (digits.isascii() and digits.isdigit()) or int(digits) >= 1 << bits:
        return None
    return int(digits)


def parse_number(text: str) -> float | None:
    """A double as the engine reads it; None when the text is no number."""
    try:
        return float(text) if text.strip() == text and "_" not in text else None
    except ValueError:
        return None


def to_float32(number: float) -> float:
    """The number with the precision it is stored in."""
    try:
        rounded: float = struct.unpack("<f", struct.pack("<f", number))[0]
    except OverflowError:
        return math.copysign(math.inf, number)
    return rounded


def parse_boolean(text: str) -> bool | None:
    """True, False, or None when the text says neither."""
    if text in TRUE_TEXTS:
        return True
    return False if text in FALSE_TEXTS else None


def parse_instant(text: str) -> int | None:
    """Unix nanoseconds of an ISO 8601 text; None when it is none."""
    if text.strip('"')[4:5] != "-":
        return None
    try:
        at = datetime.fromisoformat(text.strip('"'))
    except ValueError:
        return None
    at = at if at.tzinfo else at.replace(tzinfo=UTC)
    return int(at.timestamp()) * 10**9 + at.microsecond * 1000


def parse_json(text: str) -> Any:
    """The value of a JSON text; None when it is none."""
    try:
        return json.loads(text)
    except ValueError:
        return None


def parse_member(text: str, name: str) -> str:
    """A text member of a JSON object; '' when there is none."""
    parsed = parse_json(text)
    member = parsed.get(name) if isinstance(parsed, dict) else None
    return member if isinstance(member, str) else ""


def parse_raw_member(text: str, name: str) -> str:
    """A member of a JSON object as JSON; '' when there is none."""
    parsed = parse_json(text)
    is_there = isinstance(parsed, dict) and name in parsed
    return json.dumps(parsed[name]) if is_there else ""


def parse_linked_prompt(text: str, part: str) -> str:
    """A member of the first of a JSON list of prompts; '' when there is none."""
    items = parse_json(text)
    first = items[0] if isinstance(items, list) and items else None
    return id_text(first.get(part)) if isinstance(first, dict) else ""


def first_item(text: str) -> str:
    """The first element of a JSON list, or the text itself."""
    if not text.startswith("["):
        return text
    items = parse_json(text)
    first = items[0] if isinstance(items, list) and items else None
    return first if isinstance(first, str) else "" if first is None else json.dumps(first)


def json_length(text: str) -> int:
    """Number of elements of a JSON list or members of an object, else 0."""
    parsed = parse_json(text)
    return len(parsed) if isinstance(parsed, list | dict) else 0


def parse_documents(text: str) -> tuple[int | None, list[str], list[float | None]]:
    """Count, ids and scores of a JSON list of documents."""
    items = parse_json(text)
    if not isinstance(items, list):
        return 0, [], []
    ids = [id_text(item.get("id")) if isinstance(item, dict) else "" for item in items]
    return len(items), ids, [_score(item) for item in items]


def _score(document: Any) -> float | None:
    if not isinstance(document, dict):
        return None
    metadata = document.get("metadata")
    inner = metadata.get("score") if isinstance(metadata, dict) else None
    return document["score"] if document.get("score") is not None else inner


def id_text(value: Any) -> str:
    """An id as text; '' when there is none."""
    return value if isinstance(value, str) else "" if value is None else json.dumps(value)


def parse_usage(text: str) -> dict[str, int]:
    """Token counts of a usage object by our names; the first of several keys that mean the same wins."""
    parsed = parse_json(text)
    if not isinstance(parsed, dict):
        return {}
    found: dict[str, int] = {}
    seen: set[str] = set()
    for key, value in parsed.items():
        name = _CANONICAL_USAGE.get(key)
        if name is None or name in seen:
            continue
        seen.add(name)
        count = (
            parse_count(str(value)) if isinstance(value, int | str) and not isinstance(value, bool) else None
        )
        if count is not None:
            found[name] = count
    for name, (outer, inner) in NESTED_USAGE.items():
        nested = parsed.get(outer)
        count = parse_count(str(nested.get(inner))) if isinstance(nested, dict) else None
        if name not in seen and count is not None:
            found[name] = count
    return found


def parse_cost(text: str) -> Decimal | None:
    """A cost in USD from a number or an object of parts; None when it is none that a call can have."""
    number: float | None
    if text.startswith("{"):
        parsed = parse_json(text)
        parts = parsed if isinstance(parsed, dict) else {}
        numbers = {key: float(value) for key, value in parts.items() if isinstance(value, int | float)}
        totals = (numbers[key] for key in COST_TOTAL_KEYS if key in numbers)
        number = next(totals, sum(numbers.values()))
    else:
        number = parse_number(text)
    if number is None or not 0 <= number <= MAX_COST_USD:
        return None
    # The engine cuts, it does not round.
    return Decimal(math.trunc(Decimal(number).scaleb(12))).scaleb(-12)
