"""Running probes by schedule: each at its own pace, none waiting for another."""

from __future__ import annotations

import random
import threading
from collections.abc import Callable
from dataclasses import dataclass

import structlog

from pitwall.core.errors import PitwallError
from pitwall.kit.clock import Clock
from pitwall.probes.types import Probe
from pitwall.work.jobs import PeriodicJob
from pitwall.work.leases import Lease

log = structlog.get_logger(__name__)

TICK_SECONDS = 1.0
_JITTER = 0.1
_FIRST_SECONDS = 5.0

RunProbe = Callable[[str, Probe], object]
_Key = tuple[str, str]


@dataclass(slots=True)
class _Scheduled:
    project_id: str
    probe: Probe
    due_at: float
    thread: threading.Thread | None = None

    @property
    def is_running(self) -> bool:
        return self.thread is not None and self.thread.is_alive()


class Prober:
    """Starts the probes that are due whenever it is called.

    A probe that is due while it still runs is left alone until its next time. Probes begin at random moments,
    so that many of them never start together.

    Args:
        in_force: All enabled probes with their projects.
        revision: Changes when `in_force` does.
        run: Runs one and records what it found; may block.
        clock: What paces are measured with.
        random: Of the jitter.
    """

    def __init__(
        self,
        in_force: Callable[[], list[tuple[str, Probe]]],
        revision: Callable[[], object],
        run: RunProbe,
        clock: Clock,
        random: random.Random,
    ) -> None:
        self._in_force = in_force
        self._revision = revision
        self._run = run
        self._clock = clock
        self._random = random
        self._seen: object = None
        self._scheduled: dict[_Key, _Scheduled] = {}

    def tick(self) -> None:
        """Start what is due; while the probes cannot be read, those that are known go on."""
        try:
            self._refresh()
        except PitwallError as error:
            log.warning("probe.schedule_not_read", error=str(error))
        now = self._clock.monotonic()
        for one in self._scheduled.values():
            if one.due_at > now:
                continue
            one.due_at = now + self._jittered(one.probe.every_seconds)
            if not one.is_running:
                self._start(one)

    def wait(self, timeout_seconds: float) -> bool:
        """Wait for the runs under way; returns whether all of them ended."""
        until = self._clock.monotonic() + timeout_seconds
        running = [one.thread for one in self._scheduled.values() if one.thread is not None]
        for thread in running:
            thread.join(max(0.0, until - self._clock.monotonic()))
        return not any(thread.is_alive() for thread in running)

    def _refresh(self) -> None:
        revision = self._revision()
        if revision == self._seen:
            return
        now, before = self._clock.monotonic(), self._scheduled
        self._scheduled = {}
        for project_id, probe in self._in_force():
            key = (project_id, probe.name)
            known = before.get(key)
            if known is None or known.probe != probe:
                due_at = now + self._random.uniform(0, min(_FIRST_SECONDS, probe.every_seconds))
                thread = None if known is None else known.thread
                known = _Scheduled(project_id, probe, due_at, thread)
            self._scheduled[key] = known
        self._seen = revision

    def _start(self, one: _Scheduled) -> None:
        name = f"pitwall-probing-{one.probe.name}"
        one.thread = threading.Thread(
            target=self._attempt, args=(one.project_id, one.probe), name=name, daemon=True
        )
        one.thread.start()

    def _attempt(self, project_id: str, probe: Probe) -> None:
        try:
            self._run(project_id, probe)
        except Exception:
            log.exception("probe.run_failed", probe=probe.name)

    def _jittered(self, seconds: float) -> float:
        return seconds * self._random.uniform(1 - _JITTER, 1 + _JITTER)


class ProbeJob:
    """Lets a prober tick while the server runs; a component of the server.

    Args:
        lease: Which of several processes probes; None if there is only one.
    """

    name = "probes"

    def __init__(self, prober: Prober, *, lease: Lease | None) -> None:
        self._prober = prober
        self._job = PeriodicJob(self.name, TICK_SECONDS, prober.tick, lease=lease)

    def start(self) -> None:
        """Begin to probe."""
        self._job.start()

    def stop(self, timeout_seconds: float) -> None:
        """Start no further run, and give those under way a while to end."""
        self._job.stop(timeout_seconds / 2)
        self._prober.wait(timeout_seconds / 2)
