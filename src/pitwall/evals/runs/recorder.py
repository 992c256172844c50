"""Scores on their way into the state store: collected for a moment, then written together on a thread."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

import structlog

from pitwall.core.errors import Unavailable
from pitwall.evals.runs.journal import Journal, StoredAnswer
from pitwall.evals.runs.types import HEARTBEAT_SECONDS, Progress, StoredScore

log = structlog.get_logger(__name__)

_LINGER_SECONDS = 0.05
_ROWS = 200
_MOST_WAITING = 2000
_PATIENCE_SECONDS = 60.0
_PAUSE_SECONDS = 1.0


class Recorder:
    """Writes within 50 ms or 200 rows, and once a second how far the run is.

    Args:
        progress: Says how far it is.
    """

    def __init__(self, journal: Journal, progress: Callable[[], Progress]) -> None:
        self._journal = journal
        self._progress = progress
        self._scores: list[StoredScore] = []
        self._answers: list[StoredAnswer] = []
        self._some = asyncio.Event()
        self._full = asyncio.Event()
        self._written = asyncio.Event()

    async def add_score(self, score: StoredScore) -> None:
        """Take a score; waits while too many are not written yet."""
        self._scores.append(score)
        await self._notice()

    async def add_answer(self, answer: StoredAnswer) -> None:
        """Take an answer of a target; it is written no later than the scores that rest on it."""
        self._answers.append(answer)
        await self._notice()

    async def run(self) -> None:
        """Write until cancelled; a store that is away for a moment is waited for.

        Raises:
            RunLost: This process has lost the run.
            StateUnavailable: The state store has been away for a minute.
        """
        loop = asyncio.get_running_loop()
        beat_at, good_at = loop.time() + HEARTBEAT_SECONDS, loop.time()
        while True:
            if await _happens(self._some, beat_at - loop.time()):
                await _happens(self._full, _LINGER_SECONDS)
            try:
                await self.flush()
                if loop.time() >= beat_at:
                    beat_at = loop.time() + HEARTBEAT_SECONDS
                    await asyncio.to_thread(self._journal.beat, self._progress())
                good_at = loop.time()
            except Unavailable as error:
                if loop.time() > good_at + _PATIENCE_SECONDS:
                    raise
                log.warning("eval_run.not_written", run_id=self._journal.run_id, error=str(error))
                await asyncio.sleep(_PAUSE_SECONDS)

    async def flush(self) -> None:
        """Write what waits; nothing is lost if that fails.

        Raises:
            RunLost: This process has lost the run.
            StateUnavailable: The state store does not answer.
        """
        scores, self._scores = self._scores, []
        answers, self._answers = self._answers, []
        self._some.clear()
        self._full.clear()
        if not scores and not answers:
            return
        try:
            await asyncio.to_thread(self._journal.write, scores, answers)
        except BaseException:
            # Written again, also if this was cancelled while the thread went on: rows replace equal ones.
            self._scores[:0], self._answers[:0] = scores, answers
            self._some.set()
            raise
        self._written.set()

    async def _notice(self) -> None:
        self._some.set()
        if len(self._scores) + len(self._answers) >= _ROWS:
            self._full.set()
        while len(self._scores) + len(self._answers) > _MOST_WAITING:
            self._written.clear()
            await self._written.wait()


async def _happens(event: asyncio.Event, seconds: float) -> bool:
    """Wait for an event, but not for ever."""
    try:
        async with asyncio.timeout(max(seconds, 0.0)):  # `wait_for` may swallow a cancellation
            await event.wait()
    except TimeoutError:
        return False
    return True
