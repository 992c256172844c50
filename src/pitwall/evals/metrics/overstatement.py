"""Does the answer promise more than its sources? An aspect that is judged beside the contexts."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from pitwall.evals.judging.judge import Judge
from pitwall.evals.judging.prompts import worded
from pitwall.evals.metrics.aspects import ASPECT, find_aspect
from pitwall.evals.metrics.judged import Find, Finding, configurable, not_applicable, say
from pitwall.evals.metrics.judged_options import REPEATS, count, count_repeats, shown
from pitwall.evals.metrics.judged_reasons import Reason
from pitwall.evals.metrics.types import Family, Metric, MetricSpec, Needs
from pitwall.evals.types import Case, Direction
from pitwall.kit.i18n import Text

CRITERION: Final = Text(
    "The answer states as certain, guaranteed or unconditional something that the sources state only with "
    "conditions, limits, exceptions or doubt. Strong words overstate nothing where the sources are as firm.",
    "자료에서는 조건, 한도, 예외 또는 불확실성을 두고 말한 것을 답변이 확실하거나 보장되거나 무조건적인 "
    "것으로 말한다. 자료도 똑같이 단정하는 것이라면 강한 표현이라도 과장이 아니다.",
)


def _choose(options: Mapping[str, str]) -> Find:
    repeats = count("repeats", options["repeats"], is_odd=True)

    async def find(case: Case, judge: Judge) -> Finding:
        chunks = case.answer.contexts or ()
        if any(chunk.is_only_named for chunk in chunks):
            return not_applicable(Reason.NO_CONTEXT_TEXT, judge.language)
        if not any(chunk.text.strip() for chunk in chunks):
            return not_applicable(Reason.NO_CONTEXTS, judge.language)
        blocks = shown(case, ("contexts",))
        return await find_aspect(judge, blocks, say(judge.language, CRITERION), repeats)

    return find


OVERSTATEMENT: Final = configurable(
    MetricSpec(
        "overstatement",
        1,
        Family.SUMMARY,
        Text("Overstatement", "과도한 단정"),
        Text(
            "1 if this holds, else 0, by majority of several samples: "
            + CRITERION.en
            + " Claims that no source "
            "speaks of are for summary_faithfulness.",
            "다음이 성립하면 1, 아니면 0이며 여러 표본의 다수결입니다: "
            + CRITERION.ko
            + " 자료에 없는 주장은 "
            "summary_faithfulness가 봅니다.",
        ),
        Direction.LOWER,
        needs=frozenset({Needs.ANSWER, Needs.CONTEXTS}),
        calls=3,
        threshold=0.0,
        prompts=(worded("overstatement", CRITERION),),
    ),
    (ASPECT,),
    (REPEATS,),
    _choose,
    count_repeats,
)

METRICS: Final[tuple[Metric, ...]] = (OVERSTATEMENT,)
