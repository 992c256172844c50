"""Live traces are chosen and scored by rules, each once, on both kinds of state store."""

from __future__ import annotations

import json
from collections import Counter
from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import timedelta
from decimal import Decimal
from typing import Any, cast

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from pitwall.access.authenticators import LOCAL_OPERATOR
from pitwall.core.errors import InvalidInput, NotPermitted
from pitwall.evals.metrics.registry import load
from pitwall.evals.online.arrivals import Arrivals
from pitwall.evals.online.errors import OnlineRuleInvalid, OnlineRuleNotFound
from pitwall.evals.online.records import ScoreWriter
from pitwall.evals.online.sampling import is_sampled
from pitwall.evals.online.scorer import OnlineScorer, ScorerParts
from pitwall.evals.online.service import OnlineEvaluation
from pitwall.evals.online.types import PackRule, RuleContent
from pitwall.ingest.mapping.records import Score
from pitwall.kit.clock import ManualClock
from pitwall.llm.profiles import SIMULATED_PROFILE, ModelProfile
from pitwall.stores.state import AuditLog, Projects, StateStore
from pitwall.stores.telemetry.engine import StoreUnavailable, TelemetryEngine
from pitwall.traces.service import Traces
from tests.integration.traces.telemetry import NOON, as_hex, insert_spans, make_span, trace_id

BEGIN = NOON - timedelta(minutes=1)
ANSWER = "배송은 이틀 걸립니다."
DOCUMENTS = json.dumps([{"id": "d1", "content": "배송은 보통 이틀 걸립니다."}], ensure_ascii=False)


class Killed(Exception):
    """The process ends here."""


@dataclass
class Written:
    """Takes scores as the log does; `dies_after` lets the process end when so many more are durable."""

    scores: list[Score] = field(default_factory=list)
    dies_after: int | None = None
    refuses: bool = False

    def write(self, project: str, scores: list[Score]) -> None:
        if self.refuses:
            raise StoreUnavailable("The log is full.")
        self.scores += scores
        if self.dies_after is not None:
            self.dies_after -= 1
            if self.dies_after < 0:
                self.dies_after = None
                raise Killed

    @property
    def by_id(self) -> dict[str, Score]:
        """What the store shows: the last one of each id."""
        return {one.score_id: one for one in self.scores}


@dataclass
class World:
    """A state store, a telemetry store, a clock, and what was written."""

    state: StateStore
    engine: TelemetryEngine
    clock: ManualClock
    project: str
    written: Written = field(default_factory=Written)
    profile: ModelProfile = SIMULATED_PROFILE

    @property
    def by(self) -> Any:
        return LOCAL_OPERATOR.on_project(self.project)

    @property
    def rules(self) -> OnlineEvaluation:
        return OnlineEvaluation(self.state, self.clock, registry=load, profile=lambda _: self.profile)

    def scorer(self, *packs: PackRule) -> OnlineScorer:
        """A process that scores."""
        return OnlineScorer(
            ScorerParts(
                state=self.state,
                clock=self.clock,
                arrivals=Arrivals(self.engine),
                traces=Traces(self.engine, self.clock),
                writer=cast(ScoreWriter, self.written),
                registry=load,
                lag_seconds=lambda: 0.0,
                profile=lambda _: self.profile,
                packs=packs,
            )
        )

    def save(self, name: str = "grounded", **content: Any) -> None:
        content.setdefault("metrics", ("offline_groundedness",))
        self.rules.save(name, RuleContent(**content), is_enabled=True, by=self.by)

    def ask(self, trace: int = 1, *, answer: str | None = ANSWER, **columns: Any) -> None:
        """A question with a search arrives at noon and three seconds."""
        root = {"input": "배송은 얼마나 걸리나요?", "output": answer or "", **columns}
        search = {"kind": "retriever", "document_count": 1, "output": DOCUMENTS}
        search |= {"received_at": columns.get("received_at", NOON + timedelta(seconds=3))}
        insert_spans(
            self.engine, self.project, [make_span(trace, 1, **root), make_span(trace, 2, 1, **search)]
        )


@pytest.fixture
def world(
    any_store: StateStore, state_clock: ManualClock, telemetry_engine: TelemetryEngine, project: str
) -> World:
    state_clock.jump((BEGIN - state_clock.now()).total_seconds())
    with any_store.session() as session:
        Projects(session).create(project, project, now=state_clock.now())
    return World(any_store, telemetry_engine, state_clock, project)


def at_noon(world: World, seconds: float = 0) -> None:
    """Let it be noon and some seconds."""
    world.clock.advance((NOON - world.clock.now()).total_seconds() + seconds)


def test_rule_of_a_pack_scores_until_its_file_is_gone(world: World) -> None:
    """Nobody has to save it; its scores stay when it goes."""
    content = RuleContent(metrics=("offline_groundedness",), settle_seconds=30.0)
    scorer = world.scorer(PackRule("shop", world.project, "grounded", content))
    scorer.run()
    world.ask()
    at_noon(world, 40)
    scorer.run()
    (rule,) = world.rules.list(world.project)
    assert (rule.rule.pack, rule.today.scored) == ("shop", 1)
    (last,) = world.rules.get(world.project, "grounded").last
    assert (last.result.metric, last.result.status) == ("offline_groundedness", "scored")
    world.scorer().run()
    assert world.rules.list(world.project) == []
    assert len(world.written.by_id) == 1


def test_complete_trace_gets_its_score_once(world: World) -> None:
    """It waits for the settle time, is scored beside its root span, and never again."""
    world.save(settle_seconds=30.0)
    world.ask(environment="prod")
    at_noon(world, 20)
    scorer = world.scorer()
    scorer.run()
    assert world.rules.get(world.project, "grounded").waiting == 1
    assert world.written.scores == []
    world.clock.advance(14)
    for _ in range(3):
        scorer.run()
    (score,) = world.written.scores
    assert score.name == "offline_groundedness"
    assert score.value is not None
    assert score.value > 0.5
    assert (score.trace_id.hex(), score.source, score.evaluator) == (as_hex(trace_id(1)), "code", "grounded")
    assert (score.service, score.environment) == ("voc-chat", "prod")
    state = world.rules.get(world.project, "grounded")
    assert (state.waiting, state.today.traces, state.today.scored, state.today.errors) == (0, 1, 1, 0)


def test_trace_of_which_something_still_arrives_waits_on(world: World) -> None:
    """A late child starts the settle time anew."""
    world.save(settle_seconds=30.0)
    world.ask()
    late = {"received_at": NOON + timedelta(seconds=25), "kind": "tool"}
    insert_spans(world.engine, world.project, [make_span(1, 9, 1, **late)])
    at_noon(world, 40)
    scorer = world.scorer()
    scorer.run()
    assert world.written.scores == []
    world.clock.advance(20)
    scorer.run()
    assert len(world.written.scores) == 1


def test_only_roots_that_match_and_arrived_since_are_scored(world: World) -> None:
    """A filter holds for the root; what arrived before the rule was made is not its business."""
    world.save(filters=("name:eq:chat",))
    world.ask(1, name="chat")
    world.ask(2, name="other")
    world.ask(3, name="chat", received_at=BEGIN - timedelta(seconds=1))
    at_noon(world, 60)
    world.scorer().run()
    assert {one.trace_id.hex() for one in world.written.scores} == {as_hex(trace_id(1))}


def test_rate_chooses_by_id(world: World) -> None:
    """Exactly the traces that the sample names are scored."""
    world.save(sample_rate=0.4)
    for number in range(1, 31):
        world.ask(number)
    at_noon(world, 60)
    world.scorer().run()
    expected = {as_hex(trace_id(n)) for n in range(1, 31) if is_sampled(as_hex(trace_id(n)), 0.4)}
    assert 0 < len(expected) < 30
    assert Counter(one.trace_id.hex() for one in world.written.scores) == Counter(expected)


def test_what_cannot_be_judged_is_an_error_or_not_applicable_never_zero(world: World) -> None:
    """A failed answer is an error; without a question or documents the metric has nothing to say."""
    world.save()
    world.ask(1, answer="", status="error", status_message="model down")
    world.ask(2, input="")
    insert_spans(world.engine, world.project, [make_span(3, 1, input="hello", output="hi")])
    at_noon(world, 60)
    world.scorer().run()
    assert all(one.value is None for one in world.written.scores)
    found = {one.trace_id.hex(): (one.error_type, one.label) for one in world.written.scores}
    assert found[as_hex(trace_id(1))] == ("target_failed", "")
    assert found[as_hex(trace_id(2))] == ("", "not_applicable")
    assert found[as_hex(trace_id(3))] == ("", "not_applicable")
    assert len(found) == 3


def test_store_that_does_not_answer_is_told_and_nothing_is_lost(world: World) -> None:
    """The rule says why its round failed, and the trace is scored when the store is back."""
    world.save()
    world.ask()
    at_noon(world, 60)
    scorer = world.scorer()
    world.written.refuses = True
    scorer.run()
    state = world.rules.get(world.project, "grounded")
    assert state.rule.error == "The log is full."
    assert (state.waiting, state.today.traces) == (1, 0)
    world.written.refuses = False
    scorer.run()
    state = world.rules.get(world.project, "grounded")
    assert (state.rule.error, state.waiting, state.today.scored) == (None, 0, 1)


@settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    deaths=st.lists(st.integers(min_value=0, max_value=4), min_size=1, max_size=4), traces=st.integers(3, 8)
)
def test_processes_that_die_between_score_and_note_double_nothing(
    world: World, deaths: list[int], traces: int
) -> None:
    """However often that happens, the store shows one score for each trace, and each counts once."""
    name = f"rule-{world.clock.unix_nano()}"
    world.written.scores.clear()
    world.save(name)
    base, arrived = world.clock.unix_nano() // 1_000_000, world.clock.now() + timedelta(seconds=1)
    numbers = [base * 10 % 10**10 + number for number in range(traces)]
    for number in numbers:
        world.ask(number, started_at=arrived, received_at=arrived, workflow=name)
    world.clock.advance(60)
    for death in deaths:
        world.written.dies_after = death
        with suppress(Killed):
            world.scorer().run()
        world.clock.advance(1)
    world.written.dies_after = None
    world.scorer().run()
    mine = [one for one in world.written.by_id.values() if one.evaluator == name]
    assert Counter(one.trace_id.hex() for one in mine) == Counter(as_hex(trace_id(n)) for n in numbers)
    state = world.rules.get(world.project, name)
    assert (state.today.traces, state.today.scored, state.waiting) == (traces, traces, 0)
    world.rules.delete(name, by=world.by)


def test_two_processes_share_the_traces(world: World) -> None:
    """What one has claimed the other leaves alone."""
    world.save()
    for number in range(1, 11):
        world.ask(number)
    at_noon(world, 60)
    one, other = world.scorer(), world.scorer()
    one.run()
    other.run()
    assert Counter(score.trace_id for score in world.written.scores).most_common(1)[0][1] == 1
    assert len(world.written.scores) == 10


def test_judged_rule_keeps_its_budget_and_says_when_it_is_spent(world: World) -> None:
    """Metrics by code go on, judged ones are left out and counted; the next day they go on."""
    world.save(metrics=("faithfulness", "offline_groundedness"), profile="simulated", max_calls_per_day=2)
    for number in range(1, 6):
        world.ask(number, output=f"배송은 이틀 걸립니다. 번호는 {number}번입니다.")
    at_noon(world, 60)
    world.scorer().run()
    state = world.rules.get(world.project, "grounded")
    assert state.today.calls == 2
    assert state.today.left_out > 0
    assert state.today.is_spent(state.rule.content)
    names = Counter(one.name for one in world.written.scores)
    assert names["offline_groundedness"] == 5
    assert names["faithfulness"] == 5 - state.today.left_out
    assert not any(one.error_type for one in world.written.scores)
    world.clock.advance(86_400)
    assert world.rules.get(world.project, "grounded").today.calls == 0


def test_unknown_profile_is_told_and_claims_nothing(world: World) -> None:
    """A rule whose models cannot be found waits; the others go on."""
    world.save("judged", metrics=("faithfulness",))
    world.save("by-code")
    world.ask()
    at_noon(world, 60)
    scorer = world.scorer()
    parts = scorer._parts

    def missing(_: str | None) -> ModelProfile:
        raise InvalidInput("There is no model profile 'dev'.")

    scorer._parts = replace(parts, profile=missing)
    scorer.run()
    assert world.rules.get(world.project, "judged").rule.error == "There is no model profile 'dev'."
    assert world.rules.get(world.project, "judged").waiting == 1
    assert world.rules.get(world.project, "by-code").today.scored == 1
    scorer._parts = parts
    scorer.run()
    assert world.rules.get(world.project, "judged").today.traces == 1


def test_rule_that_cannot_score_live_traces_is_refused(world: World) -> None:
    """Unknown metrics, references that no live trace has, wrong filters, prices that nobody knows."""
    for content in (
        {"metrics": ("faithfulnes",)},
        {"metrics": ("exact_match",)},
        {"metrics": ("offline_groundedness", "offline_groundedness")},
        {"filters": ("nothing:eq:1",)},
    ):
        with pytest.raises(InvalidInput):
            world.save(**content)
    unpriced = replace(SIMULATED_PROFILE.judge, input_usd_per_million=None, output_usd_per_million=None)
    world.profile = replace(SIMULATED_PROFILE, judge=unpriced)
    with pytest.raises(OnlineRuleInvalid, match="price"):
        world.save(metrics=("faithfulness",), max_cost_usd_per_day=Decimal(1))
    assert world.rules.list(world.project) == []


def test_rules_are_kept_changed_and_forgotten_with_a_trace_of_who(world: World) -> None:
    """Each change is in the audit log; a rule of another project is not there."""
    world.save(sample_rate=0.5)
    world.save(sample_rate=0.25)
    assert [one.rule.content.sample_rate for one in world.rules.list(world.project)] == [0.25]
    assert world.rules.list("default") == []
    world.rules.delete("grounded", by=world.by)
    with pytest.raises(OnlineRuleNotFound, match="pitwall eval online list"):
        world.rules.get(world.project, "grounded")
    with world.state.session() as session:
        actions = [entry.action for entry in AuditLog(session).list(project_id=world.project)]
    assert actions == ["online_rule.deleted", "online_rule.changed", "online_rule.created"]
    with pytest.raises(NotPermitted):
        world.rules.delete("grounded", by=replace(world.by, scopes=frozenset()))
