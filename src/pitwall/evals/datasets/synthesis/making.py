"""Examples out of documents: passages asked about, answers checked against them, repeats left out."""

from __future__ import annotations

import asyncio
import random
import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from pitwall.evals.datasets.languages import find_language
from pitwall.evals.datasets.synthesis.asking import (
    MadeQuestion,
    MadeQuestions,
    prompt_hash,
    question_messages,
)
from pitwall.evals.datasets.synthesis.likeness import AskedBefore
from pitwall.evals.datasets.synthesis.passages import cut
from pitwall.evals.datasets.synthesis.types import Document, Passage, SynthesisCounts, SynthesisPlan
from pitwall.evals.types import Context, Example
from pitwall.kit.hashing import content_hash
from pitwall.kit.text import normalise
from pitwall.llm.types import Answered, CallFailed, CallFailure, Models

_AT_ONCE = 16
_ID_DIGITS = 12
_BLANKS = re.compile(r"\s+")


@dataclass(frozen=True, slots=True)
class Synthesis:
    """What was made.

    Attributes:
        failure: The last failure; None if every passage was answered.
    """

    examples: list[Example]
    counts: SynthesisCounts
    failure: CallFailed | None


class Synthesizer:
    """Makes examples of documents.

    Args:
        models: Who is asked.
        model: Its name, which stands in the metadata of every example.
        plan: What is to be made.
        told: Called with the counts whenever they grew.
    """

    def __init__(
        self,
        models: Models,
        model: str,
        plan: SynthesisPlan,
        told: Callable[[SynthesisCounts], None] = lambda _: None,
    ) -> None:
        self._models = models
        self._model = model
        self._plan = plan
        self._told = told
        self._counts = SynthesisCounts()
        self._asked_before = AskedBefore(plan.same_from)
        self._examples: list[Example] = []
        self._failure: CallFailed | None = None

    async def make(self, documents: Sequence[Document]) -> Synthesis:
        """Ask about passages, in an order that the seed gives, until there are enough questions.

        A passage about which nothing came is counted; a budget that is used up ends it with what there is.
        """
        for passages in _groups(self._order(documents)):
            answers = await asyncio.gather(*map(self._ask, passages))
            for passage, answer in zip(passages, answers, strict=True):
                self._take(passage, answer)
            self._told(self._counts)
            if len(self._examples) >= self._plan.count or self._is_over():
                break
        return Synthesis(self._examples, self._counts, self._failure)

    def _order(self, documents: Sequence[Document]) -> list[Passage]:
        passages = [passage for document in documents for passage in cut(document)]
        random.Random(self._plan.seed).shuffle(passages)
        return passages

    async def _ask(self, passage: Passage) -> Answered[MadeQuestions] | CallFailed:
        messages = question_messages(passage, self._plan.per_passage, self._plan.kinds)
        try:
            return await self._models.ask(messages, MadeQuestions)
        except CallFailed as error:
            return error

    def _is_over(self) -> bool:
        return self._failure is not None and self._failure.failure is CallFailure.BUDGET

    def _take(self, passage: Passage, answer: Answered[MadeQuestions] | CallFailed) -> None:
        self._counts.asked += 1
        if isinstance(answer, CallFailed):
            self._failure = answer
            self._counts.fail(answer.failure.value)
            return
        for made in answer.value.questions:
            self._counts.offered += 1
            if len(self._examples) >= self._plan.count:
                self._counts.drop("enough")
                continue
            example = self._example(passage, made, answer.calls)
            if isinstance(example, Example):
                self._examples.append(example)
                self._counts.kept += 1
            else:
                self._counts.drop(example)

    def _example(self, passage: Passage, made: MadeQuestion, calls: Sequence[str]) -> Example | str:
        """The example of a question, or why it is dropped."""
        question, answer = normalise(made.question).strip(), normalise(made.answer).strip()
        if not question or not answer:
            return "empty"
        quote = find_quote(made.quote, passage)
        if quote is None:
            return "quote_not_found"
        if not self._asked_before.take(question):
            return "near_duplicate"
        start, end = quote
        quoted = passage.text[start - passage.start : end - passage.start]
        return Example(
            id=f"syn-{content_hash(f'{passage.id} {question}')[:_ID_DIGITS]}",
            question=question,
            language=find_language(question, answer),
            group=passage.document,
            reference=answer,
            reference_contexts=(Context(passage.text, passage.id),),
            metadata={
                "question_type": made.kind.value,
                "document": passage.document,
                "synthesis": {
                    "passage": {"start": passage.start, "end": passage.end},
                    "quote": {"start": start, "end": end, "text": quoted},
                    "model": self._model,
                    "prompt": prompt_hash(),
                    "calls": list(calls),
                },
            },
        )


def find_quote(quote: str, passage: Passage) -> tuple[int, int] | None:
    """Where the words of a quote stand in the document, whatever blanks are between them; None if nowhere."""
    words = _BLANKS.split(normalise(quote).strip(" \t\n\"'“”‘’"))
    if words == [""]:
        return None
    match = re.search(r"\s+".join(map(re.escape, words)), passage.text, re.IGNORECASE)
    return None if match is None else (passage.start + match.start(), passage.start + match.end())


def _groups(passages: Sequence[Passage]) -> Iterator[Sequence[Passage]]:
    return (passages[at : at + _AT_ONCE] for at in range(0, len(passages), _AT_ONCE))
