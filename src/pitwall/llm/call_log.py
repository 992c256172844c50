"""The call store as a run uses it: lookups and commits in groups, on a thread of its own.

The promise: `add` returns after the commit. So a call counts as finished once its row is on the disk, nobody
is shown an answer before, and after `kill -9` no answer that was shown is asked for again. A call whose
answer was on its way when the process died was finished for nobody; it is made again.
"""

from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Final

from pitwall.llm.calls import Call, Kept
from pitwall.llm.repository import Calls
from pitwall.stores.state import StateStore, StateUnavailable

_MOST_ROWS: Final = 200
# How long the first of a group waits for others; a commit costs as much for one row as for a hundred.
_LINGER_SECONDS: Final = 0.005
_TRIES: Final = 3
_PAUSE_SECONDS: Final = 1.0


@dataclass(slots=True)
class _Lookup:
    keys: Sequence[str]
    done: asyncio.Future[dict[str, Kept]]


@dataclass(slots=True)
class _Write:
    calls: Sequence[Call]
    done: asyncio.Future[None]


@dataclass(slots=True)
class _Work:
    lookups: list[_Lookup] = field(default_factory=list)
    writes: list[_Write] = field(default_factory=list)


class CallLog:
    """Calls of one project; used from one event loop.

    Args:
        state: Where they are kept; open.
        run_id: Look up answers of this run only; None takes everybody's.
    """

    def __init__(self, state: StateStore, project_id: str, *, run_id: str | None = None) -> None:
        self._state = state
        self._project_id = project_id
        self._run_id = run_id
        self._loop = asyncio.get_running_loop()
        self._changed = threading.Condition()
        self._work = _Work()
        self._is_closing = False
        self._thread = threading.Thread(target=self._run, name="pitwall-call-log", daemon=True)
        self._thread.start()

    async def find(self, keys: Sequence[str]) -> dict[str, Kept]:
        """Return what the store knows of questions, by key.

        Raises:
            StateUnavailable: The store does not answer.
        """
        lookup = _Lookup(keys, self._loop.create_future())
        with self._changed:
            self._work.lookups.append(lookup)
            self._changed.notify()
        return await lookup.done

    async def add(self, calls: Sequence[Call]) -> None:
        """Keep calls; returns when they are on the disk.

        Raises:
            StateUnavailable: They could not be kept.
        """
        write = _Write(calls, self._loop.create_future())
        with self._changed:
            self._work.writes.append(write)
            self._changed.notify()
        await write.done

    async def aclose(self) -> None:
        """Finish what was given and end the thread."""
        with self._changed:
            self._is_closing = True
            self._changed.notify()
        await asyncio.to_thread(self._thread.join)

    def _run(self) -> None:
        while (work := self._take()) is not None:
            self._look_up(work.lookups)
            self._write(work.writes)

    def _take(self) -> _Work | None:
        """What to do next: lookups at once, writes when others had a moment to join them."""
        with self._changed:
            while not (self._work.lookups or self._work.writes):
                if self._is_closing:
                    return None
                self._changed.wait()
            if not self._work.lookups:
                self._linger()
            work, self._work = self._work, _Work()
            return work

    def _linger(self) -> None:
        deadline = time.monotonic() + _LINGER_SECONDS
        while not (self._is_closing or self._work.lookups or self._rows() >= _MOST_ROWS):
            if not self._changed.wait(deadline - time.monotonic()):
                return

    def _rows(self) -> int:
        return sum(len(write.calls) for write in self._work.writes)

    def _look_up(self, lookups: Sequence[_Lookup]) -> None:
        if not lookups:
            return
        try:
            keys = list({key for lookup in lookups for key in lookup.keys})
            with self._state.session(read_only=True) as session:
                known = Calls(session, self._project_id).find(keys, self._run_id)
        except Exception as error:  # noqa: BLE001 - whoever asked is told
            self._tell([(lookup.done, error) for lookup in lookups])
            return
        self._tell(
            [(lookup.done, {key: known[key] for key in lookup.keys if key in known}) for lookup in lookups]
        )

    def _write(self, writes: Sequence[_Write]) -> None:
        if not writes:
            return
        calls = [call for write in writes for call in write.calls]
        try:
            self._commit(calls)
        except Exception as error:  # noqa: BLE001 - whoever waits is told
            if len(writes) > 1 and not isinstance(error, StateUnavailable):
                for write in writes:  # a row that the database does not take fails for itself
                    self._write([write])
                return
            self._tell([(write.done, error) for write in writes])
            return
        self._tell([(write.done, None) for write in writes])

    def _commit(self, calls: Sequence[Call]) -> None:
        """Commit rows; a database that is away for a moment does not throw away what was paid for."""
        for left in reversed(range(_TRIES)):
            try:
                with self._state.session() as session:
                    log = Calls(session, self._project_id)
                    # A commit whose answer was lost may have happened.
                    log.add(calls if left == _TRIES - 1 else log.without_kept(calls))
            except StateUnavailable:
                if not left:
                    raise
                time.sleep(_PAUSE_SECONDS)
            else:
                return

    def _tell(self, outcomes: Sequence[tuple[asyncio.Future, object]]) -> None:  # type: ignore[type-arg]
        with suppress(RuntimeError):  # the loop has ended; nobody waits any more
            self._loop.call_soon_threadsafe(_settle, outcomes)


def _settle(outcomes: Sequence[tuple[asyncio.Future, object]]) -> None:  # type: ignore[type-arg]
    for future, outcome in outcomes:
        if future.done():
            continue
        if isinstance(outcome, Exception):
            future.set_exception(outcome)
        else:
            future.set_result(outcome)
