"""Tests of alert rules in YAML: series in, alerts out, as promtool has them for Prometheus."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Annotated, Any

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, ValidationError

from pitwall.alerts.errors import RuleTestInvalid
from pitwall.alerts.history import PastReader, Track, Tracks
from pitwall.alerts.machine import State
from pitwall.alerts.pack_files import read_written
from pitwall.alerts.replay import Replay, labels_view
from pitwall.alerts.rulebook import Compiled, RuleBook
from pitwall.alerts.rules import Rule
from pitwall.alerts.samples import LabelValues, Wanted, Watch, Watched
from pitwall.alerts.schemas import Duration
from pitwall.alerts.types import AlertState, EventKind
from pitwall.anomalies.monitor import SeriesMonitor
from pitwall.anomalies.types import Observation
from pitwall.core.errors import NotFound
from pitwall.kit.durations import format_duration, parse_duration
from pitwall.signals.errors import CatalogueInvalid
from pitwall.signals.pack_files import Document, Place, parse_document, validation_problems

_START = datetime(2026, 1, 5, tzinfo=UTC)
"""A Monday."""
_NUMBER = r"-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?"
_EXPANDED = re.compile(rf"(?P<first>{_NUMBER})(?:(?P<step>[+-]\d+(?:\.\d+)?))?x(?P<times>\d+)")
_MISSING = re.compile(r"_(?:x(?P<times>\d+))?")
_MAX_VALUES = 100_000


def _check_values(text: str) -> str:
    expand(text)
    return text


def _as_text(value: Any) -> Any:
    return str(value) if isinstance(value, int | float) and not isinstance(value, bool) else value


Values = Annotated[str, BeforeValidator(_as_text), AfterValidator(_check_values)]


class _Written(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)


class SeriesBody(_Written):
    """A series that goes in: a value for each evaluation."""

    signal: str | None = Field(default=None, description="Null for the first signal of the rule.")
    labels: dict[str, str] = {}
    values: Values = Field(description="Such as `0.01x5 0.2x10 _x3`; `_` is no data.")
    counts: Values = "1000"


class AlertBody(_Written):
    """An alert that is expected at a time."""

    at: Duration
    labels: dict[str, str] = {}
    state: Annotated[AlertState, Field(strict=False)]
    severity: str | None = None


class EventBody(_Written):
    """An event that is expected; all of them are listed, in their order."""

    at: Duration
    kind: Annotated[EventKind, Field(strict=False)]
    labels: dict[str, str] = {}
    severity: str | None = None
    reason: str | None = None


class RuleTestBody(_Written):
    """One test of one rule."""

    name: str
    rule: Any = Field(description="The name of a rule, or a rule.")
    every: Duration = "1m"
    series: Annotated[list[SeriesBody], Field(min_length=1, max_length=1000)]
    alerts: list[AlertBody] = []
    events: list[EventBody] | None = None


@dataclass(frozen=True, slots=True)
class RuleTestOutcome:
    """What became of a test.

    Attributes:
        where: `file:line` of the test.
        failures: What was otherwise than expected; empty if it passed.
    """

    name: str
    where: str
    failures: Sequence[str] = ()

    @property
    def has_passed(self) -> bool:
        """Whether everything was as expected."""
        return not self.failures


@dataclass(frozen=True, slots=True)
class _Test:
    body: RuleTestBody
    rule: Rule
    where: str


FindRule = Callable[[str], Rule]
"""Finds a rule by name; raises NotFound."""


def run_tests(text: str, path: Path | str, book: RuleBook, find_rule: FindRule) -> list[RuleTestOutcome]:
    """Run the tests of a file.

    Args:
        text: YAML, a list of tests.
        path: How the text is called in messages.
        book: Knows what can be asked for.
        find_rule: Finds the rules that tests name.

    Raises:
        RuleTestInvalid: The file cannot be understood; every problem has its line.
    """
    return [_run(test, book) for test in _read(text, path, book, find_rule)]


def expand(text: str) -> list[float | None]:
    """The values that a short notation stands for, as promtool's: `1x2` is `1 1 1`, `1+2x2` is `1 3 5`.

    Raises:
        ValueError: The text is none, or stands for too many values.
    """
    values: list[float | None] = []
    for part in text.split():
        values += _expanded(part)
        if len(values) > _MAX_VALUES:
            raise ValueError(f"stands for more than {_MAX_VALUES} values")
    if not values:
        raise ValueError("has no value")
    return values


def _expanded(part: str) -> list[float | None]:
    missing = _MISSING.fullmatch(part)
    if missing is not None:
        return [None] * min(int(missing["times"] or 1), _MAX_VALUES + 1)
    pattern = _EXPANDED.fullmatch(part)
    if pattern is not None:
        first, step = float(pattern["first"]), float(pattern["step"] or 0)
        return [first + step * index for index in range(min(int(pattern["times"]), _MAX_VALUES) + 1)]
    if not re.fullmatch(_NUMBER, part):
        raise ValueError(f"{part!r} is no value; write for example 0.2, 0.2x5, 1+2x5 or _x3")
    return [float(part)]


def _read(text: str, path: Path | str, book: RuleBook, find_rule: FindRule) -> list[_Test]:
    try:
        document = parse_document(text, path)
    except CatalogueInvalid as error:
        raise _invalid([error.message]) from error
    data = document.data
    if isinstance(data, dict) and isinstance(data.get("tests"), list):
        data = data["tests"]
    if not isinstance(data, list):
        raise _invalid([f"{document.where(())}: a test file is a list of tests, each with a name"])
    reader = _TestReader(document, book, find_rule, ("tests",) if data is not document.data else ())
    tests = [reader.read(index, written) for index, written in enumerate(data)]
    if reader.problems:
        raise _invalid(reader.problems)
    return [test for test in tests if test is not None]


def _invalid(problems: Sequence[str]) -> RuleTestInvalid:
    return RuleTestInvalid(
        "The tests cannot be read:\n  " + "\n  ".join(problems), details={"problems": list(problems)}
    )


@dataclass(slots=True)
class _TestReader:
    document: Document
    book: RuleBook
    find_rule: FindRule
    root: tuple[str, ...]
    problems: list[str] = field(default_factory=list)

    def read(self, index: int, written: Any) -> _Test | None:
        place: Place = (*self.root, index)
        try:
            body = RuleTestBody.model_validate(written)
        except ValidationError as error:
            for one in validation_problems(error, place):
                self._report(one.place, one.message)
            return None
        rule = self._rule(body, place)
        if rule is None:
            return None
        self._check_series(body, rule, place)
        return _Test(body, rule, self.document.where(place))

    def _rule(self, body: RuleTestBody, place: Place) -> Rule | None:
        if isinstance(body.rule, str):
            try:
                return self.find_rule(body.rule)
            except NotFound as error:
                self._report((*place, "rule"), str(error))
                return None
        rule, wrong = read_written(body.rule, (*place, "rule"), self.book.catalogue)
        for one in wrong:
            self._report(one.place, one.message)
        return None if wrong else rule

    def _check_series(self, body: RuleTestBody, rule: Rule, place: Place) -> None:
        for number, series in enumerate(body.series):
            where = (*place, "series", number)
            if series.signal is not None and series.signal not in rule.signals:
                known = ", ".join(rule.signals)
                self._report((*where, "signal"), f"the rule does not look at {series.signal}, but at {known}")
            strange = set(series.labels) - set(rule.by)
            if strange:
                known = ", ".join(rule.by) or "no label"
                self._report(where, f"the rule is split by {known}, not by {', '.join(sorted(strange))}")

    def _report(self, place: Place, message: str) -> None:
        self.problems.append(f"{self.document.where(place)}: {message}")


class _GivenPast:
    """The series of a test: each value is that of the rule's shortest window at one evaluation."""

    def __init__(self, test: _Test, rule: Compiled, book: RuleBook) -> None:
        self.every = parse_duration(test.body.every)
        self._rule = rule
        self._book = book
        self._series = test.body.series
        wanted = list(rule.check.wanted())
        lengths = {(one.signal, one.length) for one in wanted}
        self._shortest = {
            signal: min(length for name, length in lengths if name == signal) for signal, _ in lengths
        }
        self._verdicts: dict[Watch, dict[LabelValues, list[Watched]]] = {}
        self.evaluations = max(len(expand(one.values)) for one in self._series)

    def tracks(self, wanted: Wanted) -> Tracks:
        """The series of a signal, by the labels of a condition."""
        bands = self._book.catalogue.get(wanted.signal).bands
        return _GivenTracks(
            _START, self.every, bands, self._tracks(wanted.signal, wanted.by), self._shortest[wanted.signal]
        )

    def watched(self, watch: Watch, at: datetime) -> Mapping[LabelValues, Watched]:
        """What detectors said at a time."""
        if watch not in self._verdicts:
            self._verdicts[watch] = {
                labels: list(self._judge(watch, track))
                for labels, track in self._tracks(watch.signal, watch.by).items()
            }
        index = (at - _START) // self.every - 1
        return {labels: all_[index] for labels, all_ in self._verdicts[watch].items() if index < len(all_)}

    def _tracks(self, signal: str, by: tuple[str, ...]) -> dict[LabelValues, Track]:
        first = self._rule.rule.signals[0]
        mine = [one for one in self._series if (one.signal or first) == signal]
        return {tuple(one.labels.get(name, "") for name in by): _track(one) for one in mine}

    def _judge(self, watch: Watch, track: Track) -> Iterator[Watched]:
        bands = self._book.catalogue.get(watch.signal).bands
        monitor = SeriesMonitor(
            self.every.total_seconds(),
            detector=watch.detector,
            false_alarms_per_week=watch.false_alarms_per_week,
        )
        for index, (value, count) in enumerate(zip(track.values, track.counts, strict=True)):
            start = _START + index * self.every
            verdict = monitor.observe(Observation(start.timestamp(), value, count))
            yield Watched(verdict, value, count, bands.judge(value, count), start, start + self.every)


@dataclass(slots=True)
class _GivenTracks(Tracks):
    """A value stands for the shortest window; of a longer one it is the mean of what came in it."""

    shortest: timedelta = timedelta()

    def points(self, at: datetime, length: timedelta) -> Any:
        windows = 1 if length <= self.shortest else max(1, length // self.step)
        return Tracks.points(self, at, windows * self.step)


def _track(body: SeriesBody) -> Track:
    values = expand(body.values)
    counts = [int(count or 0) for count in expand(body.counts)]
    counts += [counts[-1]] * (len(values) - len(counts))
    return Track(
        values, [0 if value is None else count for value, count in zip(values, counts, strict=False)]
    )


def _run(test: _Test, book: RuleBook) -> RuleTestOutcome:
    rule = book.compiled(test.rule)
    past = _GivenPast(test, rule, book)
    replay = Replay(rule)
    expected = sorted(test.body.alerts, key=lambda one: parse_duration(one.at))
    failures: list[str] = []
    for index in range(past.evaluations):
        at = _START + (index + 1) * past.every
        replay.step(PastReader(past, at), at)
        now = index * past.every
        due = [one for one in expected if now <= parse_duration(one.at) < now + past.every]
        failures += [problem for one in due if (problem := _alert_problem(one, replay))]
    late = [one for one in expected if parse_duration(one.at) >= past.evaluations * past.every]
    failures += [f"at {one.at}: the series end before" for one in late]
    failures += _event_problems(test.body, replay, past.every)
    return RuleTestOutcome(test.body.name, test.where, failures)


def _alert_problem(expected: AlertBody, replay: Replay) -> str | None:
    rule = replay.rule
    labels = tuple(expected.labels.get(name, "") for name in rule.rule.by)
    state = replay.states.get(labels)
    shown = AlertState.INACTIVE if state is None else state.shown
    who = _named(expected.labels)
    if shown is not expected.state:
        return f"at {expected.at}{who}: expected {expected.state.value}, found {shown.value}"
    severity = _severity(state)
    if expected.severity is not None and severity != expected.severity:
        return f"at {expected.at}{who}: expected severity {expected.severity}, found {severity}"
    return None


def _severity(state: State | None) -> str:
    return "none" if state is None or not state.level else state.level.severity.value


def _event_problems(body: RuleTestBody, replay: Replay, every: timedelta) -> Iterator[str]:
    if body.events is None:
        return
    found = [
        (
            one.transition.at - _START - every,
            one.transition.kind.value,
            dict(labels_view(replay.rule, one.labels)),
            one.transition.level.severity.value,
            one.transition.reason and one.transition.reason.value,
        )
        for one in replay.told
    ]
    for index in range(max(len(body.events), len(found))):
        if index >= len(found):
            expected = body.events[index]
            yield f"at {expected.at}{_named(expected.labels)}: expected {expected.kind.value}, found nothing"
            continue
        at, kind, labels, severity, reason = found[index]
        shown = f"at {format_duration(at)}{_named(labels)}: found {kind} ({severity})"
        if index >= len(body.events):
            yield f"{shown}, expected nothing"
            continue
        wanted = body.events[index]
        is_same = (
            parse_duration(wanted.at) == at
            and wanted.kind.value == kind
            and wanted.labels == labels
            and wanted.severity in (None, severity)
            and wanted.reason in (None, reason)
        )
        if not is_same:
            severity_text = f" ({wanted.severity})" if wanted.severity else ""
            yield (
                f"{shown}, expected {wanted.kind.value}{severity_text} at {wanted.at}{_named(wanted.labels)}"
            )


def _named(labels: Mapping[str, str]) -> str:
    return f" {{{', '.join(f'{name}={value}' for name, value in labels.items())}}}" if labels else ""
