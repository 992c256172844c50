"""Pitwall's own streams: scores and dead letters arrive as they were encoded."""

from __future__ import annotations

import uuid

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from pitwall.core.vocabulary import TelemetryType
from pitwall.ingest.dead_letters.letter import DeadLetter, encode_letters
from pitwall.ingest.mapping.records import Score, encode_scores
from tests.integration.ingest.mapping_rows import RECEIVED, Stages

_TEXT = st.text(st.characters(exclude_categories=["Cs"]), max_size=20)
_SCORES = st.builds(
    Score,
    score_id=st.uuids().map(str),
    name=_TEXT,
    at_unix_nano=st.integers(0, 2**62),
    value=st.one_of(st.none(), st.just(0.0), st.floats(allow_nan=False)),
    label=_TEXT,
    explanation=_TEXT,
    trace_id=st.sampled_from([b"", b"t" * 16]),
    span_id=st.sampled_from([b"", b"s" * 8]),
    session_id=_TEXT,
    run_id=_TEXT,
    source=_TEXT,
    evaluator=_TEXT,
    error_type=_TEXT,
    environment=_TEXT,
    service=_TEXT,
    attributes=st.dictionaries(_TEXT, _TEXT, max_size=2),
)
_PLAIN = (
    "name", "value", "label", "explanation", "session_id", "run_id", "source", "evaluator", "error_type",
    "environment", "service", "attributes",
)  # fmt: skip


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(scores=st.lists(_SCORES, min_size=1, max_size=8))
def test_scores_arrive_as_they_were_encoded(stages: Stages, scores: list[Score]) -> None:
    """Every field of every score, an absent value as NULL and 0 as 0."""
    stages.insert(TelemetryType.SCORES, encode_scores(scores))
    stored = {row["score_id"]: row for row in stages.rows("scores FINAL")}
    for score in scores:
        row = stored[score.score_id]
        assert {name: row[name] for name in _PLAIN} == {name: getattr(score, name) for name in _PLAIN}
        assert row["trace_id"] == score.trace_id.ljust(16, b"\0")


def test_a_score_sent_again_replaces_the_first(stages: Stages) -> None:
    """The later of two scores with one id is the one that counts."""
    name = str(uuid.uuid4())
    for value in (0.25, 0.75):
        stages.insert(TelemetryType.SCORES, encode_scores([Score(name, "quality", RECEIVED, value)]))
    assert [row["value"] for row in stages.rows("scores FINAL")] == [0.75]


def test_explanations_are_masked(stages: Stages) -> None:
    """A judge may quote a secret; the store does not keep it."""
    score = Score("s1", "leak", RECEIVED, 0.0, explanation="it said password=hunter2222")
    stages.insert(TelemetryType.SCORES, encode_scores([score]))
    assert [row["explanation"] for row in stages.rows("scores")] == ["it said password=[masked:secret]"]


def test_dead_letters_arrive_as_they_were_encoded(stages: Stages) -> None:
    """The door's encoder and the stage's schema speak of the same fields."""
    letter = DeadLetter(
        "traces",
        "otlp_http",
        "negative_duration",
        "it ends before it starts",
        3,
        "chat",
        "application/x-protobuf",
        b"\x0a\xff",
        2,
    )
    stages.insert(TelemetryType.DEAD_LETTERS, encode_letters(stages.project, [letter]))
    [row] = stages.rows("dead_letters")
    expected = {
        "dead_letter_id": letter.identify(stages.project),
        "telemetry_type": "traces",
        "door": "otlp_http",
        "reason": "negative_duration",
        "message": "it ends before it starts",
        "record_index": 3,
        "record_name": "chat",
        "content_type": "application/x-protobuf",
        "body_bytes": 2,
    }
    assert {name: row[name] for name in expected} == expected


def test_no_name_of_a_score_holds_a_secret(stages: Stages) -> None:
    """Name, evaluator, error and keys are looked at like the explanation."""
    secret = "sk-abcdefghijklmnopqrstuvwxyz"
    score = Score("s", secret, RECEIVED, evaluator=secret, error_type=secret, attributes={secret: secret})
    stages.insert(TelemetryType.SCORES, encode_scores([score]))
    assert secret not in repr(stages.rows("scores"))
