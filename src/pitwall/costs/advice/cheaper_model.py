"""A cheaper model that is scored as well as a dearer one on the same work."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import permutations
from math import log, sqrt
from statistics import NormalDist
from typing import Final

from pitwall.costs.advice.prices import TodaysPrices
from pitwall.costs.advice.types import (
    Basis,
    Cell,
    Kind,
    Rates,
    Suggestion,
    Work,
    WorkTotals,
    confidence_of,
    filled,
)
from pitwall.kit.i18n import Text

MARGIN: Final = 0.05
_MIN_SCORES: Final = 30
_LEVEL: Final = NormalDist().inv_cdf(0.95)
_MOST_LENGTH_RATIO: Final = 1.25
_MAX_NAMES: Final = 4
_TITLE: Final = Text("Use {cheap} for {name} instead of {dear}", "{name}에 {dear} 대신 {cheap} 모델을 쓰세요")
_DETAIL: Final = Text(
    "Scores of {scores} are equal within {margin} % of their range ({cheap_count} and {dear_count} "
    "scored calls).",
    "{scores} 점수가 범위의 {margin} % 안에서 같습니다(점수를 매긴 호출 {cheap_count}건과 {dear_count}건).",
)
_NOTE: Final = Text(
    "Both bounds of the 90 % interval of the difference lie within the margin, for every score that "
    "both have. Whoever routes hard requests to the dearer model will find them harder than this "
    "shows: try it on a part of the traffic.",
    "두 모델에 모두 있는 점수마다 차이의 90 % 구간이 허용 폭 안에 있습니다. 어려운 요청을 비싼 모델로 "
    "보내고 있다면 실제 차이는 더 클 수 있으니 일부 트래픽에 먼저 써 보세요.",
)


@dataclass(frozen=True, slots=True)
class Scored:
    """What calls of a model on a work were scored.

    Attributes:
        service: Whose work.
        work: Name of the work.
        score: Name of the score.
        input_tokens: Of a mean scored call.
        low: Smallest score of any model on the work.
        high: Largest.
    """

    service: str
    work: str
    provider: str
    model: str
    score: str
    count: int
    mean: float
    variance: float
    input_tokens: float
    low: float
    high: float
    trace_ids: Sequence[str]


def advise(
    basis: Basis, works: Mapping[Work, WorkTotals], scored: Sequence[Scored], prices: TodaysPrices
) -> Iterator[Suggestion]:
    """Suggest the cheapest model that is as good, for each work of a dearer one."""
    by_work: defaultdict[tuple[str, str], defaultdict[tuple[str, str], list[Scored]]]
    by_work = defaultdict(lambda: defaultdict(list))
    for one in scored:
        by_work[one.service, one.work][one.provider, one.model].append(one)
    for (service, name), models in by_work.items():
        found: dict[Work, Suggestion] = {}
        for dear, cheap in permutations(models, 2):
            work = Work(Cell(service, *dear), name)
            suggestion = _compare(basis, works.get(work), models[dear], models[cheap], prices)
            if suggestion and (work not in found or suggestion.usd > found[work].usd):
                found[work] = suggestion
        yield from found.values()


def _compare(
    basis: Basis,
    totals: WorkTotals | None,
    dear: Sequence[Scored],
    cheap: Sequence[Scored],
    prices: TodaysPrices,
) -> Suggestion | None:
    rates = prices.rates(cheap[0].provider, cheap[0].model)
    if totals is None or rates is None or not totals.cost_usd or not _are_comparable(dear[0], cheap[0]):
        return None
    cheap_scores = {one.score: one for one in cheap}
    pairs = [(one, cheap_scores[one.score]) for one in dear if one.score in cheap_scores]
    if not pairs or not all(is_as_good(ours, theirs) for ours, theirs in pairs):
        return None
    savings = sorted(_savings(basis, totals, rates))
    if savings[0] <= 0:
        return None
    return _suggestion(basis, totals, pairs, savings)


def _are_comparable(one: Scored, other: Scored) -> bool:
    """Whether the scored calls are about as long, so that the models have probably done the same."""
    if one.input_tokens <= 0 or other.input_tokens <= 0:
        return False
    return abs(log(one.input_tokens / other.input_tokens)) <= log(_MOST_LENGTH_RATIO)


def is_as_good(one: Scored, other: Scored) -> bool:
    """Whether two means are equal within the margin: two one-sided tests at 5 %.

    Source: Schuirmann 1987, A comparison of the two one-sided tests procedure.
    """
    if min(one.count, other.count) < _MIN_SCORES:
        return False
    margin = MARGIN * (max(one.high, other.high) - min(one.low, other.low))
    error = sqrt(one.variance / one.count + other.variance / other.count)
    return margin > 0 and abs(other.mean - one.mean) + _LEVEL * error < margin


def _savings(basis: Basis, totals: WorkTotals, rates: Rates) -> Iterator[float]:
    """What is saved in a month: with as many tokens as now, and with shorter and longer answers."""
    cached = totals.cache_read_tokens
    fresh = totals.input_tokens - cached
    for factor in (0.5, 1.0, 1.5):
        output = totals.output_tokens * factor
        cost = fresh * rates.input + cached * rates.cache_read + output * rates.output
        yield (totals.cost_usd - cost) * basis.per_month


def _suggestion(
    basis: Basis, totals: WorkTotals, pairs: Sequence[tuple[Scored, Scored]], savings: Sequence[float]
) -> Suggestion:
    dear, cheap = pairs[0]
    names = [one.score for one, _ in pairs]
    counts = [min(pair[side].count for pair in pairs) for side in (0, 1)]
    return Suggestion(
        kind=Kind.CHEAPER_MODEL,
        cell=totals.work.cell,
        title=filled(_TITLE, name=totals.work.name, dear=dear.model, cheap=cheap.model),
        detail=filled(
            _DETAIL,
            scores=", ".join(names[:_MAX_NAMES]),
            margin=f"{MARGIN * 100:.0f}",
            cheap_count=f"{counts[1]:,}",
            dear_count=f"{counts[0]:,}",
        ),
        usd=savings[1],
        low_usd=savings[0],
        high_usd=savings[2],
        confidence=confidence_of(basis.days, min(counts)),
        evidence={
            "model": dear.model,
            "cheaper_model": cheap.model,
            "calls": totals.calls,
            "scores": [
                {
                    "name": ours.score,
                    "mean": ours.mean,
                    "cheaper_mean": theirs.mean,
                    "count": ours.count,
                    "cheaper_count": theirs.count,
                }
                for ours, theirs in pairs
            ],
        },
        note=_NOTE,
        trace_ids=[*dear.trace_ids, *cheap.trace_ids],
    )
