"""Choosing live traces by rules and scoring them, each once, also across restarts and processes.

A trace that a rule chooses becomes a row, in the transaction that moves the rule's position on. Whoever
scores it claims the row first. Scores have ids that rule, trace and metric make, and answers of models are in
the store of calls, so a process that dies between writing scores and finishing the row repeats nothing: the
next one asks no model again and replaces the scores by themselves.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Final

import structlog

from pitwall.core.errors import PitwallError
from pitwall.evals.metrics.registry import Registry
from pitwall.evals.online.arrivals import Arrivals
from pitwall.evals.online.changing import plan_adoption
from pitwall.evals.online.judging import Bench, OpensTraces, asks_models
from pitwall.evals.online.records import ScoreWriter, to_scores
from pitwall.evals.online.repository import OnlineRules, Scorings, all_rules, calls_run_id, day_of
from pitwall.evals.online.sampling import is_sampled
from pitwall.evals.online.types import Arrival, OnlineRule, PackRule, Result, RuleContent, RuleDay, Scoring
from pitwall.kit.clock import Clock, from_unix_nano
from pitwall.kit.ids import new_id
from pitwall.llm.budget import BudgetLimits
from pitwall.llm.profiles import ModelProfile
from pitwall.stores.state import Projects, StateStore

log = structlog.get_logger(__name__)

INTERVAL_SECONDS: Final = 5.0
KEPT: Final = timedelta(days=35)
"""How long it is known which traces were scored; longer than traces are looked for."""
_BATCH: Final = 20
_BATCHES: Final = 50
_CLAIM: Final = timedelta(minutes=15)
_LONGEST_SETTLE: Final = 10
"""A trace that never comes to rest is scored after so many settle times."""
_OVERLAP_MS: Final = 60_000
"""So far each look goes back again: telemetry becomes visible a little out of order."""
_NANOS_PER_MS: Final = 1_000_000

FindProfile = Callable[[str | None], ModelProfile]


@dataclass(frozen=True, slots=True, kw_only=True)
class ScorerParts:
    """What scoring needs.

    Attributes:
        lag_seconds: Age of the oldest telemetry that was acknowledged and cannot be seen yet.
        profile: Finds models by the name of a profile.
        packs: The rules that packs bring.
    """

    state: StateStore
    clock: Clock
    arrivals: Arrivals
    traces: OpensTraces
    writer: ScoreWriter
    registry: Callable[[], Registry]
    lag_seconds: Callable[[], float]
    profile: FindProfile
    packs: Sequence[PackRule] = ()


class OnlineScorer:
    """Lets the rules of all projects choose and score traces; a call of `run` is one round and blocks."""

    def __init__(self, parts: ScorerParts) -> None:
        self._parts = parts
        self._holder = new_id()
        self._released: set[str] = set()

    def run(self) -> None:
        """Do a round: each rule chooses, then scores what is complete; one that fails stops no other."""
        for rule in self._adopted():
            if rule.is_enabled:
                self._attempt(rule)

    def _adopted(self) -> Sequence[OnlineRule]:
        """The rules of all projects, after those of packs were made, changed and removed."""
        parts = self._parts
        with parts.state.session(read_only=True) as session:
            rules = all_rules(session)
            projects = {one.id for one in Projects(session).list()} if parts.packs else set()
        plan = plan_adoption(rules, parts.packs, projects, parts.clock)
        if not (plan.saved or plan.removed):
            return rules
        with parts.state.session() as session:
            for rule in plan.removed:
                OnlineRules(session, rule.project_id).remove(rule.id)
            for rule in plan.saved:
                OnlineRules(session, rule.project_id).save(rule)
            log.info("online_evaluation.packs_adopted", saved=len(plan.saved), removed=len(plan.removed))
            return all_rules(session)

    def _attempt(self, rule: OnlineRule) -> None:
        error: str | None = None
        try:
            self._choose(rule)
            self._score(rule)
        except PitwallError as problem:
            log.warning("online_evaluation.rule_failed", rule=rule.name, error=str(problem))
            error = problem.message
        if error is not None or rule.error is not None:
            with self._parts.state.session() as session:
                Scorings(session, rule).note(error, self._parts.clock.now())

    def _choose(self, rule: OnlineRule) -> None:
        """Note the traces of the sample that arrived since the last look, and a little before it."""
        now = self._parts.clock.now()
        until_ms = _to_ms(now - timedelta(seconds=self._parts.lag_seconds()))
        since_ms = max(rule.begins_ms, rule.position_ms - _OVERLAP_MS)
        while since_ms < until_ms:
            look = self._parts.arrivals.look(
                rule.project_id, rule.content.filters, since_ms=since_ms, until_ms=until_ms, now=now
            )
            with self._parts.state.session() as session:
                Scorings(session, rule).choose(_sample(look.arrivals, rule.content), look.until_ms)
            since_ms = look.until_ms

    def _score(self, rule: OnlineRule) -> None:
        self._release(rule)
        if self._due(rule):
            asyncio.run(self._judge_due(rule))

    def _release(self, rule: OnlineRule) -> None:
        """At first take over what others had claimed: this process has the lease now, so they are gone."""
        if rule.id in self._released:
            return
        now = self._parts.clock.now()
        with self._parts.state.session() as session:
            scorings = Scorings(session, rule)
            scorings.release(now, but=self._holder)
            scorings.forget(now - KEPT)
        self._released.add(rule.id)

    async def _judge_due(self, rule: OnlineRule) -> None:
        async with self._bench(rule) as bench:
            for _ in range(_BATCHES):
                due = await asyncio.to_thread(self._due, rule)
                if not due:
                    return
                claimed = await asyncio.to_thread(self._claim, rule, due)
                await self._judge_all(rule, bench, claimed)

    async def _judge_all(self, rule: OnlineRule, bench: Bench, claimed: Sequence[Scoring]) -> None:
        """Judge side by side; what could not be judged is given back."""
        judged = (self._judge_one(rule, bench, one) for one in claimed)
        problems = [one for one in await asyncio.gather(*judged, return_exceptions=True) if one is not None]
        if problems:
            with self._parts.state.session() as session:
                Scorings(session, rule).release(self._parts.clock.now(), of=self._holder)
            raise problems[0]

    def _due(self, rule: OnlineRule) -> Sequence[Scoring]:
        with self._parts.state.session(read_only=True) as session:
            return Scorings(session, rule).due(self._parts.clock.now(), _BATCH)

    def _claim(self, rule: OnlineRule, due: Sequence[Scoring]) -> list[Scoring]:
        """Claim those of which nothing arrived for the settle time; the others wait on."""
        now = self._parts.clock.now()
        newest = self._parts.arrivals.newest(rule.project_id, [one.arrival for one in due])
        claimed = []
        with self._parts.state.session() as session:
            scorings = Scorings(session, rule)
            for one in due:
                rests_at = _rests_at(one, newest.get(one.arrival.trace_id), rule.content)
                if rests_at > now:
                    scorings.postpone(one, rests_at)
                elif scorings.claim(one, self._holder, now + _CLAIM):
                    claimed.append(one)
        return claimed

    async def _judge_one(self, rule: OnlineRule, bench: Bench, one: Scoring) -> None:
        results = await bench.judge_trace(self._parts.traces, rule.project_id, one.arrival.trace_id)
        await asyncio.to_thread(self._keep, rule, one, results)

    def _keep(self, rule: OnlineRule, one: Scoring, results: Sequence[Result]) -> None:
        """Write the scores, then note that the trace is done: the other order could lose them."""
        now = self._parts.clock.now()
        self._parts.writer.write(rule.project_id, to_scores(rule, one.arrival, results, now))
        with self._parts.state.session() as session:
            if not Scorings(session, rule).finish(one.arrival.trace_id, self._holder, results, now):
                log.warning("online_evaluation.claim_lost", rule=rule.name, trace_id=one.arrival.trace_id)

    @asynccontextmanager
    async def _bench(self, rule: OnlineRule) -> AsyncIterator[Bench]:
        registry = await asyncio.to_thread(self._parts.registry)
        metrics = [registry.find(name) for name in rule.content.metrics]
        if not any(map(asks_models, metrics)):
            yield Bench(metrics, None, None)
            return
        from pitwall.llm.models import ModelsPlan, open_models  # when a rule asks a model

        profile = self._parts.profile(rule.content.profile)
        today = await asyncio.to_thread(self._today, rule)
        plan = ModelsPlan(
            judge=profile.judge,
            embedding=profile.embedding,
            project_id=rule.project_id,
            run_id=calls_run_id(rule.id, today.day),
            budget=budget_left(rule.content, today),
        )
        async with open_models(plan, self._parts.state, clock=self._parts.clock) as models:
            embedding = None if profile.embedding is None else profile.embedding.model
            yield Bench(metrics, models, profile.judge.model, embedding)

    def _today(self, rule: OnlineRule) -> RuleDay:
        with self._parts.state.session(read_only=True) as session:
            return Scorings(session, rule).day(day_of(self._parts.clock.now()))


def budget_left(content: RuleContent, today: RuleDay) -> BudgetLimits:
    """What a rule may still use today."""
    money = content.max_cost_usd_per_day
    spent = today.cost_usd or Decimal(0)
    return BudgetLimits(
        max_calls=max(content.max_calls_per_day - today.calls, 0),
        max_cost_usd=None if money is None else max(money - spent, Decimal(0)),
    )


def _sample(arrivals: Sequence[Arrival], content: RuleContent) -> list[tuple[Arrival, datetime]]:
    """The traces of the sample, each with when it is complete at the earliest."""
    settle = timedelta(seconds=content.settle_seconds)
    return [
        (one, _from_ms(one.arrived_ms) + settle)
        for one in arrivals
        if is_sampled(one.trace_id, content.sample_rate)
    ]


def _rests_at(one: Scoring, newest_ms: int | None, content: RuleContent) -> datetime:
    """When nothing of a trace will have arrived for the settle time, or at the latest."""
    latest = _from_ms(one.arrival.arrived_ms) + _LONGEST_SETTLE * timedelta(seconds=content.settle_seconds)
    newest = one.arrival.arrived_ms if newest_ms is None else newest_ms
    return min(_from_ms(newest) + timedelta(seconds=content.settle_seconds), latest)


def _to_ms(moment: datetime) -> int:
    return int(moment.timestamp() * 1000)


def _from_ms(unix_ms: int) -> datetime:
    return from_unix_nano(unix_ms * _NANOS_PER_MS)
