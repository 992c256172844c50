"""Rules that judge an answer without a model, and send what they find as scores next to the trace.

They are checks of this example, not measures of truth: `match` says whether the model found its answer in the
documents, `framework` to which part of the customer service the answer belongs, and `confidence` how much of
the answer's wording stands in the passages it names.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

import pitwall
from examples.voc_chat.prompt import ModelAnswer
from examples.voc_chat.retrieval import Hit

EVALUATOR = "voc.rules"
_WORD = re.compile(r"[0-9][0-9,.]*|[가-힣A-Za-z]{2,}")


@dataclass(frozen=True, slots=True)
class Judgement:
    """What the rules say of an answer.

    Attributes:
        is_match: Whether the model says that the documents answer the question, and names one.
        framework: Folder-like first part of the first document's name; None without a document.
        confidence: Between 0 and 1; None without a document or words to compare.
    """

    is_match: bool
    framework: str | None
    confidence: float | None


def judge(answer: ModelAnswer, hits: Sequence[Hit]) -> Judgement:
    """Judge what the model answered from the passages it was given."""
    used = [hits[number - 1] for number in answer.sources if 1 <= number <= len(hits)]
    return Judgement(
        is_match=bool(used) and answer.is_answerable is not False,
        framework=used[0].passage.document.split("/")[-1].split("-")[0] if used else None,
        confidence=_wording_found(answer.text, " ".join(hit.passage.text for hit in used)) if used else None,
    )


def send(judgement: Judgement) -> None:
    """Send a judgement as scores of the current span."""
    found = {
        "match": judgement.is_match,
        "framework": judgement.framework,
        "confidence": judgement.confidence,
    }
    for name, value in found.items():
        if value is not None:
            pitwall.score(name, value, **{"gen_ai.evaluation.evaluator.name": EVALUATOR})


def _wording_found(text: str, passages: str) -> float | None:
    """Share of the words whose beginning stands in the passages: Korean particles and endings come last."""
    words = _WORD.findall(text)
    if not words:
        return None
    return sum(_beginning(word) in passages for word in words) / len(words)


def _beginning(word: str) -> str:
    return word.rstrip(",.") if word[0].isdigit() else word[:2]
