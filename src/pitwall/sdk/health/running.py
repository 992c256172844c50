"""Running checks: all at once, each with a time limit, and never twice at the same time."""

from __future__ import annotations

import asyncio
import inspect
import logging
import threading
import time
from collections.abc import Awaitable, Mapping
from concurrent.futures import Future
from contextvars import copy_context
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from pitwall.sdk.health.types import Answer, Check, CheckResult, CheckStatus, HealthCheck, failed
from pitwall.sdk.values import describe, finite

_log = logging.getLogger("pitwall.sdk")


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of one check."""

    result: CheckResult
    required: bool
    latency_ms: float

    def as_json(self) -> dict[str, Any]:
        """The check's part of the report; an empty message or no details are left out."""
        body: dict[str, Any] = {
            "status": self.result.status,
            "required": self.required,
            "latency_ms": round(self.latency_ms, 3),
        }
        if self.result.message:
            body["message"] = self.result.message
        if self.result.details:
            body["details"] = dict(self.result.details)
        return body


@dataclass(frozen=True, slots=True)
class Report:
    """All checks at one moment."""

    outcomes: Mapping[str, Outcome]
    checked_at: datetime

    @property
    def status(self) -> str:
        """`unhealthy` when a required check failed, `degraded` when anything else is not ok."""
        found = {(outcome.result.status, outcome.required) for outcome in self.outcomes.values()}
        if (CheckStatus.FAILED, True) in found:
            return "unhealthy"
        return "healthy" if {status for status, _ in found} <= {CheckStatus.OK} else "degraded"

    @property
    def is_able(self) -> bool:
        """Whether the application can serve."""
        return self.status != "unhealthy"

    def as_json(self) -> dict[str, Any]:
        """The body of `/health`."""
        return {
            "status": self.status,
            "timestamp": self.checked_at.isoformat(timespec="milliseconds").replace("+00:00", "Z"),
            "checks": {name: outcome.as_json() for name, outcome in self.outcomes.items()},
        }


class Checks:
    """The checks of an application.

    Probes of several load balancers share a run, and a report is given out again for `cache_seconds`: a check
    that asks a model costs money, whoever calls the endpoint.
    """

    def __init__(
        self, checks: Mapping[str, Check | HealthCheck], timeout_seconds: float, cache_seconds: float
    ) -> None:
        self._checks = {name: _WatchedCheck(name, given, timeout_seconds) for name, given in checks.items()}
        self._cache_seconds = cache_seconds
        self._running: asyncio.Task[Report] | None = None
        self._last: Report | None = None
        self._last_at = 0.0

    async def report(self) -> Report:
        """Run all checks at once, unless that has just been done or is being done."""
        if self._last is not None and time.monotonic() - self._last_at < self._cache_seconds:
            return self._last
        loop = asyncio.get_running_loop()
        running = self._running
        if running is None or running.done() or running.get_loop() is not loop:
            running = self._running = loop.create_task(self._run_all())
        return await asyncio.shield(running)

    async def _run_all(self) -> Report:
        outcomes = await asyncio.gather(*(check.run() for check in self._checks.values()))
        self._last = Report(dict(zip(self._checks, outcomes, strict=True)), datetime.now(UTC))
        self._last_at = time.monotonic()
        return self._last


class _WatchedCheck:
    """One check. A plain function has a thread of its own, so that one that hangs takes none of the loop's.

    While it hangs it is not started again: a broken service must not fill the application with threads.
    """

    def __init__(self, name: str, given: Check | HealthCheck, timeout_seconds: float) -> None:
        wanted = given if isinstance(given, HealthCheck) else HealthCheck(given)
        self._name = name
        self._check = wanted.check
        self._required = wanted.required
        self._timeout_seconds = finite(wanted.timeout_seconds) or timeout_seconds
        self._thread: threading.Thread | None = None

    async def run(self) -> Outcome:
        began = time.perf_counter()
        result = await self._result()
        return Outcome(result, self._required, (time.perf_counter() - began) * 1000)

    async def _result(self) -> CheckResult:
        if self._thread is not None and self._thread.is_alive():
            return failed("still running since an earlier call timed out")
        try:
            async with asyncio.timeout(self._timeout_seconds):
                answer = await self._call()
        except TimeoutError:
            return failed(f"timeout after {self._timeout_seconds:g} s")
        except Exception as error:  # noqa: BLE001  # the application's check; its failure is the answer
            _log.warning("sdk.health_check_failed check=%s", self._name, exc_info=True)
            return failed(f"{type(error).__name__}: {describe(error)}")
        if isinstance(answer, CheckResult):
            return answer
        return failed("the check returned False") if answer is False else CheckResult()

    async def _call(self) -> Answer:
        is_async = inspect.iscoroutinefunction(self._check)
        answer: Answer | Awaitable[Answer] = self._check() if is_async else await self._in_thread()
        return await answer if isinstance(answer, Awaitable) else answer

    async def _in_thread(self) -> Any:
        job: Future[Any] = Future()
        job.set_running_or_notify_cancel()  # a caller that gives up does not cancel what has begun
        target = copy_context().run
        self._thread = threading.Thread(
            target=target, args=(_settle, job, self._check), name=f"pitwall-check-{self._name}", daemon=True
        )
        self._thread.start()
        return await asyncio.wrap_future(job)


def _settle(job: Future[Any], check: Check) -> None:
    try:
        job.set_result(check())
    except Exception as error:  # noqa: BLE001  # handed to whoever waits
        job.set_exception(error)
