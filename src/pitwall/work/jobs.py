"""Periodic jobs: a thread that does something again and again, and whenever it is woken."""

from __future__ import annotations

import threading
from collections.abc import Callable

import structlog

from pitwall.core.errors import PitwallError
from pitwall.kit.clock import Clock, SystemClock
from pitwall.work.leases import Lease

log = structlog.get_logger(__name__)

_LONGEST_WAIT_SECONDS = 5.0


class PeriodicJob:
    """A component of the server that runs a function every so often on a thread of its own.

    A round that fails is logged and counted; the next one comes all the same. With a lease only one process
    of several runs the function.

    Args:
        name: For logs and the thread.
        interval_seconds: From the begin of one round to the next; a late round is not made up for.
        run: One round.
        lease: Which process may run it; None for every process.
        clock: What intervals are measured with.
    """

    def __init__(
        self,
        name: str,
        interval_seconds: float,
        run: Callable[[], object],
        *,
        lease: Lease | None = None,
        clock: Clock | None = None,
    ) -> None:
        self.name = name
        self.failures = 0
        self._interval = interval_seconds
        self._run = run
        self._lease = lease
        self._clock = clock or SystemClock()
        self._stopping = False
        self._woken = threading.Event()
        self._thread: threading.Thread | None = None

    def start(self) -> None:
        """Begin; the first round runs at once."""
        self._thread = threading.Thread(target=self._loop, name=f"pitwall-{self.name}", daemon=True)
        self._thread.start()

    def wake(self) -> None:
        """Run the next round now; may be called from any thread."""
        self._woken.set()

    def stop(self, timeout_seconds: float) -> None:
        """End after the round under way, and let another process take over."""
        self._stopping = True
        self._woken.set()
        if self._thread is not None:
            self._thread.join(timeout_seconds)

    def _loop(self) -> None:
        while not self._stopping:
            self._woken.clear()
            started = self._clock.monotonic()
            self._round()
            self._wait(started + self._interval)
        if self._lease is not None and self._lease.token:
            self._attempt(self._lease.release)

    def _round(self) -> None:
        if self._lease is None or self._attempt(self._lease.hold):
            self._attempt(self._run)

    def _wait(self, until: float) -> None:
        """Wait for the next round, renewing the lease meanwhile."""
        while (left := until - self._clock.monotonic()) > 0 and not self._stopping:
            if self._woken.wait(min(left, _LONGEST_WAIT_SECONDS)):
                return
            if self._lease is not None and self._lease.token:
                self._attempt(self._lease.hold)

    def _attempt(self, function: Callable[[], object]) -> object:
        try:
            return function()
        except PitwallError as error:
            self.failures += 1
            log.warning("job.failed", job=self.name, error=str(error))
        except Exception:
            self.failures += 1
            log.exception("job.failed", job=self.name)
        return None
