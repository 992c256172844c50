"""Required points and overstatement: what a summary must tell, and what it must not promise."""

from __future__ import annotations

from typing import Any

import pytest

from pitwall.evals.judging.shapes import PointVerdicts, YesNoVerdict
from pitwall.evals.metrics.registry import find
from pitwall.evals.metrics.required_points import points_of
from pitwall.evals.metrics.scoring import score_case
from pitwall.evals.types import Answer, Case, Context, Example, ScoreStatus
from tests.support.scripted_judge import Asked, ScriptedJudge
from tests.unit.evals.metrics.golden import GOLDEN, make_case, names


def telling(verdicts: list[str]) -> ScriptedJudge:
    def rule(asked: Asked) -> dict[str, Any]:
        said = {number: verdicts[number - 1] for number in asked.ids}
        return {
            "verdicts": [
                {"id": number, "reason": "r", "verdict": verdict}
                for number, verdict in said.items()
                if verdict != "-"
            ]
        }

    return ScriptedJudge({PointVerdicts: rule})


def case_of(metadata: dict[str, Any]) -> Case:
    return Case(Example("1", "Summarise it.", metadata=metadata), Answer("a summary"))


@pytest.mark.parametrize("golden", GOLDEN["required_points"], ids=str)
async def test_golden_cases(golden: dict[str, Any]) -> None:
    """Points that are told by all points; in one call, and one more for what is missing."""
    judge = telling(golden["points"])
    metadata = {"required_points": names("point ", len(golden["points"]))}
    result = await score_case(find("required_points"), case_of(metadata), judge)
    assert result.status is ScoreStatus(golden.get("status", "scored"))
    assert result.value == (pytest.approx(golden["score"], abs=1e-6) if "score" in golden else None)
    assert len(judge.asked) == 1 + ("-" in golden["points"])
    assert [one["text"] for one in result.evidence["points"]] == metadata["required_points"]


async def test_points_are_those_of_the_named_member() -> None:
    """The tags of an EvalVault dataset are read where they are; an example without any is not judged."""
    metric = find("required_points:field=summary_tags")
    judge = telling(["yes", "no"])
    tags = {"summary_tags": ["exclusion", "waiting_period"], "required_points": ["x"]}
    result = await score_case(metric, case_of(tags), judge)
    assert (result.metric, result.value) == ("required_points:field=summary_tags", 0.5)
    assert judge.asked[0][1].items("points") == {1: "exclusion", 2: "waiting_period"}
    nothing = await score_case(metric, case_of({"required_points": ["x"]}), telling([]))
    assert (nothing.status, nothing.reason) == (ScoreStatus.NOT_APPLICABLE, "no_points")


@pytest.mark.parametrize(
    ("value", "points"),
    [
        (["a", " b ", "a", ""], ["a", "b"]),
        ("a; b\nc", ["a", "b", "c"]),
        (None, []),
        ({"a": 1}, []),
    ],
)
def test_points_of_a_list_or_of_a_cell(value: Any, points: list[str]) -> None:
    """Tables have one cell for them."""
    assert points_of(value) == points


@pytest.mark.parametrize(("votes", "value"), [("yny", 1.0), ("nny", 0.0)])
async def test_overstatement_is_judged_beside_the_contexts(votes: str, value: float) -> None:
    """By majority; the judge sees what the sources say, since only they make a word too strong."""
    judge = ScriptedJudge(
        {
            YesNoVerdict: lambda asked: {
                "reason": "r",
                "verdict": "yes" if votes[asked.sample] == "y" else "no",
            }
        }
    )
    metric = find("overstatement")
    result = await score_case(
        metric, make_case("무조건 지급합니다.", ["조건부로 지급합니다."], None, "ko"), judge
    )
    assert (result.value, len(judge.asked)) == (value, 3)
    assert judge.asked[0][1].blocks["source"] == {1: "조건부로 지급합니다."}
    assert "무조건적인" in judge.asked[0][1].user
    assert metric.spec.passes(value, 0.0) is (value == 0.0)


@pytest.mark.parametrize(
    ("contexts", "reason"), [((), "no_contexts"), ((Context("", id="d"),), "no_context_text")]
)
async def test_without_sources_nothing_is_overstated(contexts: tuple[Context, ...], reason: str) -> None:
    """What they say is not known, so nobody is asked."""
    case = Case(Example("1", "q"), Answer("a", contexts))
    result = await score_case(find("overstatement"), case, ScriptedJudge({}))
    assert (result.status, result.reason) == (ScoreStatus.NOT_APPLICABLE, reason)
