"""How the simulated model makes questions: by rules that look at words, without a model."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

from pitwall.evals.datasets.languages import find_language
from pitwall.evals.datasets.synthesis.asking import MadeQuestions
from pitwall.evals.datasets.synthesis.types import QuestionKind
from pitwall.llm.reading_words import blocks_of, sentences
from pitwall.llm.simulated import register
from pitwall.llm.types import Message

_COUNT = re.compile(r"\d+")
_WORDS = 6
_LEAST_WORDS = 3


def register_rule() -> None:
    """Let the simulated model answer what `making` asks."""
    register(MadeQuestions.__name__, _questions)


def _questions(messages: Sequence[Message]) -> Mapping[str, Any]:
    """A question about the beginning of each of the first sentences; the sentence itself is the answer."""
    blocks, asked = blocks_of(messages)
    count = int(found[0]) if (found := _COUNT.search(asked)) else 1
    said = [one for one in sentences(blocks[0].text) if len(one.split()) >= _LEAST_WORDS]
    return {"questions": [_question(sentence) for sentence in said[:count]]}


def _question(sentence: str) -> dict[str, str]:
    beginning = " ".join(sentence.split()[:_WORDS]).strip(" .,:;#*-")
    template = (
        "다음은 어떻게 이어지나요: {}?" if find_language(sentence) == "ko" else "How does this go on: {}?"
    )
    return {
        "kind": QuestionKind.FACTUAL.value,
        "question": template.format(beginning),
        "answer": sentence,
        "quote": sentence,
    }
