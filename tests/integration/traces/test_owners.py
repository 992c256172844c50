"""Sessions and users: totals of what carries their id."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from pitwall.stores.telemetry.engine import TelemetryEngine
from pitwall.traces.questions import TraceQuestions
from pitwall.traces.schemas import SessionAnswer, SessionList, UserAnswer, UserList
from pitwall.traces.service import OwnerNotFound
from pitwall.traces.types import Owner
from tests.integration.traces.telemetry import NOON, Row, insert, insert_spans, make_llm_span, make_span

WRITTEN: dict[str, Any] = {"sort": "last_at", "limit": 50}


@pytest.fixture
def filled(telemetry_engine: TelemetryEngine, project: str) -> str:
    """Nine traces of three sessions and two users; session s2 is the last and the most expensive."""
    spans = []
    for number in range(1, 10):
        names: Row = {"session_id": f"s{number % 3}", "user_id": f"u{number % 2}"}
        at = NOON + timedelta(seconds=number % 3 * 10 + number)
        spans.append(make_span(number, 10 * number, started_at=at, **names))
        cost = "0.5" if number % 3 == 2 else "0.1"
        spans.append(
            make_llm_span(number, 10 * number + 1, 10 * number, started_at=at, cost_usd=cost, **names)
        )
    insert_spans(telemetry_engine, project, [*spans, {**spans[0]}, make_span(99, 999)])
    return project


@pytest.mark.usefixtures("filled")
def test_sessions_have_totals(questions: TraceQuestions) -> None:
    """Traces, tokens and cost of each session, latest first; a span received twice counts once."""
    answer = questions.owners(Owner.SESSION, WRITTEN)
    SessionList.model_validate(answer)
    assert [row["session_id"] for row in answer["sessions"]] == ["s2", "s1", "s0"]
    last = answer["sessions"][0]
    assert (last["trace_count"], last["span_count"], last["total_tokens"]) == (3, 6, 3 * 52)
    assert last["cost_usd"] == pytest.approx(1.5)
    assert last["user_ids"] == ["u0", "u1"]


@pytest.mark.usefixtures("filled")
def test_users_have_totals(questions: TraceQuestions) -> None:
    """The same for users, with the number of their sessions."""
    answer = questions.owners(Owner.USER, {**WRITTEN, "sort": "trace_count"})
    UserList.model_validate(answer)
    assert [(r["user_id"], r["trace_count"], r["session_count"]) for r in answer["users"]] == [
        ("u1", 5, 3),
        ("u0", 4, 3),
    ]


def test_models_that_answer_are_named_first(
    telemetry_engine: TelemetryEngine, project: str, questions: TraceQuestions
) -> None:
    """Of a session and of a trace; models that embed or rank follow, each by name."""
    names: Row = {"session_id": "s1"}
    ranking = make_span(1, 3, 1, kind="reranker", model="a-reranker", **names)
    embedding = make_span(1, 4, 1, kind="embedding", model="an-embedder", **names)
    insert_spans(telemetry_engine, project, [make_span(**names), make_llm_span(**names), ranking, embedding])
    shown = questions.owner(Owner.SESSION, "s1", None, None)
    expected = ["qwen2.5:7b", "a-reranker", "an-embedder"]
    assert (shown["models"], shown["traces"][0]["models"]) == (expected, expected)


@pytest.mark.usefixtures("filled")
@pytest.mark.parametrize("sort", ["last_at", "trace_count", "error_count", "total_tokens", "cost_usd"])
def test_paging_visits_every_session_once(questions: TraceQuestions, sort: str) -> None:
    """In every order, equal values included."""
    shown, cursor = [], None
    while True:
        page = questions.owners(Owner.SESSION, {"sort": sort, "limit": 1, "cursor": cursor})
        shown += [row["session_id"] for row in page["sessions"]]
        cursor = page["next_cursor"]
        if cursor is None:
            break
    assert sorted(shown) == ["s0", "s1", "s2"]


@pytest.mark.usefixtures("filled")
def test_filters_hold_for_the_spans_that_count(questions: TraceQuestions) -> None:
    """Totals over model calls only, if that is asked."""
    answer = questions.owners(Owner.SESSION, {**WRITTEN, "filter": ["kind:eq:llm"]})
    assert {row["span_count"] for row in answer["sessions"]} == {3}


def test_session_shows_its_traces_and_scores(
    telemetry_engine: TelemetryEngine, filled: str, questions: TraceQuestions
) -> None:
    """Totals over all time, the newest traces first, and what was said of the session as a whole."""
    score = {"score_id": "x", "name": "solved", "at": NOON, "session_id": "s1", "label": "yes"}
    insert(telemetry_engine, "scores_in", filled, [score])
    answer = questions.owner(Owner.SESSION, "s1", None, None)
    SessionAnswer.model_validate(answer)
    assert (answer["trace_count"], len(answer["traces"]), answer["has_more_traces"]) == (3, 3, False)
    assert [row["session_id"] for row in answer["traces"]] == ["s1"] * 3
    assert [item["label"] for item in answer["scores"]] == ["yes"]
    UserAnswer.model_validate(questions.owner(Owner.USER, "u1", None, None))


@pytest.mark.usefixtures("filled")
def test_unknown_session_is_named(questions: TraceQuestions) -> None:
    """Also one that exists, but not in this time."""
    with pytest.raises(OwnerNotFound, match="no spans of session 's9'"):
        questions.owner(Owner.SESSION, "s9", None, None)
    with pytest.raises(OwnerNotFound):
        questions.owner(Owner.SESSION, "s1", "2026-11-21", None)
