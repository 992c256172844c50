"""Whether a judge moved: the same answers judged then and now, pair by pair.

Three questions, each with the paired test that fits what it compares:

- Are scores higher or lower than they were? The mean of the differences, with the sign-flip permutation test
  and its interval. It needs no threshold and no labels.
- Does the judge agree with its earlier verdicts less than it did when it was asked the second time? A judge
  that is not steady never agrees with itself wholly, so its first repetition is the yardstick. Each anchor
  agrees or does not, then and now: McNemar's exact test. It sees a judge that flips as many verdicts one way
  as the other, which a mean does not.
- Does it agree with labels of people less than it did? McNemar's exact test again, over right and wrong.

The p-values of all metrics and questions are adjusted together (Holm), and a move below the margin is none.

Sources: Fisher 1935, The Design of Experiments (permutation of signs); McNemar 1947, Note on the Sampling
Error of the Difference between Correlated Proportions; Holm 1979, A Simple Sequentially Rejective Multiple
Test Procedure.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from pitwall.evals.anchors.types import ALPHA, MARGIN, CheckState
from pitwall.evals.comparison.comparing import smallest_p
from pitwall.evals.comparison.notices import fill
from pitwall.evals.comparison.passing import passing
from pitwall.evals.comparison.wording import number
from pitwall.evals.types import Direction
from pitwall.kit.i18n import Text
from pitwall.stats.agreement import Rate
from pitwall.stats.clusters import FloatArray
from pitwall.stats.intervals import Interval
from pitwall.stats.multiplicity import holm
from pitwall.stats.paired import PairedDifference, differences_of, mcnemar_test, paired_difference

MOST_FAILED: Final = 0.2
"""If a larger share of anchors could not be judged, the check says nothing."""
_FLIPPED_SHOWN: Final = 20
Bools = NDArray[np.bool_]

_MOVED = Text("{metric}: the judge moved ({why}).", "{metric}: 판정 모델이 달라졌습니다({why}).")
_SHIFT = Text("scores by {difference}", "점수 {difference}")
_AGREEMENT = Text(
    "agreement with its earlier verdicts {before} -> {now}", "이전 판정과의 일치율 {before} -> {now}"
)
_LABELS = Text("agreement with people {before} -> {now}", "사람과의 일치율 {before} -> {now}")
_HELD = Text(
    "{metric}: no move shown (scores by {difference}, {n} anchors).",
    "{metric}: 변동이 확인되지 않았습니다(점수 {difference}, 앵커 {n}개).",
)
_FEW = Text(
    "{metric}: {n} anchors with a score then and now are too few to show anything.",
    "{metric}: 그때와 지금 모두 점수가 있는 앵커가 {n}개뿐이라 아무것도 확인할 수 없습니다.",
)
_FAILED = Text(
    "{metric}: not measured; {failed} of {n} anchors could not be judged ({reason}).",
    "{metric}: 측정하지 못했습니다. 앵커 {n}개 중 {failed}개를 판정할 수 없었습니다({reason}).",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Judged:
    """Anchors as a metric judged them at different times; NaN where there is no value.

    Attributes:
        base: In the run that they come from.
        first: In the first check that measured them; None if this is the first.
        people: 1 where people pass the answer, 0 where they fail it, NaN where nobody said.
        failed: How many could not be judged now.
        reason: Why most of these could not.
    """

    metric: str
    identity: str
    base_identity: str
    threshold: float | None
    direction: Direction
    unit: str
    cases: Sequence[str]
    base: FloatArray
    first: FloatArray | None
    now: FloatArray
    people: FloatArray
    failed: int = 0
    reason: str | None = None


@dataclass(frozen=True, slots=True)
class Shift:
    """How far scores moved.

    Attributes:
        difference: Mean of now minus then.
        p: Adjusted by Holm over all tests of the check.
        is_shown: It is more than chance and margin.
    """

    difference: float
    interval: Interval | None
    p: float
    is_shown: bool


@dataclass(frozen=True, slots=True)
class Drop:
    """How far an agreement fell.

    Attributes:
        lost: Anchors that agreed then and do not now.
        gained: The other way round.
        p: Adjusted by Holm over all tests of the check.
        is_shown: The fall is more than chance and margin.
    """

    before: Rate
    now: Rate
    lost: int
    gained: int
    p: float
    is_shown: bool


@dataclass(frozen=True, slots=True)
class Flip:
    """An anchor whose verdict is another one by now."""

    example_id: str
    base: float
    now: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Drift:
    """What became of a metric's judge.

    Attributes:
        n: Anchors with a value then and now.
        agreement: Of these, how many have the same verdict; None without a threshold.
        steadiness: The agreement with itself against that of the first check.
        people: The agreement with labels against that of the run.
        is_other_ruler: Another judge, prompt or version of the metric than in the run.
        flips: The first anchors whose verdict changed.
    """

    metric: str
    identity: str
    base_identity: str
    unit: str
    state: CheckState
    n: int
    failed: int
    reason: str | None
    agreement: Rate | None
    shift: Shift | None
    steadiness: Drop | None
    people: Drop | None
    is_other_ruler: bool
    flips: Sequence[Flip]
    text: Text


@dataclass(frozen=True, slots=True)
class _Counted:
    """A drop before it is judged."""

    before: Rate
    now: Rate
    lost: int
    gained: int
    p: float


@dataclass(frozen=True, slots=True)
class _Measured:
    judged: Judged
    n: int
    agreement: Rate | None
    flips: Sequence[Flip]
    shift: PairedDifference | None
    steadiness: _Counted | None
    people: _Counted | None

    @property
    def p_values(self) -> list[float]:
        shift = np.nan if self.shift is None else self.shift.test.p
        return [shift, *(np.nan if one is None else one.p for one in (self.steadiness, self.people))]


def find_drift(
    metrics: Sequence[Judged], *, margin: float = MARGIN, alpha: float = ALPHA, seed: int = 0
) -> tuple[Drift, ...]:
    """Tell of each metric whether its judge moved.

    Args:
        margin: Smaller moves are none.
        alpha: Chance of a false alarm over all metrics.
        seed: Of resamples and random permutations.
    """
    measured = [_measure(one, alpha, seed) for one in metrics]
    adjusted = holm(np.array([p for one in measured for p in one.p_values]))
    return tuple(
        _conclude(one, adjusted[3 * index : 3 * index + 3].tolist(), margin, alpha)
        for index, one in enumerate(measured)
    )


def worst(states: Sequence[CheckState]) -> CheckState:
    """The state of a check: moved if a metric moved, else the best that can be said of any."""
    for state in (CheckState.MOVED, CheckState.NO_MOVE_SHOWN, CheckState.NOT_ENOUGH_DATA):
        if state in states:
            return state
    return CheckState.NOT_MEASURED


def _measure(one: Judged, alpha: float, seed: int) -> _Measured:
    both = ~np.isnan(one.base) & ~np.isnan(one.now)
    n = int(both.sum())
    if not n or one.failed > MOST_FAILED * len(one.cases):
        return _Measured(one, n, None, (), None, None, None)
    rng = np.random.default_rng(seed)
    differences = differences_of(one.base[both], one.now[both])
    shift = paired_difference(differences, rng=rng, level=1.0 - alpha)
    if one.threshold is None:
        return _Measured(one, n, None, (), shift, None, None)
    base, now = _passes(one, one.base), _passes(one, one.now)
    same = int((base == now)[both].sum())
    return _Measured(
        one, n, Rate(same, n), _flips(one, both, base, now), shift, _steadiness(one, both), _people(one, both)
    )


def _passes(one: Judged, values: FloatArray) -> Bools:
    assert one.threshold is not None
    return passing(values, one.threshold, one.direction)


def _steadiness(one: Judged, both: Bools) -> _Counted | None:
    """Verdicts like those of the run: of the first check, and of this one."""
    if one.first is None:
        return None
    known = both & ~np.isnan(one.first)
    base = _passes(one, one.base)
    return _count((_passes(one, one.first) == base)[known], (_passes(one, one.now) == base)[known])


def _people(one: Judged, both: Bools) -> _Counted | None:
    """Verdicts like those of people: of the run, and of this check."""
    known = both & ~np.isnan(one.people)
    labels = one.people == 1.0
    return _count((_passes(one, one.base) == labels)[known], (_passes(one, one.now) == labels)[known])


def _count(before: Bools, now: Bools) -> _Counted | None:
    if not before.size:
        return None
    lost, gained = int((before & ~now).sum()), int((~before & now).sum())
    n = before.size
    return _Counted(
        Rate(int(before.sum()), n), Rate(int(now.sum()), n), lost, gained, mcnemar_test(lost, gained).p
    )


def _flips(one: Judged, both: Bools, base: Bools, now: Bools) -> list[Flip]:
    rows = np.flatnonzero(both & (base != now))[:_FLIPPED_SHOWN].tolist()
    return [Flip(one.cases[row], float(one.base[row]), float(one.now[row])) for row in rows]


def _conclude(one: _Measured, p_values: Sequence[float], margin: float, alpha: float) -> Drift:
    shift = None
    if one.shift is not None:
        is_shown = p_values[0] <= alpha and abs(one.shift.mean) > margin
        shift = Shift(one.shift.mean, one.shift.interval, p_values[0], is_shown)
    steadiness = _drop(one.steadiness, p_values[1], margin, alpha)
    people = _drop(one.people, p_values[2], margin, alpha)
    state = _state(one, [part is not None and part.is_shown for part in (shift, steadiness, people)], alpha)
    judged = one.judged
    return Drift(
        metric=judged.metric,
        identity=judged.identity,
        base_identity=judged.base_identity,
        unit=judged.unit,
        state=state,
        n=one.n,
        failed=judged.failed,
        reason=judged.reason,
        agreement=one.agreement,
        shift=shift,
        steadiness=steadiness,
        people=people,
        is_other_ruler=judged.identity != judged.base_identity,
        flips=one.flips,
        text=_say(one, state, shift, steadiness, people),
    )


def _drop(found: _Counted | None, p: float, margin: float, alpha: float) -> Drop | None:
    if found is None:
        return None
    fall = (found.lost - found.gained) / found.now.n
    return Drop(found.before, found.now, found.lost, found.gained, p, is_shown=p <= alpha and fall > margin)


def _state(one: _Measured, shown: Sequence[bool], alpha: float) -> CheckState:
    if one.shift is None:
        return CheckState.NOT_MEASURED
    if any(shown):
        return CheckState.MOVED
    return CheckState.NOT_ENOUGH_DATA if smallest_p(one.n) > alpha else CheckState.NO_MOVE_SHOWN


def _say(
    one: _Measured, state: CheckState, shift: Shift | None, steadiness: Drop | None, people: Drop | None
) -> Text:
    judged = one.judged
    if state is CheckState.NOT_MEASURED or shift is None:
        reason = judged.reason or "no_score"
        failed = judged.failed or len(judged.cases)
        return fill(_FAILED, metric=judged.metric, failed=failed, n=len(judged.cases), reason=reason)
    if state is CheckState.NOT_ENOUGH_DATA:
        return fill(_FEW, metric=judged.metric, n=one.n)
    difference = number(shift.difference, judged.unit, signed=True)
    if state is CheckState.NO_MOVE_SHOWN:
        return fill(_HELD, metric=judged.metric, difference=difference, n=one.n)
    why = [fill(_SHIFT, difference=difference)] if shift.is_shown else []
    why += [
        fill(text, before=f"{part.before.value:.0%}", now=f"{part.now.value:.0%}")
        for text, part in ((_AGREEMENT, steadiness), (_LABELS, people))
        if part is not None and part.is_shown
    ]
    joined = Text("; ".join(text.en for text in why), "; ".join(text.ko for text in why))
    return Text(
        _MOVED.en.format(metric=judged.metric, why=joined.en),
        _MOVED.ko.format(metric=judged.metric, why=joined.ko),
    )
