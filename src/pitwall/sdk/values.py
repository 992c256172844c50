"""Making values safe to keep: attribute values and captured inputs and outputs, never an exception."""

from __future__ import annotations

import math
import numbers
from collections.abc import Mapping, Sequence, Set
from typing import Any

import orjson

SCALARS: frozenset[type] = frozenset({str, bool, int, float, bytes})
MAX_CONTENT_CHARS = 64_000
_MAX_ITEMS = 1_000
_MAX_DEPTH = 8
_ORJSON_OPTIONS = orjson.OPT_NON_STR_KEYS | orjson.OPT_SERIALIZE_NUMPY | orjson.OPT_PASSTHROUGH_SUBCLASS


def describe(value: object) -> str:
    """The text of any object, also of one whose own text methods fail."""
    try:
        return str(value)
    except Exception as error:  # noqa: BLE001 - foreign __str__; its failure is told in the text itself
        return f"<{type(value).__name__}: str() raised {type(error).__name__}>"


def clean_value(value: Any) -> Any:
    """A frozen copy made of OTLP types only: scalars as they are, sequences as tuples, mappings as dicts.

    Anything else, and what lies deeper than eight levels, becomes its text. None stays None. Never raises.
    """
    try:
        return _clean(value, 0)
    except Exception:  # noqa: BLE001  # a foreign container that cannot be read; the text says so
        return describe(value)


def _clean(value: Any, depth: int) -> Any:
    if type(value) in SCALARS or value is None:
        return value
    if depth < _MAX_DEPTH:
        if isinstance(value, Mapping):
            items = list(value.items())[:_MAX_ITEMS]
            return {describe(key): _clean(item, depth + 1) for key, item in items}
        if isinstance(value, (Sequence, Set)) and not isinstance(value, (str, bytes, bytearray)):
            return tuple(_clean(item, depth + 1) for item in list(value)[:_MAX_ITEMS])
    for scalar in SCALARS:
        if isinstance(value, scalar):  # a subclass, such as an enum
            return scalar(value)
    if isinstance(value, numbers.Integral):  # NumPy's, say
        return int(value)
    return float(value) if isinstance(value, numbers.Real) else describe(value)


def _json_fallback(value: Any) -> Any:
    for method in ("model_dump", "dict", "_asdict"):
        dump = getattr(value, method, None)
        if callable(dump) and not isinstance(value, type):
            return dump()
    if isinstance(value, (Set, tuple)):
        return list(value)
    if isinstance(value, Mapping):
        return dict(value)
    if isinstance(value, (bytes, bytearray, memoryview)):
        return f"<{len(value)} bytes>"
    if isinstance(value, (str, int)):
        return str(value)
    return describe(value)


def to_json(value: Any) -> str:
    """JSON text of any value; what JSON cannot hold appears as its text. Never raises."""
    try:
        return orjson.dumps(value, default=_json_fallback, option=_ORJSON_OPTIONS).decode()
    except Exception:  # noqa: BLE001 - foreign objects; the text below is the answer
        return orjson.dumps(describe(value).encode("utf-8", "replace").decode()).decode()


def truncate(text: str, limit: int = MAX_CONTENT_CHARS) -> str:
    """At most `limit` characters; a cut text ends with a note of how much is missing."""
    if len(text) <= limit:
        return text
    return f"{text[:limit]}... [{len(text) - limit} more characters]"


def content_text(value: Any, limit: int = MAX_CONTENT_CHARS) -> str:
    """Captured content as text: strings as they are, everything else as JSON, cut at `limit` characters."""
    return truncate(value if isinstance(value, str) else to_json(value), limit)


def finite(value: float | None) -> float | None:
    """The number as float, or None when it is absent, NaN, infinite or no number at all."""
    try:
        number = float(value) if value is not None else math.nan
    except (TypeError, ValueError):
        return None
    return number if math.isfinite(number) else None
