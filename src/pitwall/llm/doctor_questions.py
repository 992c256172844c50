"""What the doctor asks: claims on a text whose verdicts are known, short, long, and in Korean."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from pydantic import BaseModel, Field

from pitwall.llm.types import Message


class Stated(StrEnum):
    """What a text says of a claim."""

    SUPPORTED = "supported"
    NOT_STATED = "not_stated"


class StatedVerdict(BaseModel):
    """The verdict on one claim."""

    id: int = Field(description="Number of the claim.")
    verdict: Stated


class StatedVerdicts(BaseModel):
    """One verdict for each claim."""

    verdicts: list[StatedVerdict]


class Sentence(BaseModel):
    """A sentence."""

    sentence: str


class ProbeKind(StrEnum):
    """What a probe tries."""

    SHORT = "short"
    KOREAN = "korean"
    LONG = "long"


@dataclass(frozen=True, slots=True)
class Probe:
    """A question and its verdicts by id."""

    kind: ProbeKind
    messages: Sequence[Message]
    expected: Mapping[int, Stated]


_SYSTEM: Final = (
    "You judge claims by the text that you are shown and by nothing else. A claim is `supported` if the text "
    "says it, otherwise `not_stated`. Judge every claim exactly once, by its number."
)
_SYSTEM_KOREAN: Final = (
    "보여 드리는 글만으로 주장을 판정합니다. 글이 그렇게 말하면 supported, 아니면 not_stated입니다. "
    "주장마다 번호를 붙여 정확히 한 번씩 판정합니다."
)
_TEXT: Final = (
    "The pump P-101 was replaced on 12 March. Its bearing had worn out. The new pump delivers 40 cubic "
    "metres an hour. Two technicians did the work in six hours."
)
_CLAIMS: Final = (
    ("The pump P-101 was replaced on 12 March.", True),
    ("The new pump delivers 90 cubic metres an hour.", False),
    ("The bearing had worn out.", True),
    ("The work cost 3,000 dollars.", False),
    ("Two technicians did the work.", True),
)
_TEXT_KOREAN: Final = (
    "보험금은 청구일로부터 3영업일 안에 지급합니다. 면책기간은 가입일로부터 90일입니다. "
    "해지 환급금은 납입 보험료의 70%입니다. 상담은 평일 오전 9시부터 오후 6시까지 합니다."
)
_CLAIMS_KOREAN: Final = (
    ("보험금은 청구일로부터 3영업일 안에 지급된다.", True),
    ("면책기간은 30일이다.", False),
    ("해지 환급금은 납입 보험료의 70%이다.", True),
    ("상담은 주말에도 한다.", False),
    ("면책기간은 가입일로부터 90일이다.", True),
)
_FILLER: Final = "Entry {number}: the meter in hall {hall} showed {value} units, as on the days before. "
_FILLERS = 220


def probe(kind: ProbeKind) -> Probe:
    """Return the question of a kind."""
    match kind:
        case ProbeKind.SHORT:
            return _probe(kind, _SYSTEM, _TEXT, _CLAIMS)
        case ProbeKind.KOREAN:
            return _probe(kind, _SYSTEM_KOREAN, _TEXT_KOREAN, _CLAIMS_KOREAN)
        case ProbeKind.LONG:
            # What is claimed stands at the beginning: a server that cuts a prompt cuts it there.
            filler = "".join(
                _FILLER.format(number=number, hall=number % 7, value=100 + number)
                for number in range(1, _FILLERS + 1)
            )
            return _probe(kind, _SYSTEM, f"{_TEXT} {filler}", _CLAIMS)


def _probe(kind: ProbeKind, system: str, text: str, claims: Sequence[tuple[str, bool]]) -> Probe:
    listed = "\n".join(f"{number}: {claim}" for number, (claim, _) in enumerate(claims, start=1))
    shown = f"<text>\n{text}\n</text>\n\n<claims>\n{listed}\n</claims>"
    expected = {
        number: Stated.SUPPORTED if is_stated else Stated.NOT_STATED
        for number, (_, is_stated) in enumerate(claims, start=1)
    }
    return Probe(kind, (Message("system", system), Message("user", shown)), expected)


SENTENCE_QUESTION: Final = (
    Message("user", "Write one sentence about the sea that nobody has written before."),
)
"""A question with many answers: what decides among them are temperature and seed."""
