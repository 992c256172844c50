"""Evaluations and annotations on spans become scores of the span, its trace or its session."""

from __future__ import annotations

from typing import Any

from pitwall.core.vocabulary import TelemetryType
from pitwall.ingest.mapping.feedback import read_feedback
from tests.integration.ingest.mapping_rows import RECEIVED, Stages, make_request

NO_TRACE, NO_SPAN = bytes(16), bytes(8)
FEEDBACK = {
    "openinference.span.kind": "LLM",
    "session.id": "session-1",
    "evaluations.0.evaluation.name": "faithfulness",
    "evaluations.0.evaluation.score": 0.75,
    "evaluations.0.evaluation.label": "good",
    "evaluations.0.evaluation.explanation": "근거 있음, password=hunter2222",
    "evaluations.0.evaluation.annotator_kind": "LLM",
    "evaluations.0.evaluation.identifier": "judge-1",
    "evaluations.0.evaluation.metadata": '{"model": "gpt-4o"}',
    "evaluations.1.evaluation.name": "length",
    "evaluations.1.evaluation.score": 0,
    "evaluations.1.evaluation.annotator_kind": "CODE",
    "annotations.0.annotation.name": "helpful",
    "annotations.0.annotation.label": "yes",
    "annotations.0.annotation.annotator_kind": "HUMAN",
    "trace.evaluations.0.evaluation.name": "solved",
    "trace.evaluations.0.evaluation.score": 1.0,
    "session.annotations.0.annotation.name": "mood",
    "session.annotations.0.annotation.score": -0.5,
}


def _stored(stages: Stages, *spans: dict[str, Any]) -> list[dict[str, Any]]:
    stages.insert(TelemetryType.TRACES, make_request(*spans).SerializeToString())
    return sorted(stages.rows("scores FINAL"), key=lambda score: str(score["name"]))


def test_feedback_on_a_span_becomes_scores(stages: Stages) -> None:
    """Each with its subject; what was not given is absent, and 0 is a value."""
    span = {"attributes": FEEDBACK, "span_id": b"span-001"}
    faithfulness, helpful, length, mood, solved = _stored(stages, span, {"attributes": {"x": 1}})
    assert faithfulness["explanation"] == "근거 있음, password=[masked:secret]"
    assert faithfulness["attributes"] == {"metadata": '{"model": "gpt-4o"}'}
    columns = ("name", "value", "label", "source", "evaluator", "trace_id", "span_id", "session_id")
    assert [
        tuple(score[name] for name in columns) for score in (faithfulness, helpful, length, mood, solved)
    ] == [
        ("faithfulness", 0.75, "good", "llm", "judge-1", b"t" * 16, b"span-001", ""),
        ("helpful", None, "yes", "human", "", b"t" * 16, b"span-001", ""),
        ("length", 0.0, "", "code", "", b"t" * 16, b"span-001", ""),
        ("mood", -0.5, "", "otlp", "", NO_TRACE, NO_SPAN, "session-1"),
        ("solved", 1.0, "", "otlp", "", b"t" * 16, NO_SPAN, ""),
    ]
    assert {score["service"] for score in (faithfulness, mood)} == {"shop"}


def test_span_sent_again_replaces_its_scores(stages: Stages) -> None:
    """An export that was repeated counts once; a score that changed counts as it is now."""
    span = {"attributes": FEEDBACK, "start": RECEIVED}
    assert len(_stored(stages, span)) == len(_stored(stages, span)) == 5
    changed = {**FEEDBACK, "evaluations.1.evaluation.score": 0.5}
    assert _stored(stages, {**span, "attributes": changed})[2]["value"] == 0.5


def test_score_of_a_session_without_a_name_stays_with_the_trace(stages: Stages) -> None:
    """Else nobody would ever find it."""
    attributes = {name: value for name, value in FEEDBACK.items() if name.startswith("session.annotations")}
    (score,) = _stored(stages, {"attributes": attributes})
    assert (score["trace_id"], score["span_id"], score["session_id"]) == (b"t" * 16, NO_SPAN, "")


def test_the_engine_reads_what_the_oracle_reads(stages: Stages) -> None:
    """Names and labels, in any order of the keys, those without a name left out."""
    texts = {key: str(value) for key, value in reversed(FEEDBACK.items())} | {
        "evaluations.10.evaluation.name": "tenth",
        "evaluations.11.evaluation.label": "nameless",
        "evaluations.x.evaluation.name": "no list",
        "my.evaluations.0.evaluation.name": "of somebody else",
    }
    expected = sorted(read_feedback(texts), key=lambda score: score["name"])
    stored = _stored(stages, {"attributes": texts})
    assert [(row["name"], row["label"]) for row in stored] == [(s["name"], s["label"]) for s in expected]
    assert len(stored) == 6


def test_evaluation_events_of_a_span_become_its_scores(stages: Stages) -> None:
    """OpenTelemetry's event `gen_ai.evaluation.result`, also on a span that has a score of another form."""
    given = {
        "gen_ai.evaluation.name": "relevance",
        "gen_ai.evaluation.score.value": 0.25,
        "gen_ai.evaluation.score.label": "weak",
        "gen_ai.evaluation.explanation": "주제에서 벗어남",
    }
    failed = {"gen_ai.evaluation.name": "toxicity", "error.type": "timeout"}
    events: list[tuple[str, int, dict[str, Any]]] = [
        ("other", RECEIVED, given),
        ("gen_ai.evaluation.result", RECEIVED, given),
        ("gen_ai.evaluation.result", RECEIVED, failed),
    ]
    listed = {"evaluations.0.evaluation.name": "length", "evaluations.0.evaluation.score": 3}
    length, relevance, toxicity = _stored(
        stages, {"attributes": listed, "events": events, "span_id": b"span-009"}
    )
    assert (relevance["value"], relevance["label"], relevance["explanation"]) == (
        0.25,
        "weak",
        "주제에서 벗어남",
    )
    assert (relevance["span_id"], relevance["trace_id"]) == (b"span-009", b"t" * 16)
    assert (toxicity["value"], toxicity["error_type"], length["value"]) == (None, "timeout", 3.0)
    texts = [(name, {key: str(value) for key, value in parts.items()}) for name, _, parts in events]
    assert [score["name"] for score in read_feedback({}, texts)] == ["relevance", "toxicity"]
