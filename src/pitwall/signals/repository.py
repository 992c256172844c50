"""Fetches series from the telemetry store: chooses the plan, runs it, and sorts its rows into lanes."""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Collection, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from itertools import islice
from typing import Any

from pitwall.signals.errors import QuestionInvalid
from pitwall.signals.expressions import Function, Source
from pitwall.signals.lanes import Labels, Lane, Lanes, joined
from pitwall.signals.plan import Plan, Selection
from pitwall.signals.raw_plan import raw_plan
from pitwall.signals.rollup_plan import rollup_plan
from pitwall.signals.rollups import HOUR
from pitwall.signals.sources import SOURCES
from pitwall.signals.windows import Grid, floor_to
from pitwall.stores.telemetry.engine import TelemetryEngine

MAX_ROWS = 500_000
_HELPERS = 2
_HALVED_FROM = timedelta(hours=12)
_SETTINGS = {"max_threads": 2}


def make_plan(selection: Selection, project: str, grid: Grid) -> Plan:
    """Choose between rollups and raw records; the same question always takes the same plan."""
    return rollup_plan([selection], project, grid) or raw_plan(selection, project, grid)


class SeriesRepository:
    """Series as lanes.

    Args:
        engine: The telemetry store; its calls block.
    """

    def __init__(self, engine: TelemetryEngine) -> None:
        self._engine = engine
        self._helpers = ThreadPoolExecutor(_HELPERS, thread_name_prefix="pitwall-signals")

    def fetch(self, selection: Selection, project: str, grid: Grid) -> tuple[Plan, list[Lanes]]:
        """Run a selection.

        Returns:
            The plan and, per aggregate (or for the one breakdown), the lanes of label sets with data in
            the range.

        Raises:
            QuestionInvalid: There are more than `MAX_ROWS` values.
        """
        plan = make_plan(selection, project, grid)
        if not _is_worth_halving(selection, plan, grid):
            return plan, self.run(plan, grid)
        first, second = grid.halves()
        later = self._helpers.submit(self.run, make_plan(selection, project, second), second)
        earlier = self.run(make_plan(selection, project, first), first)
        return plan, [
            joined(one, other, first.count, second.count)
            for one, other in zip(earlier, later.result(), strict=True)
        ]

    def fetch_together(
        self, selections: Sequence[Selection], project: str, grid: Grid
    ) -> dict[Selection, tuple[Plan, list[Lanes]]]:
        """Run the selections that rollups can answer, many per statement; the others are left out."""
        groups: defaultdict[tuple[str, ...], list[Selection]] = defaultdict(list)
        for selection in dict.fromkeys(selections):
            if selection.breakdown is None and rollup_plan([selection], project, grid) is not None:
                groups[selection.labels].append(selection)
        answers: dict[Selection, tuple[Plan, list[Lanes]]] = {}
        for group in groups.values():
            plan = rollup_plan(group, project, grid)
            if plan is not None:
                lanes = iter(self.run(plan, grid))
                answers |= {
                    selection: (plan, list(islice(lanes, len(selection.aggregates)))) for selection in group
                }
        return answers

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


def _is_worth_halving(selection: Selection, plan: Plan, grid: Grid) -> bool:
    """Whether the halves of the range should be read at once: reading many sketches or records takes a core.

    Windows do not share records, so the halves are independent; series of points are not.
    """
    if selection.source is not Source.SPANS or grid.count < 4 or grid.end - grid.start < _HALVED_FROM:
        return False
    reads_sketches = any(aggregate.function is Function.QUANTILE for aggregate in selection.aggregates)
    return reads_sketches or SOURCES[selection.source].table in plan.tables


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
