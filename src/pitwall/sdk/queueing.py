"""The bounded queue between the application's threads and the exporter, and its bookkeeping."""

from __future__ import annotations

import threading
from collections import Counter, deque
from dataclasses import dataclass
from typing import Generic, Protocol, TypeVar

T = TypeVar("T", bound="Sized")

QUEUE_FULL = "queue_full"
EXPORT_FAILED = "export_failed"
REJECTED = "rejected"


class Sized(Protocol):
    """Anything that knows about how many bytes it holds."""

    @property
    def size(self) -> int: ...


@dataclass(frozen=True, slots=True)
class Tally:
    """What became of everything that was offered; `accepted + dropped[queue_full]` is the number offered."""

    accepted: int
    queued: int
    exported: int
    dropped: dict[str, int]

    @property
    def dropped_total(self) -> int:
        return sum(self.dropped.values())


class BoundedQueue(Generic[T]):
    """First in, first out; refuses and counts what does not fit instead of waiting.

    The lock is reentrant because a garbage collection inside it may end another span.

    Args:
        max_items: Most items held.
        max_bytes: Most bytes held, by the items' own `size`.
    """

    def __init__(self, max_items: int, max_bytes: int) -> None:
        self._max_items = max_items
        self._max_bytes = max_bytes
        self._items: deque[T] = deque()
        self._bytes = 0
        self._lock = threading.RLock()
        self._accepted = self._exported = 0
        self._dropped: Counter[str] = Counter()

    def offer(self, item: T) -> bool:
        """Append `item`, or count it as dropped; False when there was no room."""
        with self._lock:
            size = self._bytes + item.size
            if len(self._items) >= self._max_items or (size > self._max_bytes and self._items):
                self._dropped[QUEUE_FULL] += 1
                return False
            self._items.append(item)
            self._bytes = size
            self._accepted += 1
            return True

    def take(self, max_items: int, max_bytes: int) -> list[T]:
        """Remove the oldest items: at least one if there is any, at most `max_items` and `max_bytes`."""
        batch: list[T] = []
        size = 0
        with self._lock:
            while self._items and len(batch) < max_items:
                size += self._items[0].size
                if batch and size > max_bytes:
                    break
                item = self._items.popleft()
                self._bytes -= item.size
                batch.append(item)
        return batch

    def settle(self, exported: int, dropped: int = 0, reason: str = EXPORT_FAILED) -> None:
        """Book the fate of items taken before."""
        with self._lock:
            self._exported += exported
            if dropped:
                self._dropped[reason] += dropped

    @property
    def accepted(self) -> int:
        return self._accepted

    @property
    def settled(self) -> int:
        """How many accepted items have met their fate."""
        with self._lock:
            return self._exported + sum(self._dropped.values()) - self._dropped[QUEUE_FULL]

    def tally(self) -> Tally:
        with self._lock:
            return Tally(self._accepted, len(self._items), self._exported, dict(self._dropped))
