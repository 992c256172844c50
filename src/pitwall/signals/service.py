"""Answers questions about signals; every chart, file, alert and page gets its numbers here."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from pitwall.signals.catalogue import Catalogue, Signal
from pitwall.signals.errors import QuestionInvalid
from pitwall.signals.evaluation import Evaluator, Fetch, label_names
from pitwall.signals.expressions import Histogram, TopK
from pitwall.signals.lanes import Labels, Lane, Lanes
from pitwall.signals.parser import parse_condition
from pitwall.signals.plan import Plan, Selection
from pitwall.signals.repository import SeriesRepository, make_plan
from pitwall.signals.types import BoardQuery, SignalQuery, SignalResult, SignalRow
from pitwall.signals.watermark import Watermark
from pitwall.signals.windows import Grid, aligned_grid, floor_to, single_window
from pitwall.stores.telemetry.engine import TelemetryEngine

_MINUTE = timedelta(minutes=1)
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
        self._repository = SeriesRepository(engine)

    def query(self, query: SignalQuery) -> SignalResult:
        """Answer a question.

        Raises:
            UnknownSignal: There is no such signal.
            QuestionInvalid: The range, step or labels do not fit the signal, or the answer would be too
            large. ExpressionInvalid: The condition cannot be understood or names an unknown column.
        """
        return self._answer(query, _Asked(self._repository, query.project))

    def current(self, project: str, length: timedelta, by: tuple[str, ...] = ()) -> list[SignalResult]:
        """Answer for every signal over its latest complete window; see `board`."""
        since, until = self.last_window(length)
        return self.board(BoardQuery(project, since, until, by=by))

    def board(self, board: BoardQuery) -> list[SignalResult]:
        """Answer for every signal of the catalogue at once; signals are split by those labels they have.

        Signals that the rollups can answer come from one statement per set of labels, so that a whole
        board costs little more than one signal.

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
        wanted: list[tuple[Selection, Grid]] = []

        def note(selection: Selection, grid: Grid) -> list[Lanes]:
            wanted.append((selection, grid))
            return [{} for _ in selection.aggregates or [None]]

        for query in queries:
            _evaluator(self.catalogue, query, note).evaluate(self.catalogue.get(query.name), _grid(query))
        asked = _Asked(self._repository, board.project)
        asked.fetch_together(wanted)
        return [self._answer(query, asked) for query in queries]

    def _answer(self, query: SignalQuery, asked: _Asked) -> SignalResult:
        signal = self.catalogue.get(query.name)
        grid = _grid(query)
        asked.plans = []
        lanes = _evaluator(self.catalogue, query, asked.run).evaluate(signal, grid)
        watermark = self.watermark()
        return SignalResult(
            name=signal.name,
            unit=signal.unit,
            since=grid.start,
            until=grid.end,
            step=grid.step,
            by=query.by,
            tables=tuple(dict.fromkeys(table for plan in asked.plans for table in plan.tables)),
            watermark=watermark,
            rows=_rows(signal, label_names(signal, query.by), lanes, grid, watermark),
        )

    def explain(self, query: SignalQuery) -> list[Plan]:
        """The statements that answer a question, without running them; the same errors as `query`."""
        asked = _Asked(self._repository, query.project)
        evaluator = _evaluator(self.catalogue, query, asked.plan)
        evaluator.evaluate(self.catalogue.get(query.name), _grid(query))
        return asked.plans

    def active_projects(self, projects: Collection[str], *, within: timedelta) -> set[str]:
        """In which of some projects anything happened in the last while; one question for all of them."""
        return (
            self._repository.active_projects(projects, self.watermark.now() - within) if projects else set()
        )

    def last_window(self, length: timedelta) -> tuple[datetime, datetime]:
        """The latest complete window of a length; it ends at a whole minute."""
        end = floor_to(self.watermark(), _MINUTE)
        return end - length, end


@dataclass(slots=True)
class _Asked:
    """Runs selections and remembers what was asked, how, and what is known already."""

    repository: SeriesRepository
    project: str
    plans: list[Plan] = field(default_factory=list)
    known: dict[tuple[Selection, Grid], tuple[Plan, list[Lanes]]] = field(default_factory=dict)

    def run(self, selection: Selection, grid: Grid) -> list[Lanes]:
        answer = self.known.get((selection, grid)) or self.repository.fetch(selection, self.project, grid)
        self.plans.append(answer[0])
        return answer[1]

    def plan(self, selection: Selection, grid: Grid) -> list[Lanes]:
        """Note how a selection would be answered, and answer nothing."""
        self.plans.append(make_plan(selection, self.project, grid))
        return [{} for _ in range(self.plans[-1].value_count)]

    def fetch_together(self, selections: Sequence[tuple[Selection, Grid]]) -> None:
        """Answer beforehand what one statement can answer for many."""
        for grid in dict.fromkeys(grid for _, grid in selections):
            together = [selection for selection, other in selections if other == grid]
            answers = self.repository.fetch_together(together, self.project, grid)
            self.known |= {(selection, grid): answer for selection, answer in answers.items()}


def _evaluator(catalogue: Catalogue, query: SignalQuery, fetch: Fetch) -> Evaluator:
    condition = parse_condition(query.where) if query.where.strip() else None
    return Evaluator(catalogue, fetch, query.by, condition)


def _grid(query: SignalQuery) -> Grid:
    if query.step is None:
        return single_window(query.since, query.until)
    return aligned_grid(query.since, query.until, query.step)


def _rows(
    signal: Signal, names: tuple[str, ...], lanes: Lanes, grid: Grid, watermark: datetime
) -> list[SignalRow]:
    if len(lanes) * grid.count > _MAX_CELLS:
        raise QuestionInvalid(
            f"{len(lanes)} series of {grid.count} windows are more than {_MAX_CELLS} values.",
            hint="Split by fewer labels, or ask for a shorter range or a longer step.",
        )
    if not lanes and not names:
        lanes = {(): Lane.empty(grid.count)}
    windows = [(start, end, end <= watermark) for start, end in grid.bounds()]
    judge = signal.bands.judge
    rows: list[SignalRow] = []
    for labels, lane in _ordered(signal, lanes):
        named = dict(zip(names, labels, strict=True))
        rows += [
            SignalRow(named, start, end, value, count, judge(value, count), is_complete)
            for (start, end, is_complete), value, count in zip(windows, lane.values, lane.counts, strict=True)
        ]
    return rows


def _ordered(signal: Signal, lanes: Lanes) -> list[tuple[Labels, Lane]]:
    """Series by their labels; buckets and the most frequent values keep their own order."""
    if isinstance(signal.value, Histogram | TopK):
        return sorted(lanes.items(), key=lambda item: item[0][:-1])
    return sorted(lanes.items())
