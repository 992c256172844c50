"""Judging anchors again, and telling whether the judge moved: one set at a time, within a budget.

Answers of models that other checks or runs were given are not taken: it is the judge of today that is asked.
Those of this check are, so one that was killed goes on without asking anything twice.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Final

import structlog

from pitwall.core.errors import PitwallError
from pitwall.evals.anchors.errors import AnchorsInvalid
from pitwall.evals.anchors.judging import Verdicts, judge_all
from pitwall.evals.anchors.repository import AnchorQueue, AnchorSets
from pitwall.evals.anchors.types import AnchorSet, Check, CheckState, Finding
from pitwall.evals.anchors.wire import content_view
from pitwall.evals.metrics.registry import Registry, identity
from pitwall.evals.metrics.types import Metric
from pitwall.evals.runs.kept_prompts import KeptPrompts
from pitwall.evals.runs.reading import JudgedCase, RunReader
from pitwall.evals.runs.repository import Runs
from pitwall.evals.runs.types import EvalRun
from pitwall.kit.clock import Clock
from pitwall.kit.ids import new_prefixed_id
from pitwall.llm.budget import BudgetLimits
from pitwall.llm.counters import CallCounts
from pitwall.llm.models import ModelsPlan, open_models
from pitwall.llm.profiles import ModelProfile
from pitwall.stores.state import StateStore

if TYPE_CHECKING:
    from pitwall.evals.anchors.drift import Drift

log = structlog.get_logger(__name__)

_MINUTES: Final = 55.0
_CLAIM: Final = timedelta(hours=1)
"""A check whose process died is gone on with after so long; longer than one may take."""
_AGAIN: Final = timedelta(hours=1)
"""What could not be measured is tried again after so long at the latest."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckerParts:
    """What checking needs.

    Attributes:
        profile: Finds models by the name of a profile.
    """

    state: StateStore
    clock: Clock
    reader: RunReader
    registry: Callable[[], Registry]
    profile: Callable[[str | None], ModelProfile]


@dataclass(frozen=True, slots=True)
class _Setting:
    """What a check works on."""

    anchors: AnchorSet
    run: EvalRun
    cases: Sequence[JudgedCase]
    metrics: Sequence[Metric]
    profile: ModelProfile


class AnchorChecker:
    """Checks the anchors of all projects that are due; a call of `run` is one round and blocks."""

    def __init__(self, parts: CheckerParts) -> None:
        self._parts = parts

    def run(self) -> int:
        """Check one set after the other until none is due; returns how many were."""
        checked = 0
        while self.check_next():
            checked += 1
        return checked

    def check_next(self) -> bool:
        """Check the set that is due for the longest; False if none is."""
        now = self._parts.clock.now()
        with self._parts.state.session() as session:
            anchors = AnchorQueue(session).take(now, now + _CLAIM)
        if anchors is None:
            return False
        try:
            self._check(anchors)
        except PitwallError as error:
            log.warning("eval_anchors.not_checked", anchors=anchors.name, error=str(error))
            self._note(anchors, CheckState.NOT_MEASURED, anchors.findings, error.message)
        return True

    def _check(self, anchors: AnchorSet) -> None:
        from pitwall.evals.anchors.drift import worst  # numpy, once there is something to check

        setting = self._setting(anchors)
        check = self._begin(anchors)
        verdicts, counts = asyncio.run(self._judge(setting, check.id))
        drifts = self._compare(setting, verdicts)
        self._finish(
            setting,
            replace(
                check,
                state=worst([drift.state for drift in drifts]),
                finished_at=self._parts.clock.now(),
                content=content_view(setting.profile, drifts, counts),
                readings=verdicts.values,
            ),
            drifts,
        )

    def _setting(self, anchors: AnchorSet) -> _Setting:
        parts = self._parts
        profile = parts.profile(anchors.profile)
        with parts.state.session(read_only=True) as session:
            run = Runs(session, anchors.project_id).get(anchors.run_id)
            prompts = KeptPrompts(session, anchors.project_id).of(run)
        registry = parts.registry().with_prompts(prompts)
        cases = parts.reader.at(run, anchors.positions)
        if len(cases) < len(anchors.positions) or any(case.example is None for case in cases):
            raise AnchorsInvalid(
                f"Answers of run {run.id} are gone, with its dataset.",
                code="eval_anchors.gone",
                hint="Set the anchors anew, from another run.",
            )
        return _Setting(anchors, run, cases, [registry.find(name) for name in anchors.metrics], profile)

    def _begin(self, anchors: AnchorSet) -> Check:
        check = Check(
            id=new_prefixed_id("chk"),
            name=anchors.name,
            set_id=anchors.set_id,
            state=CheckState.RUNNING,
            started_at=self._parts.clock.now(),
        )
        with self._parts.state.session() as session:
            return AnchorSets(session, anchors.project_id).begin(check, anchors)

    async def _judge(self, setting: _Setting, check_id: str) -> tuple[Verdicts, CallCounts]:
        anchors = setting.anchors
        plan = ModelsPlan(
            judge=setting.profile.judge,
            embedding=setting.profile.embedding,
            project_id=anchors.project_id,
            run_id=check_id,
            is_fresh=True,
            budget=BudgetLimits(max_calls=anchors.max_calls, max_minutes=_MINUTES),
        )
        async with open_models(plan, self._parts.state, clock=self._parts.clock) as models:
            verdicts = await judge_all(setting.metrics, setting.cases, models)
            return verdicts, models.counts

    def _compare(self, setting: _Setting, verdicts: Verdicts) -> Sequence[Drift]:
        from pitwall.evals.anchors.drift import find_drift
        from pitwall.evals.anchors.pairing import read_before

        anchors, profile = setting.anchors, setting.profile
        with self._parts.state.session(read_only=True) as session:
            ids = [case.example_id for case in setting.cases]
            before = read_before(session, anchors, setting.run, ids)
        embedding = None if profile.embedding is None else profile.embedding.model
        judged = [
            before.judged(metric.spec.name, identity(metric, profile.judge.model, embedding), verdicts)
            for metric in setting.metrics
        ]
        return find_drift(judged, margin=anchors.margin)

    def _finish(self, setting: _Setting, check: Check, drifts: Sequence[Drift]) -> None:
        anchors = setting.anchors
        findings = {**anchors.findings, **_findings(drifts, self._parts.clock.now())}
        with self._parts.state.session() as session:
            AnchorSets(session, anchors.project_id).finish(check)
        self._note(anchors, check.state, findings, None)
        log.info("eval_anchors.checked", anchors=anchors.name, state=check.state.value, check_id=check.id)

    def _note(
        self, anchors: AnchorSet, state: CheckState, findings: Mapping[str, Finding], error: str | None
    ) -> None:
        pause = min(anchors.every, _AGAIN) if state is CheckState.NOT_MEASURED else anchors.every
        with self._parts.state.session() as session:
            sets = AnchorSets(session, anchors.project_id)
            sets.note(anchors, self._parts.clock.now() + pause, findings, error)


def _findings(drifts: Sequence[Drift], now: datetime) -> dict[str, Finding]:
    """What standings go by: metrics that were measured, by the ruler that the run had."""
    return {
        drift.metric: Finding(drift.identity, drift.state is CheckState.MOVED, now)
        for drift in drifts
        if drift.state.is_measured and not drift.is_other_ruler
    }
