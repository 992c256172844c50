"""Faults that can be switched on while the simulator runs: which request they hit is decided here."""

from __future__ import annotations

import random
from dataclasses import asdict, dataclass
from enum import StrEnum
from fnmatch import fnmatchcase
from typing import Any

from pitwall.core.errors import InvalidInput


class FaultMode(StrEnum):
    """What goes wrong."""

    TIMEOUT = "timeout"  # holds the request for `seconds`, then answers 504
    STATUS_429 = "status_429"  # 429 with Retry-After: `seconds`
    STATUS_500 = "status_500"
    CUT_STREAM = "cut_stream"  # closes the connection in the middle of the answer
    BROKEN_JSON = "broken_json"  # the model's reply is JSON that stops half way (embeddings: the body does)
    SLOW = "slow"  # waits `seconds` more before the first token


DEFAULT_SECONDS = {FaultMode.TIMEOUT: 60.0, FaultMode.STATUS_429: 1.0, FaultMode.SLOW: 5.0}
_FIELDS = frozenset({"mode", "ratio", "count", "seconds", "match_model"})


@dataclass(slots=True)
class Fault:
    """One switched-on fault.

    Args:
        mode: What happens.
        ratio: Share of the matching requests it hits, (0, 1].
        count: How many requests it may still hit; None is no limit.
        seconds: Length of the hold, the wait or Retry-After.
        match_model: Shell pattern of the model names it applies to.
        hits: Requests hit so far.
    """

    mode: FaultMode
    ratio: float = 1.0
    count: int | None = None
    seconds: float = 0.0
    match_model: str = "*"
    hits: int = 0


class FaultBoard:
    """The switched-on faults, oldest first; the first that matches a request hits it."""

    def __init__(self, rng: random.Random) -> None:
        self._rng = rng
        self._faults: list[Fault] = []

    def add(self, spec: object) -> Fault:
        """Switch on a fault given as a JSON object.

        Raises:
            InvalidInput: An unknown field or mode, or a value outside its range.
        """
        fault = parse_fault(spec)
        self._faults.append(fault)
        return fault

    def clear(self) -> int:
        """Switch all off; returns how many there were."""
        cleared = len(self._faults)
        self._faults.clear()
        return cleared

    def listing(self) -> list[dict[str, Any]]:
        return [asdict(fault) for fault in self._faults]

    def draw(self, model: str) -> Fault | None:
        """The fault that hits the next request for a model, counted; None lets it pass."""
        for fault in self._faults:
            if fault.count == 0 or not fnmatchcase(model, fault.match_model):
                continue
            if self._rng.random() < fault.ratio:
                fault.hits += 1
                fault.count = None if fault.count is None else fault.count - 1
                return fault
        return None


def parse_fault(spec: object) -> Fault:
    """Check a fault given as JSON; see `Fault` for the fields."""
    if not isinstance(spec, dict) or spec.keys() - _FIELDS:
        raise InvalidInput(f"A fault is an object with the fields {sorted(_FIELDS)}; got {spec!r}.")
    try:
        mode = FaultMode(spec.get("mode", ""))
    except ValueError:
        raise InvalidInput(
            f"Unknown fault mode {spec.get('mode')!r}; use one of {[m.value for m in FaultMode]}."
        ) from None
    count = spec.get("count")
    if count is not None and (type(count) is not int or count < 1):
        raise InvalidInput(f"count {count!r} must be a whole number of at least 1, or null.")
    return Fault(
        mode=mode,
        ratio=_number(spec, "ratio", default=1.0, low=0.0, high=1.0),
        count=count,
        seconds=_number(spec, "seconds", default=DEFAULT_SECONDS.get(mode, 0.0), low=0.0, high=3600.0),
        match_model=str(spec.get("match_model") or "*"),
    )


def _number(spec: dict[str, Any], name: str, *, default: float, low: float, high: float) -> float:
    value = spec.get(name)
    if value is None:
        return default
    if isinstance(value, bool) or not isinstance(value, int | float) or not low <= value <= high:
        raise InvalidInput(f"{name} {value!r} must be a number from {low:g} to {high:g}.")
    return float(value)
