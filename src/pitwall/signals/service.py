"""Answers questions about signals; every chart, file, alert and page gets its numbers here."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from pitwall.core.errors import PitwallError
from pitwall.signals.catalogue import Catalogue, Signal
from pitwall.signals.checks import check_condition
from pitwall.signals.errors import QuestionInvalid
from pitwall.signals.evaluation import Evaluator, label_names
from pitwall.signals.evidence import Evidence
from pitwall.signals.exemplar_choice import choose
from pitwall.signals.exemplars import ExemplarRepository
from pitwall.signals.expressions import Histogram, TopK
from pitwall.signals.lanes import Labels, Lane, Lanes
from pitwall.signals.no_data import Explanation, StatementText, why_no_data
from pitwall.signals.parser import parse_condition
from pitwall.signals.plan import Plan
from pitwall.signals.repository import Fetched, SeriesRepository
from pitwall.signals.spelling import formatted, spelled_out
from pitwall.signals.statements import Wanted
from pitwall.signals.types import (
    Answer,
    BoardQuery,
    ExemplarQuery,
    Exemplars,
    SignalQuery,
    SignalResult,
    SignalSeries,
    Window,
)
from pitwall.signals.watermark import Watermark
from pitwall.signals.windows import Grid, aligned_grid, single_window
from pitwall.stores.telemetry.engine import StoreUnavailable, TelemetryEngine

_MAX_CELLS = 500_000


class Signals:
    """The one function behind every number.

    Args:
        engine: The telemetry store; its calls block, so ask from worker threads.
        catalogue: The known signals.
        watermark: Up to when data counts as complete.
    """

    def __init__(self, engine: TelemetryEngine, catalogue: Catalogue, watermark: Watermark) -> None:
        self.catalogue = catalogue
        self.watermark = watermark
        self._engine = engine
        self._repository = SeriesRepository(engine)
        self._exemplars = ExemplarRepository(engine)

    def with_catalogue(self, catalogue: Catalogue) -> Signals:
        """The same store and present, asked for the signals of another catalogue."""
        return Signals(self._engine, catalogue, self.watermark)

    def query(self, query: SignalQuery) -> SignalResult:
        """Answer a question.

        Raises:
            UnknownSignal: There is no such signal.
            QuestionInvalid: The range, step or labels do not fit the signal, or the answer would be too
            large. ExpressionInvalid: The condition cannot be understood or names an unknown column.
        """
        return self._answer(query, _Asked(self._repository), self.watermark())

    def query_many(self, queries: Sequence[SignalQuery]) -> list[Answer]:
        """Answer several questions as of one moment: what `query` returns for each, or what it raises.

        Questions with the same windows and labels share a statement where the rollups can answer, and
        statements run at once, so that a board costs little more than one signal.

        Raises:
            StoreUnavailable: The store cannot be reached, so that no question has an answer.
        """
        asked, watermark = _Asked(self._repository), self.watermark()
        for query in queries:
            with suppress(PitwallError):  # answered by that error below
                self._evaluate(query, asked.note)
        asked.fetch_noted()
        return [self._attempt(query, asked, watermark) for query in queries]

    def current(self, project: str, length: timedelta, by: tuple[str, ...] = ()) -> list[SignalResult]:
        """Answer for every signal over its latest complete window; see `board`."""
        since, until = self.last_window(length)
        return self.board(BoardQuery(project, since, until, by=by))

    def board(self, board: BoardQuery) -> list[SignalResult]:
        """Answer for every signal of the catalogue at once; signals are split by those labels they have.

        Raises:
            QuestionInvalid: The range or step makes no sense.
        """
        queries = [
            SignalQuery(
                signal.name,
                board.project,
                board.since,
                board.until,
                board.step,
                tuple(name for name in board.by if name in signal.by),
            )
            for signal in self.catalogue
        ]
        return [required(answer) for answer in self.query_many(queries)]

    def _attempt(self, query: SignalQuery, asked: _Asked, watermark: datetime) -> Answer:
        try:
            return self._answer(query, asked, watermark)
        except StoreUnavailable:
            raise
        except PitwallError as error:
            return error

    def _answer(self, query: SignalQuery, asked: _Asked, watermark: datetime) -> SignalResult:
        signal = self.catalogue.get(query.name)
        grid = _grid(query)
        asked.plans = []
        lanes = self._evaluate(query, asked.run)
        return SignalResult(
            name=signal.name,
            unit=signal.unit,
            since=grid.start,
            until=grid.end,
            step=grid.step,
            by=query.by,
            tables=tuple(dict.fromkeys(table for plan in asked.plans for table in plan.tables)),
            watermark=watermark,
            windows=[Window(start, end, end <= watermark) for start, end in grid.bounds()],
            series=_series(signal, label_names(signal, query.by), lanes, grid),
        )

    def _evaluate(self, query: SignalQuery, fetch: Callable[[Wanted], list[Lanes]]) -> Lanes:
        condition = parse_condition(query.where) if query.where.strip() else None
        evaluator = Evaluator(
            self.catalogue,
            lambda selection, grid: fetch(Wanted(selection, query.project, grid)),
            query.by,
            condition,
        )
        return evaluator.evaluate(self.catalogue.get(query.name), _grid(query))

    def explain(self, query: SignalQuery) -> list[Plan]:
        """The statements that answer a question, without running them; the same errors as `query`."""
        asked = _Asked(self._repository)
        self._evaluate(query, asked.plan)
        return asked.plans

    def explanation(self, query: SignalQuery) -> Explanation:
        """How a question is answered, and why it has no value if it has none; the same errors as `query`."""
        present = self.watermark.present()
        statements = [
            StatementText(formatted(self._engine, spelled_out(plan)), plan.tables)
            for plan in self.explain(query)
        ]
        evidence = Evidence(self._engine, query.project)
        no_data = why_no_data(self.catalogue, evidence, query, self.query(query), present)
        return Explanation(query.name, statements, no_data)

    def exemplars(self, query: ExemplarQuery) -> Exemplars:
        """The traces behind a value of a signal, those that make it worse first.

        Raises:
            UnknownSignal: There is no such signal.
            QuestionInvalid: The range makes no sense, or the signal has no such label.
            ExpressionInvalid: The condition does not fit the records behind the value.
        """
        choice = choose(self.catalogue, self.catalogue.get(query.name), query.labels)
        asked = parse_condition(query.where) if query.where.strip() else None
        choice = choice.narrowed(asked)
        check_condition(choice.source, choice.condition)
        single_window(query.since, query.until)
        found = self._exemplars.find(choice, query)
        if not found and choice.otherwise is not None:
            choice = choice.otherwise
            found = self._exemplars.find(choice, query)
        return Exemplars(query.name, choice.order, found)

    def active_projects(self, projects: Collection[str], *, within: timedelta) -> set[str]:
        """In which of some projects anything happened in the last while; one question for all of them."""
        return (
            self._repository.active_projects(projects, self.watermark.now() - within) if projects else set()
        )

    def last_window(self, length: timedelta) -> tuple[datetime, datetime]:
        """The latest complete window of a length; it ends at a whole minute."""
        return self.watermark.present().last_window(length)


def required(answer: Answer) -> SignalResult:
    """The result of a question that must have one; raises its error otherwise."""
    if isinstance(answer, PitwallError):
        raise answer
    return answer


@dataclass(slots=True)
class _Asked:
    """Runs what questions want and remembers what was asked, how, and what is known already."""

    repository: SeriesRepository
    plans: list[Plan] = field(default_factory=list)
    noted: list[Wanted] = field(default_factory=list)
    known: dict[Wanted, Fetched | PitwallError] = field(default_factory=dict)

    def run(self, wanted: Wanted) -> list[Lanes]:
        answer = self.known.get(wanted) or self.repository.fetch(wanted)
        if isinstance(answer, PitwallError):
            raise answer
        self.plans.append(answer[0])
        return answer[1]

    def plan(self, wanted: Wanted) -> list[Lanes]:
        """Note how it would be answered, and answer nothing."""
        self.plans.append(wanted.plan)
        return [{} for _ in range(self.plans[-1].value_count)]

    def note(self, wanted: Wanted) -> list[Lanes]:
        """Note that it will be wanted, and answer nothing."""
        self.noted.append(wanted)
        return [{} for _ in wanted.selection.aggregates or [None]]

    def fetch_noted(self) -> None:
        """Answer beforehand what was noted, with few statements."""
        self.known |= self.repository.fetch_many(self.noted)


def _grid(query: SignalQuery) -> Grid:
    if query.step is None:
        return single_window(query.since, query.until)
    return aligned_grid(query.since, query.until, query.step)


def _series(signal: Signal, names: tuple[str, ...], lanes: Lanes, grid: Grid) -> list[SignalSeries]:
    if len(lanes) * grid.count > _MAX_CELLS:
        raise QuestionInvalid(
            f"{len(lanes)} series of {grid.count} windows are more than {_MAX_CELLS} values.",
            hint="Split by fewer labels, or ask for a shorter range or a longer step.",
        )
    if not lanes and not names:
        lanes = {(): Lane.empty(grid.count)}
    return [
        SignalSeries(
            dict(zip(names, labels, strict=True)),
            lane.values,
            lane.counts,
            list(map(signal.bands.judge, lane.values, lane.counts)),
        )
        for labels, lane in _ordered(signal, lanes)
    ]


def _ordered(signal: Signal, lanes: Lanes) -> list[tuple[Labels, Lane]]:
    """Series by their labels; buckets and the most frequent values keep their own order."""
    if isinstance(signal.value, Histogram | TopK):
        return sorted(lanes.items(), key=lambda item: item[0][:-1])
    return sorted(lanes.items())
