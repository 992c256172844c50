"""Answers by extraction: the sentences of the given context that best cover the question, word for word."""

from __future__ import annotations

import json
import math
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from examples.model_server.text import bigrams, has_hangul, is_sentence, split_sentences

_QUESTION = re.compile(r"^[ \t]*(?:질문|문의|question|query)[ \t]*[::]", re.IGNORECASE | re.MULTILINE)
_CONTEXT = re.compile(
    r"^[ \t]*(?:참고[ \t]*문서|문서|자료|context|documents?)[ \t]*[::]", re.IGNORECASE | re.MULTILINE
)
_HEADER = re.compile(
    r"^[ \t]*\[(?:문서|document|source)?[ \t]*([\w.-]+)\][^\n]*$", re.IGNORECASE | re.MULTILINE
)
_MIN_COVERAGE = 0.26
_KEEP_WITHIN = 0.7
_MAX_SENTENCES = 3
UNKNOWN_KO = "제공된 문서에서 답을 찾을 수 없습니다."
UNKNOWN_EN = "The given context does not contain the answer."


@dataclass(frozen=True, slots=True)
class Message:
    """One chat message, as either API gives it."""

    role: str
    content: str


@dataclass(frozen=True, slots=True)
class Sentence:
    """One candidate for the answer and the label of the document it stands in (empty if it has none)."""

    text: str
    label: str


@dataclass(frozen=True, slots=True)
class Answer:
    """The extracted answer; `labels` are those of the documents it quotes, in order."""

    text: str
    labels: tuple[str, ...]
    is_known: bool

    def as_json(self) -> str:
        """The answer as a JSON object, as a model replies when asked for JSON."""
        payload = {"answer": self.text, "sources": list(self.labels), "answerable": self.is_known}
        return json.dumps(payload, ensure_ascii=False)


def answer_from(messages: Sequence[Message]) -> Answer:
    """Answer the last user message from the context given, or say that the context does not know."""
    question, sentences = read_prompt(messages)
    chosen = _select(question, sentences)
    if not chosen:
        return Answer(UNKNOWN_KO if has_hangul(question) else UNKNOWN_EN, (), False)
    labels = dict.fromkeys(sentence.label for sentence in chosen if sentence.label)
    return Answer(" ".join(sentence.text for sentence in chosen), tuple(labels), True)


def read_prompt(messages: Sequence[Message]) -> tuple[str, list[Sentence]]:
    """Find the question and the context.

    The question is what follows the last `질문:` / `Question:` of the last user message, or without one its
    last paragraph. Context is the rest of that message and, in system messages, only what follows a
    `Context:` / `참고 문서:` line or a `[1]`-style header, so that instructions are never quoted.
    """
    last = next((m.content for m in reversed(messages) if m.role == "user"), "")
    context, question = _split_question(last)
    system = (_after_marker(m.content, default="") for m in messages if m.role == "system")
    texts = [*system, _after_marker(context, default=context)]
    return question.strip(), [sentence for text in texts for sentence in _sentences(text)]


def _split_question(text: str) -> tuple[str, str]:
    marks = list(_QUESTION.finditer(text))
    if marks:
        return text[: marks[-1].start()], text[marks[-1].end() :]
    context, _, question = text.rstrip().rpartition("\n\n")
    return context, question


def _after_marker(text: str, *, default: str) -> str:
    context, header = _CONTEXT.search(text), _HEADER.search(text)
    if context is not None:
        return text[context.end() :]
    return text[header.start() :] if header is not None else default


def _sentences(text: str) -> Iterable[Sentence]:
    starts = [(m.start(), m.end(), m.group(1)) for m in _HEADER.finditer(text)]
    first = starts[0][0] if starts else len(text)
    yield from (Sentence(part, "") for part in split_sentences(text[:first]))
    for index, (_, body_start, label) in enumerate(starts):
        body_end = starts[index + 1][0] if index + 1 < len(starts) else len(text)
        yield from (Sentence(part, label) for part in split_sentences(text[body_start:body_end]))


def _select(question: str, sentences: Sequence[Sentence]) -> list[Sentence]:
    """The sentences that cover the question best, in reading order; none if all cover too little."""
    candidates = [s for s in sentences if is_sentence(s.text)] or list(sentences)
    candidates = list({s.text: s for s in reversed(candidates)}.values())[::-1]
    scores = _coverage(question, [bigrams(candidate.text) for candidate in candidates])
    floor = max(_MIN_COVERAGE, _KEEP_WITHIN * max(scores, default=0.0))
    best = sorted((i for i, score in enumerate(scores) if score >= floor), key=lambda i: -scores[i])
    return [candidates[i] for i in sorted(best[:_MAX_SENTENCES])]


def _coverage(question: str, candidates: Sequence[frozenset[str]]) -> list[float]:
    """Share of a question's bigrams each candidate has, rare ones weighing more; best of its sentences."""
    best = [0.0] * len(candidates)
    for part in (bigrams(text) for text in split_sentences(question)):
        weight = {
            gram: math.log(1 + len(candidates) / (1 + sum(gram in own for own in candidates)))
            for gram in part
        }
        total = sum(weight.values()) or 1.0
        shares = (sum(weight[gram] for gram in part & own) / total for own in candidates)
        best = [max(pair) for pair in zip(best, shares, strict=True)]
    return best
