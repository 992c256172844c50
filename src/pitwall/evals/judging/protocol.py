"""The verdict protocol: every numbered item gets exactly one verdict, or none that anybody may count.

A judge's list is read as a mapping from the ids that were asked for. What it says of other ids is counted and
ignored; two verdicts on an id that contradict each other are none; ids without one are asked again once.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Generic, Protocol, TypeVar

from pitwall.llm.types import CallFailed, CallFailure


class Numbered(Protocol):
    """What every verdict on an item has."""

    @property
    def id(self) -> int:
        """Number of the item."""
        ...

    @property
    def verdict(self) -> str:
        """What is said of it."""
        ...


Item = TypeVar("Item", bound=Numbered)
Ask = Callable[[Sequence[int], bool], Awaitable[Iterable[Item]]]
"""Asks for verdicts on some items; True when it does so again."""


@dataclass(frozen=True, slots=True)
class Reading(Generic[Item]):
    """What a judge said, as far as it can be counted.

    Attributes:
        verdicts: By id; only ids that were asked for.
        missing: Ids without a verdict.
        conflicting: Ids with verdicts that contradict each other.
        unknown_ids: Verdicts on ids that nobody asked for.
        is_repeated: The missing ones were asked for again.
    """

    verdicts: Mapping[int, Item]
    missing: tuple[int, ...]
    conflicting: tuple[int, ...] = ()
    unknown_ids: int = 0
    is_repeated: bool = False

    def irregularities(self) -> dict[str, int]:
        """What was wrong with the replies, for the evidence; empty if nothing was."""
        counts = {
            "missing": len(self.missing),
            "conflicting": len(self.conflicting),
            "unknown_ids": self.unknown_ids,
            "asked_again": int(self.is_repeated),
        }
        return {name: count for name, count in counts.items() if count}


def read_verdicts(asked: Sequence[int], items: Iterable[Item]) -> Reading[Item]:
    """Match verdicts with the items that they were asked for."""
    found: dict[int, Item] = {}
    conflicting: set[int] = set()
    unknown_ids = 0
    wanted = set(asked)
    for item in items:
        if item.id not in wanted:
            unknown_ids += 1
        elif found.setdefault(item.id, item).verdict != item.verdict:
            conflicting.add(item.id)
    verdicts = {number: found[number] for number in asked if number in found and number not in conflicting}
    missing = tuple(number for number in asked if number not in found)
    return Reading(verdicts, missing, tuple(sorted(conflicting)), unknown_ids)


def merge(first: Reading[Item], second: Reading[Item]) -> Reading[Item]:
    """Fill what was missing in a first reply from a second one."""
    return Reading(
        {**second.verdicts, **first.verdicts},
        second.missing,
        (*first.conflicting, *second.conflicting),
        first.unknown_ids + second.unknown_ids,
        is_repeated=True,
    )


async def ask_for_all(
    numbers: Sequence[int],
    ask: Ask[Item],
    *,
    is_usable: Callable[[Item], bool] = lambda _: True,
) -> Reading[Item]:
    """Ask for a verdict on every item, and once more for those that were left out.

    Args:
        numbers: Ids of the items.
        ask: Asks for verdicts on some of them.
        is_usable: Whether a verdict can be counted; one that cannot is as good as missing.

    Raises:
        CallFailed: A call gave nothing.
    """
    first = _usable(numbers, await _in_parts(numbers, ask, is_again=False), is_usable)
    if not first.missing:
        return first
    second = await _in_parts(first.missing, ask, is_again=True)
    return merge(first, _usable(first.missing, second, is_usable))


async def _in_parts(numbers: Sequence[int], ask: Ask[Item], *, is_again: bool) -> list[Item]:
    """Ask about some items; if the reply was cut off, about half of them at a time."""
    try:
        return list(await ask(numbers, is_again))
    except CallFailed as error:
        if error.failure is not CallFailure.TRUNCATED or len(numbers) < 2:
            raise
    middle = len(numbers) // 2
    halves = [await _in_parts(half, ask, is_again=is_again) for half in (numbers[:middle], numbers[middle:])]
    return [item for half in halves for item in half]


def _usable(
    numbers: Sequence[int], items: Iterable[Item], is_usable: Callable[[Item], bool]
) -> Reading[Item]:
    return read_verdicts(numbers, (item for item in items if is_usable(item)))
