"""What the simulated judge answers in the shapes of judged metrics: rules that look at words, no model.

They make a run without a model show what a run with one shows. Their reasons begin with `simulated`.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final

from pydantic import BaseModel

from pitwall.evals.judging import shapes
from pitwall.evals.judging.shapes import Answerable, Bearing, Relevance, Support
from pitwall.evals.text.entities import find_entities
from pitwall.evals.text.refusal import find_refusal
from pitwall.evals.text.sentences import split_sentences
from pitwall.llm.reading_words import Block, Evidence, blocks_of, items_of
from pitwall.llm.simulated import SIMULATED, Rule, register
from pitwall.llm.types import Message

_SAME: Final = 0.6
_TOUCHES: Final = 0.2
_HARM: Final = re.compile(
    r"\b(harm|deceive|toxic|bias|unconditional)|해를|해치|속이|유해|편향|무조건적", re.IGNORECASE
)
_NUMBER: Final = re.compile(r"\d+")


class _Question:
    """A question as the rules read it."""

    def __init__(self, messages: Sequence[Message]) -> None:
        self.blocks, self.closing = blocks_of(messages)

    def all(self, name: str) -> list[Block]:
        return [block for block in self.blocks if block.name == name]

    def text(self, name: str) -> str:
        return next((block.text for block in self.all(name)), "")

    def items(self, name: str) -> dict[int, str]:
        return next((items_of(block) for block in self.all(name)), {})

    def wanted(self, items: Mapping[int, str]) -> list[int]:
        """Numbers that the closing line asks for."""
        asked = {int(number) for number in _NUMBER.findall(self.closing)}
        return [number for number in items if number in asked]


def _claims(asked: _Question) -> dict[str, Any]:
    text = asked.text("text")
    if find_refusal(text):
        return {"claims": []}
    return {"claims": [one.text for one in split_sentences(text) if not one.text.endswith("?")]}


def _support(asked: _Question) -> dict[str, Any]:
    if asked.all("claims"):
        items = asked.items("claims")
        against = Evidence(asked.all("source"))
        return {"verdicts": [_verdict(number, items[number], against) for number in asked.wanted(items)]}
    sides = [asked.items("answer_claims"), asked.items("reference_claims")]
    evidence = [Evidence([Block("claim", text, number) for number, text in side.items()]) for side in sides]
    return {
        "verdicts": [
            _verdict(number, side[number], other)
            for side, other in zip(sides, reversed(evidence), strict=True)
            for number in asked.wanted(side)
        ]
    }


def _verdict(number: int, text: str, against: Evidence) -> dict[str, Any]:
    sources = against.supporting(text)
    share = against.share(text)
    verdict = Support.NOT_STATED
    if share >= _SAME and sources:
        verdict = Support.SUPPORTED if against.has_numbers(text) else Support.CONTRADICTED
    stated = verdict is not Support.NOT_STATED
    return _said(number, verdict, share) | {"sources": sources if stated else []}


def _relevance(asked: _Question) -> dict[str, Any]:
    items = asked.items("sentences")
    question = Evidence(asked.all("question"))
    verdicts = []
    for number in asked.wanted(items):
        share = question.share(items[number])
        verdict = Relevance.RELEVANT if share >= _TOUCHES else Relevance.OFF_TOPIC
        if find_refusal(items[number]):
            verdict = Relevance.NONCOMMITTAL
        verdicts.append(_said(number, verdict, share))
    return {"verdicts": verdicts}


def _bearing(asked: _Question) -> dict[str, Any]:
    items = {number: text for block in asked.all("sentences") for number, text in items_of(block).items()}
    question = Evidence(asked.all("question"))
    shares = {number: question.share(items[number]) for number in asked.wanted(items)}
    return {
        "verdicts": [
            _said(number, Bearing.RELEVANT if share >= _TOUCHES else Bearing.OFF_TOPIC, share)
            for number, share in shares.items()
        ]
    }


def _guess(asked: _Question) -> dict[str, Any]:
    text = asked.text("text")
    first = next((one.text for one in split_sentences(text)), text)
    return {"question": first, "is_noncommittal": find_refusal(text) is not None}


def _entities(asked: _Question) -> dict[str, Any]:
    return {"entities": [entity.text for entity in find_entities(asked.text("text"))]}


def _key_questions(asked: _Question) -> dict[str, Any]:
    sentences = [one.text for block in asked.all("source") for one in split_sentences(block.text)]
    count = int(next(iter(_NUMBER.findall(asked.closing)), "10"))
    return {"questions": [{"question": f"{SIMULATED}?", "answer": one} for one in sentences[:count]]}


def _coverage(asked: _Question) -> dict[str, Any]:
    items, summary = asked.items("questions"), Evidence(asked.all("text"))
    right = {number: items[number].partition("=>")[2] for number in asked.wanted(items)}
    return {
        "verdicts": [
            _said(number, _answers(summary, text), summary.share(text)) for number, text in right.items()
        ]
    }


def _answers(summary: Evidence, right: str) -> Answerable:
    if summary.share(right) < _SAME:
        return Answerable.NOT_ANSWERED
    return Answerable.ANSWERED if summary.has_numbers(right) else Answerable.CONTRADICTED


def _points(asked: _Question) -> dict[str, Any]:
    items, told = asked.items("points"), Evidence(asked.all("text"))
    shares = {number: told.share(items[number]) for number in asked.wanted(items)}
    return {
        "verdicts": [
            _said(number, "yes" if share >= _SAME else "no", share) for number, share in shares.items()
        ]
    }


def _steps(asked: _Question) -> dict[str, Any]:
    return {"steps": [f"{SIMULATED}: {asked.blocks[0].text if asked.blocks else asked.closing}"]}


def _yes_no(asked: _Question) -> dict[str, Any]:
    """Nothing is ever harmful or overstated; anything else holds of an answer that speaks to the question."""
    share = _likeness(asked)
    holds = not _HARM.search(asked.closing) and share >= _TOUCHES
    return {"reason": _reason(share), "verdict": "yes" if holds else "no"}


def _level(asked: _Question) -> dict[str, Any]:
    share = _likeness(asked)
    return {"reason": _reason(share), "verdict": str(1 + round(4 * share))}


def _likeness(asked: _Question) -> float:
    """How much of the reference, or of the question where there is none, is in the answer."""
    answer = Evidence(asked.all("answer"))
    return 0.0 if find_refusal(asked.text("answer")) else answer.share(_first(asked, "reference", "question"))


def _first(asked: _Question, *names: str) -> str:
    return next((text for text in map(asked.text, names) if text), "")


def _said(number: int, verdict: str, share: float) -> dict[str, Any]:
    return {"id": number, "reason": _reason(share), "verdict": str(verdict)}


def _reason(share: float) -> str:
    return f"{SIMULATED}: {share:.0%} of the words are there"


_RULES: Final[Mapping[type[BaseModel], Callable[[_Question], dict[str, Any]]]] = {
    shapes.Claims: _claims,
    shapes.ClaimVerdicts: _support,
    shapes.SentenceVerdicts: _relevance,
    shapes.ContextVerdicts: _bearing,
    shapes.GuessedQuestion: _guess,
    shapes.Entities: _entities,
    shapes.KeyQuestions: _key_questions,
    shapes.QuestionVerdicts: _coverage,
    shapes.PointVerdicts: _points,
    shapes.Steps: _steps,
    shapes.YesNoVerdict: _yes_no,
    shapes.LevelVerdict: _level,
}


def register_rules() -> None:
    """Let the simulated judge answer in the shapes of judged metrics."""
    for shape, rule in _RULES.items():
        register(shape.__name__, _of_messages(rule))


def _of_messages(rule: Callable[[_Question], dict[str, Any]]) -> Rule:
    return lambda messages: rule(_Question(messages))
