"""A judge that answers by script: it reads the data out of the prompt as a model would and counts calls."""

from __future__ import annotations

import asyncio
import re
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

from pydantic import BaseModel

from pitwall.evals.judging.shapes import Claims, ClaimVerdicts
from pitwall.llm.types import Answered, CallFailed, Message

Reply = TypeVar("Reply", bound=BaseModel)
_BLOCK = re.compile(r'<(\w+)(?: id="(\d+)")? key="(\w+)">\n(.*?)\n</\1 key="\3">', re.DOTALL)
_IDS = re.compile(r"(\d+(?:, \d+)*)[.)]?")


@dataclass(frozen=True)
class Asked:
    """A question as a judge reads it."""

    messages: tuple[Message, ...]
    sample: int

    @property
    def system(self) -> str:
        return self.messages[0].content

    @property
    def user(self) -> str:
        return self.messages[-1].content

    @property
    def blocks(self) -> dict[str, dict[int, str]]:
        """Text by name and number of the block; 0 for one without a number."""
        found: dict[str, dict[int, str]] = {}
        for name, number, _, text in _BLOCK.findall(self.user):
            found.setdefault(name, {})[int(number or 0)] = text
        return found

    def text(self, name: str) -> str:
        return self.blocks[name][0]

    def items(self, name: str) -> dict[int, str]:
        """Items of a block that lists `1: text`."""
        pairs = (line.partition(": ") for line in self.text(name).splitlines())
        return {int(number): text for number, _, text in pairs}

    @property
    def ids(self) -> list[int]:
        """Numbers that the closing line asks for."""
        closing = _BLOCK.sub("", self.user)
        found = _IDS.search(closing)
        return [int(number) for number in found[1].split(", ")] if found else []


Rule = Callable[[Asked], Mapping[str, Any] | CallFailed]


class ScriptedJudge:
    """Answers by rule of the shape; equal questions are one call, as in the store of calls."""

    def __init__(
        self,
        rules: Mapping[type[BaseModel], Rule],
        vectors: Mapping[str, list[float]] | None = None,
    ) -> None:
        self.rules = dict(rules)
        self.vectors = dict(vectors or {})
        self.asked: list[tuple[str, Asked]] = []
        self.embedded: list[str] = []
        self._store: dict[tuple[object, ...], asyncio.Future[Any]] = {}

    @property
    def counts(self) -> Counter[str]:
        """Calls by name of the shape."""
        return Counter(name for name, _ in self.asked)

    async def ask(
        self, messages: Sequence[Message], shape: type[Reply], *, sample: int = 0
    ) -> Answered[Reply]:
        key = (tuple(messages), shape, sample)
        if key in self._store:
            return Answered(await self._store[key], (f"call{hash(key)}",), is_from_store=True)
        future = self._store[key] = asyncio.get_running_loop().create_future()
        asked = Asked(tuple(messages), sample)
        self.asked.append((shape.__name__, asked))
        await asyncio.sleep(0)
        reply = self.rules[shape](asked)
        if isinstance(reply, CallFailed):
            future.set_exception(reply)
        else:
            future.set_result(shape.model_validate(reply))
        return Answered(await future, (f"call{hash(key)}",))

    async def embed(self, texts: Sequence[str]) -> list[list[float]]:
        self.embedded += texts
        return [self.vectors[text] for text in texts]


def claims_by_text(claims: Mapping[str, Sequence[str]]) -> Rule:
    """Claims of texts, by the text."""
    return lambda asked: {"claims": list(claims[asked.text("text")])}


def verdict(number: int, said: str, sources: Iterable[int] = ()) -> dict[str, Any]:
    return {"id": number, "reason": f"because {number}", "verdict": said, "sources": list(sources)}


def support_by_table(table: Mapping[str, Sequence[int]]) -> Rule:
    """Which chunks support a claim: a row of 0, 1 and -1 (contradicts), by the text of the claim."""

    def rule(asked: Asked) -> Mapping[str, Any]:
        numbers = list(asked.blocks["source"])
        verdicts = []
        for claim, text in asked.items("claims").items():
            row = {number: table[text][number - 1] for number in numbers}
            said = _SAID[max(row.values(), key=lambda cell: (cell == 1, cell == -1))]
            cell = {"supported": 1, "contradicted": -1}.get(said)
            verdicts.append(verdict(claim, said, [n for n, value in row.items() if value == cell]))
        return {"verdicts": verdicts}

    return rule


_SAID = {1: "supported", 0: "not_stated", -1: "contradicted"}


def matches_by_table(matches: Mapping[str, str | None]) -> Rule:
    """Which claim of the other side says a claim, by its text; None for none."""

    def rule(asked: Asked) -> Mapping[str, Any]:
        items = asked.items("answer_claims") | asked.items("reference_claims")
        number_of = {text: number for number, text in items.items()}
        verdicts = []
        for number in asked.ids:
            other = matches[items[number]]
            said = (
                verdict(number, "not_stated")
                if other is None
                else verdict(number, "supported", [number_of[other]])
            )
            verdicts.append(said)
        return {"verdicts": verdicts}

    return rule


def matrix_judge(
    claims: Mapping[str, Sequence[str]],
    support: Mapping[str, Sequence[int]] | None = None,
    matches: Mapping[str, str | None] | None = None,
) -> ScriptedJudge:
    """A judge that knows a whole claim matrix."""
    by_chunks, by_claims = support_by_table(support or {}), matches_by_table(matches or {})

    def verdicts(asked: Asked) -> Mapping[str, Any] | CallFailed:
        return by_chunks(asked) if "claims" in asked.blocks else by_claims(asked)

    return ScriptedJudge({Claims: claims_by_text(claims), ClaimVerdicts: verdicts})
