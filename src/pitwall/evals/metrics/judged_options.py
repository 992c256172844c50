"""Options that judged metrics have in common, and how they are read."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

from pitwall.evals.judging.prompts import Block
from pitwall.evals.metrics.types import MetricOption
from pitwall.evals.types import Case
from pitwall.kit.i18n import Text

_SHOWN: Final = ("reference", "contexts")

REPEATS: Final = MetricOption(
    "repeats", Text("How many samples vote, an odd number.", "투표할 표본의 수(홀수)."), "3"
)
SEES: Final = MetricOption(
    "sees",
    Text(
        "What the judge sees besides question and answer: `reference`, `contexts`, joined by `+`, or "
        "`answer` for no more.",
        "질문과 답변 말고 판정 모델이 보는 것: `reference`, `contexts`(`+`로 연결), 더 없으면 `answer`.",
    ),
    "answer",
)
CRITERIA: Final = MetricOption(
    "criteria", Text("What the answer is judged by, in words.", "답변을 판정하는 기준(문장).")
)


def shown(case: Case, sees: Sequence[str]) -> list[Block]:
    """What a judge sees of a case: question and answer, and what else it is to see and is there."""
    blocks = [Block("question", case.example.question)]
    if "reference" in sees and case.example.reference:
        blocks.append(Block("reference", case.example.reference))
    if "contexts" in sees:
        blocks += [Block("source", chunk.text, n) for n, chunk in enumerate(case.answer.contexts or (), 1)]
    return [*blocks, Block("answer", case.answer.text or "")]


def parse_sees(text: str) -> tuple[str, ...]:
    """Read the option `sees`: `answer`, `reference`, `contexts` or `reference+contexts`.

    Raises:
        ValueError: It names something else.
    """
    names = tuple(name for name in text.split("+") if name != "answer")
    for name in names:
        if name not in _SHOWN:
            raise ValueError(f"sees is {text!r}; join answer, reference and contexts with `+`")
    return names


def required(name: str, options: Mapping[str, str]) -> str:
    """Read an option that is a text.

    Raises:
        ValueError: It is empty.
    """
    text = options[name].strip()
    if not text:
        raise ValueError(f"{name} is empty; say in words what is asked")
    return text


def ratio(name: str, text: str) -> float:
    """Read an option that is a number from 0 to 1.

    Raises:
        ValueError: It is none.
    """
    try:
        value = float(text)
    except ValueError:
        value = -1.0
    if not 0 <= value <= 1:
        raise ValueError(f"{name} is {text!r}; it is a number from 0 to 1")
    return value


def count(name: str, text: str, *, is_odd: bool = False) -> int:
    """Read an option that is a number of repeats.

    Raises:
        ValueError: It is none, or even where a majority is needed.
    """
    if not text.isdecimal() or not 1 <= int(text) <= 99:
        raise ValueError(f"{name} is {text!r}; it is a number from 1 to 99")
    if is_odd and int(text) % 2 == 0:
        raise ValueError(f"{name} is {text}; take an odd number, so that there is a majority")
    return int(text)


def count_repeats(options: Mapping[str, str]) -> int:
    """Calls of a metric that asks once for each repeat."""
    return int(options["repeats"])
