"""Questions to the application, and what their answers have to be like."""

from __future__ import annotations

import time
from collections.abc import Iterator
from typing import Any

import orjson
import yaml
from pydantic import TypeAdapter, ValidationError

from pitwall.checks.findings import passed, skipped, wrong
from pitwall.checks.items import SmokeItem, SmokeQuestion
from pitwall.checks.surroundings import Looking, folder
from pitwall.checks.types import Finding
from pitwall.core.errors import InvalidInput
from pitwall.kit.i18n import Text
from pitwall.kit.json_path import Missing, find
from pitwall.kit.text import truncate
from pitwall.probes.kinds.asking import Question, put_question
from pitwall.probes.types import HttpProbe

_QUESTIONS: TypeAdapter[tuple[SmokeQuestion, ...]] = TypeAdapter(tuple[SmokeQuestion, ...])
_NONE = Text("no question is given", "질문이 없습니다")
_WRONG = Text(
    "{bad} of {count} answers are not as expected: {problems}",
    "답변 {count}개 중 {bad}개가 기대와 다릅니다: {problems}",
)
_WELL = Text("{count} answers are as expected", "답변 {count}개가 기대한 대로입니다")
_SHOWN = 40
_NAMED = 3


def look_smoke(item: SmokeItem, looking: Looking) -> Finding:
    """Ask every question and judge the answer."""
    questions = (*item.questions, *_read(item))
    if not questions:
        return skipped(_NONE)
    looking.around.runner.check(HttpProbe(name="smoke", url=item.url))
    problems = [
        f"{truncate(question.question, _SHOWN)!r}: {problem}"
        for question in questions
        if (problem := _problem(item, question)) is not None
    ]
    if not problems:
        return passed(_WELL, count=len(questions), value=float(len(questions)), unit="answers")
    shown = "; ".join(problems[:_NAMED]) + ("; …" if len(problems) > _NAMED else "")
    return wrong(
        item,
        _WRONG,
        bad=len(problems),
        count=len(questions),
        problems=shown,
        value=float(len(problems)),
        unit="answers",
    )


def _read(item: SmokeItem) -> tuple[SmokeQuestion, ...]:
    if item.file is None:
        return ()
    path = folder(item.file)
    try:
        return _QUESTIONS.validate_python(yaml.safe_load(path.read_text("utf-8")) or [])
    except (OSError, UnicodeDecodeError, yaml.YAMLError, ValidationError) as error:
        reason = str(error).partition("\n")[0]
        raise InvalidInput(f"{path} holds no questions: {reason}") from error


def _problem(item: SmokeItem, question: SmokeQuestion) -> str | None:
    body = orjson.dumps(_filled(item.body, question.question))
    headers = {"content-type": "application/json"}
    began = time.monotonic()
    try:
        reply = put_question(Question(item.url, question.max_seconds, "POST", headers, body))
    except OSError as error:
        return str(error) or type(error).__name__
    if not reply.is_ok:
        return f"HTTP {reply.status}"
    return next(_judge(item, question, reply.json(), time.monotonic() - began), None)


def _judge(item: SmokeItem, question: SmokeQuestion, content: Any, seconds: float) -> Iterator[str]:
    try:
        answer = str(find(content, item.answer))
    except Missing:
        yield f"no {item.answer!r} in the answer"
        return
    if seconds > question.max_seconds:
        yield f"{seconds:.1f} s > {question.max_seconds:g} s"
    if len(answer.strip()) < question.min_characters:
        yield f"{len(answer.strip())} < {question.min_characters} characters"
    if question.contains and not any(text in answer for text in question.contains):
        yield f"holds none of {', '.join(map(repr, question.contains))}"
    yield from (f"holds {text!r}" for text in question.excludes if text in answer)
    yield from (f"{place} is empty" for place in question.has if not _is_there(content, place))


def _is_there(content: Any, place: str) -> bool:
    try:
        return bool(find(content, place))
    except Missing:
        return False


def _filled(body: Any, question: str) -> Any:
    if isinstance(body, str):
        return body.replace("{question}", question)
    if isinstance(body, dict):
        return {name: _filled(value, question) for name, value in body.items()}
    return [_filled(value, question) for value in body] if isinstance(body, list | tuple) else body
