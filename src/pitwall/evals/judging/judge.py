"""A judge for one case: asks, and remembers which stored calls the score rests on."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Mapping, Sequence
from typing import Final, TypeVar

from pydantic import BaseModel

from pitwall.evals.judging.prompts import BUILT_IN, Block, Prompts, messages
from pitwall.llm.types import CallFailed, CallFailure, Models

Shape = TypeVar("Shape", bound=BaseModel)
Result = TypeVar("Result")

LONGEST_PROMPT: Final = 120_000
"""Characters. Some servers cut a longer prompt without a word, and the judge then judges half of it."""


class TooLong(Exception):  # never leaves the metrics: it becomes a score of status `error`
    """What would have to be shown to a judge at once is longer than any may be expected to read."""

    def __init__(self, characters: int) -> None:
        super().__init__(f"{characters} characters, at most {LONGEST_PROMPT}")
        self.characters = characters


class Judge:
    """Asks a model about one case.

    Args:
        models: Who is asked.
        language: Tag of the language of the case.
        prompts: What it is asked with.
    """

    def __init__(self, models: Models, language: str, prompts: Prompts = BUILT_IN) -> None:
        self.language: Final = language
        self._models = models
        self._prompts = prompts
        self._calls: dict[str, None] = {}

    @property
    def calls(self) -> tuple[str, ...]:
        """Keys of the stored calls so far, each once."""
        return tuple(self._calls)

    async def ask(
        self,
        prompt: str,
        shape: type[Shape],
        blocks: Sequence[Block],
        values: Mapping[str, str] | None = None,
        *,
        sample: int = 0,
        is_again: bool = False,
    ) -> Shape:
        """Ask one question.

        Args:
            prompt: Its name.
            shape: Of the reply.
            blocks: The data that it is about.
            values: For the places of the prompt.
            sample: Which of several independent replies.
            is_again: An earlier reply left these items out.

        Raises:
            CallFailed: No usable reply came.
            TooLong: There is more to read than a judge can be given.
        """
        asked = messages(
            prompt, self.language, blocks, values or {}, is_again=is_again, prompts=self._prompts
        )
        characters = sum(len(message.content) for message in asked)
        if characters > LONGEST_PROMPT:
            raise TooLong(characters)
        try:
            answered = await self._models.ask(asked, shape, sample=sample)
        except CallFailed as error:
            self._remember(error.calls)
            raise
        self._remember(answered.calls)
        return answered.value

    async def embed(self, texts: Sequence[str]) -> list[list[float]]:
        """Return one vector for each text.

        Raises:
            CallFailed: None came.
        """
        return await self._models.embed(texts)

    def _remember(self, calls: Sequence[str]) -> None:
        self._calls |= dict.fromkeys(calls)


async def together(waiting: Sequence[Awaitable[Result]]) -> list[Result]:
    """Wait for several questions at once, for all of them even if one fails, so that no answer is lost.

    Raises:
        CallFailed: One of them failed; a spent budget comes first.
    """
    results = await asyncio.gather(*waiting, return_exceptions=True)
    failures = [result for result in results if isinstance(result, BaseException)]
    for failure in failures:
        if isinstance(failure, CallFailed) and failure.failure is CallFailure.BUDGET:
            raise failure
    if failures:
        raise failures[0]
    return [result for result in results if not isinstance(result, BaseException)]
