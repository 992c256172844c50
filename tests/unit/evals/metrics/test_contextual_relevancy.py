"""Contextual relevancy: the share of the contexts' sentences that bear on the question."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pytest

from pitwall.evals.judging.shapes import ContextVerdicts
from pitwall.evals.metrics.registry import find
from pitwall.evals.metrics.scoring import score_case
from pitwall.evals.types import Answer, Case, Context, Example, ScoreStatus
from tests.support.scripted_judge import Asked, ScriptedJudge
from tests.unit.evals.metrics.golden import GOLDEN, make_case

WORDS = {"r": "relevant", "o": "off_topic"}


def judge_of(verdicts: Sequence[str]) -> ScriptedJudge:
    said = {number: WORDS[verdict] for number, verdict in enumerate(verdicts, 1) if verdict in WORDS}

    def rule(asked: Asked) -> dict[str, Any]:
        return {
            "verdicts": [{"id": n, "reason": "r", "verdict": said[n]} for n in asked.ids if n in said],
        }

    return ScriptedJudge({ContextVerdicts: rule})


@pytest.mark.parametrize("golden", GOLDEN["contextual_relevancy"], ids=str)
async def test_golden_cases(golden: dict[str, Any]) -> None:
    """Relevant sentences by all sentences; too many without a verdict leave no number."""
    chunks = golden["chunks"]
    texts = [" ".join(f"Sentence {n} is here." for n in range(len(chunk))) for chunk in chunks]
    judge = judge_of([verdict for chunk in chunks for verdict in chunk])
    result = await score_case(find("contextual_relevancy"), make_case(None, texts, None), judge)
    assert result.status is ScoreStatus(golden.get("status", "scored"))
    assert result.value == pytest.approx(golden["score"], abs=1e-6) if "score" in golden else not result.value
    assert len(judge.asked) == golden["calls"]
    assert (result.reason == "no_contexts") is (not chunks)


async def test_sentences_are_shown_by_chunk_and_the_evidence_says_which() -> None:
    """A sentence is read among its neighbours; only what was left out is asked for again."""
    judge = judge_of(["r", "-", "o"])
    case = make_case(None, ["보장금액은 1억원입니다. 조건이 있습니다.", "날씨가 맑습니다."], None, "ko")
    result = await score_case(find("contextual_relevancy"), case, judge)
    first, again = (asked for _, asked in judge.asked)
    assert first.blocks["sentences"] == {
        1: "1: 보장금액은 1억원입니다.\n2: 조건이 있습니다.",
        2: "3: 날씨가 맑습니다.",
    }
    assert (first.text("question"), again.ids) == ("question", [2])
    shown = result.evidence["sentences"]
    assert [(one["chunk"], one["verdict"]) for one in shown] == [(0, "relevant"), (0, None), (1, "off_topic")]


async def test_chunks_without_their_text_say_nothing() -> None:
    """They are known by id only, which is no sentence."""
    case = Case(Example("1", "q"), Answer(contexts=(Context("", id="d1"),)))
    result = await score_case(find("contextual_relevancy"), case, judge_of([]))
    assert (result.status, result.reason) == (ScoreStatus.NOT_APPLICABLE, "no_context_text")
