"""Prompts that are far longer than others of the same work."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from pitwall.costs.advice.prices import TodaysPrices
from pitwall.costs.advice.types import (
    Basis,
    Kind,
    Suggestion,
    Work,
    WorkTotals,
    confidence_of,
    filled,
)
from pitwall.kit.i18n import Text

_MIN_CALLS: Final = 50
_MIN_OUTLIERS: Final = 5
_LEAST_FACTOR: Final = 2.0
_FENCE: Final = 3.0
_TITLE: Final = Text("Shorten the longest prompts of {name}", "{name}의 유난히 긴 프롬프트를 줄이세요")
_DETAIL: Final = Text(
    "{count} of {calls} calls send more than {limit} tokens, where half send at most {median}.",
    "호출 {calls}건 가운데 {count}건이 {limit}토큰을 넘게 보냅니다. 절반은 {median}토큰 이하입니다.",
)
_NOTE: Final = Text(
    "Longer than three quarters by more than three times the usual spread (Tukey's far-out fence, on "
    "a logarithmic scale). Low: cut to that length; high: to the length of half of the calls.",
    "로그 눈금에서 사분위 범위의 세 배(Tukey 바깥 울타리)를 넘는 프롬프트입니다. 최소는 그 길이까지, "
    "최대는 중앙값까지 줄일 때입니다.",
)


@dataclass(frozen=True, slots=True)
class Excess:
    """What calls beyond a limit send beyond it.

    Attributes:
        over_limit: Tokens beyond the limit.
        over_upper: Tokens beyond the upper quartile.
        over_median: Tokens beyond the median.
    """

    work: Work
    count: int
    over_limit: float
    over_upper: float
    over_median: float
    trace_ids: Sequence[str]


def length_limits(works: Sequence[WorkTotals]) -> dict[Work, float]:
    """From how many input tokens on a prompt is far longer than its peers."""
    return {
        one.work: _limit(one.quartiles) for one in works if one.calls >= _MIN_CALLS and one.quartiles[0] > 0
    }


def _limit(quartiles: tuple[float, float, float]) -> float:
    lower, median, upper = quartiles
    fence: float = max(upper * (upper / lower) ** _FENCE, median * _LEAST_FACTOR)
    return fence


def advise(
    basis: Basis, works: Mapping[Work, WorkTotals], excesses: Sequence[Excess], prices: TodaysPrices
) -> Iterator[Suggestion]:
    """Suggest to shorten what is far longer than its peers."""
    for excess in excesses:
        totals, cell = works[excess.work], excess.work.cell
        rates = prices.rates(cell.provider, cell.model)
        if rates is None or excess.count < _MIN_OUTLIERS:
            continue
        token_usd = _input_price(totals, rates.input, rates.cache_read) * basis.per_month
        limit = _limit(totals.quartiles)
        yield Suggestion(
            kind=Kind.LONG_PROMPTS,
            cell=cell,
            title=filled(_TITLE, name=excess.work.name),
            detail=filled(
                _DETAIL,
                count=f"{excess.count:,}",
                calls=f"{totals.calls:,}",
                limit=f"{limit:,.0f}",
                median=f"{totals.quartiles[1]:,.0f}",
            ),
            usd=excess.over_upper * token_usd,
            low_usd=excess.over_limit * token_usd,
            high_usd=excess.over_median * token_usd,
            confidence=confidence_of(basis.days, totals.calls),
            evidence={
                "calls": totals.calls,
                "long_calls": excess.count,
                "limit_tokens": round(limit),
                "median_tokens": round(totals.quartiles[1]),
                "excess_tokens": round(excess.over_upper),
            },
            note=_NOTE,
            trace_ids=excess.trace_ids,
        )


def _input_price(totals: WorkTotals, uncached: float, cached: float) -> float:
    """Mean price of an input token, as much of it being cached as is now."""
    share = totals.cache_read_tokens / totals.input_tokens if totals.input_tokens else 0.0
    return uncached * (1 - share) + cached * share
