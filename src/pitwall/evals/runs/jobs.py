"""The server's work on runs: takes those that wait, and goes on with those whose process died."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING

import structlog

from pitwall.core.errors import PitwallError
from pitwall.evals.runs.errors import RunIsHeld, RunLost
from pitwall.evals.runs.journal import make_holder
from pitwall.evals.runs.service import EvalRuns
from pitwall.evals.runs.types import EvalRun
from pitwall.work.jobs import PeriodicJob

if TYPE_CHECKING:
    from pitwall.evals.runs.bench import Bench

log = structlog.get_logger(__name__)

_LOOK_SECONDS = 2.0
_AT_ONCE = 2


@dataclass(slots=True)
class _Working:
    """A run that this process works on, on a thread with an event loop of its own."""

    run: EvalRun
    loop: asyncio.AbstractEventLoop
    task: asyncio.Task[EvalRun] | None = None
    thread: threading.Thread | None = None

    def interrupt(self) -> None:
        with suppress(RuntimeError):  # it has just ended
            self.loop.call_soon_threadsafe(lambda: self.task and self.task.cancel())


class RunWorker:
    """A component of the server that works on runs, a few at once.

    A run holds itself: whoever claims it first has it, so several servers may look at the same time. When the
    server stops, its runs go back into the queue, and the next one goes on with them.

    Args:
        make_bench: Returns what runs work with; called for each, so that new profiles and metrics are seen.
    """

    name = "eval-runs"

    def __init__(self, make_bench: Callable[[], Bench], runs: EvalRuns) -> None:
        self._make_bench = make_bench
        self._runs = runs
        self._working: dict[str, _Working] = {}
        self._lock = threading.Lock()
        self._is_stopping = False
        self._looking = PeriodicJob(self.name, _LOOK_SECONDS, self.look)

    def start(self) -> None:
        """Begin to look for runs."""
        self._looking.start()

    def wake(self) -> None:
        """Look now; may be called from any thread."""
        self._looking.wake()

    def stop(self, timeout_seconds: float) -> None:
        """Interrupt what is under way, so that it is written down and queued again."""
        self._is_stopping = True
        self._looking.stop(timeout_seconds)
        with self._lock:
            working = list(self._working.values())
        for one in working:
            one.interrupt()
        for one in working:
            if one.thread is not None:
                one.thread.join(timeout_seconds)

    def look(self) -> None:
        """Take runs that wait, as many as there is room for."""
        with self._lock:
            room = _AT_ONCE - len(self._working)
        if room <= 0:
            return
        for project_id, run_id in self._runs.waiting(limit=room):
            self._take(project_id, run_id)

    def _take(self, project_id: str, run_id: str) -> None:
        try:
            run = self._runs.claim(run_id, make_holder(), project_id=project_id)
        except RunIsHeld:
            return
        working = _Working(run, asyncio.new_event_loop())
        with self._lock:
            self._working[run.id] = working
        working.thread = threading.Thread(
            target=self._work, args=[working], name="pitwall-eval-run", daemon=True
        )
        working.thread.start()

    def _work(self, working: _Working) -> None:
        run = working.run
        try:
            done = self._run_until_over(working)
            log.info("eval_run.over", run_id=run.id, state=done.state.value)
        except asyncio.CancelledError:
            self._runs.put_back(run)
        except RunLost as error:
            log.info("eval_run.let_go", run_id=run.id, why=error.message)
        except PitwallError as error:
            log.warning("eval_run.failed", run_id=run.id, error=str(error))
            self._runs.fail(run, error.message)
        except Exception:
            log.exception("eval_run.broken", run_id=run.id)
            self._runs.fail(run, "Pitwall failed; its log says how.")
        finally:
            working.loop.close()
            with self._lock:
                del self._working[run.id]
            self.wake()

    def _run_until_over(self, working: _Working) -> EvalRun:
        from pitwall.evals.runs.bench import work_on  # what runs need: when there is one

        loop = working.loop
        working.task = loop.create_task(work_on(self._make_bench(), working.run))
        if self._is_stopping:
            working.task.cancel()
        try:
            return loop.run_until_complete(working.task)
        finally:
            loop.run_until_complete(loop.shutdown_asyncgens())
            loop.run_until_complete(loop.shutdown_default_executor())
