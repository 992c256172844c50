"""The prompt, and reading the model's JSON reply: strictly first, then whatever can be saved of it."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from dataclasses import dataclass

from examples.voc_chat.retrieval import Hit
from pitwall.core.errors import InvalidInput

SYSTEM = (
    "당신은 한빛리빙 고객센터 상담원입니다. 참고 문서에 있는 내용만으로 한국어로 짧고 정확하게 답하세요. "
    "문서에 없으면 모른다고 답하세요. 다음 형식의 JSON 하나만 출력하세요: "
    '{"answer": "답변", "sources": [사용한 문서 번호], "answerable": true 또는 false}'
)
_FENCE = re.compile(r"^\s*```(?:json)?\s*|\s*```\s*$")
_ANSWER = re.compile(r'"answer"\s*:\s*"((?:[^"\\]|\\.)*)')
_WHOLE_SENTENCES = re.compile(r".*[.!?]", re.DOTALL)


@dataclass(frozen=True, slots=True)
class ModelAnswer:
    """What the model said: its text, the passages it used (numbers from 1), whether they had the answer.

    `is_answerable` is None when the reply does not say.
    """

    text: str
    sources: tuple[int, ...]
    is_answerable: bool | None


class AnswerUnreadable(InvalidInput):
    """The model's reply is not the JSON object that was asked for."""

    default_code = "voc.answer_unreadable"


def build_messages(
    question: str, hits: Sequence[Hit], history: Sequence[tuple[str, str]]
) -> list[dict[str, str]]:
    """Chat messages: instructions, earlier turns, then the numbered passages and the question."""
    earlier = [
        message
        for asked, answered in history
        for message in ({"role": "user", "content": asked}, {"role": "assistant", "content": answered})
    ]
    passages = "\n\n".join(
        f"[{number}] {hit.passage.document}\n{hit.passage.text}" for number, hit in enumerate(hits, 1)
    )
    content = f"참고 문서:\n{passages}\n\n질문: {question}"
    return [{"role": "system", "content": SYSTEM}, *earlier, {"role": "user", "content": content}]


def parse_answer(reply: str) -> ModelAnswer:
    """Read the JSON object in a reply.

    Raises:
        AnswerUnreadable: It is not JSON, or `answer` is missing.
    """
    try:
        data = json.loads(_FENCE.sub("", reply))
    except json.JSONDecodeError as error:
        raise AnswerUnreadable(f"The model's reply is not JSON: {error}.") from None
    if not isinstance(data, dict) or not isinstance(data.get("answer"), str) or not data["answer"].strip():
        raise AnswerUnreadable("The model's reply has no text under 'answer'.")
    listed = data.get("sources")
    numbers = (_as_number(item) for item in (listed if isinstance(listed, list) else []))
    return ModelAnswer(
        text=data["answer"].strip(),
        sources=tuple(dict.fromkeys(number for number in numbers if number is not None)),
        is_answerable=data["answerable"] if isinstance(data.get("answerable"), bool) else None,
    )


def salvage_answer(reply: str) -> ModelAnswer | None:
    """The answer text in a broken reply, without sources; None if there is none worth showing."""
    match = _ANSWER.search(reply)
    if match is None:
        return None
    whole = _WHOLE_SENTENCES.match(match.group(1).replace('\\"', '"').replace("\\n", "\n"))
    return ModelAnswer(whole.group().strip(), (), None) if whole else None


def _as_number(item: object) -> int | None:
    if isinstance(item, bool) or not isinstance(item, int | str):
        return None
    digits = re.search(r"\d+", str(item))
    return int(digits.group()) if digits else None
