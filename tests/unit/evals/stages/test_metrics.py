"""Metrics of stages: golden numbers, directions, and that no data is never 0."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from pitwall.evals.stages.measures import METRICS, is_metric_name, latency_metric, metrics_for, value_of
from pitwall.evals.stages.summary import StageNumbers, Verdict, event_values, missing_types, summarise
from pitwall.evals.stages.types import StageEvent

LABELS = {"tc-1": {"d1", "d2", "d5"}}


def make_event(
    stage_type: str = "retrieval", *, duration_ms: float | None = None, **attributes: Any
) -> StageEvent:
    """An event of the case `tc-1`."""
    return StageEvent(
        run_id="r",
        stage_id="s",
        stage_type=stage_type,
        duration_ms=duration_ms,
        attributes=attributes,
        metadata={"test_case_id": "tc-1"},
    )


def numbers_of(name: str, *events: StageEvent, **thresholds: float) -> StageNumbers:
    """One metric of a run."""
    stages = summarise(events, LABELS, thresholds)
    return next(one for stage in stages for one in stage.numbers if one.metric.name == name)


def measure(name: str, event: StageEvent) -> float | str | None:
    """The value of a metric of one event, or why there is none."""
    (measured,) = event_values([event], LABELS)
    found = next(one for one in measured.values if one.metric == name)
    return found.reason if found.value is None else found.value


@pytest.mark.parametrize(
    ("name", "event", "expected"),
    [
        # The golden case of labelled retrieval: three of five places, two of three found at 3.
        ("retrieval.precision_at_k", make_event(doc_ids=["d3", "d1", "d7", "d2", "d9"], top_k=5), 0.4),
        ("retrieval.recall_at_k", make_event(doc_ids=["d3", "d1", "d7", "d2", "d9"], top_k=5), 2 / 3),
        ("retrieval.precision_at_k", make_event(doc_ids=["d3", "d1", "d7", "d2", "d9"], top_k=3), 1 / 3),
        ("retrieval.recall_at_k", make_event(doc_ids=["d3", "d1", "d7", "d2", "d9"], top_k=3), 1 / 3),
        ("retrieval.precision_at_k", make_event(doc_ids=["d1"], top_k=5), 0.2),  # by k, not by what came
        ("retrieval.recall_at_k", make_event(doc_ids=["d1", "d1", "d1"]), 1 / 3),  # the first one counts
        ("retrieval.recall_at_k", make_event(doc_ids=[]), 0.0),  # nothing found of what is right
        ("retrieval.recall_at_k", make_event(doc_ids=["x"], relevant_doc_ids=["x"]), 1.0),
        ("retrieval.recall_at_k", make_event(top_k=5), "no_doc_ids"),
        ("retrieval.result_count", make_event(doc_ids=[]), 0.0),
        ("retrieval.result_count", make_event(), "no_doc_ids"),
        ("retrieval.avg_score", make_event(scores=[0.91, 0.72, 0.45]), 2.08 / 3),
        ("retrieval.avg_score", make_event(scores=[]), "no_scores"),
        ("retrieval.avg_score", make_event(scores=[0.5, "x"]), "score_is_no_number"),
        ("retrieval.score_gap", make_event(scores=[0.91, 0.72, 0.45]), 0.46),
        ("retrieval.score_gap", make_event(scores=[0.5]), "one_score"),
        ("retrieval.ordering_warning", make_event(scores=[0.9, 0.7, 0.7, 0.1]), 0.0),
        ("retrieval.ordering_warning", make_event(scores=[0.1, 0.2, 0.4]), 0.0),  # distances rise
        ("retrieval.ordering_warning", make_event(scores=[0.7, 0.9, 0.1]), 1.0),
        ("rerank.keep_rate", make_event("rerank", input_count=3, output_count=2), 2 / 3),
        ("rerank.keep_rate", make_event("rerank", input_count=0, output_count=0), "no_input"),
        ("rerank.keep_rate", make_event("rerank", output_count=2), "no_counts"),
        ("output.token_ratio", make_event("output", tokens_in=900, tokens_out=210), 210 / 900),
        ("output.token_ratio", make_event("output", tokens_in=0, tokens_out=5), "no_tokens"),
        ("output.citation_count", make_event("output", citations=["doc-1", "doc-7"]), 2.0),
        ("output.citation_count", make_event("output", citations={"doc_ids": ["a"]}), 1.0),
        ("output.citation_count", make_event("output", citations={"count": 3}), 3.0),
        ("output.citation_count", make_event("output"), "no_citations"),
        ("input.query_length", make_event("input", query="보험 약관"), 5.0),
        ("intent.accuracy", make_event("intent", predicted_label="a", label="a"), 1.0),
        ("intent.accuracy", make_event("intent", predicted_label="a", label="b"), 0.0),
        ("intent.accuracy", make_event("intent", predicted_label="a"), "no_labels"),
        ("intent.confidence", make_event("intent", confidence=0.7), 0.7),
        ("safety_check.violation_rate", make_event("safety_check", violations=["pii"]), 1.0),
        ("safety_check.violation_rate", make_event("safety_check", violation_count=0), 0.0),
        ("safety_check.violation_rate", make_event("safety_check"), "no_violations_told"),
        ("safety_check.block_rate", make_event("safety_check", blocked=False), 0.0),
        ("answer_validation.pass_rate", make_event("answer_validation", passed=True), 1.0),
        ("answer_validation.pass_rate", make_event("answer_validation", passed=1), "not_told_if_passed"),
        ("any.latency_ms", make_event("any", duration_ms=12.5), 12.5),
        ("any.latency_ms", make_event("any"), "no_duration"),
    ],
)
def test_golden_value(name: str, event: StageEvent, expected: float | str) -> None:
    """The value of an event, or the reason why there is none."""
    found = measure(name, event)
    assert found == (expected if isinstance(expected, str) else pytest.approx(expected))


def test_thresholds_of_the_inventory() -> None:
    """These six have a threshold of their own; the direction of latency is downwards."""
    latencies = [latency_metric(name) for name in ("retrieval", "rerank", "output", "input")]
    found = {
        metric.name: metric.threshold for metric in (*METRICS, *latencies) if metric.threshold is not None
    }
    assert found == {
        "retrieval.precision_at_k": 0.2,
        "retrieval.recall_at_k": 0.6,
        "rerank.keep_rate": 0.25,
        "retrieval.latency_ms": 500.0,
        "rerank.latency_ms": 800.0,
        "output.latency_ms": 3000.0,
    }


@pytest.mark.parametrize(
    ("duration", "verdict"), [(499.0, Verdict.PASSED), (500.0, Verdict.PASSED), (501.0, Verdict.FAILED)]
)
def test_lower_is_better_for_latency(duration: float, verdict: Verdict) -> None:
    """A latency passes up to its threshold."""
    assert numbers_of("retrieval.latency_ms", make_event(duration_ms=duration)).verdict is verdict


@pytest.mark.parametrize(("given_", "kept", "verdict"), [(4, 1, Verdict.PASSED), (5, 1, Verdict.FAILED)])
def test_higher_is_better_for_rates(given_: int, kept: int, verdict: Verdict) -> None:
    """A rate passes from its threshold on."""
    event = make_event("rerank", input_count=given_, output_count=kept)
    assert numbers_of("rerank.keep_rate", event).verdict is verdict


def test_no_data_is_told_and_not_zero() -> None:
    """Without labels there is no recall; the count and the reason say so."""
    events = [
        StageEvent(run_id="r", stage_id="s", stage_type="retrieval", attributes={"doc_ids": ["d1"]}),
        make_event(doc_ids=["d1", "d2", "d5"]),
    ]
    alone, together = (
        numbers_of("retrieval.recall_at_k", events[0]),
        numbers_of("retrieval.recall_at_k", *events),
    )
    assert (alone.mean, alone.n_scored, alone.verdict, alone.reasons) == (
        None,
        0,
        Verdict.NO_DATA,
        {"no_labels": 1},
    )
    assert (together.mean, together.n_scored, together.n_total) == (1.0, 1, 2)


def test_latency_is_judged_by_its_tail() -> None:
    """A slow twentieth is seen although the mean is good; how many missed the threshold is told."""
    events = [make_event(duration_ms=100.0)] * 18 + [make_event(duration_ms=900.0)] * 2
    numbers = numbers_of("retrieval.latency_ms", *events)
    assert numbers.mean == pytest.approx(180.0)
    assert numbers.judged == pytest.approx(900.0)
    assert (numbers.verdict, numbers.n_failed) == (Verdict.FAILED, 2)


def test_threshold_of_the_caller_wins() -> None:
    """A threshold that somebody gives stands before the metric's own."""
    numbers = numbers_of(
        "output.latency_ms", make_event("output", duration_ms=50.0), **{"output.latency_ms": 10.0}
    )
    assert (numbers.threshold, numbers.verdict) == (10.0, Verdict.FAILED)


def test_mean_has_its_interval() -> None:
    """Two values or more have an interval around their mean, one has none."""
    one = numbers_of("rerank.keep_rate", make_event("rerank", input_count=4, output_count=1))
    three = numbers_of(
        "rerank.keep_rate",
        *(make_event("rerank", input_count=10, output_count=kept) for kept in (1, 5, 9)),
    )
    assert one.low is None
    assert three.low is not None
    assert three.high is not None
    assert three.low < three.mean < three.high  # type: ignore[operator]


def test_missing_stages_are_named() -> None:
    """What every pipeline has and nothing speaks of."""
    assert missing_types([make_event(), make_event("output")]) == ["system_prompt", "input"]


def test_failed_and_retried_events_are_counted() -> None:
    """A stage says how often it failed and how many events are further tries."""
    failed = StageEvent(run_id="r", stage_id="s", stage_type="output", status="failed", attempt=2)
    (stage,) = summarise([failed, make_event("output")], {}, {})
    assert (stage.events, stage.failed, stage.retried) == (2, 1, 1)


@pytest.mark.parametrize(
    ("name", "is_known"),
    [
        ("retrieval.recall_at_k", True),
        ("my_stage.latency_ms", True),
        ("x.confidence", True),
        ("recall", False),
    ],
)
def test_metric_names(name: str, is_known: bool) -> None:
    """Names of the list, and those that any stage has."""
    assert is_metric_name(name) is is_known


_VALUES = st.none() | st.booleans() | st.integers(-5, 50) | st.floats() | st.text(max_size=3)
_ATTRIBUTES = st.dictionaries(
    st.sampled_from(
        "doc_ids scores top_k relevant_doc_ids input_count output_count tokens_in tokens_out citations query "
        "predicted_label label confidence violations violation_count blocked passed result_count".split()
    ),
    _VALUES | st.lists(_VALUES, max_size=5),
)
_TYPES = st.sampled_from("input retrieval rerank output intent safety_check answer_validation".split())


@settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])  # on a busy machine
@given(_TYPES, _ATTRIBUTES, st.none() | st.floats(0, 1e9))
def test_any_attributes_give_a_finite_value_or_a_reason(
    stage_type: str, attributes: dict[str, Any], duration: float | None
) -> None:
    """Whatever an event says: a metric has a finite value or a reason, and rates stay rates."""
    event = make_event(stage_type, duration_ms=duration, **attributes)
    for metric in metrics_for(stage_type, attributes.keys()):
        found = value_of(metric, event, LABELS["tc-1"])
        assert (found.value is None) is bool(found.reason)
        is_rate = metric.name.endswith(("_at_k", "violation_rate", "block_rate", "accuracy", "_warning"))
        if found.value is not None and is_rate:
            assert 0.0 <= found.value <= 1.0
