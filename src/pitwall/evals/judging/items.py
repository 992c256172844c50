"""Verdicts on a numbered list of any length: asked for in batches, each item exactly once."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Protocol, TypeVar

from pydantic import BaseModel

from pitwall.evals.judging.judge import Judge, together
from pitwall.evals.judging.prompts import Block
from pitwall.evals.judging.protocol import Item, Numbered, Reading, ask_for_all
from pitwall.evals.judging.windows import batches

Reply = TypeVar("Reply", bound=BaseModel)


class Reasoned(Numbered, Protocol):
    """A verdict with its reason."""

    @property
    def reason(self) -> str:
        """Why."""
        ...


async def judge_items(
    judge: Judge,
    prompt: str,
    shape: type[Reply],
    verdicts_of: Callable[[Reply], Iterable[Item]],
    numbers: Iterable[int],
    blocks_of: Callable[[Sequence[int]], Sequence[Block]],
) -> dict[int, Item]:
    """Ask for a verdict on every item; one that a judge leaves out twice is missing.

    Args:
        prompt: Its name; it has the place `{ids}`.
        blocks_of: What is shown when these items are asked about.

    Raises:
        CallFailed: A call gave nothing.
        TooLong: There is more to read than a judge can be given.
    """

    async def ask(wanted: Sequence[int], is_again: bool) -> Iterable[Item]:
        ids = {"ids": ", ".join(map(str, wanted))}
        return verdicts_of(await judge.ask(prompt, shape, blocks_of(wanted), ids, is_again=is_again))

    readings: list[Reading[Item]] = await together([ask_for_all(one, ask) for one in batches(list(numbers))])
    return {number: item for reading in readings for number, item in reading.verdicts.items()}


def picked(items: Mapping[int, str], numbers: Iterable[int]) -> dict[int, str]:
    """These items, by their numbers."""
    return {number: items[number] for number in numbers}


def verdict_view(item: Reasoned | None) -> dict[str, str | None]:
    """A verdict as evidence; None for an item that got none."""
    return {"verdict": None} if item is None else {"verdict": str(item.verdict), "reason": item.reason}
