"""Anchor sets and their checks, as values."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any, Final

CHECK_SECONDS: Final = 30.0
"""How often somebody looks whether a set is due."""
ALPHA: Final = 0.01
"""Chance that a check of a judge that did not move raises an alarm: once in a hundred checks."""
MARGIN: Final = 0.05
"""A smaller move is none that anybody has to know of, however certain it is."""
MOST_CASES: Final = 500
DEFAULT_CASES: Final = 100
EVERY: Final = timedelta(days=1)
LEAST_EVERY: Final = timedelta(hours=1)

Readings = Mapping[str, Sequence[float | None]]
"""By metric the value of each anchor, in their order; None where there is none."""


class CheckState(StrEnum):
    """What a check came to; for a metric, and for all of them the one that matters most."""

    RUNNING = "running"
    MOVED = "moved"
    """The judge judges otherwise than before, by more than chance and margin."""
    NO_MOVE_SHOWN = "no_move_shown"
    """Nothing beyond chance and margin was found, which is not proof that nothing changed."""
    NOT_ENOUGH_DATA = "not_enough_data"
    """So few anchors that no outcome could have shown anything."""
    NOT_MEASURED = "not_measured"
    """The judge could not be asked, or the budget was spent: nothing is known."""

    @property
    def is_measured(self) -> bool:
        """Whether it says something of the judge."""
        return self in (CheckState.MOVED, CheckState.NO_MOVE_SHOWN)


@dataclass(frozen=True, slots=True, kw_only=True)
class AnchorOptions:
    """What somebody asks for.

    Attributes:
        run_id: Whose answers are the anchors, and whose verdicts are what later ones are held against.
        metrics: By name; empty takes those of the run that ask a judge.
        cases: Anchors at most; those with labels are taken first, the others are drawn by lot.
        profile: Whose judge is in use; None takes the one that settings choose.
        max_calls: Of one check; None takes twice what it should need.
        margin: Smaller moves are none.
    """

    run_id: str
    metrics: tuple[str, ...] = ()
    cases: int = DEFAULT_CASES
    profile: str | None = None
    every: timedelta = EVERY
    max_calls: int | None = None
    margin: float = MARGIN
    is_enabled: bool = True


@dataclass(frozen=True, slots=True)
class Finding:
    """What the last check that measured a metric found, where it had the same judge and metric as the run.

    Attributes:
        identity: Of the scores on both sides.
    """

    identity: str
    has_moved: bool
    checked_at: datetime


@dataclass(frozen=True, slots=True)
class NamedFinding:
    """A finding and the anchors that it comes from."""

    anchors: str
    finding: Finding


@dataclass(frozen=True, slots=True, kw_only=True)
class AnchorSet:
    """Answers of a run that are judged again and again.

    Attributes:
        set_id: Of this choice of anchors; checks of another choice under the same name do not count.
        positions: Of the anchors, in the run.
        due_at: When it is to be checked next.
        findings: By metric.
        error: Why the last check could not begin; None if it could.
    """

    project_id: str
    name: str
    set_id: str
    run_id: str
    metrics: tuple[str, ...]
    positions: tuple[int, ...]
    profile: str | None
    every: timedelta
    max_calls: int
    margin: float
    is_enabled: bool
    due_at: datetime
    updated_at: datetime
    updated_by: str
    findings: Mapping[str, Finding] = field(default_factory=dict)
    error: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Check:
    """One time that anchors were judged.

    Attributes:
        content: What came of it, in its written form: the judge, each metric, calls and cost.
        readings: What the judge said, for later checks to be held against the first one.
    """

    id: str
    name: str
    set_id: str
    state: CheckState
    started_at: datetime
    finished_at: datetime | None = None
    content: Mapping[str, Any] = field(default_factory=dict)
    readings: Readings = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class AnchorState:
    """An anchor set with its last checks, the newest first."""

    anchors: AnchorSet
    checks: Sequence[Check]
