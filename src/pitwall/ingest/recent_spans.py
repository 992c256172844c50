"""Recognises spans that arrived lately, for clients and collectors that send one again in another request.

A whole request that is sent again is known to the write-ahead log by its hash, also after a restart. A
collector that packs its batches anew makes requests the log has not seen, out of spans it has.
"""

from __future__ import annotations

import mmap
from collections.abc import Iterable, Sequence
from typing import Any

_SLOTS = 1 << 20
_KEY_BYTES = 8


def span_key(span: Any) -> int:
    """Return what two copies of a span have in common and other spans do not: ids, times, attribute count.

    A span sent again with another end or more attributes is an update, not a copy. The key means something in
    this process only.
    """
    return hash(
        (
            span.trace_id,
            span.span_id,
            span.start_time_unix_nano,
            span.end_time_unix_nano,
            len(span.attributes),
        )
    )


class RecentSpans:
    """Remembers the keys of about the last million spans, in 8 MB that are used as they fill.

    Each key has one place, and a later span with the same place takes it: a copy may be missed, the earlier
    the more spans came in between. A span is taken for another one with a probability of 1 in 2^44.
    """

    def __init__(self) -> None:
        self._memory = mmap.mmap(-1, _SLOTS * _KEY_BYTES)
        self._keys = memoryview(self._memory).cast("q")

    def known(self, project: str, keys: Sequence[int]) -> set[int]:
        """Return those keys whose spans arrived in the project before."""
        salt, slots = hash(project), self._keys
        return {key for key in keys if slots[(key ^ salt) & (_SLOTS - 1)] == key ^ salt}

    def add(self, project: str, keys: Iterable[int]) -> None:
        """Remember spans; call it once they are durable, or a client that tries again would lose them."""
        salt, slots = hash(project), self._keys
        for key in keys:
            slots[(key ^ salt) & (_SLOTS - 1)] = key ^ salt
