"""What of a rule cannot be evaluated, by the catalogue of now, and what of it is unwise."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from itertools import pairwise

from pitwall.alerts.rules import (
    AnomalyCondition,
    BandsCondition,
    BurnRateCondition,
    ChangeCondition,
    CompoundCondition,
    Condition,
    Rule,
    SimpleCondition,
    Step,
    ThresholdCondition,
    simple_conditions,
)
from pitwall.anomalies.registry import UnknownDetector, find_detector
from pitwall.kit.durations import format_duration
from pitwall.kit.i18n import Text
from pitwall.signals.catalogue import Catalogue, Signal
from pitwall.signals.errors import ExpressionInvalid, QuestionInvalid, UnknownSignal
from pitwall.signals.evaluation import check_question
from pitwall.signals.expressions import Breakdown

_UNKNOWN = Text("There is no signal {name}.", "이름이 {name}인 신호가 없습니다.")
_NEAREST = Text(" Did you mean {names}?", " 비슷한 이름: {names}.")
_MANY_VALUES = Text(
    "{name} has many values per window and no single number that could be judged.",
    "{name}에는 구간마다 값이 여러 개라 판단할 숫자가 하나로 정해지지 않습니다.",
)
_LABELS = Text(
    "{name} cannot be split by all of {by}; it has {known}.",
    "{by} 레이블로 나눌 수 없는 신호입니다: {name}. 나눌 수 있는 레이블: {known}.",
)
_WHERE = Text("The condition does not fit {name}: {error}", "조건이 {name} 신호에 맞지 않습니다. {error}")
_NO_BANDS = Text(
    "{name} has no bands; give limits with `threshold`.",
    "{name} 신호에는 밴드가 없습니다. `threshold`로 한계를 정하세요.",
)
_NO_SHARE = Text(
    "A burn rate needs a share between 0 and 1, and {name} is in {unit}.",
    "소진 속도는 0에서 1 사이의 비율로만 셈합니다. {name}의 단위는 {unit}입니다.",
)
_NO_RATIO = Text(
    "`confidence` is for ratios, and {name} is in {unit}.",
    "`confidence`는 비율에만 쓸 수 있습니다. {name}의 단위는 {unit}입니다.",
)
_NOT_OF_RULE = Text(
    "Condition {number} is split by {by}, which the rule is not; the rule has {known}.",
    "조건 {number}은 규칙에 없는 {by} 레이블로 나뉩니다. 규칙의 레이블: {known}.",
)
_NONE_WHOLE = Text(
    "No condition is split by all labels of the rule ({known}), so nothing names its alerts.",
    "규칙의 모든 레이블({known})로 나뉘는 조건이 없어 경보를 구분할 수 없습니다.",
)
_DETECTOR = Text("There is no detector {name}.", "이름이 {name}인 탐지기가 없습니다.")
_LIMITS = Text("{problem}.", "한계가 맞지 않습니다: {problem}.")
_SHORT_FOR = Text(
    "`for` {hold} is shorter than the window {window}: one burst stays in the window for {window}, so that "
    "`for` delays the alert and filters nothing. Write 0s, or at least {window}.",
    "`for` {hold}가 구간 {window}보다 짧습니다. 한 번 튄 값도 {window} 동안 구간에 남으므로 경보가 늦어질 뿐 "
    "걸러지는 것이 없습니다. 0s 또는 {window} 이상으로 쓰세요.",
)
_OWN_LEVELS = Text(
    "`severity` has no effect on a condition whose limits say how bad a value is.",
    "한계가 심각도를 정하는 조건에는 `severity`가 쓰이지 않습니다.",
)


@dataclass(frozen=True, slots=True)
class RuleProblem:
    """Something about a rule; `where` is a path such as `when.all.0.bands`."""

    where: str
    text: Text


def problems_of(rule: Rule, catalogue: Catalogue) -> tuple[RuleProblem, ...]:
    """Why a rule cannot be evaluated; empty if it can."""
    return (*_condition_problems(rule, rule.when, "when", catalogue), *_label_problems(rule))


def notices_of(rule: Rule) -> tuple[RuleProblem, ...]:
    """What is unwise about a rule that can be evaluated."""
    return tuple(_notices(rule))


def _notices(rule: Rule) -> Iterator[RuleProblem]:
    longest = max((one.look.window or rule.window for one in _windowed(rule)), default=timedelta())
    if timedelta() < rule.timing.hold < longest:
        values = {"hold": format_duration(rule.timing.hold), "window": format_duration(longest)}
        yield RuleProblem("for", _filled(_SHORT_FOR, **values))
    if rule.severity is not None and isinstance(
        rule.when, BandsCondition | ThresholdCondition | ChangeCondition | BurnRateCondition
    ):
        yield RuleProblem("severity", _OWN_LEVELS)


def _windowed(rule: Rule) -> Iterator[SimpleCondition]:
    """Conditions whose value stands still for a window."""
    return (one for one in simple_conditions(rule.when) if not isinstance(one, BurnRateCondition))


def _condition_problems(
    rule: Rule, condition: Condition, where: str, catalogue: Catalogue
) -> Iterator[RuleProblem]:
    if isinstance(condition, CompoundCondition):
        joined = _joined(rule, condition, where)
        for place, part in joined:
            yield from _condition_problems(rule, part, place, catalogue)
        return
    place = f"{where}.{condition.kind}"
    by = rule.by if condition.look.by is None else condition.look.by
    records = rule.where if condition.look.where is None else condition.look.where
    problem = _question_problem(catalogue, condition.signal, by, records)
    if problem is not None:
        yield RuleProblem(f"{place}.signal", problem)
        return
    signal = catalogue.get(condition.signal)
    yield from (RuleProblem(place, text) for text in _kind_problems(rule, condition, signal))


def _joined(rule: Rule, condition: CompoundCondition, where: str) -> Iterator[tuple[str, Condition]]:
    written = _written(rule, where)
    key = next((name for name in ("all", "any") if name in written), None)
    for index, part in enumerate(condition.parts):
        yield (where if key is None else f"{where}.{key}.{index}"), part
    if condition.unless is not None:
        yield f"{where}.unless", condition.unless


def _written(rule: Rule, where: str) -> dict[str, object]:
    found: object = rule.content
    for part in where.split("."):
        found = found[int(part)] if isinstance(found, list) else found[part]  # type: ignore[index]
    return found if isinstance(found, dict) else {}


def _question_problem(catalogue: Catalogue, name: str, by: tuple[str, ...], where: str) -> Text | None:
    try:
        signal = check_question(catalogue, name, by=by, where=where)
    except UnknownSignal:
        near = catalogue.nearest_names(name)
        unknown, nearest = _filled(_UNKNOWN, name=name), _filled(_NEAREST, names=", ".join(near))
        return Text(unknown.en + nearest.en, unknown.ko + nearest.ko) if near else unknown
    except QuestionInvalid:
        known = ", ".join(catalogue.get(name).by) or "–"
        return _filled(_LABELS, name=name, by=", ".join(by), known=known)
    except ExpressionInvalid as error:
        return _filled(_WHERE, name=name, error=str(error))
    return _filled(_MANY_VALUES, name=name) if isinstance(signal.value, Breakdown) else None


def _kind_problems(rule: Rule, condition: SimpleCondition, signal: Signal) -> Iterator[Text]:
    values = {"name": signal.name, "unit": signal.unit}
    if rule.confidence is not None and signal.unit != "ratio":
        yield _filled(_NO_RATIO, **values)
    match condition:
        case BandsCondition():
            if signal.bands.warning is None and signal.bands.critical is None:
                yield _filled(_NO_BANDS, **values)
        case BurnRateCondition():
            if signal.unit != "ratio":
                yield _filled(_NO_SHARE, **values)
        case AnomalyCondition(detector=name):
            try:
                find_detector(name)
            except UnknownDetector as error:
                yield Text(str(error), _filled(_DETECTOR, name=name).ko)
        case ThresholdCondition(steps=steps) | ChangeCondition(steps=steps):
            yield from (_filled(_LIMITS, problem=problem) for problem in _step_problems(steps))


def _step_problems(steps: tuple[Step, ...]) -> Iterator[str]:
    for step in steps:
        name = step.level.severity.value
        if step.exit is not None and step.exit.meets(step.enter):
            yield f"{name}: exit '{step.exit}' must lie outside enter '{step.enter}'"
    for worse, milder in pairwise(steps):
        if worse.enter.is_upper != milder.enter.is_upper:
            yield f"'{worse.enter}' and '{milder.enter}' point in different directions"
        elif milder.enter.is_within(worse.enter):
            yield (
                f"{milder.level.severity.value} '{milder.enter}' can never trigger: "
                f"'{worse.enter}' is already {worse.level.severity.value}"
            )


def _label_problems(rule: Rule) -> Iterator[RuleProblem]:
    known = ", ".join(rule.by) or "–"
    splits = []
    for number, one in enumerate(simple_conditions(rule.when), 1):
        by = rule.by if one.look.by is None else one.look.by
        splits.append(by)
        strange = [name for name in by if name not in rule.by]
        if strange:
            values = {"number": str(number), "by": ", ".join(strange), "known": known}
            yield RuleProblem("by", _filled(_NOT_OF_RULE, **values))
    if all(set(by) != set(rule.by) for by in splits):
        yield RuleProblem("by", _filled(_NONE_WHOLE, known=known))
    if len(set(rule.by)) < len(rule.by):
        yield RuleProblem("by", Text("A label is listed twice.", "레이블이 두 번 적혀 있습니다."))


def _filled(text: Text, **values: str) -> Text:
    return Text(text.en.format(**values), text.ko.format(**values))
