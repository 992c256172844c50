"""Running a probe: tries with a time limit on threads of their own, retries, and never two at a time."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import replace

import structlog
from pydantic import SecretStr

from pitwall.core.errors import NotPermitted
from pitwall.probes.findings import (
    BROKEN,
    NO_ANSWER,
    SLOW,
    STILL_RUNNING,
    TOO_LATE,
    CannotAsk,
    down,
    said,
    unknown,
)
from pitwall.probes.kinds import ask
from pitwall.probes.types import Outcome, Probe, ProbeStatus

log = structlog.get_logger(__name__)

_PAUSE_SECONDS = 0.5
_REASON_CHARACTERS = 200

Ask = Callable[[Probe], Outcome]


class Runner:
    """Runs probes; each has at most one try under way, and one that hangs holds nothing but its own thread.

    Who asks while a try is under way gets what that one finds.

    Args:
        secrets: What probes may send, by name.
        data_dir: What `{data_dir}` stands for.
        allowed_hosts: Hosts that may be called; none means all.
        pause_seconds: Between two tries.
    """

    def __init__(
        self,
        secrets: Mapping[str, SecretStr],
        data_dir: str,
        allowed_hosts: tuple[str, ...] = (),
        *,
        pause_seconds: float = _PAUSE_SECONDS,
    ) -> None:
        self._secrets = secrets
        self._data_dir = data_dir
        self._allowed_hosts = frozenset(host.lower() for host in allowed_hosts)
        self._pause_seconds = pause_seconds
        self._guard = threading.Lock()
        self._tries: dict[tuple[str, str], _Try] = {}

    def check(self, probe: Probe) -> None:
        """Refuse a probe of a host that may not be called.

        Raises:
            NotPermitted: The setting `probes.allowed_hosts` does not name it.
        """
        if self._allowed_hosts and probe.host is not None and probe.host.lower() not in self._allowed_hosts:
            raise NotPermitted(
                f"Probes may not call {probe.host!r}.",
                code="probe.host_not_allowed",
                hint="Add it to the setting probes.allowed_hosts.",
            )

    def run(self, project_id: str, probe: Probe) -> Outcome:
        """Ask until an answer is good enough or the retries are used up; never raises."""
        outcome = self._try(project_id, probe)
        for _ in range(probe.retries):
            if outcome.status is not ProbeStatus.DOWN:
                break
            time.sleep(self._pause_seconds)
            outcome = self._try(project_id, probe)
        return outcome

    def _try(self, project_id: str, probe: Probe) -> Outcome:
        key = (project_id, probe.name)
        with self._guard:
            earlier = self._tries.get(key)
            if earlier is None or not earlier.is_alive() or earlier.probe != probe:
                earlier = self._tries[key] = _Try(probe, self._ask)
        left = probe.timeout_seconds - earlier.age_seconds()
        if left <= 0:
            return down(said(STILL_RUNNING, seconds=earlier.age_seconds()))
        return earlier.outcome(left)

    def _ask(self, probe: Probe) -> Outcome:
        self.check(probe)
        return ask(probe, self._secrets, self._data_dir)


class _Try:
    """One try on a thread of its own."""

    def __init__(self, probe: Probe, ask: Ask) -> None:
        self.probe = probe
        self._ask = ask
        self._began = time.monotonic()
        self._outcome: Outcome | None = None
        self._thread = threading.Thread(target=self._run, name=f"pitwall-probe-{probe.name}", daemon=True)
        self._thread.start()

    def is_alive(self) -> bool:
        return self._thread.is_alive()

    def age_seconds(self) -> float:
        return time.monotonic() - self._began

    def outcome(self, timeout_seconds: float) -> Outcome:
        """What it found, or that it found nothing in time."""
        self._thread.join(timeout_seconds)
        return self._outcome or down(said(TOO_LATE, seconds=self.probe.timeout_seconds))

    def _run(self) -> None:
        try:
            found = self._ask(self.probe)
        except Exception as error:  # noqa: BLE001 - whatever happened, it is what the probe found
            self._outcome = _failure(self.probe, error)
        else:
            self._outcome = _timed(self.probe, found, self.age_seconds() * 1000)


def _failure(probe: Probe, error: Exception) -> Outcome:
    """No answer is down; a question that could not be put is not known."""
    reason = (str(error) or type(error).__name__)[:_REASON_CHARACTERS]
    match error:
        case CannotAsk(text=text):
            return unknown(text)
        case NotPermitted(message=message):
            return unknown(said(BROKEN, reason=message))
        case OSError():
            return down(said(NO_ANSWER, reason=reason))
        case _:
            log.error("probe.broken", probe=probe.name, exc_info=error)
            return unknown(said(BROKEN, reason=f"{type(error).__name__}: {reason}"))


def _timed(probe: Probe, found: Outcome, latency_ms: float) -> Outcome:
    """The outcome with its latency; what is up, but took longer than it should, is degraded."""
    outcome = replace(found, latency_ms=latency_ms)
    if outcome.status is not ProbeStatus.UP or probe.slow_ms is None or latency_ms <= probe.slow_ms:
        return outcome
    text = said(SLOW, latency=latency_ms, limit=probe.slow_ms)
    return replace(outcome, status=ProbeStatus.DEGRADED, error=text)
