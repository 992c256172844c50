"""Inserts segments before it is their turn: an insert keeps one core busy, and a backlog needs them all.

Nothing is decided here. A segment whose insert failed is inserted again when its turn comes, under the same
token, so nothing is stored twice; and one that was stored before a crash is found to be there by its token.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from concurrent.futures import Future
from pathlib import Path

import structlog

from pitwall.kit.threads import lower_priority
from pitwall.stores.telemetry.segments import Segment

INSERT_NICENESS = 5
"""Inserts give way to the doors: whoever waits for an acknowledgement does not wait for a core."""

_log = structlog.get_logger(__name__)


class AheadInserts:
    """Inserts under way on threads of their own; begun and asked for by one thread.

    Args:
        insert: Stores a segment exactly once, however often it is called.
        limit: How many inserts may be under way at once, the caller's own among them.
    """

    def __init__(self, insert: Callable[[Segment], None], *, limit: int) -> None:
        self._insert = insert
        self._limit = limit
        self._outcomes: dict[Path, Future[None]] = {}

    def has_room(self, turn: Segment) -> bool:
        """Tell whether one more may begin while the caller inserts the segment whose turn it is, or waits."""
        under_way = sum(not outcome.done() for outcome in self._outcomes.values())
        own = not self.is_begun(turn)
        return under_way + own < self._limit and len(self._outcomes) < self._limit

    def is_begun(self, segment: Segment) -> bool:
        """Tell whether the segment was begun and not asked for since."""
        return segment.path in self._outcomes

    def begin(self, segment: Segment) -> None:
        """Start to insert a segment."""
        outcome: Future[None] = Future()
        self._outcomes[segment.path] = outcome
        # Daemon: a store that hangs must not keep the process from ending.
        threading.Thread(
            target=self._run, args=(segment, outcome), name="pitwall-telemetry-ahead", daemon=True
        ).start()

    def was_stored(self, segment: Segment) -> bool:
        """Wait for the segment's insert if it was begun; tell whether the store has it."""
        outcome = self._outcomes.pop(segment.path, None)
        return outcome is not None and outcome.exception() is None

    def wait(self) -> None:
        """Wait for every insert under way."""
        for outcome in self._outcomes.values():
            outcome.exception()

    def _run(self, segment: Segment, outcome: Future[None]) -> None:
        lower_priority(INSERT_NICENESS)
        try:
            self._insert(segment)
        except Exception as error:  # noqa: BLE001 the writer meets the same error when it inserts by itself
            _log.debug("telemetry_writer.ahead_failed", segment=segment.path.name, error=str(error))
            outcome.set_exception(error)
        else:
            outcome.set_result(None)
