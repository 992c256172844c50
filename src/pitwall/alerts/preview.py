"""A rule over a stretch of the past: how often it would have fired, and when."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from pitwall.alerts.checks import problems_of
from pitwall.alerts.conditions import Check
from pitwall.alerts.errors import RuleInvalid
from pitwall.alerts.history import PastReader, Track, Tracks
from pitwall.alerts.replay import Period, Replay, labels_view
from pitwall.alerts.rulebook import Compiled, RuleBook
from pitwall.alerts.rules import Rule
from pitwall.alerts.samples import LabelValues, Samples, Wanted, Watch, Watched
from pitwall.alerts.types import Level
from pitwall.anomalies.monitor import SeriesMonitor
from pitwall.anomalies.types import Observation
from pitwall.core.errors import InvalidInput
from pitwall.kit.durations import InvalidInstant, format_duration, format_instant, parse_instant
from pitwall.signals.catalogue import Signal
from pitwall.signals.errors import QuestionInvalid
from pitwall.signals.expressions import Function, aggregates_of
from pitwall.signals.service import Signals, required
from pitwall.signals.types import SignalQuery, SignalResult
from pitwall.signals.windows import floor_to, single_window

MAX_SHOWN: Final = 20
MAX_MOMENTS: Final = 25_000
_LEARNT_WINDOWS: Final = 2_016
_MEANS = frozenset({Function.RATIO, Function.MEAN})
_Group = tuple[str, tuple[str, ...], str, timedelta]


class PreviewTooLong(InvalidInput):
    """The range has too many windows of the rule."""

    default_code = "alert_preview.too_long"


@dataclass(frozen=True, slots=True)
class Preview:
    """What a rule would have done.

    Attributes:
        windows: How often it was evaluated: once at the end of each window.
        series: How many label sets there were.
        values: Value and band of some label sets at each moment, those that fired first.
    """

    rule: Compiled
    since: datetime
    until: datetime
    windows: int
    series: int
    periods: Sequence[Period]
    values: Mapping[LabelValues, Sequence[tuple[datetime, float | None, str]]]
    limits: Mapping[str, str | None]


class Previewer:
    """Runs rules over the past; calls block.

    Args:
        signals: Has the numbers.
        book: Makes rules ready.
    """

    def __init__(self, signals: Signals, book: RuleBook) -> None:
        self._signals = signals
        self._book = book

    def read_range(self, since: str, until: str) -> tuple[datetime, datetime]:
        """Read a range as people write it.

        Raises:
            QuestionInvalid: A time cannot be understood, or the range is empty.
        """
        now = self._signals.watermark.now()
        try:
            moments = parse_instant(since, now=now), parse_instant(until, now=now)
        except InvalidInstant as error:
            raise QuestionInvalid(f"{error}.") from error
        single_window(*moments)
        return moments

    def preview(self, project_id: str, rule: Rule, since: datetime, until: datetime) -> Preview:
        """Evaluate a rule at the end of each of its windows in a range.

        Raises:
            RuleInvalid: It cannot be evaluated.
            PreviewTooLong: There are too many windows.
            QuestionInvalid: The range makes no sense, or has too many values.
        """
        problems = problems_of(rule, self._book.catalogue)
        if problems:
            raise RuleInvalid(problems[0].text.en)
        compiled = self._book.compiled(rule)
        until = min(until, self._signals.watermark())
        past = _StoredPast(self._signals, project_id, compiled.check, since, until)
        tick = past.tick
        moments = _moments(since, until, tick)
        replay, shown = Replay(compiled), _Shown(compiled)
        for at in moments:
            shown.add(at, replay.step(PastReader(past, at), at))
        periods = replay.periods()
        return Preview(
            compiled,
            since,
            until,
            len(moments),
            len(shown.columns),
            periods,
            shown.chosen([period.labels for period in periods]),
            shown.limits,
        )


def preview_view(preview: Preview) -> dict[str, Any]:
    """A preview as a JSON object."""
    rule = preview.rule
    return {
        "since": format_instant(preview.since),
        "until": format_instant(preview.until),
        "fired": len(preview.periods),
        "windows": preview.windows,
        "series": preview.series,
        "periods": [
            {
                "labels": labels_view(rule, one.labels),
                "severity": one.level.severity.value,
                "from": format_instant(one.since),
                "until": None if one.until is None else format_instant(one.until),
                "peak": one.peak,
                "value_at_fire": one.value_at_fire,
            }
            for one in preview.periods
        ],
        "values": [
            {
                "labels": labels_view(rule, labels),
                "points": [[format_instant(at), value, band] for at, value, band in points],
            }
            for labels, points in preview.values.items()
        ],
        "limits": dict(preview.limits),
    }


def _moments(since: datetime, until: datetime, tick: timedelta) -> list[datetime]:
    first = floor_to(since, tick) + tick
    count = max(0, (until - first) // tick + 1)
    if count > MAX_MOMENTS:
        raise PreviewTooLong(
            f"{count} windows of {format_duration(tick)} are more than {MAX_MOMENTS}.",
            hint="Ask for a shorter range.",
        )
    return [first + index * tick for index in range(count)]


class _Shown:
    """Collects what a chart of the preview needs."""

    def __init__(self, rule: Compiled) -> None:
        self.columns: defaultdict[LabelValues, list[tuple[datetime, float | None, str]]] = defaultdict(list)
        self.limits: dict[str, str | None] = {"warning": None, "critical": None}
        self._rule = rule

    def add(self, at: datetime, samples: Samples) -> None:
        for labels, sample in samples.items():
            self.columns[labels].append((at, sample.value, sample.band.value))
            if sample.origin is not None and not any(self.limits.values()):
                for level in (Level.WARNING, Level.CRITICAL):
                    self.limits[level.severity.value] = sample.origin.limit(level) or None

    def chosen(
        self, fired: Sequence[LabelValues]
    ) -> dict[LabelValues, Sequence[tuple[datetime, float | None, str]]]:
        """Those that fired, then those with the most values."""
        rest = sorted(self.columns, key=lambda labels: (-len(self.columns[labels]), labels))
        return {labels: self.columns[labels] for labels in list(dict.fromkeys([*fired, *rest]))[:MAX_SHOWN]}


class _StoredPast:
    """The past of a project, asked once for each group of windows."""

    def __init__(
        self, signals: Signals, project_id: str, check: Check, since: datetime, until: datetime
    ) -> None:
        self._signals = signals
        self._project_id = project_id
        self._since, self._until = since, until
        wanted, self._watches = list(check.wanted()), list(check.watches())
        self._steps = {one: self._step(one, wanted) for one in wanted}
        self._groups: dict[_Group, Tracks] = {}
        self._verdicts: dict[Watch, dict[LabelValues, dict[datetime, Watched]]] = {}
        self._back: dict[_Group, timedelta] = defaultdict(timedelta)
        for one in wanted:
            group = self._group(one)
            self._back[group] = max(self._back[group], one.back + one.length + (one.settle or timedelta()))

    @property
    def tick(self) -> timedelta:
        """How far apart the moments are."""
        return min([*self._steps.values(), *(watch.step for watch in self._watches)])

    def tracks(self, wanted: Wanted) -> Tracks:
        """The series that a condition looks at."""
        group = self._group(wanted)
        if group not in self._groups:
            self._groups[group] = self._fetch(group)
        return self._groups[group]

    def watched(self, watch: Watch, at: datetime) -> Mapping[LabelValues, Watched]:
        """What detectors said at a time."""
        if watch not in self._verdicts:
            self._verdicts[watch] = self._judge(watch)
        end = floor_to(at, watch.step)
        found = {labels: verdicts.get(end) for labels, verdicts in self._verdicts[watch].items()}
        return {labels: one for labels, one in found.items() if one is not None}

    def _group(self, wanted: Wanted) -> _Group:
        return wanted.signal, wanted.by, wanted.where, self._steps[wanted]

    def _step(self, wanted: Wanted, every: Sequence[Wanted]) -> timedelta:
        """Windows that can be put together from shorter ones share the question for those."""
        if not _is_mean(self._signals.catalogue.get(wanted.signal)):
            return wanted.length
        same = [one.length for one in every if one[:3] == wanted[:3]]
        shortest = min(same)
        return shortest if all(length % shortest == timedelta() for length in same) else wanted.length

    def _fetch(self, group: _Group) -> Tracks:
        name, by, where, step = group
        since = floor_to(self._since - self._back[group], step)
        query = SignalQuery(name, self._project_id, since, self._until, step, by, where)
        result = required(self._signals.query_many([query])[0])
        tracks = {
            tuple(series.labels.values()): Track(series.values, series.counts) for series in result.series
        }
        return Tracks(result.since, step, self._signals.catalogue.get(name).bands, tracks)

    def _judge(self, watch: Watch) -> dict[LabelValues, dict[datetime, Watched]]:
        since = self._since - _LEARNT_WINDOWS * watch.step
        query = SignalQuery(
            watch.signal, self._project_id, since, self._until, watch.step, watch.by, watch.where
        )
        result = required(self._signals.query_many([query])[0])
        return {
            tuple(series.labels.values()): dict(_verdicts(watch, result, index))
            for index, series in enumerate(result.series)
        }


def _verdicts(watch: Watch, result: SignalResult, index: int) -> Iterable[tuple[datetime, Watched]]:
    series = result.series[index]
    monitor = SeriesMonitor(
        watch.step.total_seconds(),
        detector=watch.detector,
        false_alarms_per_week=watch.false_alarms_per_week,
    )
    for window, value, count, band in zip(
        result.windows, series.values, series.counts, series.bands, strict=True
    ):
        verdict = monitor.observe(Observation(window.start.timestamp(), value, count))
        yield window.end, Watched(verdict, value, count, band, window.start, window.end)


def _is_mean(signal: Signal) -> bool:
    functions = [aggregate.function for aggregate in aggregates_of(signal.value)]
    return signal.over is not None and len(functions) == 1 and functions[0] in _MEANS
