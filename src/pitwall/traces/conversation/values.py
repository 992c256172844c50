"""Values of unknown JSON: read without ever failing, written as text without ever showing bytes."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping
from typing import Any, Final

JsonObject = Mapping[str, Any]

# Long enough that no word, id or token is taken for an encoded file.
_MIN_ENCODED: Final = 1024
_DATA_URL: Final = re.compile(
    r"data:(?P<type>[\w.+-]{1,80}/[\w.+-]{1,80})?(?:;[\w.+-]{1,80}=[\w.+-]{1,200})*;base64,"
    r"(?P<data>(?:[A-Za-z0-9+/_=-]|\\/)*)"
)
_ENCODED: Final = re.compile(rf'"(?P<data>(?:[A-Za-z0-9+/_=-]|\\/){{{_MIN_ENCODED},}})"')
_BEGINS_JSON: Final = ("{", "[")


def parsed(text: str) -> Any:
    """The object or list that a text is the JSON of; the text itself if it is none, or nested too deeply."""
    if not text.lstrip()[:1].startswith(_BEGINS_JSON):
        return text
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        return text


def parsed_member(value: Any) -> Any:
    """The same for any value; only texts change."""
    return parsed(value) if isinstance(value, str) else value


def written(value: Any) -> str:
    """A value as people read it: a text as it is, everything else as JSON, files in it only by their size.

    Raises:
        RecursionError: The value is nested too deeply.
    """
    if isinstance(value, str):
        return readable(value)
    return without_files(readable(json.dumps(value, ensure_ascii=False)))


def readable(text: str) -> str:
    """A text that can be sent: halves of surrogate pairs joined or replaced, data URLs by their size."""
    try:
        text.encode()
    except UnicodeEncodeError:
        text = text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    if ";base64," not in text:
        return text
    return _DATA_URL.sub(lambda match: _placeholder(match["type"], match["data"]), text)


def without_files(json_text: str) -> str:
    """JSON whose long strings of base64 are replaced by their size."""
    if len(json_text) < _MIN_ENCODED:
        return json_text
    return _ENCODED.sub(lambda match: f'"{_placeholder(None, match["data"])}"', json_text)


def data_url(text: str) -> tuple[str | None, int] | None:
    """Media type and size of what a data URL holds; None if the text is none."""
    match = _DATA_URL.match(text)
    return None if match is None else (match["type"], encoded_size(match["data"]))


def encoded_size(data: str) -> int:
    """Number of bytes that a text of base64 stands for."""
    data = data.replace("\\/", "/")
    padding = data.count("=", -4) if len(data) > 4 else data.count("=")
    blanks = sum(data.count(blank) for blank in " \r\n\t")
    return max(0, (len(data) - blanks - padding) * 3 // 4)


def first(value: JsonObject, names: Iterable[str]) -> Any:
    """The first of these members that is there and not null or empty."""
    for name in names:
        member = value.get(name)
        if member is not None and member not in ("", [], {}):
            return member
    return None


def short_text(value: Any, limit: int = 200) -> str | None:
    """A name or an id as text; None for none."""
    if value is None or value == "":
        return None
    text = written(value)
    return text if len(text) <= limit else text[: limit - 1] + "…"


def _placeholder(media_type: str | None, data: str) -> str:
    return f"[{media_type or 'base64'}, {encoded_size(data)} bytes]"
