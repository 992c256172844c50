"""Levels by a judge: rubrics, and G-Eval, which makes steps of a criterion first.

Each is asked several times, as independent samples; majority and agreement are in the evidence. One reply is
never passed off as several.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

from pitwall.evals.judging.judge import Judge, together
from pitwall.evals.judging.prompts import Block, worded
from pitwall.evals.judging.shapes import LevelVerdict, Steps
from pitwall.evals.judging.votes import count_votes, expected_level
from pitwall.evals.metrics.judged import Find, Finding, configurable, say, scored
from pitwall.evals.metrics.judged_options import (
    CRITERIA,
    REPEATS,
    SEES,
    count,
    count_repeats,
    parse_sees,
    required,
    shown,
)
from pitwall.evals.metrics.types import Family, Metric, MetricOption, MetricSpec, Needs
from pitwall.evals.types import Case
from pitwall.kit.i18n import Text

LEVELS: Final = "rubric_levels"
STEPS: Final = "evaluation_steps"
BY_STEPS: Final = "g_eval"
N_LEVELS: Final = 5
_NEEDS: Final = frozenset({Needs.ANSWER})


def level_value(level: int) -> float:
    """The level 1 is 0, the highest is 1."""
    return (level - 1) / (N_LEVELS - 1)


_DEFAULT_LEVELS: Final = Text(
    "1: does not answer the question, or is wrong|2: answers a small part, with serious errors or gaps|3: "
    "answers in part, or with errors that a reader would notice|4: answers rightly and nearly "
    "completely|5: answers rightly, completely and clearly",
    "1: 질문에 답하지 않거나 틀렸다|2: 작은 부분만 답하며 심각한 오류나 빠진 내용이 있다|3: 일부만 "
    "답하거나, 읽는 사람이 알아챌 오류가 있다|4: 옳게, 거의 빠짐없이 답한다|5: 옳고 빠짐없이, 분명하게 "
    "답한다",
)
LEVELS_OPTION: Final = MetricOption(
    "levels",
    Text(
        "What the levels 1 to 5 mean, five sentences joined by `|`; `default` grades how well the question "
        "is answered. An example's own `rubric` in its metadata comes first.",
        "1에서 5 수준의 뜻, `|`로 이은 다섯 문장. `default`는 질문에 얼마나 잘 답했는지를 봅니다. 예제의 "
        "메타데이터에 `rubric`이 있으면 그것이 먼저입니다.",
    ),
    "default",
)
RUBRIC_FIELD: Final = "rubric"


def levels_of(case: Case, option: str) -> str:
    """The rubric of a case: that of its example, else that of the option, else the default one."""
    own = case.example.metadata.get(RUBRIC_FIELD)
    if isinstance(own, Mapping):
        return "\n".join(f"{level}: {meaning}" for level, meaning in sorted(own.items()))
    if isinstance(own, str) and own.strip():
        return own
    if option == "default":
        return "\n".join(say(case.example.language, _DEFAULT_LEVELS).split("|"))
    return "\n".join(f"{level}: {meaning.strip()}" for level, meaning in enumerate(option.split("|"), 1))


def _choose_rubric(options: Mapping[str, str]) -> Find:
    repeats, sees = count("repeats", options["repeats"], is_odd=True), parse_sees(options["sees"])
    option = options["levels"]
    if option != "default" and len([level for level in option.split("|") if level.strip()]) != N_LEVELS:
        raise ValueError(f"levels has to be {N_LEVELS} sentences joined by `|`")

    async def find(case: Case, judge: Judge) -> Finding:
        levels = levels_of(case, option)
        return await _find_level(judge, LEVELS, shown(case, sees), repeats, {"levels": levels})

    return find


async def _find_level(
    judge: Judge, prompt: str, blocks: Sequence[Block], repeats: int, values: Mapping[str, str]
) -> Finding:
    replies = await _ask_levels(judge, prompt, blocks, repeats, values)
    votes = count_votes(replies)
    level = votes.majority or votes.median
    explanation = next(reply.reason for reply in replies if reply.verdict == level)
    evidence = {**votes.evidence(replies), "level": int(level), **values}
    return scored(level_value(int(level)), explanation, evidence)


async def _ask_levels(
    judge: Judge, prompt: str, blocks: Sequence[Block], repeats: int, values: Mapping[str, str]
) -> Sequence[LevelVerdict]:
    return await together(
        [judge.ask(prompt, LevelVerdict, blocks, values, sample=sample) for sample in range(repeats)]
    )


RUBRIC: Final = configurable(
    MetricSpec(
        "rubric",
        1,
        Family.RUBRIC,
        Text("Rubric", "루브릭"),
        Text(
            "Level 1 to 5 of a rubric, by majority of several samples (the middle one without a majority), "
            "as (level - 1) / 4.",
            "루브릭의 1에서 5 수준. 여러 표본의 다수결(다수가 없으면 가운데 값)이며 (수준 - 1) / 4로 "
            "나타냅니다.",
        ),
        needs=_NEEDS,
        calls=3,
        prompts=(worded("levels", _DEFAULT_LEVELS),),
    ),
    (LEVELS,),
    (LEVELS_OPTION, REPEATS, SEES),
    _choose_rubric,
    count_repeats,
)


def _choose_g_eval(options: Mapping[str, str]) -> Find:
    repeats, sees = count("repeats", options["repeats"]), parse_sees(options["sees"])
    criteria = required("criteria", options)

    async def find(case: Case, judge: Judge) -> Finding:
        steps = (await judge.ask(STEPS, Steps, [], {"criteria": criteria})).steps
        said = "\n".join(f"{number}. {step}" for number, step in enumerate(steps, 1))
        blocks = shown(case, sees)
        replies = await _ask_levels(judge, BY_STEPS, blocks, repeats, {"criteria": criteria, "steps": said})
        votes = count_votes(replies)
        value = expected_level({int(level): n for level, n in votes.counts.items()}, 1, N_LEVELS)
        explanation = next(reply.reason for reply in replies if reply.verdict == votes.median)
        return scored(value, explanation, {**votes.evidence(replies), "steps": steps})

    return find


G_EVAL: Final = configurable(
    MetricSpec(
        "g_eval",
        1,
        Family.RUBRIC,
        Text("G-Eval", "G-Eval 단계 평가"),
        Text(
            "A criterion of your own becomes steps (one call for a whole data set), the steps a level 1 to "
            "5: the mean level of several samples as (level - 1) / 4. Token probabilities are not used; "
            "servers differ in them.",
            "직접 쓴 기준을 평가 단계로 바꾸고(데이터셋 전체에 호출 한 번), 그 단계로 1에서 5 수준을 "
            "매깁니다: 여러 표본의 평균 수준을 (수준 - 1) / 4로 나타냅니다. 토큰 확률은 서버마다 달라 쓰지 "
            "않습니다.",
        ),
        needs=_NEEDS,
        calls=4,
    ),
    (STEPS, BY_STEPS),
    (CRITERIA, REPEATS, SEES),
    _choose_g_eval,
    lambda options: count_repeats(options) + 1,
)

METRICS: Final[tuple[Metric, ...]] = (RUBRIC, G_EVAL)
