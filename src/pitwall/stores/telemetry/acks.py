"""How those who wait learn that their request is durable: threads by futures, loops by one call a group."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable
from concurrent.futures import Future
from dataclasses import dataclass, field, replace

import structlog

from pitwall.stores.telemetry.entries import Entry

_log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Ack:
    """The promise that a request survives a crash.

    Attributes:
        position: Its place in the stream; None for a repeat of a request that was acknowledged before.
        is_duplicate: The request was there already; nothing was added.
    """

    position: int | None
    is_duplicate: bool = False


@dataclass(frozen=True, slots=True)
class Waiter:
    """Someone who waits for a request: a thread, or a task of `loop`."""

    future: Future[Ack] | asyncio.Future[Ack]
    loop: asyncio.AbstractEventLoop | None = None
    is_duplicate: bool = False

    def outcome(self, outcome: Ack | Exception) -> Ack | Exception:
        """Fit a request's outcome to this waiter: who sent a repeat learns that it was one."""
        return (
            replace(outcome, is_duplicate=True) if self.is_duplicate and isinstance(outcome, Ack) else outcome
        )


@dataclass(slots=True)
class Pending:
    """A request on its way to the disk, and everyone who waits for it."""

    entry: Entry
    arrived_at: float
    waiters: list[Waiter] = field(default_factory=list)


def settle(outcomes: Iterable[tuple[Pending, Ack | Exception]]) -> None:
    """Complete all waiters of a group; each event loop is woken once."""
    by_loop: dict[asyncio.AbstractEventLoop, list[tuple[Waiter, Ack | Exception]]] = {}
    for pending, outcome in outcomes:
        for waiter in pending.waiters:
            if waiter.loop is None:
                _complete(waiter, outcome)
            else:
                by_loop.setdefault(waiter.loop, []).append((waiter, outcome))
    for loop, group in by_loop.items():
        try:
            loop.call_soon_threadsafe(_complete_all, group)
        except RuntimeError:
            # The loop was closed while its requests were written; they are durable, nobody is left to be
            # told.
            _log.info("wal.waiters_gone", count=len(group))


def _complete_all(group: list[tuple[Waiter, Ack | Exception]]) -> None:
    for waiter, outcome in group:
        _complete(waiter, outcome)


def _complete(waiter: Waiter, outcome: Ack | Exception) -> None:
    if waiter.future.done():  # cancelled: the client went away
        return
    final = waiter.outcome(outcome)
    if isinstance(final, Ack):
        waiter.future.set_result(final)
    else:
        waiter.future.set_exception(final)
