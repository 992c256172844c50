"""Ids as Langfuse clients choose them, made into those of OpenTelemetry."""

from __future__ import annotations

import hashlib

from pitwall.kit.ids import SPAN_ID_BYTES, TRACE_ID_BYTES


def trace_id_of(text: str) -> bytes:
    """Return the trace id: 32 hexadecimal digits or a UUID as they are, anything else by its hash.

    The hash is the one of `Langfuse.create_trace_id(seed=...)`, so that both name the same trace.
    """
    return _id_of(text, TRACE_ID_BYTES)


def span_id_of(text: str) -> bytes:
    """Return the span id: 16 hexadecimal digits as they are, anything else by its hash."""
    return _id_of(text, SPAN_ID_BYTES)


def _id_of(text: str, size: int) -> bytes:
    digits = text.replace("-", "")
    if len(digits) == 2 * size:
        try:
            given = bytes.fromhex(digits)
        except ValueError:
            given = b""
        if any(given):
            return given
    return hashlib.sha256(text.encode("utf-8", "replace")).digest()[:size]
