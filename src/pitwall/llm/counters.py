"""What a run has asked of models so far, for its progress."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from decimal import Decimal

from pitwall.llm.calls import Call
from pitwall.llm.types import CallFailure


@dataclass(frozen=True, slots=True)
class CallCounts:
    """A moment's numbers.

    Attributes:
        made: Calls made, whatever came of them.
        from_store: Questions that the store had the answer of.
        joined: Questions that were under way already.
        failed: Calls that gave nothing, by kind.
        attempts: Requests sent, retries included.
        cost_usd: Of the calls that have a price.
        unpriced: Calls without one.
    """

    made: int = 0
    from_store: int = 0
    joined: int = 0
    failed: dict[CallFailure, int] = field(default_factory=dict)
    attempts: int = 0
    input_tokens: int = 0
    output_tokens: int = 0
    cost_usd: Decimal = Decimal(0)
    unpriced: int = 0

    @property
    def failed_calls(self) -> int:
        """Calls that gave nothing, of all kinds."""
        return sum(self.failed.values())


class CallCounters:
    """Counts calls, and tells whoever shows progress that something changed."""

    def __init__(self, changed: Callable[[], None] = lambda: None) -> None:
        self._changed = changed
        self._failed: Counter[CallFailure] = Counter()
        self._made = self._from_store = self._joined = self._attempts = self._unpriced = 0
        self._input_tokens = self._output_tokens = 0
        self._cost = Decimal(0)

    def made(self, call: Call) -> None:
        """A call ended."""
        self._made += 1
        self._attempts += call.attempts
        self._input_tokens += call.usage.input_tokens or 0
        self._output_tokens += call.usage.output_tokens or 0
        if call.failure is not None:
            self._failed[call.failure] += 1
        if call.cost_usd is not None:
            self._cost += call.cost_usd
        elif call.failure is None:
            self._unpriced += 1
        self._changed()

    def from_store(self, questions: int = 1) -> None:
        """The store had answers."""
        self._from_store += questions
        self._changed()

    def joined(self) -> None:
        """Somebody had just asked the same."""
        self._joined += 1

    def snapshot(self) -> CallCounts:
        """Return the numbers of this moment."""
        return CallCounts(
            made=self._made,
            from_store=self._from_store,
            joined=self._joined,
            failed=dict(self._failed),
            attempts=self._attempts,
            input_tokens=self._input_tokens,
            output_tokens=self._output_tokens,
            cost_usd=self._cost,
            unpriced=self._unpriced,
        )
