"""Notifications at work in a server: events to outbox, outbox to channels, and a sign of life."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Final

import httpx
import structlog

from pitwall.kit.clock import Clock
from pitwall.notifications.notifier import Notifier
from pitwall.notifications.sender import Sender
from pitwall.work.jobs import PeriodicJob
from pitwall.work.leases import Lease

log = structlog.get_logger(__name__)

_INTERVAL_SECONDS: Final = 0.5
_HEARTBEAT_TIMEOUT_SECONDS: Final = 10.0
_STALE_SECONDS: Final = 60.0
_STALE: Final = timedelta(seconds=_STALE_SECONDS)


class NotificationJob:
    """A component of the server that tells people; woken when something happened to an alert.

    Args:
        lease: Which process may do it; None where there is only one.
    """

    name = "notifications"

    def __init__(self, notifier: Notifier, sender: Sender, *, lease: Lease | None = None) -> None:
        self._notifier = notifier
        self._sender = sender
        self._job = PeriodicJob(self.name, _INTERVAL_SECONDS, self._round, lease=lease)
        sender.on_finished = self._job.wake

    def start(self) -> None:
        """Begin; what was left unsent is sent."""
        self._job.start()

    def stop(self, timeout_seconds: float) -> None:
        """End after what is under way."""
        self._job.stop(timeout_seconds / 2)
        self._sender.close(timeout_seconds / 2)

    def wake(self) -> None:
        """Look at once; may be called from any thread."""
        self._job.wake()

    def _round(self) -> None:
        try:
            self._notifier.run()
        finally:  # what is in the outbox goes out even if the next notice cannot be made
            self._sender.run()


class Heartbeat:
    """Calls an address again and again while alerts are watched, so that somebody notices when they are not.

    Args:
        url: Of a dead man's switch, such as a check of Healthchecks.
        is_watching: Whether alerts are evaluated and notices made.
    """

    name = "heartbeat"

    def __init__(self, url: str, interval_seconds: float, is_watching: Callable[[], bool]) -> None:
        self._url = url
        self._is_watching = is_watching
        self._job = PeriodicJob(self.name, interval_seconds, self.beat)

    def start(self) -> None:
        """Begin."""
        self._job.start()

    def stop(self, timeout_seconds: float) -> None:
        """End."""
        self._job.stop(timeout_seconds)

    def beat(self) -> bool:
        """Call the address if alerts are watched; returns whether it answered."""
        if not self._is_watching():
            log.warning("heartbeat.withheld")
            return False
        try:
            answer = httpx.get(self._url, timeout=_HEARTBEAT_TIMEOUT_SECONDS)
        except httpx.HTTPError as error:
            log.warning("heartbeat.failed", error=str(error) or type(error).__name__)
            return False
        if not answer.is_success:
            log.warning("heartbeat.failed", status=answer.status_code)
        return answer.is_success


class Watch:
    """Knows whether alerts are watched: rules are evaluated without failure, and notices are made.

    Args:
        good_rounds: How often alert rules have been evaluated; does not grow while that fails.
    """

    def __init__(self, notifier: Notifier, good_rounds: Callable[[], int], clock: Clock) -> None:
        self._notifier = notifier
        self._good_rounds = good_rounds
        self._clock = clock
        self._rounds = -1
        self._grew_at = clock.monotonic()

    def is_kept(self) -> bool:
        """Whether both happened within the last minute."""
        rounds = self._good_rounds()
        if rounds > self._rounds:
            self._rounds, self._grew_at = rounds, self._clock.monotonic()
        is_evaluated = self._rounds > 0 and self._clock.monotonic() - self._grew_at <= _STALE_SECONDS
        noticed_at = self._notifier.last_round_at
        is_noticed = noticed_at is not None and abs(self._clock.now() - noticed_at) <= _STALE
        return is_evaluated and is_noticed
