"""Attribute values as text: how an OTLP `AnyValue` is stored, and how a reader gets it back.

Strings as they are; integers in decimal; booleans `true`/`false`; doubles in the shortest form that round-
trips; lists of scalars as JSON. Maps, nested lists and bytes keep their protobuf encoding, in base64 behind a
two-character marker, because the engine's schema cannot recurse: `\\x02k` a map, `\\x02a` and `\\x02m` a list
that holds more than scalars, `\\x02b` bytes. `decode_value` turns stored text into Python values again. A
value longer than `LONG_VALUE_BYTES` is kept in the span's row of `payloads`, under its own key; its place in
`attributes` holds `\\x01`, or `\\x01i` and `\\x01o` for the span's input and output, which are kept once.
"""

from __future__ import annotations

import base64
import binascii
import json
import math
from typing import Any, Final

from google.protobuf.message import DecodeError
from opentelemetry.proto.common.v1.common_pb2 import AnyValue, ArrayValue, KeyValueList

from pitwall.ingest.mapping.sql import element, quote

PAYLOAD_MARK: Final = "\x01"
INPUT_REFERENCE: Final = "\x01i"
OUTPUT_REFERENCE: Final = "\x01o"
MAP_MARK: Final = "\x02k"
LIST_MARK: Final = "\x02a"
MIXED_MARK: Final = "\x02m"
BYTES_MARK: Final = "\x02b"
LONG_VALUE_BYTES: Final = 256
# Vectors under this key are dropped when longer: a thousand numbers a span help nobody and cost more than all
# the rest.
VECTOR_KEY_SUFFIX: Final = ".embedding.vector"
KEPT_VECTOR_LENGTH: Final = 16
_DROPPED_VECTOR: Final = "[vector of {} numbers, not kept]"

# One element of toJSONString(list of leaves) that is a scalar: everything null but one member.
_SCALAR_ITEM: Final = (
    r'\{(?:"[a-z_]+":null,)*"(?:string|bool|int|double)_value":("(?:[^"\\]|\\.)*"|[-+.0-9a-z]+)'
    r'(?:,"[a-z_]+":null)*\}'
)


def texts_sql(attributes: str, *, lists: bool) -> str:
    """Array(String): the text of every value of `attributes`, an array of (key, value) tuples.

    Marked values come raw, `\\x02` + letter + bytes; `stored_sql` masks them and puts them into base64.
    `lists` says that the schema decodes lists (it does for span attributes); elsewhere they are bytes like
    maps. The analyzer takes about 50 us for every function in these expressions, at every insert: that is why
    they are terse.
    """
    return values_sql(element(attributes, "value"), element(attributes, "key") if lists else "")


def values_sql(values: str, keys: str = "") -> str:
    """The same for an array of values; `keys` (an array of the same length) says that lists are decoded."""
    names = ("string_value", "int_value", "double_value", "bool_value", "kvlist_value", "bytes_value")
    members = [element(values, name) for name in names]
    scalar = "s, toString(i), toString(d), toString(b), concat('\\x02k', k), concat('\\x02b', y)"
    if keys:
        members += [element(values, "array_value", "values"), keys]
        arguments, otherwise = "s, i, d, b, k, y, a, n", _list_sql()
    else:
        members.append(element(values, "array_value"))
        arguments, otherwise = "s, i, d, b, k, y, a", "concat('\\x02a', a), ''"
    return f"arrayMap(({arguments}) -> coalesce({scalar}, {otherwise}), {', '.join(members)})"


def _list_sql() -> str:
    strings_only = "NOT has(tupleElement(a, 'string_value'), NULL)"
    vector = f"length(a) > {KEPT_VECTOR_LENGTH} AND endsWith(n, '{VECTOR_KEY_SUFFIX}')"
    items = f"replaceRegexpAll(toJSONString(a), {quote(_SCALAR_ITEM)}, '\\\\1')"
    return (
        f"multiIf(empty(a), '', {strings_only}, toJSONString(tupleElement(a, 'string_value')), "
        f"{vector}, concat('[vector of ', toString(length(a)), ' numbers, not kept]'), "
        f"position({items}, '{{\"string_value\":') = 0, {items}, concat('\\x02m', {items}))"
    )


def kept_sql(value: str) -> str:
    """Whether a value is kept in `payloads`: a long one, or one that would be taken for a reference."""
    return f"length({value}) > {LONG_VALUE_BYTES} OR startsWith({value}, '\\x01')"


def is_kept(text: str) -> bool:
    """The same in Python."""
    return len(text.encode("utf-8", "surrogateescape")) > LONG_VALUE_BYTES or text.startswith(PAYLOAD_MARK)


def stored_sql(text: str, masked_raw: str) -> str:
    """A marked raw value as it is stored; `masked_raw` is the masked form of `substring(text, 3)`."""
    return f"concat(substring({text}, 1, 2), base64Encode({masked_raw}))"


def value_text(value: AnyValue, key: str = "", *, lists: bool = True) -> str:
    """The text the store keeps for `value`, before masking; `lists` as in `texts_sql`."""
    match value.WhichOneof("value"):
        case "string_value":
            return value.string_value
        case "int_value":
            return str(value.int_value)
        case "double_value":
            return double_text(value.double_value)
        case "bool_value":
            return "true" if value.bool_value else "false"
        case "array_value":
            return _list_text(value.array_value, key) if lists else _marked_list(value.array_value)
        case "kvlist_value":
            return MAP_MARK + _base64(value.kvlist_value.SerializeToString())
        case "bytes_value":
            return BYTES_MARK + _base64(value.bytes_value)
        case _:
            return ""


def double_text(number: float) -> str:
    """Shortest round-trip text of a double in the engine's style: `1`, `0.1`, `1e-7`, `1e21`, `-inf`."""
    if not math.isfinite(number):
        return "nan" if math.isnan(number) else ("inf" if number > 0 else "-inf")
    mantissa, _, exponent_text = repr(abs(number)).partition("e")
    digits = mantissa.replace(".", "").lstrip("0") or "0"
    point = (mantissa.find(".") if "." in mantissa else len(mantissa)) + int(exponent_text or 0)
    point -= len(mantissa.replace(".", "")) - len(mantissa.replace(".", "").lstrip("0"))
    digits = digits.rstrip("0") or "0"
    sign = "-" if math.copysign(1.0, number) < 0 else ""
    return sign + _place_point(digits, point)


def _place_point(digits: str, point: int) -> str:
    if digits == "0":
        return "0"
    if point > 21 or point < -5:
        fraction = f".{digits[1:]}" if len(digits) > 1 else ""
        return f"{digits[0]}{fraction}e{point - 1}"
    if point <= 0:
        return "0." + "0" * -point + digits
    if point >= len(digits):
        return digits + "0" * (point - len(digits))
    return f"{digits[:point]}.{digits[point:]}"


def json_text(text: str) -> str:
    """A JSON string literal exactly as the engine's toJSONString writes it."""
    return json.dumps(text, ensure_ascii=False).replace("/", "\\/")


def _list_text(array: ArrayValue, key: str) -> str:
    if not array.values:
        return ""
    if len(array.values) > KEPT_VECTOR_LENGTH and key.endswith(VECTOR_KEY_SUFFIX):
        return _DROPPED_VECTOR.format(len(array.values))
    items = [_scalar_item(item) for item in array.values]
    if None in items:
        return _marked_list(array)
    return "[" + ",".join(item for item in items if item is not None) + "]"


def _marked_list(array: ArrayValue) -> str:
    return LIST_MARK + _base64(array.SerializeToString())


def _scalar_item(value: AnyValue) -> str | None:
    match value.WhichOneof("value"):
        case "string_value":
            return json_text(value.string_value)
        case "double_value" if math.isfinite(value.double_value):
            return double_text(value.double_value)
        case "int_value" | "bool_value":
            return value_text(value)
        case _:
            return None


def _base64(raw: bytes) -> str:
    return base64.b64encode(raw).decode()


def decode_value(text: str) -> Any:
    """What a reader shows for stored text: a marked value decoded, everything else unchanged.

    Lists and maps become Python lists and dicts; bytes stay base64 text, as OTLP/JSON writes them. Text that
    only looks like a marked value comes back as it is.
    """
    if not text.startswith("\x02"):
        return text
    mark, encoded = text[:2], text[2:]
    try:
        raw = base64.b64decode(encoded, validate=True)
        if mark == MAP_MARK:
            return _plain_map(raw)
        if mark == LIST_MARK:
            return _plain_list(raw)
        if mark == MIXED_MARK:
            return [_plain_item(item) for item in json.loads(raw.decode("utf-8", "surrogateescape"))]
    except (binascii.Error, DecodeError, ValueError):
        return text
    return encoded if mark == BYTES_MARK else text


def _plain_map(raw: bytes) -> dict[str, Any]:
    return {item.key: plain_value(item.value) for item in KeyValueList.FromString(raw).values}


def _plain_list(raw: bytes) -> list[Any]:
    return [plain_value(item) for item in ArrayValue.FromString(raw).values]


def _plain_item(item: Any) -> Any:
    # Scalars stand in the list as they are; the rest as the engine prints a tuple, one member of which is not
    # null.
    if not isinstance(item, dict):
        return item
    name, value = next(((name, value) for name, value in item.items() if value is not None), ("", None))
    if value is None or name in ("string_value", "bool_value", "int_value", "double_value"):
        return value
    raw = value.encode("utf-8", "surrogateescape")
    if name == "kvlist_value":
        return _plain_map(raw)
    return _plain_list(raw) if name == "array_value" else _base64(raw)


def plain_value(value: AnyValue) -> Any:
    """An OTLP value as plain Python: str, bool, int, float, list, dict, None; bytes as base64 text."""
    match value.WhichOneof("value"):
        case None:
            return None
        case "array_value":
            return [plain_value(item) for item in value.array_value.values]
        case "kvlist_value":
            return {item.key: plain_value(item.value) for item in value.kvlist_value.values}
        case "bytes_value":
            return _base64(value.bytes_value)
        case name:
            return getattr(value, name)
