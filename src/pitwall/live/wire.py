"""Events as a server-sent stream writes them."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Final

import orjson

from pitwall.kit.durations import format_instant
from pitwall.live.types import Arrivals, Freshness, News, Window
from pitwall.traces.wire import trace_row_view

RETRY: Final = b"retry: 2000\n\n"
"""How long a browser waits before it connects again."""
HEARTBEAT: Final = b": still here\n\n"


def encode_event(name: str, data: Any) -> bytes:
    """Write one event; JSON has no line breaks, so its data is one line."""
    return b"event: %b\ndata: %b\n\n" % (name.encode(), orjson.dumps(data))


def hello(version: str, started_at: datetime) -> bytes:
    """Who begins to speak: a browser that knew another server has to ask for everything again."""
    return encode_event("hello", {"version": version, "started_at": format_instant(started_at)})


def freshness_view(freshness: Freshness) -> dict[str, Any]:
    """How fresh a project is."""
    received_at = freshness.last_received_at
    return {
        "now": format_instant(freshness.now),
        "watermark": format_instant(freshness.watermark),
        "lag_seconds": freshness.lag_seconds,
        "completeness": freshness.completeness,
        "pending_records": freshness.pending_records,
        "last_received_at": None if received_at is None else format_instant(received_at),
    }


def freshness_event(freshness: Freshness) -> bytes:
    """How fresh a project is, as an event."""
    return encode_event("freshness", freshness_view(freshness))


def window_event(window: Window) -> bytes:
    """Minutes that have become complete."""
    return encode_event("window", {"start": format_instant(window.start), "end": format_instant(window.end)})


def traces_event(arrivals: Arrivals) -> bytes:
    """Traces that have arrived."""
    rows = [trace_row_view(row) for row in arrivals.rows]
    return encode_event("traces", {"traces": rows, "more": arrivals.has_more})


def news_event(news: News) -> bytes:
    """What has been published of alerts, incidents or changes."""
    return encode_event(news.name, {"events": [*news.payloads], "more": news.has_more})
