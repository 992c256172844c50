"""Conversations and agents by a judge: is every turn faithful, was the goal reached?"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any, Final

from pitwall.evals.judging.judge import Judge, together
from pitwall.evals.judging.prompts import Block, worded
from pitwall.evals.metrics.aspects import ASPECT, find_aspect
from pitwall.evals.metrics.claim_matrix import LEAST_COVERAGE
from pitwall.evals.metrics.claim_questions import Part, prompts_of
from pitwall.evals.metrics.claims import faithfulness_by
from pitwall.evals.metrics.judged import (
    Find,
    Finding,
    JudgedMetric,
    configurable,
    not_applicable,
    say,
    scored,
    undetermined,
)
from pitwall.evals.metrics.judged_options import REPEATS, count, count_repeats
from pitwall.evals.metrics.judged_reasons import Reason
from pitwall.evals.metrics.types import Family, Metric, MetricSpec, Needs, Per
from pitwall.evals.types import Answer, Case, ScoreStatus, Turn
from pitwall.kit.i18n import Text

_TURNS: Final = Text(
    "Mean of {n_scored} of {n_turns} turns; the weakest is turn {weakest}.",
    "대화 {n_turns}차례 중 {n_scored}차례의 평균이며, 가장 낮은 것은 {weakest}번째입니다.",
)
_GOAL: Final = Text(
    "With the tool calls that were made, the answer does what the user asked for. If there is a reference, "
    "it says what had to come out.",
    "수행한 도구 호출과 답변이 사용자가 요청한 일을 해냈다. 정답이 있으면 그것이 나와야 했던 결과이다.",
)


async def find_turn_faithfulness(case: Case, judge: Judge) -> Finding:
    """Judge every turn that has an answer and contexts by itself."""
    turns = [(number, turn) for number, turn in enumerate(case.answer.turns, 1) if turn.can_be_grounded]
    if not turns:
        return not_applicable(Reason.NO_CONTEXTS, judge.language)
    found = await together(
        [faithfulness_by("unsupported").find(_as_case(case, turn), judge) for _, turn in turns]
    )
    return conclude_turns([(number, one) for (number, _), one in zip(turns, found, strict=True)], case, judge)


def conclude_turns(found: Sequence[tuple[int, Finding]], case: Case, judge: Judge) -> Finding:
    """Average over the turns that have a value, if most of those that could have one do."""
    values = {number: one.value for number, one in found if one.value is not None}
    unsure = sum(one.status is ScoreStatus.UNDETERMINED for _, one in found)
    evidence = {"turns": [{"turn": number, **_shown(one)} for number, one in found]}
    if not values and not unsure:
        return not_applicable(Reason.NO_CLAIMS, judge.language, evidence)
    coverage = len(values) / (len(values) + unsure)
    if coverage < LEAST_COVERAGE:
        return undetermined(Reason.LOW_COVERAGE, judge.language, evidence, coverage=coverage)
    weakest = min(values, key=lambda number: (values[number], number))
    explanation = say(
        judge.language, _TURNS, n_scored=len(values), n_turns=len(case.answer.turns), weakest=weakest
    )
    return scored(sum(values.values()) / len(values), explanation, evidence)


def _as_case(case: Case, turn: Turn) -> Case:
    example = replace(case.example, question=turn.question, reference=None)
    return Case(example, Answer(turn.answer, turn.contexts))


def _shown(one: Finding) -> dict[str, Any]:
    return {"status": one.status.value, "value": one.value, "reason": one.reason, "evidence": one.evidence}


TURN_FAITHFULNESS: Final = JudgedMetric(
    MetricSpec(
        "turn_faithfulness",
        1,
        Family.CONVERSATION,
        Text("Turn faithfulness", "차례별 충실성"),
        Text(
            "Mean faithfulness of the turns of a conversation that have contexts; each turn is judged by "
            "its own. Two calls for each turn.",
            "대화에서 컨텍스트가 있는 차례들의 충실성 평균. 차례마다 자기 컨텍스트로 판정하며, 차례마다 "
            "호출 두 번입니다.",
        ),
        needs=frozenset({Needs.TURNS}),
        calls=2,
        calls_per=Per.TURN,
    ),
    prompts_of(Part.ANSWER_BY_CHUNKS),
    find_turn_faithfulness,
)


def _choose_goal(options: Mapping[str, str]) -> Find:
    repeats = count("repeats", options["repeats"], is_odd=True)

    async def find(case: Case, judge: Judge) -> Finding:
        return await find_aspect(judge, _goal_blocks(case), say(judge.language, _GOAL), repeats)

    return find


def _goal_blocks(case: Case) -> list[Block]:
    calls = [
        json.dumps({"name": call.name, "arguments": dict(call.arguments)}, ensure_ascii=False, sort_keys=True)
        for call in case.answer.tool_calls or ()
    ]
    blocks = [Block("question", case.example.question), Block("tool_calls", "\n".join(calls))]
    if case.example.reference:
        blocks.append(Block("reference", case.example.reference))
    return [*blocks, Block("answer", case.answer.text or "")]


GOAL_SUCCESS: Final = configurable(
    MetricSpec(
        "goal_success",
        1,
        Family.TOOLS,
        Text("Goal success", "목표 달성"),
        Text(
            "1 if tool calls and answer did what the user asked for, else 0, by majority of several "
            "samples. What the tools returned is not seen.",
            "도구 호출과 답변이 사용자가 요청한 일을 해냈으면 1, 아니면 0이며 여러 표본의 다수결입니다. "
            "도구가 돌려준 값은 보지 않습니다.",
        ),
        needs=frozenset({Needs.ANSWER, Needs.TOOL_CALLS}),
        calls=3,
        threshold=0.5,
        prompts=(worded("goal", _GOAL),),
    ),
    (ASPECT,),
    (REPEATS,),
    _choose_goal,
    count_repeats,
)

METRICS: Final[tuple[Metric, ...]] = (TURN_FAITHFULNESS, GOAL_SUCCESS)
