"""Costs in their written form: the same from the API and from the command line."""

from __future__ import annotations

from typing import Final

from pitwall.costs.amounts import written_usd
from pitwall.costs.schemas import (
    DayView,
    MonthView,
    ProjectionView,
    RangeView,
    SpendRowView,
    SpendView,
    SummaryView,
    UnpricedModelView,
    UnpricedView,
)
from pitwall.costs.types import (
    CONFIDENCE,
    MIN_DAYS,
    DayCost,
    MonthSummary,
    PeriodProjection,
    ProjectionStatus,
    Range,
    Spend,
    SpendRow,
)
from pitwall.kit.i18n import Language, Text
from pitwall.kit.money import format_usd, usd

_PROJECTED: Final = Text(
    "About {middle} in the end, in eight of ten cases {low} to {high}; worked out from {days} days.",
    "끝나면 약 {middle}, 열에 여덟은 {low}~{high}입니다. 지난 {days}일로 계산했습니다.",
)
_OVER: Final = Text("It is over.", "이미 끝났습니다.")
_TOO_FEW: Final = Text(
    "Not enough data: {days} complete days of {needed}.",
    "데이터가 부족합니다. 온전한 하루가 {needed}일 필요한데 {days}일뿐입니다.",
)
_NOTHING: Final = Text("No call with a price yet.", "아직 단가를 아는 호출이 없습니다.")


def both_languages(text: Text, **values: object) -> dict[str, str]:
    """A text in both languages with its values filled in."""
    return {language.value: text.say(language, **values) for language in Language}


def summary_view(summary: MonthSummary) -> SummaryView:
    """A month as the API has it."""
    totals = summary.totals
    return SummaryView(
        month=MonthView(
            name=f"{summary.month.first:%Y-%m}",
            start=summary.month.start,
            end=summary.month.end,
            timezone=summary.zone,
        ),
        as_of=summary.at,
        month_to_date_usd=written_usd(totals.cost_usd),
        previous_month_usd=written_usd(summary.previous_cost_usd),
        projection=projection_view(summary.projection),
        calls=totals.calls,
        requests=totals.requests,
        tokens=_whole(totals.tokens),
        input_tokens=_whole(totals.input_tokens),
        output_tokens=_whole(totals.output_tokens),
        cost_per_request_usd=written_usd(summary.cost_per_request_usd),
        unpriced=UnpricedView(
            calls=totals.unpriced_calls,
            share=totals.unpriced_calls / totals.calls if totals.calls else None,
            models=[
                UnpricedModelView(provider=one.provider, model=one.model, calls=one.calls)
                for one in summary.unpriced_models
            ],
        ),
        by_day=[_day_view(day) for day in summary.days],
    )


def projection_view(projection: PeriodProjection) -> ProjectionView:
    """A projection as the API has it."""
    total = projection.total
    return ProjectionView(
        status=projection.status,
        usd=written_usd(None if total is None else total.usd),
        low_usd=written_usd(None if total is None else total.low_usd),
        high_usd=written_usd(None if total is None else total.high_usd),
        confidence=CONFIDENCE,
        method=projection.method,
        history_days=projection.history_days,
        text=_projection_text(projection),
    )


def _projection_text(projection: PeriodProjection) -> dict[str, str]:
    total = projection.total
    if projection.status is ProjectionStatus.NO_DATA:
        return both_languages(_NOTHING)
    if total is None:
        return both_languages(_TOO_FEW, days=projection.history_days, needed=MIN_DAYS)
    if projection.method is None:
        return both_languages(_OVER)
    return both_languages(
        _PROJECTED,
        middle=format_usd(usd(total.usd)),
        low=format_usd(usd(total.low_usd)),
        high=format_usd(usd(total.high_usd)),
        days=projection.history_days,
    )


def _day_view(day: DayCost) -> DayView:
    return DayView(
        date=day.day,
        start=day.start,
        end=day.end,
        cost_usd=written_usd(day.cost_usd),
        calls=day.calls,
        tokens=_whole(day.tokens),
        unpriced_calls=day.unpriced_calls,
        is_complete=day.is_complete,
        ahead=None if day.ahead is None else _range_view(day.ahead),
    )


def _range_view(range_: Range) -> RangeView:
    written = (written_usd(amount) or "0" for amount in (range_.usd, range_.low_usd, range_.high_usd))
    return RangeView(**dict(zip(("usd", "low_usd", "high_usd"), written, strict=True)))


def spend_view(spend: Spend) -> SpendView:
    """Spend as the API has it."""
    return SpendView(
        by=spend.by,
        since=spend.since,
        until=spend.until,
        previous_since=spend.previous_since,
        cost_usd=written_usd(spend.total.cost_usd),
        previous_cost_usd=written_usd(spend.previous_cost_usd),
        change=_change(spend.total.cost_usd, spend.previous_cost_usd),
        calls=spend.total.calls,
        unpriced_calls=spend.total.unpriced_calls,
        rows=[_row_view(row) for row in spend.rows],
    )


def _row_view(row: SpendRow) -> SpendRowView:
    totals, tokens = row.totals, row.totals.tokens
    priced = totals.calls - totals.unpriced_calls
    per_call = totals.cost_usd / priced if totals.cost_usd is not None and priced else None
    return SpendRowView(
        name=row.key.name,
        detail=row.key.detail,
        is_named=row.key.is_named,
        is_rest=row.key.is_rest,
        cost_usd=written_usd(totals.cost_usd),
        share=row.share,
        previous_cost_usd=written_usd(row.previous_cost_usd),
        change=_change(totals.cost_usd, row.previous_cost_usd),
        calls=totals.calls,
        requests=totals.requests,
        tokens=_whole(tokens),
        cost_per_request_usd=written_usd(row.cost_per_request_usd),
        cost_per_call_usd=written_usd(per_call),
        tokens_per_call=tokens / totals.llm_calls if tokens is not None and totals.llm_calls else None,
        unpriced_calls=totals.unpriced_calls,
    )


def _change(amount: float | None, before: float | None) -> float | None:
    return amount / before - 1 if amount is not None and before else None


def _whole(tokens: float | None) -> int | None:
    return None if tokens is None else round(tokens)
