"""Faults that the test server injects into statements, armed over HTTP by the test."""

from __future__ import annotations

import re
import threading
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from enum import StrEnum
from typing import Any


class FaultMode(StrEnum):
    """What goes wrong with a statement."""

    STATUS = "status"  # not executed; answered with `status`, and `code` as ClickHouse's own if it is given
    HANG = "hang"  # executed only after `seconds`, or when the faults are disarmed
    DROP_BEFORE = "drop_before"  # not executed; the connection closes without an answer
    DROP_AFTER = "drop_after"  # executed; the connection closes without an answer
    TRUNCATE = "truncate"  # executed; half of the answer, then the connection closes


@dataclass
class Fault:
    """A fault waiting for its statements; `count` is how many are left."""

    mode: FaultMode
    count: int = 1
    match: str = ""
    status: int = 503
    code: int | None = None
    seconds: float = 3600.0


@dataclass
class Faults:
    """What is armed and what has happened."""

    armed: list[Fault] = field(default_factory=list)
    struck: Counter[str] = field(default_factory=Counter)
    running: int = 0
    _lock: threading.Lock = field(default_factory=threading.Lock)
    _released: threading.Event = field(default_factory=threading.Event)

    def arm(self, fields: dict[str, Any]) -> None:
        fault = Fault(**{**fields, "mode": FaultMode(fields["mode"])})
        re.compile(fault.match)
        with self._lock:
            self.armed.append(fault)

    def clear(self) -> None:
        with self._lock:
            self.armed.clear()
            self._released.set()
            self._released = threading.Event()

    @contextmanager
    def running_statement(self) -> Iterator[None]:
        """Count a statement as under way, hanging included."""
        with self._lock:
            self.running += 1
        try:
            yield
        finally:
            with self._lock:
                self.running -= 1

    def take(self, statement: str) -> Fault | None:
        """Return the first armed fault that fits, used up by one."""
        with self._lock:
            for fault in self.armed:
                if re.search(fault.match, statement):
                    fault.count -= 1
                    self.armed = [left for left in self.armed if left.count > 0]
                    self.struck[fault.mode.value] += 1
                    return fault
        return None

    def hang(self, fault: Fault) -> None:
        self._released.wait(fault.seconds)

    def report(self) -> dict[str, Any]:
        with self._lock:
            armed = [asdict(fault) for fault in self.armed]
            return {"armed": armed, "struck": dict(self.struck), "running": self.running}
