"""Does the answer tell what the example says that it has to tell? By the points in the example's metadata."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, Final

from pitwall.evals.judging.items import judge_items, picked, verdict_view
from pitwall.evals.judging.judge import Judge
from pitwall.evals.judging.prompts import Block, listed
from pitwall.evals.judging.shapes import PointVerdict, PointVerdicts
from pitwall.evals.metrics.claim_matrix import share
from pitwall.evals.metrics.judged import (
    Find,
    Finding,
    configurable,
    not_applicable,
    say,
    scored,
    undetermined,
)
from pitwall.evals.metrics.judged_options import required
from pitwall.evals.metrics.judged_reasons import Reason
from pitwall.evals.metrics.types import Family, Metric, MetricOption, MetricSpec, Needs
from pitwall.evals.types import Case, Json
from pitwall.kit.i18n import Text

POINTS: Final = "required_points"
_SEPARATOR: Final = re.compile(r"[;\n]")


def points_of(value: Json) -> list[str]:
    """The points of a member of metadata: a list of texts, or one text split at `;` and line breaks."""
    parts = _SEPARATOR.split(value) if isinstance(value, str) else value if isinstance(value, list) else []
    points = (" ".join(str(part).split()) for part in parts if isinstance(part, str | int | float))
    return list(dict.fromkeys(point for point in points if point))


def _choose(options: Mapping[str, str]) -> Find:
    name = required("field", options)

    async def find(case: Case, judge: Judge) -> Finding:
        points = points_of(case.example.metadata.get(name))
        if not points:
            return not_applicable(Reason.NO_POINTS, judge.language)
        numbered = dict(enumerate(points, 1))
        told = [Block("question", case.example.question), Block("text", case.answer.text or "")]
        verdicts = await judge_items(
            judge,
            POINTS,
            PointVerdicts,
            lambda reply: reply.verdicts,
            numbered,
            lambda wanted: [*told, Block("points", listed(picked(numbered, wanted)))],
        )
        return _conclude(numbered, verdicts, judge.language)

    return find


def _conclude(points: Mapping[int, str], verdicts: Mapping[int, PointVerdict], language: str) -> Finding:
    counted = share(
        (number in verdicts and verdicts[number].verdict == "yes" for number in points),
        (number in verdicts for number in points),
    )
    evidence: dict[str, Any] = {
        "points": [{"text": text, **verdict_view(verdicts.get(n))} for n, text in points.items()],
        "coverage": counted.coverage,
    }
    if counted.value is None or not counted.is_determined:
        return undetermined(Reason.LOW_COVERAGE, language, evidence, coverage=counted.coverage)
    return scored(counted.value, say(language, _TOLD, holds=counted.holds, total=counted.total), evidence)


_TOLD: Final = Text(
    "The answer tells {holds} of {total} required points.",
    "답변이 전해야 할 항목 {total}개 중 {holds}개를 전합니다.",
)

REQUIRED_POINTS: Final = configurable(
    MetricSpec(
        "required_points",
        1,
        Family.SUMMARY,
        Text("Required points", "필수 항목"),
        Text(
            "Of the points that the example's metadata lists, the share that the answer tells; for summaries "
            "that must not leave out risks, limits or next steps. What the points are, only the dataset "
            "says: `required_points:field=summary_tags` reads EvalVault's tags.",
            "예제 메타데이터에 적힌 항목 가운데 답변이 전하는 비율. 위험, 한도, 다음 절차를 빠뜨리면 안 되는 "
            "요약에 씁니다. 무엇이 항목인지는 데이터셋만이 정합니다: `required_points:field=summary_tags`는 "
            "EvalVault의 태그를 읽습니다.",
        ),
        needs=frozenset({Needs.ANSWER}),
        calls=1,
        threshold=1.0,
    ),
    (POINTS,),
    (
        MetricOption(
            "field",
            Text(
                "Member of the metadata with the points: a list, or a text with `;` between them.",
                "항목이 있는 메타데이터의 이름: 목록이거나 `;`로 나눈 글.",
            ),
            POINTS,
        ),
    ),
    _choose,
)

METRICS: Final[tuple[Metric, ...]] = (REQUIRED_POINTS,)
