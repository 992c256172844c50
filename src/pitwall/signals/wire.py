"""The written form of answers and of the catalogue: the same from the API, the command line and the files."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from pitwall.kit.durations import (
    InvalidDuration,
    InvalidInstant,
    format_instant,
    parse_duration,
    parse_instant,
)
from pitwall.kit.i18n import Text
from pitwall.signals.catalogue import Signal
from pitwall.signals.errors import QuestionInvalid
from pitwall.signals.no_data import Explanation, NoData
from pitwall.signals.types import BoardQuery, ExemplarQuery, Exemplars, SignalQuery, SignalResult
from pitwall.signals.watermark import Present
from pitwall.signals.windows import floor_to
from pitwall.traces.spans import format_nano

DEFAULT_SINCE = "now-1h"
DEFAULT_LAST = "5m"
_MINUTE = timedelta(minutes=1)
_NOW = "now"


def signal_view(signal: Signal) -> dict[str, Any]:
    """A signal of the catalogue as a JSON object."""
    return {
        "name": signal.name,
        "title": _both_languages(signal.title),
        "description": _both_languages(signal.description),
        "over": None if signal.over is None else str(signal.over),
        "value": str(signal.value),
        "per_seconds": None if signal.per is None else signal.per.total_seconds(),
        "by": list(signal.by),
        "unit": signal.unit,
        "better": signal.better.value,
        "bands": {
            "normal": None if signal.bands.normal is None else str(signal.bands.normal),
            "warning": None if signal.bands.warning is None else str(signal.bands.warning),
            "critical": None if signal.bands.critical is None else str(signal.bands.critical),
            "min_count": signal.bands.min_count,
        },
    }


def result_view(result: SignalResult) -> dict[str, Any]:
    """An answer as a JSON object with a row per value; a value without data is null, never 0."""
    windows = _windows(result)
    rows = [
        {
            "labels": series.labels,
            "start": start,
            "end": end,
            "value": value,
            "count": count,
            "band": band,
            "complete": is_complete,
        }
        for series in result.series
        for (start, end, is_complete), value, count, band in zip(
            windows, series.values, series.counts, series.bands, strict=True
        )
    ]
    return {**_head(result), "rows": rows}


def series_view(result: SignalResult) -> dict[str, Any]:
    """An answer as a JSON object that names the windows once and has a list of values per series."""
    windows = _windows(result)
    series = [
        {"labels": one.labels, "values": one.values, "counts": one.counts, "bands": one.bands}
        for one in result.series
    ]
    return {
        **_head(result),
        "starts": [start for start, _, _ in windows],
        "complete": [is_complete for _, _, is_complete in windows],
        "series": series,
    }


def explanation_view(explanation: Explanation) -> dict[str, Any]:
    """How a question is answered, as a JSON object."""
    why = explanation.no_data
    return {
        "name": explanation.name,
        "statements": [{"sql": one.sql, "tables": list(one.tables)} for one in explanation.statements],
        "no_data": None if why is None else _no_data_view(why),
    }


def _no_data_view(why: NoData) -> dict[str, Any]:
    last = why.last_seen_unix_nano
    return {
        "reason": why.reason.value,
        "text": _both_languages(why.text),
        "last_seen_at": None if last is None else format_nano(last),
        "needs": [{"what": _both_languages(need.what), "seen": need.is_seen} for need in why.needs],
    }


def exemplars_view(found: Exemplars) -> dict[str, Any]:
    """The traces behind a value, as a JSON object."""
    return {
        "name": found.name,
        "order": found.order.value,
        "exemplars": [
            {
                "trace_id": one.trace_id,
                "span_id": one.span_id,
                "at": format_nano(one.unix_nano),
                "value": one.value,
                "name": one.name,
                "service": one.service,
                "model": one.model,
                "status": one.status,
                "duration_ms": one.duration_ms,
            }
            for one in found.exemplars
        ],
    }


def _head(result: SignalResult) -> dict[str, Any]:
    return {
        "name": result.name,
        "unit": result.unit,
        "since": format_instant(result.since),
        "until": format_instant(result.until),
        "step_seconds": result.step.total_seconds(),
        "by": list(result.by),
        "watermark": format_instant(result.watermark),
        "tables": list(result.tables),
    }


def _windows(result: SignalResult) -> list[tuple[str, str, bool]]:
    return [(format_instant(one.start), format_instant(one.end), one.is_complete) for one in result.windows]


def read_query(present: Present, project: str, written: Mapping[str, Any]) -> SignalQuery:
    """Read a question as people write it.

    Args:
        present: What `now` is, and up to when windows are complete.
        project: Whose telemetry.
        written: `name`, and optionally `since`, `until` (ISO 8601 or `now-1h`), `step` (`5m`), `last` (`5m`
            instead of a range: the latest complete window of that length), `by` (a list), `where`. Without
            `until` the present minute is in the answer, and told to be incomplete.

    Raises:
        QuestionInvalid: A time cannot be understood, or `last` stands beside a range.
    """
    since, until, step = _times(present, written)
    return SignalQuery(
        name=written["name"],
        project=project,
        since=since,
        until=until,
        step=step,
        by=tuple(written.get("by") or ()),
        where=written.get("where") or "",
    )


def read_exemplar_query(present: Present, project: str, written: Mapping[str, Any]) -> ExemplarQuery:
    """Read a question for the traces behind a value: times and `where` as in `read_query`.

    Args:
        present: What `now` is, and up to when windows are complete.
        project: Whose telemetry.
        written: `name`, `limit`, and optionally `since`, `until`, `last`, `labels` (a list of `key:value`),
            `where`.

    Raises:
        QuestionInvalid: A time or a label cannot be understood.
    """
    since, until, _ = _times(present, written)
    labels = tuple(_label(text) for text in written.get("labels") or ())
    return ExemplarQuery(
        written["name"], project, since, until, labels, written.get("where") or "", written["limit"]
    )


def _label(text: str) -> tuple[str, str]:
    name, colon, value = text.partition(":")
    if not colon:
        raise QuestionInvalid(f"{text!r} is no label.", hint="Write for example model:gpt-4o.")
    return name.strip(), value


def board_query(present: Present, project: str, written: Mapping[str, str | None]) -> BoardQuery:
    """Read a question for all signals: `since`, `until`, `last` and `step` as in `read_query`, `by` as text.

    Without a range it is the latest complete window of `DEFAULT_LAST`.

    Raises:
        QuestionInvalid: As `read_query`.
    """
    times = dict(written)
    if not any(times.get(name) for name in ("since", "until", "last")):
        times["last"] = DEFAULT_LAST
    since, until, step = _times(present, times)
    return BoardQuery(project, since, until, step, tuple(split_list(written.get("by"))))


def _times(present: Present, written: Mapping[str, Any]) -> tuple[datetime, datetime, timedelta | None]:
    try:
        since, until = _range(present, written)
        return since, until, parse_duration(written["step"]) if written.get("step") else None
    except (InvalidInstant, InvalidDuration) as error:
        raise QuestionInvalid(f"{error}.") from error


def read_length(text: str) -> timedelta:
    """Read a length of time.

    Raises:
        QuestionInvalid: The text is none, or it is under a minute.
    """
    try:
        length = parse_duration(text)
    except InvalidDuration as error:
        raise QuestionInvalid(f"{error}.") from error
    if length < _MINUTE:
        raise QuestionInvalid(f"A window of {text} is shorter than a minute.")
    return length


def split_list(text: str | None) -> list[str]:
    """The parts of `a,b`, without blanks."""
    return [part.strip() for part in (text or "").split(",") if part.strip()]


def _range(present: Present, written: Mapping[str, Any]) -> tuple[datetime, datetime]:
    since, until, last = (written.get(name) for name in ("since", "until", "last"))
    if last:
        if since or until:
            raise QuestionInvalid("`last` stands for a whole range; leave out `since` and `until`.")
        return present.last_window(read_length(last))
    now = present.now
    since, until = since or DEFAULT_SINCE, until or _NOW
    if written.get("step"):
        return parse_instant(since, now=now), parse_instant(until, now=now)
    # One window is made of whole minutes, which the rollups can answer. The present minute is one of them:
    # what came in a moment ago counts, and who asks again in the same minute asks the same question.
    minute = floor_to(now, _MINUTE)
    is_open = until.strip().lower() == _NOW
    return parse_instant(since, now=minute), minute + _MINUTE if is_open else parse_instant(until, now=minute)


def _both_languages(text: Text) -> dict[str, str]:
    return {"en": text.en, "ko": text.ko}
