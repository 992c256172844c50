"""Advice in its written form: the same from the API and from the command line."""

from __future__ import annotations

from pitwall.costs.advice.schemas import AdviceView, BasisView, CombinedView, SkippedView, SuggestionView
from pitwall.costs.advice.types import Advice, Basis, Suggestion
from pitwall.costs.amounts import written_usd
from pitwall.kit.i18n import Text


def advice_view(advice: Advice) -> AdviceView:
    """Advice as the API has it."""
    combined = advice.combined
    return AdviceView(
        suggestions=[_suggestion_view(one) for one in advice.suggestions],
        combined=CombinedView(
            saving_usd_per_month=_written(combined.usd),
            saving_low=_written(combined.low_usd),
            saving_high=_written(combined.high_usd),
        ),
        basis=_basis_view(advice.basis),
        skipped=[SkippedView(kind=one.kind, reason=_words(one.reason)) for one in advice.skipped],
    )


def _suggestion_view(one: Suggestion) -> SuggestionView:
    return SuggestionView(
        kind=one.kind,
        title=_words(one.title),
        detail=_words(one.detail),
        note=_words(one.note),
        saving_usd_per_month=_written(one.usd),
        saving_low=_written(one.low_usd),
        saving_high=_written(one.high_usd),
        confidence=one.confidence,
        service=one.cell.service,
        provider=one.cell.provider,
        model=one.cell.model,
        evidence=dict(one.evidence),
        example_trace_ids=list(one.trace_ids),
    )


def _basis_view(basis: Basis) -> BasisView:
    return BasisView(
        since=basis.since,
        until=basis.until,
        days=basis.days,
        cost_usd=_written(basis.cost_usd),
        texts_since=basis.texts_since,
        texts_share=basis.texts_share,
    )


def _words(text: Text) -> dict[str, str]:
    return {"en": text.en, "ko": text.ko}


def _written(amount: float) -> str:
    return written_usd(amount) or "0"
