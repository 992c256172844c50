"""What has happened before is not rare: the largest events of a series, remembered."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Final

_SAME: Final = 0.9
"""An earlier event counts if it was at least this share of the new one."""
_GAP: Final = 12
"""Windows apart that two events are at least; closer ones are one event."""
_CAPACITY: Final = 32
_EVENTS_PER_EXPECTED: Final = 2.0
"""So many like events in the time that chance would need for one are still worth telling."""


class PastEvents:
    """Recent large magnitudes, each event by its peak, and the rarity that they leave to a new one.

    A spike that comes with every nightly backup is far outside of everything a smooth tail expects, and yet
    it is no news. If events as large came `n` times in the last `w` windows, another one is not rarer than `n
    / (2 w)`.

    Args:
        memory: Windows after which an event is forgotten.
    """

    __slots__ = ("_memory", "events")

    def __init__(self, memory: float, events: Sequence[tuple[float, int]] = ()) -> None:
        self._memory = memory
        self.events = list(events)

    def limit(self, magnitude: float, now: int) -> float:
        """Return the most that -ln of the probability can be after the events before; infinite if none was
        alike.

        Args:
            magnitude: Of the window now.
            now: Number of the window, counted from the start of the series.
        """
        earlier = self.events[:-1] if self._is_same_event(now) else self.events
        oldest, least = now - self._memory, _SAME * magnitude
        alike = sum(1 for peak, at in earlier if peak >= least and at >= oldest)
        if not alike:
            return math.inf
        return max(0.0, math.log(_EVENTS_PER_EXPECTED * min(now, self._memory) / alike))

    def remember(self, magnitude: float, now: int) -> None:
        """Note a large magnitude: a new event, or more of the one under way."""
        if self._is_same_event(now):
            self.events[-1] = (max(self.events[-1][0], magnitude), now)
            return
        self.events.append((magnitude, now))
        del self.events[:-_CAPACITY]

    def _is_same_event(self, now: int) -> bool:
        return bool(self.events) and now - self.events[-1][1] <= _GAP
