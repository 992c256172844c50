"""Fetches what advice needs and puts the suggestions together, dearest first."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Final

import structlog

from pitwall.core.errors import PitwallError
from pitwall.costs.advice import (
    cheaper_model,
    failed_calls,
    long_prompts,
    repeated_prompts,
    shared_prefixes,
    unused_context,
)
from pitwall.costs.advice.combined import combine
from pitwall.costs.advice.prices import TodaysPrices
from pitwall.costs.advice.repository import CallFigures, Overview
from pitwall.costs.advice.statements import AdviceRange
from pitwall.costs.advice.texts import CallTexts
from pitwall.costs.advice.types import (
    Advice,
    Basis,
    Cell,
    Kind,
    Skipped,
    Suggestion,
    Work,
    WorkTotals,
)
from pitwall.ingest.pricing.book import PriceBook
from pitwall.kit.clock import Clock
from pitwall.kit.i18n import Text
from pitwall.stores.telemetry.engine import TelemetryEngine

log = structlog.get_logger(__name__)

LONGEST_DAYS: Final = 30
_LEAST_USD: Final = 0.01
_LEAST_SHARE: Final = 0.005
_PER_KIND: Final = 10
_NO_CALLS: Final = Text("There is no model call with a price.", "단가를 아는 모델 호출이 없습니다.")
_NO_TEXTS: Final = Text(
    "No texts are kept of the calls of this time.", "이 시간의 호출에는 저장된 글이 없습니다."
)
_FAILED: Final = Text("It could not be worked out: {error}", "계산하지 못했습니다: {error}")


@dataclass(frozen=True, slots=True)
class AdvisorParts:
    """What an advisor works with.

    Attributes:
        read_book: Returns the prices that telemetry is priced with.
        texts_kept: How long texts are kept.
    """

    engine: TelemetryEngine
    read_book: Callable[[], PriceBook]
    clock: Clock
    texts_kept: timedelta


@dataclass(frozen=True, slots=True)
class _Known:
    """What every kind of advice is given."""

    basis: Basis
    range_: AdviceRange
    texts: AdviceRange | None
    works: dict[Work, WorkTotals]
    prices: TodaysPrices


class Advisor:
    """Says what could be saved; calls block.

    Args:
        parts: What it works with.
    """

    def __init__(self, parts: AdvisorParts) -> None:
        self._parts = parts
        self._figures = CallFigures(parts.engine)
        self._texts = CallTexts(parts.engine)

    def advise(self, project: str, days: int = LONGEST_DAYS) -> Advice:
        """Suggest what would save money, from the calls of the last days.

        Args:
            project: Whose calls.
            days: How many; at most 30.
        """
        now = self._parts.clock.now()
        range_ = AdviceRange(project, now - timedelta(days=min(days, LONGEST_DAYS)), now)
        overview = self._figures.overview(range_, now - self._parts.texts_kept)
        basis = _basis(range_, overview)
        if not overview.cost_usd:
            skipped = [Skipped(kind, _NO_CALLS) for kind in Kind]
            return Advice(basis, [], combine([], {}), skipped)
        works = self._figures.works(range_)
        prices = TodaysPrices(self._parts.read_book(), now.date())
        texts = None if basis.texts_since is None else replace(range_, since=basis.texts_since)
        known = _Known(basis, range_, texts, {one.work: one for one in works}, prices)
        return self._put_together(known)

    def _put_together(self, known: _Known) -> Advice:
        found: list[Suggestion] = []
        skipped: list[Skipped] = []
        for kind, look in self._kinds():
            if known.texts is None and kind in _READS_TEXTS:
                skipped.append(Skipped(kind, _NO_TEXTS))
                continue
            try:
                found += _worthwhile(known.basis, look(known))
            except PitwallError as error:
                log.warning("costs.advice_failed", kind=kind.value, error=str(error))
                skipped.append(
                    Skipped(kind, Text(*(text.format(error=error) for text in (_FAILED.en, _FAILED.ko))))
                )
        costs: defaultdict[Cell, float] = defaultdict(float)
        for work, totals in known.works.items():
            costs[work.cell] += totals.cost_usd * known.basis.per_month
        found.sort(key=lambda one: -one.usd)
        return Advice(known.basis, found, combine(found, costs), skipped)

    def _kinds(self) -> list[tuple[Kind, Callable[[_Known], Iterator[Suggestion]]]]:
        return [
            (Kind.REPEATED_PROMPTS, self._repeated_prompts),
            (Kind.SHARED_PREFIXES, self._shared_prefixes),
            (Kind.LONG_PROMPTS, self._long_prompts),
            (Kind.FAILED_CALLS, self._failed_calls),
            (Kind.CHEAPER_MODEL, self._cheaper_model),
            (Kind.UNUSED_CONTEXT, self._unused_context),
        ]

    def _repeated_prompts(self, known: _Known) -> Iterator[Suggestion]:
        assert known.texts is not None
        return repeated_prompts.advise(known.basis, self._texts.repeats(known.texts))

    def _shared_prefixes(self, known: _Known) -> Iterator[Suggestion]:
        assert known.texts is not None
        beginnings = self._texts.beginnings(known.texts, list(known.works.values()))
        return shared_prefixes.advise(known.basis, known.works, beginnings, known.prices)

    def _long_prompts(self, known: _Known) -> Iterator[Suggestion]:
        works = list(known.works.values())
        excesses = self._figures.excesses(known.range_, works, long_prompts.length_limits(works))
        return long_prompts.advise(known.basis, known.works, excesses, known.prices)

    def _failed_calls(self, known: _Known) -> Iterator[Suggestion]:
        failures = {one.cell: one for one in self._figures.failures(known.range_)}
        if known.texts is not None:
            for cell, (count, usd, trace_ids) in self._texts.retried(known.texts).items():
                one = failures.get(cell) or failed_calls.PaidFailures(cell, 0, 0.0, 0.0, {}, trace_ids)
                failures[cell] = replace(one, retried=count, retried_usd=usd / known.basis.texts_share)
        return failed_calls.advise(known.basis, list(failures.values()))

    def _cheaper_model(self, known: _Known) -> Iterator[Suggestion]:
        return cheaper_model.advise(
            known.basis, known.works, self._figures.scored(known.range_), known.prices
        )

    def _unused_context(self, known: _Known) -> Iterator[Suggestion]:
        assert known.texts is not None
        answered = self._texts.answered(known.texts)
        searched = self._texts.searched(known.texts) if answered else {}
        found = unused_context.Searches(answered, searched)
        return unused_context.advise(known.basis, known.works, found, known.prices)


_READS_TEXTS: Final = frozenset({Kind.REPEATED_PROMPTS, Kind.SHARED_PREFIXES, Kind.UNUSED_CONTEXT})


def _basis(range_: AdviceRange, overview: Overview) -> Basis:
    days = 0.0 if overview.first is None else (range_.until - overview.first) / timedelta(days=1)
    return Basis(
        since=range_.since,
        until=range_.until,
        days=days,
        cost_usd=overview.cost_usd,
        texts_since=overview.texts_since,
        texts_share=overview.texts_calls / overview.calls if overview.calls else 0.0,
    )


def _worthwhile(basis: Basis, suggestions: Iterator[Suggestion]) -> Sequence[Suggestion]:
    """The dearest of a kind; what saves next to nothing is not worth a sentence."""
    least = max(_LEAST_USD, basis.cost_usd * basis.per_month * _LEAST_SHARE)
    found = sorted((one for one in suggestions if one.usd >= least), key=lambda one: -one.usd)
    return found[:_PER_KIND]
