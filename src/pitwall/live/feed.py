"""What is new in one project: looked for once, told to all who listen."""

from __future__ import annotations

import asyncio
from collections.abc import Collection
from datetime import datetime, timedelta
from typing import Final

import structlog

from pitwall.core.errors import PitwallError
from pitwall.live.arrivals import ArrivalFinder
from pitwall.live.freshness import FreshnessService
from pitwall.live.listener import Listener
from pitwall.live.news import NewsFinder
from pitwall.live.types import Arrivals, Audience, Freshness, News, Window
from pitwall.live.wire import freshness_event, news_event, traces_event, window_event
from pitwall.signals.windows import floor_to
from pitwall.traces.service import Traces

log = structlog.get_logger(__name__)

_MINUTE: Final = timedelta(minutes=1)
# The watermark moves all the time; told this often, a page shows the right one even if nothing else happens.
_TELL_ANYWAY: Final = timedelta(seconds=10)


class Lookout:
    """Looks for what is new in one project since it last looked. Its calls block."""

    def __init__(
        self,
        project: str,
        freshness: FreshnessService,
        traces: Traces,
        news: NewsFinder | None = None,
    ) -> None:
        self._project = project
        self._news = news
        self._freshness = freshness
        self._traces = traces
        self._told: Freshness | None = None
        self._complete_to: datetime | None = None
        self._finders: dict[Audience, ArrivalFinder] = {}

    def freshness(self) -> Freshness:
        """How fresh the project is now."""
        return self._freshness(self._project)

    def is_worth_telling(self, freshness: Freshness) -> bool:
        """Whether it differs from what was told last, or that is long ago; counts as told then."""
        told = self._told
        if told and not freshness.has_other_facts(told) and abs(freshness.now - told.now) < _TELL_ANYWAY:
            return False
        self._told = freshness
        return True

    def window(self, watermark: datetime) -> Window | None:
        """The minutes that became complete since the last look; None if there are none."""
        before, self._complete_to = self._complete_to, floor_to(watermark, _MINUTE)
        return Window(before, self._complete_to) if before and before < self._complete_to else None

    def news(self) -> list[News]:
        """What has been published since the last look; nothing if the state store does not answer."""
        try:
            return [] if self._news is None else self._news.look()
        except PitwallError as error:
            log.warning("live.news.not_asked", project=self._project, error=str(error))
            return []

    def arrivals(self, audiences: Collection[Audience], freshness: Freshness) -> dict[Audience, Arrivals]:
        """The traces that are news for each audience; nothing for one if the store does not answer."""
        watermark, newest = freshness.watermark, freshness.last_received_at
        finders = {
            one: self._finders.get(one) or ArrivalFinder(self._traces, self._project, one, watermark)
            for one in audiences
        }
        self._finders = finders
        found = {}
        for audience, finder in finders.items():
            try:
                found[audience] = finder.look(watermark, newest)
            except PitwallError as error:
                log.warning("live.arrivals.not_asked", project=self._project, error=str(error))
        return found


class Feed:
    """Tells the listeners of one project; lives on the event loop, looks on worker threads.

    Args:
        lookout: Finds what is new.
        interval_seconds: Between two looks.
    """

    def __init__(self, lookout: Lookout, interval_seconds: float) -> None:
        self.listeners: set[Listener] = set()
        self._lookout = lookout
        self._interval_seconds = interval_seconds

    async def run(self) -> None:
        """Look and tell until cancelled."""
        while True:
            try:
                await self._look()
            except Exception:
                log.exception("live.look.failed")
            await asyncio.sleep(self._interval_seconds)

    async def _look(self) -> None:
        freshness = await asyncio.to_thread(self._lookout.freshness)
        if self._lookout.is_worth_telling(freshness):
            self._tell(freshness_event(freshness))
        if (window := self._lookout.window(freshness.watermark)) is not None:
            self._tell(window_event(window))
        for news in await asyncio.to_thread(self._lookout.news):
            self._tell(news_event(news))
        audiences = {listener.audience for listener in self.listeners}
        found = await asyncio.to_thread(self._lookout.arrivals, audiences, freshness)
        for audience, arrivals in found.items():
            if arrivals.rows:
                self._tell(traces_event(arrivals), audience)

    def _tell(self, event: bytes, audience: Audience | None = None) -> None:
        """Tell everybody, or one audience; whoever has fallen too far behind is let go."""
        for listener in tuple(self.listeners):
            if audience in (None, listener.audience) and not listener.put(event):
                log.info("live.client_dropped", project=listener.project)
                self.listeners.discard(listener)
