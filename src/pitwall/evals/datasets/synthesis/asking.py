"""What a model is asked about a passage, and the shape of what it answers."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from importlib import resources
from typing import Any

import yaml
from pydantic import BaseModel, Field

from pitwall.evals.datasets.languages import find_language
from pitwall.evals.datasets.synthesis.types import Passage, QuestionKind
from pitwall.kit.hashing import content_hash, json_hash
from pitwall.llm.types import Message

_KEY_DIGITS = 8


class MadeQuestion(BaseModel):
    """A question with its answer and what it rests on."""

    kind: QuestionKind
    question: str
    answer: str
    quote: str = Field(description="Words of the passage, copied exactly.")


class MadeQuestions(BaseModel):
    """What a model makes of a passage."""

    questions: list[MadeQuestion]


def question_messages(passage: Passage, count: int, kinds: Sequence[QuestionKind]) -> list[Message]:
    """What a model is asked, in the language of the passage: Korean, or English for all others.

    The passage stands between marks with a key that it cannot know.
    """
    texts = _texts("ko" if find_language(passage.text) == "ko" else "en")
    filled = texts["user"].format(
        key=content_hash(passage.text)[:_KEY_DIGITS],
        passage=passage.text,
        count=count,
        kinds="; ".join(texts["kinds"][kind.value] for kind in kinds),
    )
    return [Message("system", texts["system"]), Message("user", filled)]


def prompt_hash() -> str:
    """The fingerprint of all texts that models are asked with."""
    return json_hash(_file())


def _texts(language: str) -> dict[str, Any]:
    texts: dict[str, Any] = _file()[language]
    return texts


@lru_cache(maxsize=1)
def _file() -> dict[str, Any]:
    text = resources.files("pitwall.evals.datasets.synthesis").joinpath("questions.yaml").read_text("utf-8")
    content: dict[str, Any] = yaml.safe_load(text)
    return content
