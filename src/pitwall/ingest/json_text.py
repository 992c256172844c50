r"""JSON as clients write it: read strictly, and once more after repair where its text is damaged.

JavaScript cuts texts by UTF-16 units, so a length limit can leave half of an emoji behind: a lone `\ud83d`,
which is no character and which strict readers refuse with all that stands around it.
"""

from __future__ import annotations

import re
from typing import Any, Final

import orjson

# Escaped backslashes and whole pairs are passed over; group 1 is half of a pair.
_ESCAPE: Final = re.compile(
    rb"\\u[dD][89abAB][0-9a-fA-F]{2}\\u[dD][c-fC-F][0-9a-fA-F]{2}"
    rb"|\\(u[dD][89a-fA-F][0-9a-fA-F]{2})"
    rb"|\\."
)
_REPLACEMENT: Final = rb"\ufffd"


def load_json(body: bytes, *, with_invalid_utf8: bool = True) -> tuple[Any, tuple[str, ...]]:
    """Read a document; what is no character in it becomes U+FFFD.

    Args:
        body: JSON.
        with_invalid_utf8: Repair bytes that are no UTF-8 too; where the encoding itself may be another one,
            that would make a whole text unreadable.

    Returns:
        The document, and a clause for each kind of repair.

    Raises:
        orjson.JSONDecodeError: It is no JSON, also after repair.
    """
    try:
        return orjson.loads(body), ()
    except orjson.JSONDecodeError as error:
        problem = error
    repaired, repairs = _repair_utf8(body) if with_invalid_utf8 else (body, ())
    repaired, more = _repair_surrogates(repaired)
    repairs += more
    if not repairs:
        raise problem
    return orjson.loads(repaired), repairs


def _repair_utf8(body: bytes) -> tuple[bytes, tuple[str, ...]]:
    try:
        body.decode("utf-8")
    except UnicodeDecodeError as invalid:
        clause = f"invalid UTF-8 replaced from byte {invalid.start} on"
        return body.decode("utf-8", "replace").encode(), (clause,)
    return body, ()


def _repair_surrogates(body: bytes) -> tuple[bytes, tuple[str, ...]]:
    halves: list[int] = []

    def replace(match: re.Match[bytes]) -> bytes:
        if match[1] is None:
            return match[0]
        halves.append(match.start())
        return _REPLACEMENT

    repaired = _ESCAPE.sub(replace, body)
    if not halves:
        return body, ()
    times = f" and {len(halves) - 1:,} more" if len(halves) > 1 else ""
    return repaired, (f"half of a surrogate pair replaced at byte {halves[0]}{times}",)
