"""What of a record of another tool is a score, and what is left for the example."""

from __future__ import annotations

import math

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pitwall.evals.imports.forms import find_tool, metric_name, peel
from pitwall.evals.imports.types import Tool

KNOWN = frozenset({"faithfulness", "factual_correctness", "exact_match"})
DEEPEVAL = {
    "name": "test_case_0",
    "input": "언제 환불되나요?",
    "actualOutput": "삼 일 안에요.",
    "retrievalContext": ["환불은 3일 안에 됩니다."],
    "success": False,
    "metricsData": [
        {
            "name": "Answer Relevancy",
            "threshold": 0.7,
            "success": True,
            "score": 0.9,
            "reason": "to the point",
            "evaluationModel": "gpt-4.1",
        },
        {
            "name": "Correctness [GEval]",
            "threshold": 0.5,
            "success": False,
            "score": None,
            "error": "timed out",
        },
    ],
}


def test_case_of_deepeval() -> None:
    """Scores with thresholds, reasons, judges and errors; the rest is the example."""
    peeled = peel(DEEPEVAL, KNOWN)
    assert peeled.tool is Tool.DEEPEVAL
    relevancy, correctness = peeled.scores
    assert (relevancy.metric, relevancy.value, relevancy.threshold) == ("answer_relevancy", 0.9, 0.7)
    assert (relevancy.passed, relevancy.explanation, relevancy.judge) == (True, "to the point", "gpt-4.1")
    assert (correctness.metric, correctness.value, correctness.error) == (
        "correctness_geval",
        None,
        "timed out",
    )
    assert set(peeled.values) == {"name", "input", "actualOutput", "retrievalContext"}


def test_case_of_evalvault() -> None:
    """Its scores stand in a list; the question is not in the file."""
    metrics = [{"name": "faithfulness", "score": 0.5, "threshold": 0.7, "passed": False, "reason": "half"}]
    peeled = peel({"test_case_id": "kr-001", "all_passed": False, "metrics": metrics, "latency_ms": 9}, KNOWN)
    assert peeled.tool is Tool.EVALVAULT
    assert [(one.metric, one.value, one.passed) for one in peeled.scores] == [("faithfulness", 0.5, False)]
    assert peeled.values == {"test_case_id": "kr-001", "latency_ms": 9}


def test_row_of_ragas() -> None:
    """Columns that metrics are called by, also with options; other numbers are told and left alone."""
    row = {
        "user_input": "q",
        "response": "a",
        "faithfulness": 1.0,
        "factual_correctness(mode=f1)": "0.25",
        "llm_context_precision_with_reference": math.nan,
        "year": 2024,
    }
    peeled = peel(row, KNOWN)
    assert peeled.tool is Tool.RAGAS
    assert {one.metric: one.value for one in peeled.scores} == {
        "faithfulness": 1.0,
        "factual_correctness_mode_f1": 0.25,
        "llm_context_precision_with_reference": None,
    }
    assert peeled.values == {"user_input": "q", "response": "a", "year": 2024}
    assert peeled.numbers == ["year"]


def test_named_column_is_a_metric() -> None:
    """What nobody knows is a metric if it is named."""
    peeled = peel({"question": "q", "politeness": True}, {"politeness"})
    assert peeled.tool is Tool.OTHER
    assert [(one.metric, one.value) for one in peeled.scores] == [("politeness", 1.0)]


@pytest.mark.parametrize("value", [None, "", "n/a", math.nan, math.inf, "NaN", [0.5]])
def test_no_number_is_no_zero(value: object) -> None:
    """A cell without a number is a score without a value."""
    (score,) = peel({"question": "q", "faithfulness": value}, KNOWN).scores
    assert score.value is None


@settings(max_examples=30, deadline=None)
@given(st.dictionaries(st.text(min_size=1), st.none() | st.floats() | st.text(), max_size=6))
def test_nothing_of_a_record_is_lost(values: dict[str, object]) -> None:
    """Each member is a score or stays with the example."""
    peeled = peel(values, KNOWN, Tool.OTHER)
    assert len(peeled.scores) + len(peeled.values) == len(values)
    assert peeled.values.items() <= values.items()


def test_tool_and_names() -> None:
    """Found by what only one tool writes."""
    assert find_tool({"question": "q", "exact_match": 1}) is Tool.OTHER
    assert find_tool({"retrieved_contexts": []}) is Tool.RAGAS
    assert metric_name(" Contextual Precision ") == "contextual_precision"
    assert metric_name("precision@5") == "precision@5"
