"""Examples out of production: what traces say, sampled and without repeats, and those of an incident."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from pitwall.access.authenticators import LOCAL_OPERATOR
from pitwall.access.types import Principal
from pitwall.changes.service import ChangeLog
from pitwall.core.errors import InvalidInput, NotPermitted
from pitwall.core.vocabulary import Scope
from pitwall.evals.datasets.appending import Appended
from pitwall.evals.datasets.choosing_traces import TraceChoice, Unit
from pitwall.evals.datasets.errors import DatasetInvalid
from pitwall.evals.datasets.from_traces import ProductionExamples
from pitwall.evals.datasets.service import Datasets
from pitwall.evals.datasets.traced_examples import trace_example
from pitwall.evals.metrics.types import Needs
from pitwall.evals.runs.dataset_facts import count_fields
from pitwall.evals.types import Answer, Context, Example, ToolCall
from pitwall.incidents.errors import IncidentNotFound
from pitwall.incidents.jobs import IncidentKeeper
from pitwall.incidents.repository import Incidents
from pitwall.incidents.service import IncidentDesk
from pitwall.incidents.types import Grouping
from pitwall.kit.clock import ManualClock
from pitwall.stores.state import Projects, StateStore
from pitwall.stores.telemetry.engine import TelemetryEngine
from pitwall.traces.opening import OpenQuery
from pitwall.traces.service import Traces
from tests.integration.incidents.telling import tell
from tests.integration.traces.telemetry import (
    NOON,
    as_hex,
    insert_spans,
    make_llm_span,
    make_span,
    trace_id,
)
from tests.unit.incidents.events import make_event


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock(NOON + timedelta(minutes=5))


@pytest.fixture
def store(tmp_path: Path, clock: ManualClock, project: str) -> Iterator[StateStore]:
    store = StateStore.in_directory(tmp_path, clock=clock).open()
    with store.session() as session:
        Projects(session).create(project, "Test", now=clock.now())
    yield store
    store.close()


@dataclass(frozen=True)
class Desk:
    """Where examples are made of the traces of one project."""

    engine: TelemetryEngine
    project: str
    datasets: Datasets
    production: ProductionExamples

    @property
    def operator(self) -> Principal:
        return LOCAL_OPERATOR.on_project(self.project)

    def insert(self, spans: list[dict[str, Any]]) -> None:
        insert_spans(self.engine, self.project, spans)

    def make(self, name: str, choice: TraceChoice | None = None) -> Appended:
        return self.production.from_traces(name, choice or TraceChoice(), by=self.operator)

    def examples(self, made: Appended) -> list[Example]:
        return [example for _, example in self.datasets.iterate(self.project, made.version.id)]


@pytest.fixture
def desk(store: StateStore, telemetry_engine: TelemetryEngine, clock: ManualClock, project: str) -> Desk:
    datasets = Datasets(store, clock)
    incidents = IncidentDesk(store, ChangeLog(store, lambda *_: [], clock), clock)
    production = ProductionExamples(datasets, Traces(telemetry_engine, clock), incidents)
    return Desk(telemetry_engine, project, datasets, production)


def make_chat(trace: int, question: str, answer: str | None = "네.", **root: Any) -> list[dict[str, Any]]:
    """A trace with a root that was asked and answered."""
    started_at = NOON + timedelta(seconds=trace)
    texts = {"input": json.dumps({"question": question}), "output": answer or ""}
    return [make_span(trace, 1, started_at=started_at, **{**texts, **root})]


def test_trace_becomes_an_example(desk: Desk) -> None:
    """Question and answer of the root, documents of the search, tools, tokens, cost and ids."""
    documents = [
        {"id": "d1", "content": "보험료는 월 15만원", "score": 0.5},
        {"id": "d2", "content": "납입 20년"},
    ]
    desk.insert(
        [
            *make_chat(1, "보험료는 얼마인가요?", "월 15만원입니다.", session_id="s1", version="1.8"),
            make_span(1, 2, 1, kind="retriever", input="보험료", output=json.dumps(documents)),
            make_span(1, 3, 1, kind="tool", name="calculate", input='{"sum": "1+2"}', output="3"),
            make_llm_span(1, 4, 1),
        ]
    )
    made = desk.make("voc")
    (example,) = desk.examples(made)
    assert (made.counts.considered, made.counts.added, made.version.number) == (1, 1, 1)
    assert (example.id, example.trace_id, example.group) == (as_hex(trace_id(1)), as_hex(trace_id(1)), "s1")
    assert (example.question, example.language) == ("보험료는 얼마인가요?", "ko")
    assert example.span_id is not None
    assert example.metadata["version"] == "1.8"
    assert example.answer == Answer(
        text="월 15만원입니다.",
        contexts=(Context("보험료는 월 15만원", "d1", 0.5), Context("납입 20년", "d2")),
        tool_calls=(ToolCall("calculate", {"sum": "1+2"}),),
        latency_ms=100.0,
        input_tokens=40,
        output_tokens=12,
        cost_usd=0.002,
        trace_id=as_hex(trace_id(1)),
    )


def test_conversation_gives_its_last_question(desk: Desk) -> None:
    """A root without texts is told by the model call below it; its answer is the model's."""
    asked = json.dumps(
        [
            {"role": "system", "content": "Be short."},
            {"role": "user", "content": "One?"},
            {"role": "assistant", "content": "1."},
            {"role": "user", "content": "And two?"},
        ]
    )
    answered = json.dumps([{"role": "assistant", "content": "2."}])
    spans = [make_span(1, 1), make_llm_span(1, 2, 1, input=asked, output=answered)]
    desk.insert(spans)
    made = desk.make("voc")
    (example,) = desk.examples(made)
    assert example.question == "And two?"
    assert example.answer is not None
    assert (example.answer.text, example.answer.contexts) == ("2.", None)


def test_reranker_has_the_last_word(desk: Desk) -> None:
    """What it kept, in its order, with the texts that the search gave."""
    found = json.dumps([{"id": f"d{number}", "content": f"text {number}"} for number in range(3)])
    kept = json.dumps([{"id": "d2", "score": 0.9}, {"id": "d0", "score": 0.4}])
    desk.insert(
        [
            *make_chat(1, "Q?"),
            make_span(1, 2, 1, kind="retriever", output=found),
            make_span(1, 3, 1, kind="reranker", output=kept),
        ]
    )
    made = desk.make("voc")
    (example,) = desk.examples(made)
    assert example.answer is not None
    assert example.answer.contexts == (Context("text 2", "d2", 0.9), Context("text 0", "d0", 0.4))


def test_trace_without_its_texts_is_told_from_one_without_a_question(
    telemetry_engine: TelemetryEngine, project: str, clock: ManualClock
) -> None:
    """Texts go before spans do; what is left says nothing that could be asked."""
    insert_spans(telemetry_engine, project, [*make_chat(1, "Q?"), make_span(2, 1)])
    traces = Traces(telemetry_engine, clock)
    opened, other = (
        traces.open_trace(OpenQuery(project=project, trace_id=as_hex(trace_id(number)))) for number in (1, 2)
    )
    assert isinstance(trace_example(opened), Example)
    assert trace_example(replace(opened, payloads={})) == "texts_gone"
    assert trace_example(other) == "no_question"


def test_failed_trace_keeps_its_error_and_no_answer(desk: Desk) -> None:
    """Nothing is made up where nothing was answered."""
    desk.insert(
        make_chat(1, "Q?", None, status="error", error_class="timeout", status_message="timed out"),
    )
    made = desk.make("voc")
    (example,) = desk.examples(made)
    assert example.answer is not None
    assert (example.answer.text, example.answer.error) == (None, "timed out")


def test_filters_and_reasons_for_leaving_out(desk: Desk) -> None:
    """Only what matches; equal questions once, the newest; what has no question is counted."""
    desk.insert(
        [
            *make_chat(1, "같은 질문?"),
            *make_chat(2, " 같은  질문? "),
            *make_chat(3, "다른 질문?"),
            *make_chat(4, "다른 서비스?", service="other"),
            make_span(5, 1, started_at=NOON),
        ]
    )
    choice = TraceChoice(filters=["service:eq:voc-chat"])
    made = desk.make("voc", choice)
    assert (made.counts.considered, made.counts.added) == (4, 2)
    assert made.counts.left_out == {"same_question": 1, "no_question": 1}
    assert [one.id for one in desk.examples(made)] == [
        as_hex(trace_id(3)),
        as_hex(trace_id(2)),
    ]
    assert made.version.source["filters"] == ["service:eq:voc-chat"]
    both = desk.make("both", TraceChoice(is_distinct=False))
    assert both.counts.added == 4


def test_later_traces_are_added_as_a_version(desk: Desk) -> None:
    """Examples that are there stay, also those of a file; doing it again adds nothing."""
    desk.insert(make_chat(1, "하나?"))
    desk.make("voc")
    desk.insert(make_chat(2, "둘?"))
    made = desk.make("voc")
    assert (made.version.number, made.version.example_count, made.counts.left_out) == (2, 2, {"known": 1})
    again = desk.make("voc")
    assert (again.is_new, again.version.number, again.counts.added) == (False, 2, 0)


def test_sample_is_drawn_with_its_seed(desk: Desk) -> None:
    """The same seed gives the same traces, another one others; the newest come first."""
    desk.insert([span for n in range(1, 41) for span in make_chat(n, f"{n}?")])
    drawn = {}
    for name, seed in (("a", 1), ("b", 1), ("c", 2)):
        made = desk.make(name, TraceChoice(sample=5, seed=seed))
        drawn[name] = [one.id for one in desk.examples(made)]
    assert drawn["a"] == drawn["b"] == sorted(drawn["a"], reverse=True)
    assert len(drawn["a"]) == 5
    assert drawn["c"] != drawn["a"]


SESSIONS = TraceChoice(by=Unit.SESSION)


def make_talk(session: str, *asked: str, first: int, **root: Any) -> list[dict[str, Any]]:
    """A session with a trace for each question, numbered from `first`."""
    return [
        span
        for trace, question in enumerate(asked, first)
        for span in make_chat(trace, question, f"{question} 답변", session_id=session, **root)
    ]


def test_session_becomes_a_conversation(desk: Desk) -> None:
    """Its traces are turns in the order of time, each with its documents and its trace."""
    found = json.dumps([{"id": "d1", "content": "보험료는 월 15만원"}])
    desk.insert(
        [
            *make_talk(
                "s1", "보험료는 얼마인가요?", "20년이면 얼마인가요?", "Thanks!", first=1, version="1.8"
            ),
            make_span(2, 2, 1, kind="retriever", output=found, started_at=NOON + timedelta(seconds=2)),
            *make_talk("s2", "한 번만 묻습니다.", first=4),
            *make_chat(5, "세션이 없습니다."),
        ]
    )
    made = desk.make("talks", SESSIONS)
    (talk,) = desk.examples(made)
    assert made.counts.left_out == {"no_session": 1, "one_turn": 1}
    assert (talk.id, talk.group, talk.language) == ("s1", "s1", "ko")
    assert (talk.question, talk.trace_id) == ("Thanks!", as_hex(trace_id(3)))
    assert talk.metadata["session_id"] == "s1"
    assert (talk.metadata["turn_count"], talk.metadata["version"]) == (3, "1.8")
    assert talk.answer is not None
    assert talk.answer.text == "Thanks! 답변"
    assert [(turn.question, turn.answer) for turn in talk.answer.turns] == [
        ("보험료는 얼마인가요?", "보험료는 얼마인가요? 답변"),
        ("20년이면 얼마인가요?", "20년이면 얼마인가요? 답변"),
        ("Thanks!", "Thanks! 답변"),
    ]
    assert [turn.contexts for turn in talk.answer.turns] == [(), (Context("보험료는 월 15만원", "d1"),), ()]
    assert [turn.trace_id for turn in talk.answer.turns] == [as_hex(trace_id(number)) for number in (1, 2, 3)]
    assert [turn.latency_ms for turn in talk.answer.turns] == [100.0] * 3
    counted = count_fields([talk])
    assert (counted.fields[Needs.TURNS], counted.turns) == (1, 1)
    again = desk.make("talks", SESSIONS)
    assert (again.is_new, again.counts.left_out["known"]) == (False, 1)


def test_filter_finds_sessions_and_keeps_them_whole(desk: Desk) -> None:
    """But for service and environment; what a trace does not say is missing, not made up."""
    desk.insert(
        [
            *make_talk("s1", "하나?", "둘?", first=1),
            *make_chat(3, "셋?", None, session_id="s1", status="error", error_class="timeout"),
            *make_chat(4, "제목", session_id="s1", service="titles"),
            make_span(5, 1, started_at=NOON + timedelta(seconds=5), session_id="s1"),
            *make_talk("s2", "하나?", "둘 더?", first=6),
        ]
    )
    failed = replace(SESSIONS, filters=["status:eq:error", "service:eq:voc-chat"])
    (talk,) = desk.examples(desk.make("failed", failed))
    assert talk.answer is not None
    assert [(turn.question, turn.answer) for turn in talk.answer.turns] == [
        ("하나?", "하나? 답변"),
        ("둘?", "둘? 답변"),
        ("셋?", None),
    ]
    assert talk.metadata["missing_turns"] == 1
    began_before = replace(SESSIONS, since="2026-01-01T00:00:00Z", until=_at(7.5))
    talks = {one.id: one for one in desk.examples(desk.make("all", began_before))}
    assert [len(one.answer.turns) for one in talks.values() if one.answer] == [2, 4]


def test_long_session_keeps_its_last_turns(desk: Desk) -> None:
    """As many as asked for; that it was longer is said. Other conversations may end alike."""
    desk.insert(
        [
            *make_talk("s1", *(f"{n}?" for n in range(6)), "고마워요", first=1),
            *make_talk("s2", "다른 질문?", "고마워요", first=11),
        ]
    )
    made = desk.make("talks", replace(SESSIONS, turns=3))
    talks = {one.id: one for one in desk.examples(made)}
    assert made.counts.left_out == {}
    assert talks["s1"].answer is not None
    assert [turn.question for turn in talks["s1"].answer.turns] == ["4?", "5?", "고마워요"]
    assert talks["s1"].metadata["is_cut"] is True
    assert "is_cut" not in talks["s2"].metadata
    one = desk.make("one", replace(SESSIONS, limit=1))
    assert ([talk.id for talk in desk.examples(one)], one.version.source["is_cut"]) == (["s2"], True)


def _at(seconds: float) -> str:
    return (NOON + timedelta(seconds=seconds)).isoformat()


def test_nothing_found_makes_no_dataset(desk: Desk) -> None:
    """The error says that nothing matched."""
    with pytest.raises(DatasetInvalid, match="none matched"):
        desk.make("voc")
    with pytest.raises(InvalidInput, match="no filter"):
        desk.make("voc", TraceChoice(filters=["nonsense"]))
    assert not desk.datasets.list(desk.project).items


def test_incident_gives_the_traces_that_stand_for_it(
    desk: Desk, project: str, store: StateStore, clock: ManualClock
) -> None:
    """Those of the explanation and of its contributions, each once; what is gone is counted."""
    desk.insert([*make_chat(1, "하나?"), *make_chat(2, "둘?")])
    tell(store, make_event(project=project), project=project)
    IncidentKeeper(store, Grouping(), clock).run()
    with pytest.raises(DatasetInvalid, match="No traces stand for incident 1"):
        desk.production.from_incident("voc", "1", by=desk.operator)
    ids = [as_hex(trace_id(number)) for number in (1, 2, 9)]
    explanation = {"example_trace_ids": ids[:1], "contributions": [{"example_trace_ids": ids}]}
    with store.session() as session:
        incident = Incidents(session, project).find("1")
        assert incident is not None
        Incidents(session, project).explain(incident.id, explanation, clock.now())
    made = desk.production.from_incident("voc", "1", by=desk.operator)
    assert [one.id for one in desk.examples(made)] == ids[:2]
    assert made.counts.left_out == {"gone": 1}
    assert made.version.source["number"] == 1
    with pytest.raises(IncidentNotFound):
        desk.production.from_incident("voc", "7", by=desk.operator)


def test_who_may_only_read_makes_none(desk: Desk) -> None:
    """Reading traces is not enough to change datasets."""
    reader = replace(desk.operator, id="r", scopes=frozenset({Scope.READ}))
    with pytest.raises(NotPermitted):
        desk.production.from_traces("voc", TraceChoice(), by=reader)
    with pytest.raises(NotPermitted):
        desk.production.from_incident("voc", "1", by=reader)
