"""Questions that differ in a label's value only: asked as one, answered as many."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

from pitwall.alerts.merging import Question, batches, merge
from pitwall.alerts.samples import Point
from pitwall.core.vocabulary import Band
from tests.unit.alerts.catalogue import CATALOGUE

NOON = datetime(2026, 11, 20, 12, tzinfo=UTC)
POINT = Point(1.0, 5, Band.NORMAL)


def ask(where: str, by: tuple[str, ...] = ("model",), signal: str = "llm.requests") -> Question:
    return Question(signal, by, where, NOON - timedelta(minutes=5), NOON)


def test_rules_of_many_teams_become_one_question() -> None:
    """Each asks for its own service; together they ask by service, for those services."""
    questions = [ask(f"service = 'team-{number}' and environment = 'prod'") for number in range(5)]
    (merged,) = merge(questions, CATALOGUE)
    assert merged.question.by == ("model", "environment", "service")
    assert merged.question.where == (
        "environment in ('prod') and service in ('team-0', 'team-1', 'team-2', 'team-3', 'team-4')"
    )
    points: dict[tuple[str, ...], Point] = {
        ("gpt-4o", "prod", "team-0"): POINT,
        ("qwen", "prod", "team-0"): POINT,
        ("qwen", "prod", "team-3"): POINT,
    }
    answers = dict(merged.split(points))
    assert answers[questions[0]] == {("gpt-4o",): POINT, ("qwen",): POINT}
    assert answers[questions[3]] == {("qwen",): POINT}
    assert answers[questions[4]] == {}


def test_question_that_is_not_split_has_an_answer_without_data() -> None:
    """The whole of nothing is no data, not absent."""
    questions = [ask(f"service = 'team-{number}'", by=()) for number in range(5)]
    (merged,) = merge(questions, CATALOGUE)
    answers = dict(merged.split({("team-1",): POINT}))
    assert answers[questions[1]] == {(): POINT}
    assert answers[questions[0]] == {(): Point(None, 0, Band.NO_DATA)}


def test_what_differs_in_more_is_asked_apart() -> None:
    """Few questions, other conditions and columns that are no label stay as they are."""
    few = [ask("service = 'a'"), ask("service = 'b'")]
    others = [ask("service != 'a'"), ask(""), ask("duration_ms > 5"), ask("name = 'x'")]
    merged = merge([*few, *others], CATALOGUE)
    assert {one.question for one in merged} == {*few, *others}


def test_windows_are_not_mixed() -> None:
    """What asks for another window is another question."""
    questions = [ask(f"service = 'team-{number}'") for number in range(4)]
    later = [question._replace(until=NOON + timedelta(minutes=1)) for question in questions]
    assert len(merge([*questions, *later], CATALOGUE)) == 2


def test_statements_stay_short() -> None:
    """What would share a statement is asked in batches."""
    merged = merge([ask(f"duration_ms > {number}") for number in range(60)], CATALOGUE)
    assert [len(batch) for batch in batches(merged)] == [24, 24, 12]
    assert replace(merged[0]) == merged[0]
