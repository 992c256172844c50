"""Tool calls against the calls that are right: four numbers that are kept apart. No model.

Calls of one name are paired so that most arguments agree. Values are compared as JSON with their types: `1`
is `1.0`, but not `"1"` and not `true`; text is compared in NFC.
"""

from __future__ import annotations

import math
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from functools import partial
from typing import Final

from pitwall.evals.metrics.matching import best_pairs
from pitwall.evals.metrics.results import not_applicable, scored
from pitwall.evals.metrics.types import (
    CodeMetric,
    ConfigurableMetric,
    Family,
    Metric,
    MetricOption,
    MetricSpec,
    Needs,
)
from pitwall.evals.text.sequences import lcs_length
from pitwall.evals.types import Case, Json, Score, ToolCall
from pitwall.kit.i18n import Text
from pitwall.kit.text import normalise

_NEEDS: Final = frozenset((Needs.TOOL_CALLS, Needs.REFERENCE_TOOL_CALLS))
_ANY_FIELD: Final = ""

NAME_PRECISION: Final = MetricSpec(
    "tool_name_precision",
    1,
    Family.TOOLS,
    Text("Tool precision", "도구 정밀도"),
    Text(
        "Share of the calls made whose tool should have been called, names counted as multisets.",
        "호출한 것 중 호출해야 할 도구의 비율입니다(이름의 다중집합).",
    ),
    needs=_NEEDS,
)
NAME_RECALL: Final = MetricSpec(
    "tool_name_recall",
    1,
    Family.TOOLS,
    Text("Tool recall", "도구 재현율"),
    Text(
        "Share of the right calls whose tool was called, names counted as multisets.",
        "호출해야 할 것 중 호출한 도구의 비율입니다(이름의 다중집합).",
    ),
    needs=_NEEDS,
)
ARGUMENTS: Final = MetricSpec(
    "tool_argument_accuracy",
    1,
    Family.TOOLS,
    Text("Argument accuracy", "인수 정확도"),
    Text(
        "Over the pairs of calls of one tool: equal arguments by all argument names of either, averaged. "
        "Says nothing of calls that are missing or too many.",
        "같은 도구의 호출 쌍마다 같은 인수 수를 양쪽의 모든 인수 이름 수로 나눈 값의 평균입니다. 빠지거나 "
        "더한 호출은 보지 않습니다.",
    ),
    needs=_NEEDS,
)
ORDER: Final = MetricSpec(
    "tool_order",
    1,
    Family.TOOLS,
    Text("Tool order", "도구 순서"),
    Text(
        "Longest common subsequence of the tools' names, by the number of right calls.",
        "도구 이름의 최장 공통 부분열 길이를 정답 호출 수로 나눈 값입니다.",
    ),
    needs=_NEEDS,
)
EXACT: Final = MetricSpec(
    "tool_exact",
    1,
    Family.TOOLS,
    Text("Tool calls exact", "도구 호출 일치"),
    Text(
        "1 if the calls made are the right ones, arguments and order included, else 0.",
        "호출이 인수와 순서까지 정답과 같으면 1, 아니면 0입니다.",
    ),
    needs=_NEEDS,
)


def equal_json(one: Json, other: Json, tolerance: float = 0.0) -> bool:
    """Whether two JSON values are the same with their types.

    Args:
        tolerance: By which share of the larger one two numbers may differ.
    """
    if isinstance(one, bool) or isinstance(other, bool):
        return one is other
    if isinstance(one, int | float) and isinstance(other, int | float):
        return one == other or math.isclose(one, other, rel_tol=tolerance)
    if isinstance(one, str) and isinstance(other, str):
        return normalise(one) == normalise(other)
    if isinstance(one, Mapping) and isinstance(other, Mapping):
        return one.keys() == other.keys() and all(equal_json(one[key], other[key], tolerance) for key in one)
    if isinstance(one, list | tuple) and isinstance(other, list | tuple):
        return len(one) == len(other) and all(
            equal_json(left, right, tolerance) for left, right in zip(one, other, strict=True)
        )
    return one is None and other is None


Tolerances = Mapping[str, float]
"""By argument name; the empty name is for all others."""


def argument_share(made: ToolCall, right: ToolCall, tolerances: Tolerances) -> float:
    """Return the share of equal arguments among all names of either call; 1 if neither has any."""
    names = made.arguments.keys() | right.arguments.keys()
    equal = sum(
        1
        for name in names
        if name in made.arguments
        and name in right.arguments
        and equal_json(
            made.arguments[name],
            right.arguments[name],
            tolerances.get(name, tolerances.get(_ANY_FIELD, 0.0)),
        )
    )
    return equal / len(names) if names else 1.0


def pair_calls(
    made: Sequence[ToolCall], right: Sequence[ToolCall], tolerances: Tolerances
) -> list[tuple[int, int, float]]:
    """Pair calls of one name so that the arguments agree best: (index made, index right, share)."""
    by_name: dict[str, tuple[list[int], list[int]]] = defaultdict(lambda: ([], []))
    for side, calls in enumerate((made, right)):
        for index, call in enumerate(calls):
            by_name[call.name][side].append(index)
    pairs = []
    for ours, theirs in by_name.values():
        if not ours or not theirs:
            continue
        shares = [[argument_share(made[one], right[other], tolerances) for other in theirs] for one in ours]
        pairs += [(ours[row], theirs[column], shares[row][column]) for row, column in best_pairs(shares)]
    return sorted(pairs)


def _names(calls: Sequence[ToolCall]) -> list[str]:
    return [call.name for call in calls]


def _calls(case: Case) -> tuple[Sequence[ToolCall], Sequence[ToolCall]]:
    return case.answer.tool_calls or (), case.example.reference_tool_calls or ()


def _by_name(spec: MetricSpec, case: Case) -> Score:
    made, right = _calls(case)
    counted = made if spec is NAME_PRECISION else right
    if not counted:
        return not_applicable(spec, "no_calls_made" if spec is NAME_PRECISION else "no_calls_expected")
    ours, theirs = Counter(_names(made)), Counter(_names(right))
    evidence = {"missing": sorted((theirs - ours).elements()), "extra": sorted((ours - theirs).elements())}
    return scored(spec, (ours & theirs).total() / len(counted), evidence=evidence)


def _arguments(spec: MetricSpec, tolerances: Tolerances, case: Case) -> Score:
    made, right = _calls(case)
    pairs = pair_calls(made, right, tolerances)
    if not pairs:
        return not_applicable(spec, "no_calls_paired")
    evidence = [{"made": one, "right": other, "equal": share} for one, other, share in pairs]
    return scored(spec, sum(share for _, _, share in pairs) / len(pairs), evidence={"pairs": evidence})


def _order(case: Case) -> Score:
    made, right = _calls(case)
    if not right:
        return not_applicable(ORDER, "no_calls_expected")
    return scored(ORDER, lcs_length(_names(made), _names(right)) / len(right))


def _exact(spec: MetricSpec, tolerances: Tolerances, case: Case) -> Score:
    made, right = _calls(case)
    is_exact = _names(made) == _names(right) and all(
        argument_share(one, other, tolerances) == 1.0 for one, other in zip(made, right, strict=True)
    )
    return scored(spec, float(is_exact))


def read_tolerances(text: str) -> dict[str, float]:
    """Read `0.01` or `price=0.01;amount=0.1`.

    Raises:
        ValueError: A tolerance is no number of at least 0.
    """
    found = {}
    for part in filter(None, text.split(";")):
        name, equals, number = part.rpartition("=")
        value = float(number)
        if value < 0 or (equals and not name):
            raise ValueError(f"tolerance is {part!r}, not `0.01` or `price=0.01;amount=0.1`")
        found[name.strip()] = value
    return found


def _build_arguments(spec: MetricSpec, options: Mapping[str, str]) -> Metric:
    return CodeMetric(spec, partial(_arguments, spec, read_tolerances(options["tolerance"])))


def _build_exact(spec: MetricSpec, options: Mapping[str, str]) -> Metric:
    return CodeMetric(spec, partial(_exact, spec, read_tolerances(options["tolerance"])))


_TOLERANCE: Final = MetricOption(
    "tolerance",
    Text(
        "By which share numbers may differ, for all or by argument: `0.01`, `price=0.01;amount=0.1`.",
        "숫자가 달라도 되는 비율. 전체 또는 인수별: `0.01`, `price=0.01;amount=0.1`.",
    ),
    "0",
)
METRICS: Final[tuple[Metric, ...]] = (
    CodeMetric(NAME_PRECISION, partial(_by_name, NAME_PRECISION)),
    CodeMetric(NAME_RECALL, partial(_by_name, NAME_RECALL)),
    ConfigurableMetric(ARGUMENTS, (_TOLERANCE,), _build_arguments),
    CodeMetric(ORDER, _order),
    ConfigurableMetric(EXACT, (_TOLERANCE,), _build_exact),
)
