"""Back-tests in the shape of the API, and questions out of it."""

from __future__ import annotations

import math
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta, tzinfo
from typing import TYPE_CHECKING, Any, Final
from zoneinfo import ZoneInfo

from pitwall.anomalies.explain import explain
from pitwall.anomalies.registry import DEFAULT
from pitwall.anomalies.service import AnomalyQuery, SeriesTold, SignalBacktest
from pitwall.anomalies.types import Judgement, Status
from pitwall.kit.durations import InvalidDuration, format_instant, parse_duration
from pitwall.kit.i18n import Language
from pitwall.signals.errors import QuestionInvalid
from pitwall.signals.watermark import Present
from pitwall.signals.wire import read_length, read_query

if TYPE_CHECKING:
    from pitwall.anomalies.backtest import Alarm

DEFAULT_SINCE: Final = "now-7d"
DEFAULT_STEP: Final = "1h"
DEFAULT_LEARN: Final = "28d"
DEFAULT_SERIES: Final = 20
_NO_TIME: Final = timedelta()
# What explanations write after a number: a share needs no word, money its currency.
_WORDS: Final = {"ratio": "", "usd": "USD"}

View = dict[str, Any]


def read_question(present: Present, project: str, written: Mapping[str, Any]) -> AnomalyQuery:
    """Read a question as people write it.

    Args:
        present: What `now` is, and up to when windows are complete.
        project: Whose telemetry.
        written: `name`, and optionally `since`, `until`, `step`, `by`, `where` as of a query, `learn` (a
            length), `detector`, `false_alarms_per_week`, `max_series`, `timezone`.

    Raises:
        QuestionInvalid: A time, a length or the time zone cannot be understood.
    """
    step = read_length(written.get("step") or DEFAULT_STEP)
    times = {
        **written,
        "since": written.get("since") or DEFAULT_SINCE,
        "step": f"{step.total_seconds():g}s",
        "last": None,
    }
    return AnomalyQuery(
        query=read_query(present, project, times),
        step=step,
        learn=_learn(written.get("learn") or DEFAULT_LEARN),
        detector=written.get("detector") or DEFAULT,
        false_alarms_per_week=written.get("false_alarms_per_week", 1.0),
        max_series=written.get("max_series", DEFAULT_SERIES),
        timezone=_timezone(written.get("timezone")),
    )


def _learn(text: str) -> timedelta:
    if text.strip() == "0":
        return _NO_TIME
    try:
        return parse_duration(text)
    except InvalidDuration as error:
        raise QuestionInvalid(f"learn: {error}.") from error


def _timezone(name: str | None) -> tzinfo:
    if not name:
        return UTC
    try:
        return ZoneInfo(name)
    except (KeyError, ValueError, OSError) as error:
        raise QuestionInvalid(
            f"There is no time zone {name!r}.", hint="Write for example Asia/Seoul or Europe/Berlin."
        ) from error


def backtest_view(told: SignalBacktest) -> View:
    """What a detector would have told, as a JSON object."""
    asked, result = told.asked, told.result
    alarms = [_alarm_view(one, alarm, told) for one in told.series for alarm in one.alarms]
    return {
        "name": result.name,
        "unit": result.unit,
        "detector": asked.detector,
        "since": format_instant(_shown(told)),
        "until": format_instant(result.windows[told.windows - 1].end if told.windows else _shown(told)),
        "step_seconds": result.step.total_seconds(),
        "learnt_since": format_instant(result.since),
        "by": list(result.by),
        "watermark": format_instant(result.watermark),
        "judged": sum(one.judged for one in told.series),
        "alarms": sorted(alarms, key=lambda alarm: str(alarm["at"])),
        "series": [_series_view(one, told) for one in told.series],
        "left_out_series": told.left_out,
    }


def _shown(told: SignalBacktest) -> datetime:
    """Start of the first window of the range; where it has none that is complete, what was asked for."""
    return told.result.windows[told.begin].start if told.begin < told.windows else told.asked.query.since


def _alarm_view(one: SeriesTold, alarm: Alarm, told: SignalBacktest) -> View:
    judgement, usual = alarm.judgement, alarm.judgement.usual
    return {
        "labels": one.series.labels,
        "at": format_instant(told.result.windows[alarm.index].start),
        "value": alarm.value,
        "count": one.series.counts[alarm.index],
        "usual": None if usual is None else usual.value,
        "low": None if usual is None else usual.low,
        "high": None if usual is None else usual.high,
        "pattern": None if usual is None else usual.pattern.name.lower(),
        "form": judgement.form.value,
        "score": judgement.score,
        "text": _texts(judgement, alarm.time_s, told),
    }


def _series_view(one: SeriesTold, told: SignalBacktest) -> View:
    begin = told.begin
    rows = zip(
        told.result.windows[begin : told.windows],
        one.series.values[begin:],
        one.told.usual[begin:].tolist(),
        one.told.scores[begin:].tolist(),
        one.told.statuses[begin:],
        strict=False,
    )
    points = [
        [format_instant(window.start), value, *map(_known, (low, high, score)), status.value, _known(usual)]
        for window, value, (usual, low, high), score, status in rows
    ]
    statuses = one.told.statuses[begin:]
    return {
        "labels": one.series.labels,
        "judged": one.judged,
        "learning": statuses.count(Status.NOT_ENOUGH_HISTORY),
        "missing": statuses.count(Status.NO_DATA),
        "note": _note(one, told),
        "points": points,
    }


def _note(one: SeriesTold, told: SignalBacktest) -> View | None:
    """Why nothing was judged, if nothing was: what the last window with a value says of itself."""
    if one.judged or one.told.last is None:
        return None
    return _texts(one.told.last, 0.0, told)


def _texts(judgement: Judgement, time_s: float, told: SignalBacktest) -> View:
    step_s, unit = told.result.step.total_seconds(), told.result.unit
    return {
        language.value: explain(
            judgement,
            time_s,
            step_s,
            unit=_WORDS.get(unit, unit),
            language=language,
            timezone=told.asked.timezone,
        )
        for language in Language
    }


def _known(value: float) -> float | None:
    return value if math.isfinite(value) else None
