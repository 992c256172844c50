"""The golden numbers: what metrics must give, as data."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml

from pitwall.evals.metrics.context_match import average_precision_of
from pitwall.evals.types import Answer, Case, Context, Example, ToolCall
from tests.unit.evals.metrics.cases import make_case, value_of

_FILE = Path(__file__).resolve().parents[3] / "data" / "evals" / "golden_metrics.yaml"
GOLDEN: dict[str, Any] = yaml.safe_load(_FILE.read_text("utf-8"))
_RIGHT = (ToolCall("search", {"q": "x", "k": 3}), ToolCall("open", {"id": 1}))
_TEXTS = ("rouge_l", "f1_score", "chrf", "exact_match")
_RANKED = ("hit_rate", "precision_at_k", "recall_at_k", "mrr", "map", "ndcg")


def _pairs(section: str, metrics: tuple[str, ...]) -> list[tuple[dict[str, Any], str]]:
    """Each case of a section with each metric that it has a number for."""
    return [(case, metric) for case in GOLDEN[section] for metric in metrics if metric in case]


def _retrieved(ids: list[str], gains: dict[str, float]) -> Case:
    contexts = tuple(Context("", id=one) for one in ids)
    return Case(Example("1", "q", relevance=gains), Answer("a", contexts=contexts))


@pytest.mark.parametrize(("case", "metric"), _pairs("retrieval", _RANKED), ids=str)
async def test_retrieval_by_labels(case: dict[str, Any], metric: str) -> None:
    """Hit, precision, recall, MRR, MAP and nDCG at k."""
    judged = _retrieved(case["ret"], dict.fromkeys(case["rel"], 1.0))
    assert await value_of(f"{metric}@{case['k']}", judged) == pytest.approx(case[metric], abs=1e-6)


@pytest.mark.parametrize("case", GOLDEN["graded"], ids=str)
@pytest.mark.parametrize("gain", ["linear", "exp"])
async def test_ndcg_with_grades(case: dict[str, Any], gain: str) -> None:
    """Gains count as they are, or as powers of two."""
    judged = _retrieved(case["ret"], case["gains"])
    assert await value_of(f"ndcg:gain={gain}", judged) == pytest.approx(case[gain], abs=1e-6)


@pytest.mark.parametrize(("useful", "value"), GOLDEN["context_precision"], ids=str)
def test_average_precision_of_useful_chunks(useful: list[int], value: float) -> None:
    """The formula of context precision, over what is useful."""
    assert average_precision_of([bool(one) for one in useful]) == pytest.approx(value, abs=1e-6)


@pytest.mark.parametrize("name", GOLDEN["tool_calls"])
async def test_tool_calls(name: str) -> None:
    """Four numbers and the exact one, each for what it is about."""
    golden = GOLDEN["tool_calls"][name]
    made = tuple(ToolCall(tool, arguments) for tool, arguments in golden["calls"])
    case = Case(Example("1", "q", reference_tool_calls=_RIGHT), Answer("a", tool_calls=made))
    told = {metric: await value_of(metric, case) for metric in golden["expect"]}
    assert told == pytest.approx(golden["expect"], abs=1e-6)


@pytest.mark.parametrize(("case", "metric"), _pairs("korean_text", _TEXTS), ids=str)
async def test_korean_text(case: dict[str, Any], metric: str) -> None:
    """Korean is neither dropped nor taken for the same because both texts have a 1."""
    judged = make_case(case["a"], case["b"], language="ko")
    assert await value_of(metric, judged) == pytest.approx(case[metric], abs=5e-5)
