"""Files of results of other tools: each form by its shape, numbers as numbers, nothing else as 0."""

from __future__ import annotations

import json
from typing import Any

import pytest

from pitwall.evals.foreign.reading import metric_name, read_results
from pitwall.evals.foreign.types import ForeignRun, Origin, ResultsInvalid

RAGAS = """user_input,retrieved_contexts,response,reference,faithfulness,factual_correctness(mode=f1)
"환불은?","['3일 안에']",3일,3일,1.0,0.67
"배송은?","['내일']",모레,내일,,NaN
"""
DEEPEVAL = {
    "testFile": "faq",
    "testCases": [
        {
            "name": "test_case_0",
            "input": "Q?",
            "actualOutput": "A.",
            "retrievalContext": ["c"],
            "metricsData": [
                {"name": "Answer Relevancy", "score": 0.5, "threshold": 0.7, "evaluationModel": "gpt-5"},
                {"name": "Faithfulness", "score": None, "error": "no claims", "evaluationModel": "gpt-5"},
            ],
        }
    ],
}
EVALVAULT = {
    "dataset_name": "insurance-qa",
    "model_name": "qwen",
    "thresholds": {"faithfulness": 0.8},
    "results": [
        {
            "test_case_id": "kr-001",
            "question": "얼마?",
            "answer": "1억원",
            "metrics": [{"name": "faithfulness", "score": 0.9, "threshold": 0.8, "reason": "맞음"}],
        }
    ],
}
PROMPTFOO = {
    "results": {
        "results": [
            {
                "vars": {"question": "Q?"},
                "response": {"output": "A."},
                "score": 1,
                "namedScores": {"Tone": 0.25},
            }
        ]
    }
}


def _read(name: str, content: Any) -> ForeignRun:
    return read_results(name, (content if isinstance(content, str) else json.dumps(content)).encode())


def test_table_of_ragas() -> None:
    """What is no field of a dataset and holds numbers is a metric; an empty cell and NaN are no score."""
    run = _read("r.csv", RAGAS)
    assert run.origin is Origin.RAGAS
    scores = [{score.metric: score.value for score in case.scores} for case in run.cases]
    assert scores == [
        {"faithfulness": 1.0, "factual_correctness_mode_f1": 0.67},
        {"faithfulness": None, "factual_correctness_mode_f1": None},
    ]
    assert run.cases[0].values["user_input"] == "환불은?"


@pytest.mark.parametrize(
    ("content", "origin", "judge", "scores"),
    [
        (DEEPEVAL, Origin.DEEPEVAL, "gpt-5", {"answer_relevancy": 0.5, "faithfulness": None}),
        (EVALVAULT, Origin.EVALVAULT, "qwen", {"faithfulness": 0.9}),
        (PROMPTFOO, Origin.PROMPTFOO, None, {"tone": 0.25, "score": 1.0}),
    ],
)
def test_runs_of_other_tools(
    content: Any, origin: Origin, judge: str | None, scores: dict[str, float | None]
) -> None:
    """Known by their shape; camel case and words of titles are names as Pitwall writes them."""
    run = _read("run.json", content)
    assert (run.origin, run.judge) == (origin, judge)
    assert {score.metric: score.value for score in run.cases[0].scores} == scores


def test_names_of_cases_and_thresholds_are_kept() -> None:
    """So that a later run of the same file pairs with it."""
    deepeval, evalvault = _read("d.json", DEEPEVAL), _read("e.json", EVALVAULT)
    assert deepeval.cases[0].values["id"] == "test_case_0"
    assert deepeval.cases[0].scores[0].threshold == 0.7
    assert evalvault.cases[0].values["test_case_id"] == "kr-001"
    assert (evalvault.name, evalvault.thresholds) == ("insurance-qa", {"faithfulness": 0.8})


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("x.json", "{"),
        ("x.json", "[]"),
        ("x.json", '{"results": []}'),
        ("x.csv", "question,answer\nQ?,A.\n"),
        ("x.json", '[{"question": "Q?", "answer": "A."}]'),
        ("x.json", "3"),
    ],
)
def test_file_without_results_is_refused_with_the_forms_that_are_known(name: str, content: str) -> None:
    with pytest.raises(ResultsInvalid) as refused:
        _read(name, content)
    assert "DeepEval" in (refused.value.hint or "")


@pytest.mark.parametrize(
    ("written", "name"),
    [
        ("Answer Relevancy", "answer_relevancy"),
        ("answerRelevancy", "answer_relevancy"),
        ("llm_context_precision_with_reference", "llm_context_precision_with_reference"),
        ("한국어", "score"),
    ],
)
def test_metric_names(written: str, name: str) -> None:
    assert metric_name(written) == name
