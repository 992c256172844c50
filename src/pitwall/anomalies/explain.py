"""An anomaly in words, with its numbers: "3.4x the usual for a Friday 14:00"."""

from __future__ import annotations

import math
from datetime import UTC, datetime, timedelta, tzinfo
from typing import Final

from pitwall.anomalies.types import Form, Judgement, Status, Usual
from pitwall.kit.i18n import Language, Text
from pitwall.stats.seasonal import Pattern

_WEEKDAYS: Final = {
    Language.ENGLISH: ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"),
    Language.KOREAN: ("월요일", "화요일", "수요일", "목요일", "금요일", "토요일", "일요일"),
}
_NEAR_ZERO: Final = 1e-6
_CLOSE: Final = 1.095
"""Ratios nearer to 1 than that are told as a percentage: `2 % above` says more than `1.0x`."""
_WEEKS_PER_YEAR: Final = 52.2
_LONG_YEARS: Final = 100.0

_NO_DATA: Final = Text("No data in this window.", "이 구간에는 데이터가 없습니다.")
_NOT_ENOUGH: Final = Text(
    "Not enough history: {seen} of the {needed} windows that it takes.",
    "아직 판단할 이력이 부족합니다: 필요한 구간 {needed}개 중 {seen}개.",
)
_TIMES: Final = Text("{ratio}x the usual {time}", "{time} 평소의 {ratio}배")
_ABOVE: Final = Text("{percent} % above the usual {time}", "{time} 평소보다 {percent}% 높음")
_BELOW: Final = Text("{percent} % below the usual {time}", "{time} 평소보다 {percent}% 낮음")
_MORE: Final = Text("{difference} above the usual {time}", "{time} 평소보다 {difference} 높음")
_LESS: Final = Text("{difference} below the usual {time}", "{time} 평소보다 {difference} 낮음")
_SAME: Final = Text("As usual {time}", "{time} 평소와 같음")
_RECENT: Final = Text("of late", "최근")
_HOUR: Final = Text("for {hour}", "{hour}대")
_WEEK_HOUR: Final = Text("for a {day} {hour}", "{day} {hour}대")
_NUMBERS: Final = Text("{observed}, usually {usual}", "{observed}, 평소 {usual}")
_RANGE: Final = Text(" ({low} to {high})", " ({low}~{high})")
_LASTING: Final = Text("on average over the last {length}", "최근 {length} 평균")
_SHIFT: Final = Text("since {time}, on average", "{time}부터 평균")
_CHANCE_WEEKS: Final = Text(
    "By chance about once in {count} weeks.",
    "우연이라면 약 {count}주에 한 번입니다.",
    en_one="By chance about once a week.",
)
_CHANCE_YEARS: Final = Text(
    "By chance about once in {number} years.", "우연이라면 약 {number}년에 한 번입니다."
)
_CHANCE_NEVER: Final = Text(
    "By chance less than once in a hundred years.", "우연이라면 100년에 한 번도 안 됩니다."
)
_CHANCE_OFTEN: Final = Text(
    "By chance about {number} times a week.", "우연이라면 일주일에 약 {number}번입니다."
)
_MINUTES: Final = Text("{count} minutes", "{count}분", en_one="minute")
_HOURS: Final = Text("{count} hours", "{count}시간", en_one="hour")
_DAYS: Final = Text("{count} days", "{count}일", en_one="day")


def explain(
    judgement: Judgement,
    time_s: float,
    step_s: float,
    *,
    unit: str = "",
    language: Language = Language.ENGLISH,
    timezone: tzinfo = UTC,
) -> str:
    """Say what is unusual about a window, in numbers.

    Args:
        judgement: What a detector said.
        time_s: Start of the window, seconds since the epoch.
        step_s: Length of the windows in seconds.
        unit: Written after values, such as `ms`; empty for none.
        language: English or Korean.
        timezone: In which weekdays and hours are told.
    """
    if judgement.status is Status.NO_DATA:
        return _NO_DATA.say(language)
    if judgement.score is None or judgement.usual is None or judgement.observed is None:
        return _NOT_ENOUGH.say(language, seen=judgement.seen, needed=judgement.needed)
    moment = datetime.fromtimestamp(time_s, timezone)
    comparison = _compare(
        judgement.observed, judgement.usual, _name_time(judgement.usual, moment, language), unit, language
    )
    span = _name_span(judgement, moment, step_s, language)
    numbers = _numbers(judgement.observed, judgement.usual, unit, language)
    told = ", ".join(part for part in (comparison, span) if part)
    return f"{told}: {numbers}. {_chance(judgement.score, language)}"


def _compare(observed: float, usual: Usual, time: str, unit: str, language: Language) -> str:
    expected = usual.value
    if observed == expected:
        return _SAME.say(language, time=time)
    scale = max(abs(observed), abs(expected))
    if expected * observed < 0 or abs(expected) < _NEAR_ZERO * scale or expected < 0:
        difference = format_value(abs(observed - expected), unit)
        return (_MORE if observed > expected else _LESS).say(language, difference=difference, time=time)
    ratio = observed / expected
    if ratio >= _CLOSE:
        return _TIMES.say(language, ratio=_short(ratio), time=time)
    percent = format_number(abs(ratio - 1.0) * 100.0)
    return (_ABOVE if ratio > 1.0 else _BELOW).say(language, percent=percent, time=time)


def _short(ratio: float) -> str:
    return f"{ratio:.1f}" if ratio < 9.95 else format_number(round(ratio, 0))


def _name_time(usual: Usual, moment: datetime, language: Language) -> str:
    hour = f"{moment.hour}시" if language is Language.KOREAN else f"{moment.hour:02}:00"
    if usual.pattern is Pattern.HOUR_OF_WEEK:
        return _WEEK_HOUR.say(language, day=_WEEKDAYS[language][moment.weekday()], hour=hour)
    if usual.pattern is Pattern.HOUR_OF_DAY:
        return _HOUR.say(language, hour=hour)
    return _RECENT.say(language)


def _name_span(judgement: Judgement, moment: datetime, step_s: float, language: Language) -> str:
    if judgement.form is Form.SUSTAINED:
        return _LASTING.say(language, length=format_length(judgement.windows * step_s, language))
    if judgement.form is Form.SHIFT:
        began = moment - timedelta(seconds=step_s * (judgement.windows - 1))
        return _SHIFT.say(language, time=f"{began:%Y-%m-%d %H:%M}")
    return ""


def _numbers(observed: float, usual: Usual, unit: str, language: Language) -> str:
    numbers = _NUMBERS.say(
        language, observed=format_value(observed, unit), usual=format_value(usual.value, unit)
    )
    if usual.low is None or usual.high is None:
        return numbers
    return numbers + _RANGE.say(language, low=format_number(usual.low), high=format_number(usual.high))


def _chance(score: float, language: Language) -> str:
    if score < 0.0:
        return _CHANCE_OFTEN.say(language, number=format_number(math.exp(min(-score, 50.0))))
    years = math.exp(min(score, 50.0)) / _WEEKS_PER_YEAR
    if years >= _LONG_YEARS:
        return _CHANCE_NEVER.say(language)
    if years >= 2.0:
        return _CHANCE_YEARS.say(language, number=f"{years:.0f}")
    return _CHANCE_WEEKS.say(language, count=round(math.exp(score)))


def format_value(value: float, unit: str) -> str:
    """Write a value with its unit."""
    return f"{format_number(value)} {unit}".rstrip()


def format_number(value: float) -> str:
    """Write a number with three significant digits or all digits before the point: `0.0123`, `12,345`."""
    if value == 0 or not math.isfinite(value):
        return f"{value:g}"
    size = abs(value)
    if size >= 1e9 or size < 1e-4:
        return f"{value:.3g}"
    digits = max(0, 2 - math.floor(math.log10(size)))
    text = f"{value:,.{digits}f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def format_length(seconds: float, language: Language) -> str:
    """Write a length of time in its largest whole-ish unit: `hour`, `90 minutes`, `3 days`."""
    minutes = round(seconds / 60.0)
    if minutes >= 2880:
        return _DAYS.say(language, count=round(minutes / 1440))
    if minutes >= 60 and minutes % 60 == 0:
        return _HOURS.say(language, count=minutes // 60)
    return _MINUTES.say(language, count=minutes)
