"""What all metrics that ask a judge have in common: findings become scores, failed calls become errors."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Any, Final

from pitwall.evals.judging.judge import Judge, TooLong
from pitwall.evals.judging.prompts import BUILT_IN, Prompts, language_of
from pitwall.evals.metrics.judged_reasons import JUDGE_FAILED, SAYS, Reason
from pitwall.evals.metrics.types import ConfigurableMetric, MetricOption, MetricSpec
from pitwall.evals.types import Case, Json, Score, ScoreStatus
from pitwall.kit.i18n import Text
from pitwall.llm.types import CallFailed, CallFailure, Models

_SPECS_KEPT: Final = 1024
"""More than there are metrics; other wordings come and go in a server."""


@dataclass(frozen=True, slots=True)
class Finding:
    """What a judged metric found, before it is a score with a name."""

    status: ScoreStatus
    value: float | None = None
    reason: str | None = None
    explanation: str | None = None
    evidence: Json = None


Find = Callable[[Case, Judge], Awaitable[Finding]]


@dataclass(frozen=True, slots=True)
class JudgedMetric:
    """A metric that asks a judge.

    Attributes:
        facts: Its spec but for the prompts.
        prompts: Names of the prompts that it asks with.
        find: Judges a case that has what the metric needs.
        wording: What these prompts say.
    """

    facts: MetricSpec
    prompts: tuple[str, ...]
    find: Find
    wording: Prompts = BUILT_IN

    @property
    def spec(self) -> MetricSpec:
        """Facts about it, with the hashes of its prompts."""
        return _with_prompts(self.facts, self.prompts, self.wording)

    def with_prompts(self, prompts: Prompts) -> JudgedMetric:
        """The metric, asking with other prompts."""
        return replace(self, wording=prompts)

    async def score(self, case: Case, models: Models | None) -> Score:
        """Judge a case."""
        language = case.example.language
        if models is None:
            return self._score(_finding(ScoreStatus.ERROR, Reason.NO_JUDGE, language))
        judge = Judge(models, language, self.wording)
        try:
            finding = await self.find(case, judge)
        except CallFailed as error:
            if error.failure is CallFailure.BUDGET:
                raise
            explanation = say(language, JUDGE_FAILED, message=error.message)
            finding = Finding(ScoreStatus.ERROR, None, f"judge_{error.failure.value}", explanation)
        except TooLong as error:
            finding = _finding(ScoreStatus.ERROR, Reason.TOO_LONG, language, characters=error.characters)
        return self._score(finding, judge.calls)

    def _score(self, finding: Finding, calls: tuple[str, ...] = ()) -> Score:
        return Score(
            self.facts.name,
            finding.status,
            finding.value,
            finding.reason,
            finding.explanation,
            finding.evidence,
            calls,
        )


def configurable(
    facts: MetricSpec,
    prompts: tuple[str, ...],
    options: tuple[MetricOption, ...],
    choose: Callable[[Mapping[str, str]], Find],
    count_calls: Callable[[Mapping[str, str]], int] | None = None,
    wording: Prompts = BUILT_IN,
) -> ConfigurableMetric:
    """Make a judged metric that takes options.

    Args:
        facts: Its spec but for the prompts.
        prompts: Names of the prompts that it asks with.
        options: What can be set.
        choose: Makes the judging from the values of all options; raises ValueError about one.
        count_calls: Calls for one case by the values of all options, if they change it.
        wording: What its prompts say.
    """

    def build(spec: MetricSpec, values: Mapping[str, str]) -> JudgedMetric:
        find = choose(values)
        calls = spec.calls if count_calls is None else count_calls(values)
        return JudgedMetric(replace(spec, calls=calls, prompts=facts.prompts), prompts, find, wording)

    def reword(other: Prompts) -> ConfigurableMetric:
        return configurable(facts, prompts, options, choose, count_calls, other)

    return ConfigurableMetric(_with_prompts(facts, prompts, wording), options, build, reword)


def say(language: str, text: Text, **values: Any) -> str:
    """Say something in the language of a case."""
    return text.say(language_of(language), **values)


def scored(
    value: float, explanation: str | None = None, evidence: Json = None, reason: Reason | None = None
) -> Finding:
    """A value; the reason says what is special about it."""
    code = None if reason is None else reason.value
    return Finding(ScoreStatus.SCORED, value, code, explanation, evidence)


def not_applicable(reason: Reason, language: str, evidence: Json = None) -> Finding:
    """The metric has nothing to say of the case."""
    return _finding(ScoreStatus.NOT_APPLICABLE, reason, language, evidence)


def undetermined(reason: Reason, language: str, evidence: Json = None, **values: Any) -> Finding:
    """Too little of the verdict is known."""
    return _finding(ScoreStatus.UNDETERMINED, reason, language, evidence, **values)


def _finding(
    status: ScoreStatus, reason: Reason, language: str, evidence: Json = None, **values: Any
) -> Finding:
    return Finding(status, None, reason.value, say(language, SAYS[reason], **values), evidence)


@lru_cache(maxsize=_SPECS_KEPT)
def _with_prompts(facts: MetricSpec, prompts: tuple[str, ...], wording: Prompts) -> MetricSpec:
    return replace(facts, prompts=(*facts.prompts, *wording.digests(prompts)))
