"""Fetches series from the telemetry store: runs statements, some at once, and sorts their rows into lanes."""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from itertools import chain, islice
from typing import Any

from pitwall.core.errors import PitwallError
from pitwall.signals.errors import QuestionInvalid
from pitwall.signals.expressions import Source
from pitwall.signals.lanes import Labels, Lane, Lanes
from pitwall.signals.plan import Plan
from pitwall.signals.rollups import HOUR
from pitwall.signals.sources import SOURCES
from pitwall.signals.statements import Part, Statement, Wanted, make_statement, statements_for
from pitwall.signals.windows import Grid, floor_to
from pitwall.stores.telemetry.engine import StoreUnavailable, TelemetryEngine

MAX_ROWS = 500_000
_HELPERS = 2
_SETTINGS = {"max_threads": 2}

Fetched = tuple[Plan, list[Lanes]]


class SeriesRepository:
    """Series as lanes.

    Args:
        engine: The telemetry store; its calls block.
    """

    def __init__(self, engine: TelemetryEngine) -> None:
        self._engine = engine
        self._helpers = ThreadPoolExecutor(_HELPERS, thread_name_prefix="pitwall-signals")

    def fetch(self, wanted: Wanted) -> Fetched:
        """Run a selection.

        Returns:
            The plan and, per aggregate (or for the one breakdown), the lanes of label sets with data in
            the range.

        Raises:
            QuestionInvalid: There are more than `MAX_ROWS` values.
        """
        statement = make_statement((wanted,))
        (outcome,) = self._run_all([statement])
        if isinstance(outcome, PitwallError):
            raise outcome
        return statement.plan, outcome

    def fetch_many(self, wanted: Iterable[Wanted]) -> dict[Wanted, Fetched | PitwallError]:
        """Run what several questions need with few statements, some of them at once.

        Returns:
            What `fetch` returns for each, or what it raises. Left out is what has to be asked by itself
            because the answer for several was too large.

        Raises:
            StoreUnavailable: The store cannot be reached.
        """
        statements = statements_for(wanted)
        answers: dict[Wanted, Fetched | PitwallError] = {}
        for statement, outcome in zip(statements, self._run_all(statements), strict=True):
            answers |= _by_question(statement, outcome)
        return answers

    def _run_all(self, statements: Sequence[Statement]) -> list[list[Lanes] | PitwallError]:
        """Run all parts of statements; this thread does what no helper has begun when it gets there."""
        parts = list(chain.from_iterable(statement.parts for statement in statements))
        begun = [self._helpers.submit(self._attempt, part) for part in parts[1:]]
        outcomes = [self._attempt(part) for part in parts[:1]]
        for future, part in zip(begun, parts[1:], strict=True):
            outcomes.append(self._attempt(part) if future.cancel() else future.result())
        found = iter(outcomes)
        return [_whole(statement, list(islice(found, len(statement.parts)))) for statement in statements]

    def _attempt(self, part: Part) -> list[Lanes] | PitwallError:
        try:
            return self.run(part.plan, part.grid)
        except StoreUnavailable:
            raise
        except PitwallError as error:
            return error

    def run(self, plan: Plan, grid: Grid) -> list[Lanes]:
        """Run a plan for the windows of a grid; lanes per aggregate.

        Raises:
            QuestionInvalid: There are more than `MAX_ROWS` values.
        """
        answer = self._engine.query(f"{plan.sql} LIMIT {MAX_ROWS + 1}", plan.parameters, settings=_SETTINGS)
        if len(answer.rows) > MAX_ROWS:
            raise QuestionInvalid(
                f"The answer has more than {MAX_ROWS} values.",
                hint="Split by fewer labels, or ask for a shorter range or a longer step.",
            )
        width = len(plan.labels) + 1
        return [
            _lanes(answer.rows, width, width + 2 * index, grid.count) for index in range(plan.value_count)
        ]

    def active_projects(self, projects: Collection[str], since: datetime) -> set[str]:
        """Which of some projects have records of any kind that happened since a moment."""
        times = {
            SOURCES[source].table: SOURCES[source].time for source in Source if source is not Source.SPANS
        }
        parts = [
            f"SELECT DISTINCT project FROM {table} WHERE project IN {{projects:Array(String)}} "
            f"AND {time} >= {{since:DateTime('UTC')}}"
            for table, time in {HOUR.table: HOUR.time, **times}.items()
        ]
        parameters = {"projects": list(projects), "since": floor_to(since, HOUR.grain)}
        found = self._engine.query(" UNION DISTINCT ".join(parts), parameters, settings=_SETTINGS)
        return {project for (project,) in found.rows}


def _whole(
    statement: Statement, outcomes: Sequence[list[Lanes] | PitwallError]
) -> list[Lanes] | PitwallError:
    """The lanes of a statement from those of its parts, or the first error."""
    errors = [outcome for outcome in outcomes if isinstance(outcome, PitwallError)]
    if errors:
        return errors[0]
    return statement.put_together([outcome for outcome in outcomes if isinstance(outcome, list)])


def _by_question(
    statement: Statement, outcome: list[Lanes] | PitwallError
) -> dict[Wanted, Fetched | PitwallError]:
    if not isinstance(outcome, PitwallError):
        lanes = iter(outcome)
        return {
            one: (statement.plan, list(islice(lanes, len(one.selection.aggregates) or 1)))
            for one in statement.wanted
        }
    is_together_only = isinstance(outcome, QuestionInvalid) and len(statement.wanted) > 1
    return {} if is_together_only else dict.fromkeys(statement.wanted, outcome)


def _lanes(rows: list[tuple[Any, ...]], width: int, slot: int, windows: int) -> Lanes:
    lanes: defaultdict[Labels, Lane] = defaultdict(lambda: Lane.empty(windows))
    for row in rows:
        count = row[slot + 1]
        if not count:
            continue
        lane = lanes[tuple(map(str, row[1:width]))]
        value = row[slot]
        lane.values[row[0]] = float(value) if value is not None and math.isfinite(value) else None
        lane.counts[row[0]] = count
    return dict(lanes)
