"""Spans that repeat the usage of spans below them, where a single request could not show it.

A model call through a proxy is reported twice: by the application, and by the proxy in a request of its own.
Tokens and cost count on the innermost spans only.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from typing import Final, NamedTuple

_MAX_LEVELS: Final = 64


class UsageSpan(NamedTuple):
    """One span of a trace; `has_usage` says whether it carries tokens."""

    trace_id: bytes
    span_id: bytes
    parent_span_id: bytes
    has_usage: bool


def find_wrappers(spans: Iterable[UsageSpan]) -> set[tuple[bytes, bytes]]:
    """Return (trace id, span id) of the spans with usage that have a descendant with usage.

    Parents that have not arrived end the search, and so do circles of them.
    """
    traces: defaultdict[bytes, dict[bytes, UsageSpan]] = defaultdict(dict)
    for span in spans:
        traces[span.trace_id][span.span_id] = span
    return {
        (trace_id, ancestor.span_id)
        for trace_id, known in traces.items()
        for span in known.values()
        if span.has_usage
        for ancestor in _ancestors(span, known)
        if ancestor.has_usage
    }


def _ancestors(span: UsageSpan, known: dict[bytes, UsageSpan]) -> Iterable[UsageSpan]:
    seen = {span.span_id}
    parent = known.get(span.parent_span_id)
    while parent is not None and parent.span_id not in seen and len(seen) <= _MAX_LEVELS:
        yield parent
        seen.add(parent.span_id)
        parent = known.get(parent.parent_span_id)
