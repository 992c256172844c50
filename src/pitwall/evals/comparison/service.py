"""Comparing stored runs, judging them against baselines, and keeping the baselines; calls block."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Final

from pitwall.access.types import Principal, require
from pitwall.core.vocabulary import Scope
from pitwall.evals.comparison.changes import changes_between
from pitwall.evals.comparison.errors import (
    BaselineNotFound,
    BaselineUnfinished,
    ComparisonInvalid,
    NotComparable,
)
from pitwall.evals.comparison.gate_types import GatePolicy, GateResult
from pitwall.evals.comparison.reading import Kept, Reading
from pitwall.evals.comparison.repository import Baselines
from pitwall.evals.comparison.trends import Trend, line_up
from pitwall.evals.comparison.types import (
    LEAST_CASES,
    Baseline,
    Change,
    CompareOptions,
    Comparison,
    RunColumns,
)
from pitwall.evals.runs.repository import Runs
from pitwall.evals.runs.types import EvalRun, RunQuery, RunState
from pitwall.kit.clock import Clock
from pitwall.stores.state import AuditEntry, AuditLog, StateStore

if TYPE_CHECKING:
    from pitwall.evals.comparison.ruler import RulerCheck
    from pitwall.evals.comparison.slices import SliceComparison

DEFAULT_BASELINE: Final = "main"


@dataclass(frozen=True, slots=True, kw_only=True)
class CompareRequest:
    """What to compare.

    Attributes:
        a: Run before, by id or the beginning of it.
        b: Run that is asked about.
        rejudged: Run over the answers of `a`, judged as those of `b` are; tells answers from ruler.
        least_cases: With slices: pairs that a slice needs.
        is_strict: Refuse runs that were not measured by the same ruler.
    """

    a: str
    b: str
    rejudged: str | None = None
    with_slices: bool = False
    least_cases: int = LEAST_CASES
    is_strict: bool = False
    options: CompareOptions = field(default_factory=CompareOptions)


@dataclass(frozen=True, slots=True)
class Compared:
    """What a comparison found."""

    comparison: Comparison
    ruler: tuple[RulerCheck, ...]
    slices: tuple[SliceComparison, ...] | None


@dataclass(frozen=True, slots=True, kw_only=True)
class GateRequest:
    """What to hold a run against.

    Attributes:
        against: Another run; goes before the baseline.
        baseline: Name of a baseline of the run's dataset; None takes `main` if there is one.
        needs_baseline: Without a run to hold it against there is nothing to say.
    """

    run: str
    against: str | None = None
    baseline: str | None = None
    needs_baseline: bool = False
    is_strict: bool = False
    policy: GatePolicy = field(default_factory=GatePolicy)
    options: CompareOptions = field(default_factory=CompareOptions)


class Comparisons:
    """Compares runs of all projects.

    Runs that are over do not change, so the columns of the last few stay in memory: a comparison that is
    looked at again, by other options, reads nothing.
    """

    def __init__(self, state: StateStore, clock: Clock) -> None:
        self._state = state
        self._clock = clock
        self._kept = Kept()

    def compare(self, project_id: str, request: CompareRequest) -> Compared:
        """Compare two runs.

        Raises:
            RunNotFound: The project has no such run.
            ComparisonInvalid: They have no metric in common.
            NotComparable: They were not measured by the same ruler, and `is_strict`.
        """
        from pitwall.evals.comparison.ruler import separate  # numpy: a server starts without it
        from pitwall.evals.comparison.slices import find_slices

        with self._state.session(read_only=True) as session:
            reading = Reading(session, project_id, self._kept)
            a, b = reading.pair(request.a, request.b, request.options)
            comparison = _compare(a, b, request.options, is_strict=request.is_strict)
            comparison = replace(comparison, changes=_changes(reading, a, b))
            ruler: tuple[RulerCheck, ...] = ()
            if request.rejudged is not None:
                rejudged = reading.columns(reading.run(request.rejudged), request.options.metrics)
                _refuse_another_ruler(rejudged, b)
                ruler = separate(a, rejudged, b, request.options)
            if not request.with_slices:
                return Compared(comparison, ruler, None)
            facts = reading.facts(reading.run(request.b))
        return Compared(comparison, ruler, find_slices(comparison, facts, least=request.least_cases))

    def gate(self, project_id: str, request: GateRequest) -> GateResult:
        """Judge a run by a policy, and against another run or a baseline.

        Raises:
            RunNotFound: The project has no such run.
            BaselineNotFound: The baseline that is named, or needed, is not there.
            NotComparable: They were not measured by the same ruler, and `is_strict`.
        """
        from pitwall.evals.comparison.gate import judge_run

        with self._state.session(read_only=True) as session:
            reading = Reading(session, project_id, self._kept)
            run = reading.run(request.run)
            against, baseline = _other_run(Baselines(session, project_id), run, request)
            options = replace(request.options, metrics=request.policy.metrics)
            if against is None:
                return judge_run(reading.columns(run, options.metrics), request.policy)
            a, b = reading.pair(against, run.id, options)
            changes = _changes(reading, a, b)
        comparison = replace(_compare(a, b, options, is_strict=request.is_strict), changes=changes)
        return judge_run(b, request.policy, comparison, baseline)

    def trend(self, project_id: str, dataset: str, metric: str | None, *, limit: int) -> Trend:
        """Return the last finished runs of a dataset in a line, by a metric.

        Args:
            metric: None takes the one that most of the runs have.
        """
        query = RunQuery(dataset=dataset, state=RunState.FINISHED, limit=limit + 1)
        with self._state.session(read_only=True) as session:
            found = Runs(session, project_id).list(query, self._clock.now())
            kept = Baselines(session, project_id).list(dataset)
        names: dict[str, list[str]] = {}
        for one in kept:
            names.setdefault(one.run_id, []).append(one.name)
        oldest_first = list(reversed(found[:limit]))
        return line_up(dataset, oldest_first, metric, names, is_cut=len(found) > limit)

    def baselines(self, project_id: str, dataset: str) -> Sequence[Baseline]:
        """Return the baselines of a dataset by name."""
        with self._state.session(read_only=True) as session:
            return Baselines(session, project_id).list(dataset)

    def baseline(self, project_id: str, dataset: str, name: str) -> Baseline:
        """Return a baseline of a dataset.

        Raises:
            BaselineNotFound: There is none of this name.
        """
        with self._state.session(read_only=True) as session:
            found = Baselines(session, project_id).find(dataset, name)
        if found is None:
            raise _no_baseline(dataset, name)
        return found

    def set_baseline(self, run_id: str, name: str, *, dataset: str | None = None, by: Principal) -> Baseline:
        """Make a run the one that others of its dataset are held against.

        Args:
            dataset: That the run is said to be of; None takes the run's.

        Raises:
            NotPermitted: The caller may not act.
            RunNotFound: The project has no such run.
            ComparisonInvalid: The run is of another dataset.
            BaselineUnfinished: The run did not judge all of its cases.
        """
        require(by, Scope.ACT)
        with self._state.session() as session:
            run = Runs(session, by.project_id).get(run_id)
            if dataset not in (None, run.dataset):
                raise ComparisonInvalid(
                    f"The run {run.id} is of dataset {run.dataset!r}, not of {dataset!r}.",
                    hint="A baseline is a run of the dataset that it is the baseline of.",
                )
            if run.state is not RunState.FINISHED:
                raise BaselineUnfinished(
                    f"The run {run.id} is {run.state.value}, so it has not judged all of its cases.",
                    hint=f"Go on with it first: `pitwall eval run --resume {run.id}`.",
                )
            baseline = Baseline(run.dataset, name, run.id, self._clock.now(), by.actor)
            Baselines(session, by.project_id).put(baseline)
            AuditLog(session).record(_audit(baseline, by))
        return baseline


def _changes(reading: Reading, a: RunColumns, b: RunColumns) -> tuple[Change, ...] | None:
    return changes_between(reading.run(a.id), reading.run(b.id))


def _compare(a: RunColumns, b: RunColumns, options: CompareOptions, *, is_strict: bool) -> Comparison:
    from pitwall.evals.comparison.comparing import compare, shared_metrics

    unknown = [name for name in options.metrics if name not in a.metrics and name not in b.metrics]
    if unknown:
        raise ComparisonInvalid(
            f"Neither {a.id} nor {b.id} judges {', '.join(map(repr, unknown))}.",
            hint=f"See what they judge with `pitwall eval show {b.id}`.",
        )
    if not shared_metrics(a, b, options):
        raise ComparisonInvalid(
            f"The runs {a.id} and {b.id} have none of the metrics in common.",
            hint=f"{a.id} has {_names(a)}; {b.id} has {_names(b)}.",
        )
    comparison = compare(a, b, options)
    other = [notice.text.en for notice in comparison.notices if notice.kind.is_other_ruler]
    if is_strict and other:
        raise NotComparable(
            f"The runs {a.id} and {b.id} were not measured by the same ruler. {' '.join(other)}",
            hint="Judge both by the same metrics, judge and dataset, or leave out --strict.",
        )
    return comparison


def _refuse_another_ruler(rejudged: RunColumns, b: RunColumns) -> None:
    """What stands between two runs has to be judged as the second was, or it tells nothing."""
    for name, metric in rejudged.metrics.items():
        if name in b.metrics and metric.identity != b.metrics[name].identity:
            raise ComparisonInvalid(
                f"The run {rejudged.id} judged {name} as {metric.identity!r}, and {b.id} as "
                f"{b.metrics[name].identity!r}.",
                hint="Judge the old answers again by the metrics and the judge of the new run.",
            )


def _names(run: RunColumns) -> str:
    return ", ".join(run.metrics) or "none"


def _other_run(baselines: Baselines, run: EvalRun, request: GateRequest) -> tuple[str | None, str | None]:
    """The run to hold a run against, and the name of the baseline that it was found by."""
    if request.against is not None:
        return request.against, None
    name = request.baseline or DEFAULT_BASELINE
    found = baselines.find(run.dataset, name)
    if found is not None:
        return found.run_id, name
    if request.baseline is not None or request.needs_baseline:
        raise _no_baseline(run.dataset, name)
    return None, None


def _no_baseline(dataset: str, name: str) -> BaselineNotFound:
    return BaselineNotFound(
        f"The dataset {dataset!r} has no baseline {name!r}.",
        hint="Make a run one with `pitwall eval baseline set RUN_ID`.",
    )


def _audit(baseline: Baseline, by: Principal) -> AuditEntry:
    return AuditEntry(
        at=baseline.set_at,
        actor=by.actor,
        action="eval_baseline.set",
        object=f"eval_baseline:{baseline.dataset}/{baseline.name}",
        project_id=by.project_id,
        details={"run_id": baseline.run_id},
    )
