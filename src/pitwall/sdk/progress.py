"""How many requests this process is serving now."""

from __future__ import annotations

import os
import threading


class InProgress:
    """A counter that goes up and down; a forked child starts at zero."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._count = 0

    def enter(self) -> None:
        with self._lock:
            self._count += 1

    def leave(self) -> None:
        with self._lock:
            self._count = max(self._count - 1, 0)

    @property
    def count(self) -> int:
        return self._count

    def reset(self) -> None:
        self._lock = threading.Lock()
        self._count = 0


requests_in_progress = InProgress()
if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=requests_in_progress.reset)
