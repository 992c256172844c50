"""Profiles of a trace: out of the attributes of its spans, long ones too."""

from __future__ import annotations

import pytest

from pitwall.ingest.mapping.values import PAYLOAD_MARK
from pitwall.stores.telemetry.engine import TelemetryEngine
from pitwall.traces.opening import TraceNotFound
from pitwall.traces.profile_schemas import ProfileList
from pitwall.traces.profiles import ProfileNotFound
from pitwall.traces.questions import TraceQuestions
from tests.integration.traces.telemetry import as_hex, insert_spans, make_span, span_id, trace_id

FACTS = {
    "pitwall.profile.duration_ms": "1500.5",
    "pitwall.profile.cpu_ms": "900",
    "pitwall.profile.samples": "300",
}
ONE = as_hex(trace_id(1))


def test_profiles_stand_in_the_order_of_their_spans(
    telemetry_engine: TelemetryEngine, project: str, questions: TraceQuestions
) -> None:
    """A short one is in the span itself, a long one apart; facts that are missing are null."""
    stacks = "\n".join(f"main (app.py);step{n} {n * 1000}" for n in range(1, 60))
    apart = {**FACTS, "pitwall.profile.stacks": PAYLOAD_MARK}
    short = make_span(1, 2, 1, attributes={"pitwall.profile.stacks": "main 7"})
    long = make_span(1, 1, attributes=apart, long_attributes={"pitwall.profile.stacks": stacks})
    insert_spans(telemetry_engine, project, [short, long, make_span(1, 3, 1)])
    answer = questions.profiles(ONE.upper())
    ProfileList.model_validate(answer)
    assert answer["trace_id"] == ONE
    assert questions.trace(ONE)["profiled_span_ids"] == [as_hex(span_id(1)), as_hex(span_id(2))]
    by_span = {profile["span_id"]: profile for profile in answer["profiles"]}
    whole, small = by_span[as_hex(span_id(1))], by_span[as_hex(span_id(2))]
    assert (whole["duration_ms"], whole["cpu_ms"], whole["sample_count"]) == (1500.5, 900.0, 300)
    assert (len(whole["frames"]), whole["total_ms"]) == (60, sum(range(1, 60)))
    assert whole["frames"][1] == {
        "function": "step59", "file": None, "depth": 1, "offset_ms": 0.0, "total_ms": 59.0, "self_ms": 59.0
    }  # fmt: skip
    assert (small["duration_ms"], small["sample_count"], small["total_ms"]) == (None, None, 0.007)


def test_trace_without_a_profile_is_not_found(
    telemetry_engine: TelemetryEngine, project: str, questions: TraceQuestions
) -> None:
    """The hint says how to take one; a trace that is not there is told apart."""
    insert_spans(telemetry_engine, project, [make_span()])
    with pytest.raises(ProfileNotFound, match="no profile") as raised:
        questions.profiles(ONE)
    assert "pitwall.profile()" in (raised.value.hint or "")
    with pytest.raises(TraceNotFound):
        questions.profiles("0" * 32)
