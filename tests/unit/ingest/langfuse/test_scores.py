"""Scores in Langfuse's form."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from pitwall.core.errors import InvalidInput
from pitwall.ingest.langfuse.scores import parse_score, to_score
from pitwall.ingest.mapping.records import Score
from pitwall.kit.clock import to_unix_nano

NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)
SENT = {
    "id": "score-1",
    "traceId": "4bf92f3577b34da6a3ce929d0e0e4736",
    "observationId": "00f067aa0ba902b7",
    "name": "helpfulness",
    "value": 0.9,
    "comment": "도움이 됨",
    "environment": "prod",
    "dataType": "NUMERIC",
    "timestamp": "2026-11-20T11:00:00+00:00",
    "metadata": {"by": "judge"},
}


def stored(**fields: Any) -> Score:
    """Return what a score becomes."""
    return to_score(parse_score({**SENT, **fields}), now=NOW)


def test_every_field_arrives() -> None:
    """Value, comment, ids, time and what has no column of its own."""
    assert stored() == Score(
        score_id="score-1",
        name="helpfulness",
        at_unix_nano=to_unix_nano(datetime(2026, 11, 20, 11, tzinfo=UTC)),
        value=0.9,
        explanation="도움이 됨",
        trace_id=bytes.fromhex("4bf92f3577b34da6a3ce929d0e0e4736"),
        span_id=bytes.fromhex("00f067aa0ba902b7"),
        source="langfuse",
        environment="prod",
        attributes={"langfuse.score.data_type": "NUMERIC", "langfuse.score.metadata": '{"by":"judge"}'},
    )


@pytest.mark.parametrize(
    ("value", "number", "label"),
    [(1, 1.0, ""), (True, 1.0, ""), (0.0, 0.0, ""), ("good", None, "good"), ("0.5", None, "0.5")],
)
def test_numbers_are_values_and_texts_are_labels(value: Any, number: float | None, label: str) -> None:
    """A text is never read as a number, and no number is ever made up."""
    score = stored(value=value, dataType=None)
    assert (score.value, score.label) == (number, label)


def test_what_is_left_out_is_filled_in() -> None:
    """An id of its own, and the time it came in."""
    first, second = stored(id=None, timestamp=None), stored(id=None, timestamp=None)
    assert first.score_id != second.score_id
    assert first.at_unix_nano == to_unix_nano(NOW)


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"name": ""}, "name"),
        ({"value": None}, "value"),
        ({"value": "high"}, "'high' is no number"),
        ({"traceId": None, "observationId": None}, "names no trace"),
        ({"timestamp": "2026-11-20T11:00:00"}, "timestamp"),
        ({"dataType": "STARS"}, "dataType"),
    ],
)
def test_bad_score_is_refused_with_its_field(fields: dict[str, Any], said: str) -> None:
    """The client learns which field is wrong."""
    with pytest.raises(InvalidInput, match=said):
        stored(**fields)
