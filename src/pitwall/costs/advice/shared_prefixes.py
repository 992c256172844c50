"""Prompts that begin alike: what the provider's prompt cache would save."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from pitwall.costs.advice.prices import TodaysPrices
from pitwall.costs.advice.types import Basis, Kind, Rates, Suggestion, Work, WorkTotals, confidence_of, filled
from pitwall.kit.i18n import Text

# What providers cache at least.
MIN_PREFIX_TOKENS: Final = 1024
_MIN_TEXTS: Final = 10
_ALIKE: Final = 0.8
_PREVIEW: Final = 80
_TITLE: Final = Text(
    "Let the provider cache how {name} begins", "{name}의 앞부분을 제공자 프롬프트 캐시에 두세요"
)
_DETAIL: Final = Text(
    "{alike} of {texts} prompts begin with the same {tokens} tokens, and {cached} of the input is "
    "read from the cache.",
    "프롬프트 {texts}개 가운데 {alike}개가 같은 {tokens}토큰으로 시작하지만, 캐시에서 읽은 입력은 "
    "{cached}입니다.",
)
_NOTE: Final = Text(
    "At today's price for cached input; calls within five minutes of the one before find the cache "
    "warm ({warm} of them), the others write it. Low: a tenth of the warm calls misses; high: the "
    "cache stays warm for an hour.",
    "캐시된 입력의 오늘 단가로 계산했습니다. 앞선 호출에서 5분 안에 온 호출({warm})은 캐시에서 읽고 "
    "나머지는 캐시에 쓴다고 봅니다. 최소는 그중 10분의 1이 빗나갈 때, 최대는 캐시가 한 시간 유지될 "
    "때입니다.",
)


@dataclass(frozen=True, slots=True)
class Beginnings:
    """How some prompts of a work begin.

    Attributes:
        texts: Beginnings of inputs, and how long each input is as a whole in characters.
    """

    work: Work
    texts: Sequence[tuple[str, int]]
    trace_ids: Sequence[str] = ()


@dataclass(frozen=True, slots=True)
class Prefix:
    """How most texts begin.

    Attributes:
        share: Part of a mean text that it is.
        alike: How many texts begin so.
    """

    text: str
    share: float
    alike: int


def longest_prefix(texts: Sequence[tuple[str, int]]) -> Prefix | None:
    """The longest beginning that eight of ten texts share."""
    ordered = sorted(text for text, _ in texts)
    size = max(2, round(_ALIKE * len(ordered)))
    if len(ordered) < size:
        return None
    # Texts that begin alike stand side by side, and share what the first and the last of them share.
    shared = [_shared(ordered[at], ordered[at + size - 1]) for at in range(len(ordered) - size + 1)]
    text = max(shared, key=len)
    alike = sum(one.startswith(text) for one in ordered)
    length = sum(whole for _, whole in texts) / len(texts)
    return Prefix(text, min(1.0, len(text) / length) if length else 0.0, alike)


def _shared(one: str, other: str) -> str:
    """What two texts begin with."""
    length = min(len(one), len(other))
    differ = next((at for at in range(length) if one[at] != other[at]), length)
    return one[:differ]


def advise(
    basis: Basis, works: Mapping[Work, WorkTotals], beginnings: Sequence[Beginnings], prices: TodaysPrices
) -> Iterator[Suggestion]:
    """Suggest prompt caching where most prompts begin alike and little is cached."""
    for one in beginnings:
        totals, cell = works[one.work], one.work.cell
        rates = prices.rates(cell.provider, cell.model)
        prefix = longest_prefix(one.texts) if len(one.texts) >= _MIN_TEXTS else None
        if rates is None or prefix is None or not 0 < rates.cache_read < rates.input or not totals.calls:
            continue
        tokens = prefix.share * totals.input_tokens / totals.calls
        cached = (totals.cache_read_tokens + totals.cache_write_tokens) / totals.calls
        if tokens < MIN_PREFIX_TOKENS or tokens - cached < tokens / 4:
            continue
        yield _suggestion(basis, totals, rates, prefix, tokens - cached, one)


def _suggestion(
    basis: Basis, totals: WorkTotals, rates: Rates, prefix: Prefix, tokens: float, one: Beginnings
) -> Suggestion:
    scale = basis.per_month * tokens * prefix.alike / len(one.texts)
    read, written = rates.input - rates.cache_read, rates.cache_write - rates.input

    def saving(warm: float) -> float:
        return max(0.0, scale * (warm * read - (totals.calls - warm) * written))

    cached = totals.cache_read_tokens / totals.input_tokens if totals.input_tokens else 0.0
    return Suggestion(
        kind=Kind.SHARED_PREFIXES,
        cell=one.work.cell,
        title=filled(_TITLE, name=one.work.name),
        detail=filled(
            _DETAIL,
            alike=prefix.alike,
            texts=len(one.texts),
            tokens=f"{tokens:,.0f}",
            cached=f"{cached * 100:.0f} %",
        ),
        usd=saving(totals.warm_calls),
        low_usd=saving(totals.warm_calls * 0.9),
        high_usd=saving(totals.recent_calls),
        confidence=confidence_of(basis.days, min(totals.calls, 10 * len(one.texts))),
        evidence={
            "compared_prompts": len(one.texts),
            "alike_prompts": prefix.alike,
            "prefix_tokens": round(tokens),
            "prefix_share": prefix.share,
            "cached_share": cached,
            "warm_share": totals.warm_calls / totals.calls,
            "begins": prefix.text[:_PREVIEW],
        },
        note=filled(_NOTE, warm=f"{totals.warm_calls / totals.calls * 100:.0f} %"),
        trace_ids=one.trace_ids,
    )
