"""Sentences whose likeness is known: each with one that says the same, and one that only shares its words."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Final


class PairKind(StrEnum):
    """In which languages a sentence and the one that says the same are."""

    ENGLISH = "english"
    KOREAN = "korean"
    ACROSS = "across"
    """One in Korean, the other in English."""


@dataclass(frozen=True, slots=True)
class Triple:
    """A sentence, another one that says the same, and one that says something else."""

    kind: PairKind
    sentence: str
    same: str
    other: str


TRIPLES: Final = (
    Triple(
        PairKind.ENGLISH,
        "The refund is paid within three working days.",
        "You get your money back no later than three business days.",
        "The invoice is paid within three working days.",
    ),
    Triple(
        PairKind.ENGLISH,
        "Customers may cancel the contract at any time.",
        "The agreement can be terminated whenever the client wishes.",
        "Customers may extend the contract at any time.",
    ),
    Triple(
        PairKind.ENGLISH,
        "The pump failed because its bearing was worn out.",
        "A worn bearing made the pump break down.",
        "The pump was sold because its owner was moving out.",
    ),
    Triple(
        PairKind.ENGLISH,
        "Our office is closed on public holidays.",
        "Nobody works at our place when it is a bank holiday.",
        "Our office is painted on public request.",
    ),
    Triple(
        PairKind.KOREAN,
        "보험금은 청구 후 3영업일 안에 지급됩니다.",
        "청구하시면 영업일 기준 사흘 내에 보험금을 드립니다.",
        "보험료는 청구 후 3영업일 안에 인출됩니다.",
    ),
    Triple(
        PairKind.KOREAN,
        "계약은 언제든지 해지할 수 있습니다.",
        "원하실 때 아무 때나 계약을 끝내실 수 있어요.",
        "계약은 언제든지 연장할 수 있습니다.",
    ),
    Triple(
        PairKind.KOREAN,
        "상담은 평일에만 가능합니다.",
        "주말에는 상담을 하지 않습니다.",
        "상담은 무료로 가능합니다.",
    ),
    Triple(
        PairKind.KOREAN,
        "이 향수는 비 온 뒤의 숲 냄새가 납니다.",
        "비가 그친 숲속 같은 향이 나는 향수예요.",
        "이 향수는 비 오는 날 숲에서 샀습니다.",
    ),
    Triple(
        PairKind.ACROSS,
        "보험금은 청구 후 3영업일 안에 지급됩니다.",
        "The insurance benefit is paid within three working days of the claim.",
        "보험료는 매달 25일에 인출됩니다.",
    ),
    Triple(
        PairKind.ACROSS,
        "Customers may cancel the contract at any time.",
        "고객은 언제든지 계약을 해지할 수 있습니다.",
        "Customers may taste the coffee at any time.",
    ),
    Triple(
        PairKind.ACROSS,
        "펌프의 베어링이 닳아 고장 났습니다.",
        "The pump broke down because its bearing was worn.",
        "펌프의 가격이 올라 예산이 모자랍니다.",
    ),
)
