"""What can be done with anchors: set, look, check now, delete; calls block."""

from __future__ import annotations

import hashlib
import math
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Final

from pitwall.access.types import Principal, require
from pitwall.core.vocabulary import Scope
from pitwall.evals.anchors.errors import AnchorsInvalid, AnchorsNotFound
from pitwall.evals.anchors.repository import AnchorSets
from pitwall.evals.anchors.types import (
    ALPHA,
    LEAST_EVERY,
    MOST_CASES,
    AnchorOptions,
    AnchorSet,
    AnchorState,
)
from pitwall.evals.metrics.registry import Registry
from pitwall.evals.runs.identity import is_judged
from pitwall.evals.runs.repository import Runs
from pitwall.evals.runs.types import EvalRun, PlannedMetric
from pitwall.evals.trust.repository import Labels
from pitwall.evals.trust.types import Label
from pitwall.kit.clock import Clock
from pitwall.kit.durations import format_duration
from pitwall.kit.ids import new_id
from pitwall.kit.text import check_line
from pitwall.stores.state import AuditEntry, AuditLog, Projects, StateStore

MAX_NAME: Final = 100
_CHECKS_SHOWN: Final = 20
_SPARE: Final = 2
"""A reply that has to be repaired is asked for again, so a check may need more calls than planned."""


class Anchors:
    """Anchor sets of all projects.

    Args:
        registry: Finds metrics, for how many calls they take.
        wake: Called after something became due.
    """

    def __init__(
        self,
        state: StateStore,
        clock: Clock,
        *,
        registry: Callable[[], Registry],
        wake: Callable[[], None] = lambda: None,
    ) -> None:
        self._state = state
        self._clock = clock
        self._registry = registry
        self._wake = wake

    def list(self, project_id: str) -> Sequence[AnchorState]:
        """Return all anchor sets by name, each with its last check."""
        with self._state.session(read_only=True) as session:
            sets = AnchorSets(session, project_id)
            return [AnchorState(one, sets.checks(one.name, 1)) for one in sets.all()]

    def get(self, project_id: str, name: str) -> AnchorState:
        """Return an anchor set with its last checks.

        Raises:
            AnchorsNotFound: The project has none of this name.
        """
        with self._state.session(read_only=True) as session:
            return _state(AnchorSets(session, project_id), name)

    def save(self, name: str, options: AnchorOptions, *, by: Principal) -> AnchorState:
        """Choose anchors out of a run; they are checked for the first time at once.

        The same run, metrics and cases keep the checks that there are; anything else begins anew.

        Raises:
            NotPermitted: The caller may not act.
            RunNotFound: There is no such run.
            AnchorsInvalid: Nothing can be checked by what was asked for.
        """
        require(by, Scope.ACT)
        name = _checked_name(name)
        _check_options(options)
        now = self._clock.now()
        with self._state.session() as session:
            Projects(session).get(by.project_id)
            run = Runs(session, by.project_id).get(options.run_id)
            metrics = _metrics(run, options.metrics)
            positions = _Choice(Runs(session, by.project_id), run, metrics).take(
                options.cases, _labels(Labels(session, by.project_id), run)
            )
            _refuse_few(run, len(positions))
            sets = AnchorSets(session, by.project_id)
            anchors = self._anchors(name, options, run, metrics, positions, sets.find(name), now, by)
            sets.save(anchors)
            self._audit(AuditLog(session), "eval_anchors.set", anchors, by)
            state = _state(sets, name)
        self._wake()
        return state

    def call_for(self, name: str, *, by: Principal) -> AnchorState:
        """Let anchors be checked now; what is returned is how they stood, due at the moment of the call.

        Raises:
            NotPermitted: The caller may not act.
            AnchorsNotFound: The project has none of this name.
            AnchorsInvalid: They are switched off.
        """
        require(by, Scope.ACT)
        with self._state.session() as session:
            sets = AnchorSets(session, by.project_id)
            anchors = _found(sets, name)
            if not anchors.is_enabled:
                raise AnchorsInvalid(
                    f"The anchors {name!r} are switched off.",
                    hint="Switch them on with `pitwall eval anchors set`, without --off.",
                )
            sets.call_for(name, self._clock.now())
            self._audit(AuditLog(session), "eval_anchors.called", anchors, by)
            state = _state(sets, name)
        self._wake()
        return state

    def delete(self, name: str, *, by: Principal) -> None:
        """Forget anchors and their checks; the run that they came from stays.

        Raises:
            NotPermitted: The caller may not act.
            AnchorsNotFound: The project has none of this name.
        """
        require(by, Scope.ACT)
        with self._state.session() as session:
            sets = AnchorSets(session, by.project_id)
            anchors = _found(sets, name)
            sets.remove(name)
            self._audit(AuditLog(session), "eval_anchors.deleted", anchors, by)

    def _anchors(
        self,
        name: str,
        options: AnchorOptions,
        run: EvalRun,
        metrics: Sequence[PlannedMetric],
        positions: Sequence[int],
        before: AnchorSet | None,
        now: datetime,
        by: Principal,
    ) -> AnchorSet:
        names = tuple(metric.name for metric in metrics)
        same = before is not None and (before.run_id, before.metrics, before.positions) == (
            run.id,
            names,
            tuple(positions),
        )
        return AnchorSet(
            project_id=by.project_id,
            name=name,
            set_id=before.set_id if before is not None and same else new_id(),
            run_id=run.id,
            metrics=names,
            positions=tuple(positions),
            profile=options.profile or run.plan.profile,
            every=options.every,
            max_calls=options.max_calls or self._calls(run, names, len(positions)),
            margin=options.margin,
            is_enabled=options.is_enabled,
            due_at=now,
            updated_at=now,
            updated_by=by.actor,
            findings=before.findings if before is not None and same else {},
        )

    def _calls(self, run: EvalRun, metrics: Sequence[str], cases: int) -> int:
        """Twice what a check should need: by the metrics, or as much as the run expected of its cases."""
        registry = self._registry()
        by_metrics = sum(registry.find(name).spec.calls for name in metrics)
        by_run = run.progress.calls / run.progress.cases if run.progress.cases else 0.0
        return math.ceil(_SPARE * cases * max(by_metrics, by_run))

    def _audit(self, log: AuditLog, action: str, anchors: AnchorSet, by: Principal) -> None:
        details = {
            "run_id": anchors.run_id,
            "metrics": list(anchors.metrics),
            "cases": len(anchors.positions),
            "every": format_duration(anchors.every),
            "enabled": anchors.is_enabled,
        }
        log.record(
            AuditEntry(
                self._clock.now(), by.actor, action, f"eval_anchors:{anchors.name}", by.project_id, details
            )
        )


class _Choice:
    """Which cases of a run become anchors."""

    def __init__(self, runs: Runs, run: EvalRun, metrics: Sequence[PlannedMetric]) -> None:
        self._case_of: dict[int, str] = {}
        for metric in metrics:
            columns = runs.scores(run.id, metric.name, sample=0)
            self._case_of |= {
                position: case
                for position, case, value in zip(
                    columns.positions, columns.example_ids, columns.values, strict=True
                )
                if value is not None
            }

    def take(self, limit: int, labelled: Mapping[str, object]) -> list[int]:
        """Take those with labels first, then others by lot, always the same ones; in order of position."""
        drawn = sorted(
            self._case_of, key=lambda position: (self._case_of[position] not in labelled, self._lot(position))
        )
        return sorted(drawn[:limit])

    def _lot(self, position: int) -> bytes:
        return hashlib.blake2b(self._case_of[position].encode(), digest_size=8).digest()


def _labels(labels: Labels, run: EvalRun) -> dict[str, list[Label]]:
    found: dict[str, list[Label]] = {}
    for label in labels.of_dataset(run.dataset):
        found.setdefault(label.example_id, []).append(label)
    return found


def _metrics(run: EvalRun, names: Sequence[str]) -> list[PlannedMetric]:
    judged = {metric.name: metric for metric in run.plan.metrics if is_judged(run, metric.identity)}
    wanted = list(dict.fromkeys(names)) or list(judged)
    unknown = [name for name in wanted if name not in judged]
    if unknown or not judged:
        named = ", ".join(unknown) or "anything"
        raise AnchorsInvalid(
            f"The run {run.id} does not ask a judge about {named}.",
            hint=f"Its judged metrics are {', '.join(judged)}." if judged else "Take a run with a judge.",
        )
    return [judged[name] for name in wanted]


def _check_options(options: AnchorOptions) -> None:
    if not 0 < options.cases <= MOST_CASES:
        raise AnchorsInvalid(f"{options.cases} anchors are none that can be set: 1 to {MOST_CASES}.")
    if options.every < LEAST_EVERY:
        raise AnchorsInvalid(
            f"Every {format_duration(options.every)} is too often.",
            hint=f"Give at least {format_duration(LEAST_EVERY)}.",
        )
    if options.max_calls is not None and options.max_calls <= 0:
        raise AnchorsInvalid(f"With {options.max_calls} calls nothing can be checked.")
    if not 0 <= options.margin < 1:
        raise AnchorsInvalid(f"{options.margin} is no margin: 0 up to 1.")


def _refuse_few(run: EvalRun, count: int) -> None:
    from pitwall.evals.comparison.comparing import least_pairs  # a server starts without numpy

    least = least_pairs(ALPHA)
    if count < least:
        raise AnchorsInvalid(
            f"{count} anchors can show nothing, whatever the judge says; it takes {least}.",
            hint=f"Take more cases, or a run that has more with a score than {run.id}.",
        )


def _checked_name(name: str) -> str:
    try:
        checked = check_line(name.strip())
    except ValueError as error:
        raise AnchorsInvalid(f"The name of the anchors {error}.") from error
    if not 0 < len(checked) <= MAX_NAME or "/" in checked:
        raise AnchorsInvalid(
            f"{checked!r} is no name for anchors.", hint=f"Give 1 to {MAX_NAME} characters without a slash."
        )
    return checked


def _state(sets: AnchorSets, name: str) -> AnchorState:
    return AnchorState(_found(sets, name), sets.checks(name, _CHECKS_SHOWN))


def _found(sets: AnchorSets, name: str) -> AnchorSet:
    anchors = sets.find(name)
    if anchors is None:
        raise AnchorsNotFound(
            f"There are no anchors {name!r}.", hint="`pitwall eval anchors list` lists them."
        )
    return anchors
