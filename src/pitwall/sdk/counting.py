"""Numbers that parts of the SDK count in the application, exported with its own metrics."""

from __future__ import annotations

import os
import threading
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

_MAX_SERIES: Final = 1_000


@dataclass(frozen=True, slots=True)
class Series:
    """What is counted: a name, its unit, and attributes of few values."""

    name: str
    unit: str
    attributes: tuple[tuple[str, str], ...] = ()


class Counters:
    """Monotonic sums; a forked child starts at zero. Beyond 1,000 series new ones are left out."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._sums: Counter[Series] = Counter()

    def reset(self) -> None:
        """Forget everything."""
        self._lock = threading.Lock()
        self._sums = Counter()

    def add(self, name: str, unit: str, attributes: Mapping[str, str]) -> None:
        """Count one."""
        series = Series(name, unit, tuple(sorted(attributes.items())))
        with self._lock:
            if series in self._sums or len(self._sums) < _MAX_SERIES:
                self._sums[series] += 1

    def sums(self) -> Counter[Series]:
        """A copy of all sums."""
        with self._lock:
            return self._sums.copy()


counters = Counters()
if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=counters.reset)
