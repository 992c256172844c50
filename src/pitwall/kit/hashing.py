"""Fingerprints of content: equal content gives an equal name, on every machine and in every version."""

from __future__ import annotations

import hashlib
from typing import Any

import orjson

_DIGEST_BYTES = 16


def content_hash(content: bytes | str) -> str:
    """Return the fingerprint of bytes or text (as UTF-8): 32 hexadecimal digits of BLAKE2b."""
    data = content.encode("utf-8", "surrogatepass") if isinstance(content, str) else content
    return hashlib.blake2b(data, digest_size=_DIGEST_BYTES).hexdigest()


def json_hash(value: Any) -> str:
    """Return the fingerprint of a JSON value; the order of keys does not matter.

    Raises:
        ValueError: The value cannot be written as JSON.
    """
    try:
        return content_hash(orjson.dumps(value, option=orjson.OPT_SORT_KEYS))
    except TypeError as error:
        raise ValueError(f"the value cannot be written as JSON: {error}") from error
