"""Signals: where one stands now, and whether it has become worse."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from pitwall.checks.findings import passed, skipped, warning, wrong
from pitwall.checks.items import SignalItem, SignalTrendItem
from pitwall.checks.surroundings import Looking
from pitwall.checks.types import Finding
from pitwall.core.vocabulary import Band
from pitwall.kit.durations import parse_duration
from pitwall.kit.i18n import Text
from pitwall.signals.bands import Bands, parse_limit
from pitwall.signals.render import show_number
from pitwall.signals.types import SignalQuery

_NO_DATA = Text(
    "no data: {signal} rests on {count} observations of the last {over}, {least} are needed",
    "데이터 없음: {signal} 신호의 최근 {over} 관측이 {count}건이며, {least}건이 필요합니다",
)
_VALUE = Text("{signal} is {value} over the last {over}", "최근 {over} 동안 {signal} 값은 {value}입니다")
_BEYOND = Text(
    "{signal} is {value} over the last {over}, which is {limit}",
    "최근 {over} 동안 {signal} 값이 {value}로 {limit} 조건에 해당합니다",
)
_CHANGE = Text(
    "{signal} went from {before} to {value} ({change:+.1%}) against the {over} before",
    "{signal} 값이 직전 {over}의 {before}에서 {value}(으)로 바뀌었습니다({change:+.1%})",
)


def look_signal(item: SignalItem, looking: Looking) -> Finding:
    """Judge the value of the last while by the item's limit, or by the signal's bands."""
    now, length = looking.around.clock.now(), parse_duration(item.over)
    value, count = _value(item, looking, now - length, now)
    signal = looking.around.signals.catalogue.get(item.signal)
    limits = signal.bands if item.limit is None else Bands(critical=parse_limit(item.limit))
    least = max(item.min_count, limits.min_count)
    if value is None or count < least:
        return skipped(_NO_DATA, signal=item.signal, count=count, over=item.over, least=least)
    shown: dict[str, Any] = {"signal": item.signal, "over": item.over, "value": value, "unit": signal.unit}
    band = limits.judge(value, count)
    if band is Band.NORMAL:
        return passed(_shown(_VALUE, value, signal.unit), **shown)
    limit = limits.critical if band is Band.CRITICAL else limits.warning
    text = _shown(_BEYOND, value, signal.unit)
    return (
        warning(text, limit=limit, **shown)
        if band is Band.WARNING
        else wrong(item, text, limit=limit, **shown)
    )


def look_trend(item: SignalTrendItem, looking: Looking) -> Finding:
    """Compare the last while with the one before it."""
    now, length = looking.around.clock.now(), parse_duration(item.over)
    before, few = _value(item, looking, now - 2 * length, now - length)
    value, count = _value(item, looking, now - length, now)
    if value is None or before is None or min(count, few) < item.min_count:
        return skipped(
            _NO_DATA, signal=item.signal, count=min(count, few), over=item.over, least=item.min_count
        )
    unit = looking.around.signals.catalogue.get(item.signal).unit
    change = (value - before) / abs(before) if before else float(value != 0)
    is_worse = -change > item.by_ratio if item.worse == "falls" else change > item.by_ratio
    text = _shown(_CHANGE, value, unit)
    shown: dict[str, Any] = {
        "signal": item.signal,
        "over": item.over,
        "change": change,
        "value": value,
        "unit": unit,
    }
    shown["before"] = show_number(before, unit)
    return wrong(item, text, **shown) if is_worse else passed(text, **shown)


def _value(
    item: SignalItem | SignalTrendItem, looking: Looking, since: datetime, until: datetime
) -> tuple[float | None, int]:
    query = SignalQuery(item.signal, looking.project, since, until, where=item.where or "")
    series = looking.around.signals.query(query).series
    return (series[0].values[0], series[0].counts[0]) if series else (None, 0)


def _shown(text: Text, value: float, unit: str) -> Text:
    """The text with the value as people read it."""
    shown = show_number(value, unit).replace("{", "{{")
    return Text(text.en.replace("{value}", shown), text.ko.replace("{value}", shown))
