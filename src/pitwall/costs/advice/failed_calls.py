"""Failed calls and earlier attempts that were paid for."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from pitwall.costs.advice.types import Basis, Cell, Kind, Suggestion, confidence_of, filled
from pitwall.kit.i18n import Text
from pitwall.kit.money import format_usd, usd

AVOIDABLE: Final = ("parse", "validation", "token_limit")
"""Error classes that the application itself can prevent."""

_MIN_CALLS: Final = 5
_TITLE: Final = Text(
    "Stop paying for failed calls of {model}", "{model}의 실패한 호출에 드는 비용을 줄이세요"
)
_DETAIL: Final = Text(
    "{count} failed calls cost {cost} in {days} days, most often {classes}; {retries} calls were made again.",
    "{days}일 동안 실패한 호출 {count}건에 {cost}이 들었습니다. 주된 유형은 {classes}이고, 다시 "
    "시도한 호출은 {retries}건입니다.",
)
_NOTE: Final = Text(
    "Low: errors that the application can prevent (parse, validation, token limit); high: also "
    "earlier attempts with the same input in the same trace. Retries inside a client are one call and "
    "not seen.",
    "최소는 애플리케이션이 막을 수 있는 오류(파싱, 검증, 토큰 한도)만, 최대는 같은 트레이스에서 같은 "
    "입력으로 먼저 시도한 호출까지 셉니다. 클라이언트 안의 재시도는 호출 하나로 보이므로 빠집니다.",
)


@dataclass(frozen=True, slots=True)
class PaidFailures:
    """What failed calls of a model cost.

    Attributes:
        by_class: Calls by error class, the answers that could not be parsed among `parse`.
        avoidable_usd: Of those of the classes `AVOIDABLE`.
        retried: Calls that did not fail and were made again in their trace, in the calls looked at.
        retried_usd: What they cost in the whole range.
    """

    cell: Cell
    count: int
    cost_usd: float
    avoidable_usd: float
    by_class: Mapping[str, int]
    trace_ids: Sequence[str]
    retried: int = 0
    retried_usd: float = 0.0


def advise(basis: Basis, found: Sequence[PaidFailures]) -> Iterator[Suggestion]:
    """Suggest to look into failures that cost money."""
    for one in found:
        if one.count + one.retried < _MIN_CALLS:
            continue
        yield Suggestion(
            kind=Kind.FAILED_CALLS,
            cell=one.cell,
            title=filled(_TITLE, model=one.cell.model),
            detail=_detail(basis, one),
            usd=one.cost_usd * basis.per_month,
            low_usd=one.avoidable_usd * basis.per_month,
            high_usd=(one.cost_usd + one.retried_usd) * basis.per_month,
            confidence=confidence_of(basis.days, one.count + one.retried),
            evidence=_evidence(one),
            note=_NOTE,
            trace_ids=one.trace_ids,
        )


def _detail(basis: Basis, one: PaidFailures) -> Text:
    worst = sorted(one.by_class, key=lambda name: -one.by_class[name])[:3]
    return filled(
        _DETAIL,
        count=f"{one.count:,}",
        cost=format_usd(usd(one.cost_usd)),
        days=f"{basis.days:.0f}",
        classes=", ".join(worst) or "–",
        retries=f"{one.retried:,}",
    )


def _evidence(one: PaidFailures) -> dict[str, Any]:
    return {
        "failed_calls": one.count,
        "cost_usd": one.cost_usd,
        "by_class": dict(one.by_class),
        "retried_calls": one.retried,
        "retried_usd": one.retried_usd,
    }
