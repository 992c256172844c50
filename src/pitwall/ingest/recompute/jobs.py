"""Background work on stored spans."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable
from dataclasses import replace
from datetime import timedelta

import structlog

from pitwall.access.authenticators import LOCAL_OPERATOR
from pitwall.core.errors import PitwallError
from pitwall.ingest.recompute.service import RecomputeService
from pitwall.ingest.recompute.types import Recompute, Slice
from pitwall.kit.clock import Clock

log = structlog.get_logger(__name__)

# What the server does by itself stands under its own name in the audit log.
_ITSELF = replace(LOCAL_OPERATOR, id="pitwall")
_INTERVAL_SECONDS = 300.0
_LOOK_BACK = timedelta(hours=2)
# Ingest waits while rollups are made anew; an hour with more spans is put right once, when it is over.
_SPANS_AT_ONCE = 200_000


class WrapperMarker:
    """Takes usage that two services reported of one call out of the sums, some minutes after it arrived.

    Args:
        service: Computes stored spans again.
        projects: Whose spans to look at; asked each time.
        clock: Tells which hours are recent.
        interval_seconds: Time between two looks.
    """

    name = "wrapper_marker"

    def __init__(
        self,
        service: RecomputeService,
        projects: Callable[[], Iterable[str]],
        clock: Clock,
        *,
        interval_seconds: float = _INTERVAL_SECONDS,
    ) -> None:
        self._service = service
        self._projects = projects
        self._clock = clock
        self._interval_seconds = interval_seconds
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._run, name="pitwall-wrappers", daemon=True)

    def start(self) -> None:
        """Begin to look now and then."""
        self._thread.start()

    def stop(self, timeout_seconds: float) -> None:
        """Finish the slice at hand."""
        self._stopping.set()
        self._thread.join(timeout_seconds)

    def mark(self) -> int:
        """Look once; returns how many spans were marked.

        Raises:
            PitwallError: A store does not answer, or somebody computes stored spans again just now.
        """
        now, marked = self._clock.now(), 0
        for project in self._projects():
            operator = _ITSELF.on_project(project)
            for part in self._service.plan(project, now - _LOOK_BACK, None):
                is_due = part.spans <= _SPANS_AT_ONCE or part.until <= now
                if is_due and not self._stopping.is_set() and self._has_wrappers(project, part):
                    result = self._service.run(
                        Recompute.UNWRAP, part.since, part.until, by=operator, is_dry_run=False
                    )
                    marked += result.changed
        return marked

    def _has_wrappers(self, project: str, part: Slice) -> bool:
        return self._service.has_wrappers(project, part.since, part.until)

    def _run(self) -> None:
        while not self._stopping.wait(self._interval_seconds):
            try:
                marked = self.mark()
            except PitwallError as error:
                log.warning("wrappers.not_marked", error=str(error))
            except Exception:
                log.exception("wrappers.broken")
            else:
                if marked:
                    log.info("wrappers.marked", spans=marked)
