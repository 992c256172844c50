"""Who listens to which project."""

from __future__ import annotations

import asyncio
from typing import Final

from pitwall.core.errors import LimitExceeded, Unavailable
from pitwall.live.feed import Feed, Lookout
from pitwall.live.freshness import FreshnessService
from pitwall.live.listener import Listener
from pitwall.live.news import NewsFinder
from pitwall.live.types import Audience
from pitwall.stores.state import StateStore
from pitwall.traces.service import Traces

MAX_LISTENERS: Final = 500
_INTERVAL_SECONDS: Final = 2.0


class Live:
    """One feed for each project that anybody listens to; used on the event loop.

    Args:
        freshness: Tells how fresh a project is.
        traces: Has the lists of what arrives.
        state: Where alerts, incidents and changes are published; None tells nothing of them.
        interval_seconds: Between two looks at the store.
    """

    def __init__(
        self,
        freshness: FreshnessService,
        traces: Traces,
        state: StateStore | None = None,
        *,
        interval_seconds: float = _INTERVAL_SECONDS,
    ) -> None:
        self.freshness = freshness
        self._traces = traces
        self._state = state
        self._interval_seconds = interval_seconds
        self._feeds: dict[str, tuple[Feed, asyncio.Task[None]]] = {}
        self._listeners: set[Listener] = set()
        self._is_closed = False

    @property
    def projects(self) -> list[str]:
        """Projects that somebody listens to."""
        return sorted(self._feeds)

    def listen(self, project: str, audience: Audience) -> Listener:
        """Begin to listen; the first one of a project makes it be looked at.

        Raises:
            LimitExceeded: Too many listen already.
            Unavailable: The server stops.
        """
        if self._is_closed:
            raise Unavailable("The server is stopping.", code="live.closed", hint="Connect again soon.")
        if len(self._listeners) >= MAX_LISTENERS:
            raise LimitExceeded(
                f"{MAX_LISTENERS} clients listen already.",
                code="live.too_many",
                hint="Close some pages, or ask GET /api/v1/freshness now and then.",
                details={"retry_after_seconds": 30},
            )
        listener = Listener(project, audience)
        self._listeners.add(listener)
        self._feed(project).listeners.add(listener)
        return listener

    def leave(self, listener: Listener) -> None:
        """Stop listening; after the last one of a project nobody looks at it any more."""
        self._listeners.discard(listener)
        feed, task = self._feeds.get(listener.project, (None, None))
        if feed is None or task is None:
            return
        feed.listeners.discard(listener)
        if not any(other.project == listener.project for other in self._listeners):
            task.cancel()
            del self._feeds[listener.project]

    def close(self) -> None:
        """Let everybody go at once and take nobody any more."""
        self._is_closed = True
        for listener in tuple(self._listeners):
            listener.end()
            self.leave(listener)

    def _feed(self, project: str) -> Feed:
        if project not in self._feeds:
            news = None if self._state is None else NewsFinder(self._state, project)
            feed = Feed(Lookout(project, self.freshness, self._traces, news), self._interval_seconds)
            self._feeds[project] = (feed, asyncio.create_task(feed.run(), name=f"pitwall-live-{project}"))
        return self._feeds[project][0]
