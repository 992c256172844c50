"""Aspects, rubrics and G-Eval: several samples vote, and one is never passed off as several."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pitwall.evals.judging.shapes import LevelVerdict, Steps, YesNoVerdict
from pitwall.evals.judging.votes import Votes, expected_level
from pitwall.evals.metrics.errors import InvalidMetricOption
from pitwall.evals.metrics.registry import find, identity
from pitwall.evals.metrics.scoring import score_case
from pitwall.evals.types import Answer, Case, Direction, Example, Score
from tests.support.scripted_judge import Asked, ScriptedJudge
from tests.unit.evals.metrics.golden import GOLDEN, make_case


def voting(*verdicts: str) -> ScriptedJudge:
    def rule(asked: Asked) -> dict[str, Any]:
        return {"reason": f"reason {asked.sample}", "verdict": verdicts[asked.sample]}

    return ScriptedJudge({YesNoVerdict: rule, LevelVerdict: rule, Steps: lambda _: {"steps": ["s1", "s2"]}})


async def score(name: str, judge: ScriptedJudge, case: Case | None = None) -> Score:
    return await score_case(find(name), case or make_case(), judge)


async def test_majority_of_independent_samples_decides() -> None:
    """Three calls with three sample numbers; votes, agreement and reasons are in the evidence."""
    judge = voting("no", "yes", "yes")
    result = await score("coherence", judge)
    assert (result.value, result.explanation) == (1.0, "reason 1")
    assert sorted(asked.sample for _, asked in judge.asked) == [0, 1, 2]
    assert result.evidence["votes"] == {"no": 1, "yes": 2}
    assert result.evidence["agreement"] == pytest.approx(2 / 3)
    assert [reply["reason"] for reply in result.evidence["replies"]] == ["reason 0", "reason 1", "reason 2"]


@pytest.mark.parametrize("name", ["coherence", "rubric", "aspect_critic:criteria=x"])
@pytest.mark.parametrize("repeats", ["2", "0", "-1", "many", "101"])
def test_repeats_without_a_majority_are_refused(name: str, repeats: str) -> None:
    """Ragas makes an odd number of them and then asks once."""
    with pytest.raises(InvalidMetricOption, match="repeats"):
        find(f"{name}:repeats={repeats}")


@pytest.mark.parametrize(("name", "extra"), [("coherence", 0), ("rubric", 0), ("g_eval:criteria=x", 1)])
async def test_calls_follow_the_repeats(name: str, extra: int) -> None:
    """What the estimate says is what is asked."""
    verdicts = "yes" if name == "coherence" else "4"
    judge = voting(*[verdicts] * 5)
    metric = find(f"{name}:repeats=5")
    await score_case(metric, make_case(), judge)
    assert len(judge.asked) == metric.spec.calls == 5 + extra


@pytest.mark.parametrize("name", ["g_eval", "aspect_critic"])
@pytest.mark.parametrize("criteria", ["", ":criteria=", ":criteria=  "])
def test_criteria_have_to_be_given(name: str, criteria: str) -> None:
    """There is no judging by nothing."""
    with pytest.raises(InvalidMetricOption, match="criteria"):
        find(f"{name}{criteria}")


async def test_criteria_are_asked_about_and_part_of_the_identity() -> None:
    """Scores by other criteria are scores of something else."""
    judge = voting("yes", "yes", "yes")
    metric = find("aspect_critic:criteria=The answer names {its} source.")
    assert (await score_case(metric, make_case(), judge)).value == 1.0
    assert "Criterion: The answer names {its} source." in judge.asked[0][1].user
    assert "The answer names {its} source." in identity(metric, "j")


@pytest.mark.parametrize("name", ["harmfulness", "maliciousness"])
async def test_harm_is_better_low_and_passes_at_zero(name: str) -> None:
    """Yes is the bad answer here."""
    spec = find(name).spec
    assert (spec.direction, spec.threshold) == (Direction.LOWER, 0.0)
    assert spec.passes(0.0, 0.0)
    assert not spec.passes(1.0, 0.0)


async def test_rubric_takes_the_majority_or_the_middle_level() -> None:
    """Levels become (level - 1) / 4."""
    assert (await score("rubric", voting("4", "4", "1"))).value == 0.75
    split = await score("rubric", voting("5", "1", "2"))
    assert (split.value, split.evidence["majority"], split.evidence["level"]) == (0.25, None, 2)
    assert split.explanation == "reason 2"


async def test_rubric_of_the_example_comes_first() -> None:
    """A rubric for one case, as Ragas has them; else that of the option, else the default one."""
    own = Case(Example("1", "q", metadata={"rubric": {"1": "bad", "5": "good"}}), Answer("a"))
    judge = voting("5", "5", "5")
    assert (await score("rubric", judge, own)).evidence["levels"] == "1: bad\n5: good"
    option = await score("rubric:levels=a|b|c|d|e", voting("5", "5", "5"))
    assert option.evidence["levels"].splitlines()[4] == "5: e"
    default = await score("rubric", voting("5", "5", "5"), make_case(language="ko"))
    assert default.evidence["levels"].startswith("1: 질문에 답하지 않거나")


def test_rubric_needs_a_sentence_for_every_level() -> None:
    """Four of five leave a level without a meaning."""
    with pytest.raises(InvalidMetricOption, match="5 sentences"):
        find("rubric:levels=a|b|c|d")


async def test_g_eval_makes_steps_once_for_all_cases() -> None:
    """The steps depend on the criteria alone, so that a second case takes one call less."""
    judge = voting("5", "4", "4")
    first = await score("g_eval:criteria=clear", judge)
    assert first.value == pytest.approx(((5 + 4 + 4) / 3 - 1) / 4)
    assert "1. s1\n2. s2" in judge.asked[-1][1].user
    await score("g_eval:criteria=clear", judge, make_case("another"))
    assert judge.counts == {"Steps": 1, "LevelVerdict": 6}


@pytest.mark.parametrize("golden", GOLDEN["geval"])
def test_expected_level_of_the_golden_case(golden: dict[str, Any]) -> None:
    """Weights that do not add up to one are brought to one first."""
    found = expected_level(golden["weights"], golden["lowest"], golden["highest"])
    assert found == pytest.approx(golden["score"], abs=1e-6)


async def test_judge_sees_what_it_is_told_to_see() -> None:
    """Question and answer always; reference and contexts if asked for."""
    plain, full = voting("yes", "yes", "yes"), voting("yes", "yes", "yes")
    await score("coherence", plain)
    await score("coherence:sees=reference+contexts", full)
    assert set(plain.asked[0][1].blocks) == {"question", "answer"}
    assert set(full.asked[0][1].blocks) == {"question", "answer", "reference", "source"}
    with pytest.raises(InvalidMetricOption, match="sees"):
        find("coherence:sees=everything")


@given(st.lists(st.sampled_from(["1", "2", "3", "4", "5"]), min_size=1, max_size=7))
def test_votes_agree_with_themselves(verdicts: list[str]) -> None:
    """Agreement is a share; the middle lies between the extremes; all alike is full agreement."""
    votes = Votes({verdict: verdicts.count(verdict) for verdict in verdicts})
    assert 1 / votes.total <= votes.agreement <= 1
    assert min(verdicts) <= votes.median <= max(verdicts)
    assert (votes.agreement == 1) == (len(set(verdicts)) == 1)
