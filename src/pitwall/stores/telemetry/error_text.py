"""What a person needs of an error of ClickHouse or of the way to it."""

from __future__ import annotations

import re

_MAX_CHARACTERS = 400
_FRAME = re.compile(
    r"Received ClickHouse exception, code: \d+, server response: |Code: \d+\. DB::Exception: |DB::Exception: "
    r"|\(for url \S*\)?|If you use ClickHouse Cloud.*",
    re.DOTALL,
)
# From here on the engine repeats the query or its own plan.
_ECHO = re.compile(
    r"[.:]*\s*(?:In scope|[Ww]hile (?:executing|processing)|in query:)\s.*?(?=\([A-Z_]+\)\s*$|$)", re.DOTALL
)
_ADDRESS = re.compile(r"host='(?P<host>[^']+)', port='?(?P<port>\d+)|https?://(?P<url>[^/?\s)]+)")
_CAUSES = (
    re.compile(r"Connection refused|Read timed out|Connection to \S+ timed out|Connection reset by peer"),
    re.compile(r"Remote end closed connection without response|Name or service not known"),
    re.compile(r"Failed to resolve '[^']+'|CERTIFICATE_VERIFY_FAILED|[Bb]roken pipe|IncompleteRead"),
)


def engine_message(error: Exception) -> str:
    """Return what the engine says, without its framing, the echo of the query and addresses."""
    text = _ECHO.sub(" ", _FRAME.sub("", str(error)))
    return _shortened(text)


def connection_message(error: Exception) -> str:
    """Return where the connection went and what became of it."""
    text = str(error)
    cause = next((found[0] for cause in _CAUSES if (found := cause.search(text))), None)
    address = _ADDRESS.search(text)
    if cause is None:
        return _shortened(_FRAME.sub("", text))
    if address is None:
        return cause
    return f"{address['url'] or address['host'] + ':' + address['port']}: {cause}"


def _shortened(text: str) -> str:
    text = " ".join(text.split())
    return text if len(text) <= _MAX_CHARACTERS else text[: _MAX_CHARACTERS - 1] + "…"
