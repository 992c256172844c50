"""Which statements answer what several questions want: what rollups can answer together is asked together."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Hashable, Iterable, Sequence
from dataclasses import dataclass
from datetime import timedelta

from pitwall.signals.expressions import Function, Source
from pitwall.signals.lanes import Lanes, joined
from pitwall.signals.plan import Plan, Selection
from pitwall.signals.raw_plan import raw_plan
from pitwall.signals.rollup_plan import rollup_plan
from pitwall.signals.sources import SOURCES
from pitwall.signals.windows import Grid

_HALVED_FROM = timedelta(hours=12)


@dataclass(frozen=True, slots=True)
class Wanted:
    """What a question needs of the store: a selection of a project's records, on the windows of a grid."""

    selection: Selection
    project: str
    grid: Grid

    @property
    def plan(self) -> Plan:
        """How it is answered by itself; the same question always takes the same plan."""
        return _make_plan((self.selection,), self.project, self.grid)


@dataclass(frozen=True, slots=True)
class Part:
    """A plan to run, and the windows it is for."""

    plan: Plan
    grid: Grid


@dataclass(frozen=True, slots=True)
class Statement:
    """One plan for some of what is wanted, and what to run: itself, or a plan for each half of the range."""

    wanted: tuple[Wanted, ...]
    plan: Plan
    parts: tuple[Part, ...]

    def put_together(self, outcomes: Sequence[list[Lanes]]) -> list[Lanes]:
        """The lanes of the whole from those of its parts."""
        whole = outcomes[0]
        windows = self.parts[0].grid.count
        for part, lanes in zip(self.parts[1:], outcomes[1:], strict=True):
            whole = [
                joined(one, other, windows, part.grid.count) for one, other in zip(whole, lanes, strict=True)
            ]
            windows += part.grid.count
        return whole


def statements_for(wanted: Iterable[Wanted]) -> list[Statement]:
    """Put together what rollups can answer for the same windows and labels; everything else stays alone."""
    groups: defaultdict[Hashable, list[Wanted]] = defaultdict(list)
    for one in dict.fromkeys(wanted):
        groups[_group(one)].append(one)
    return [make_statement(tuple(group)) for group in groups.values()]


def make_statement(wanted: tuple[Wanted, ...]) -> Statement:
    """The statement for what is wanted of one project, with the same windows and labels."""
    first = wanted[0]
    selections = tuple(one.selection for one in wanted)
    plan = _make_plan(selections, first.project, first.grid)
    grids = first.grid.halves() if _is_worth_halving(selections, plan, first.grid) else (first.grid,)
    if len(grids) == 1:
        return Statement(wanted, plan, (Part(plan, first.grid),))
    parts = (Part(_make_plan(selections, first.project, grid), grid) for grid in grids)
    return Statement(wanted, plan, tuple(parts))


def _group(one: Wanted) -> Hashable:
    """What it shares with everything that the same statement can answer; itself if nothing else can join."""
    selection = one.selection
    if selection.breakdown is None and rollup_plan([selection], one.project, one.grid) is not None:
        return (one.project, one.grid, selection.by)
    return one


def _make_plan(selections: Sequence[Selection], project: str, grid: Grid) -> Plan:
    return rollup_plan(selections, project, grid) or raw_plan(selections[0], project, grid)


def _is_worth_halving(selections: Sequence[Selection], plan: Plan, grid: Grid) -> bool:
    """Whether the halves of the range should be read at once: reading many sketches or records takes a core.

    Windows do not share records, so the halves are independent; series of points are not.
    """
    if any(selection.source is not Source.SPANS for selection in selections):
        return False
    if grid.count < 4 or grid.end - grid.start < _HALVED_FROM:
        return False
    functions = {aggregate.function for selection in selections for aggregate in selection.aggregates}
    return Function.QUANTILE in functions or SOURCES[Source.SPANS].table in plan.tables
