"""Why a signal has no value: found in the telemetry itself, told in words with the way out."""

from __future__ import annotations

from dataclasses import dataclass

from pitwall.core.vocabulary import Band
from pitwall.kit.durations import format_instant
from pitwall.kit.i18n import Text
from pitwall.signals.catalogue import Catalogue
from pitwall.signals.evidence import Evidence
from pitwall.signals.expressions import Aggregate, Condition, Function, Source, columns_of, conjunction
from pitwall.signals.no_data_texts import (
    LATEST,
    NEVER,
    OBSERVATIONS,
    REASONS,
    SOURCES_IN_WORDS,
    WITH_COLUMNS,
    NoDataReason,
    filled,
    joined,
)
from pitwall.signals.operands import Operand, operands_of
from pitwall.signals.parser import parse_condition
from pitwall.signals.types import SignalQuery, SignalResult
from pitwall.signals.watermark import Present
from pitwall.traces.spans import format_nano


@dataclass(frozen=True, slots=True)
class Need:
    """One thing that a value needs, and whether it was seen in the range."""

    what: Text
    is_seen: bool


@dataclass(frozen=True, slots=True)
class NoData:
    """Why a question has no value that can be judged.

    Attributes:
        last_seen_unix_nano: When what is missing was last there; None if it never was, or nothing is missing.
        needs: What a value needs, in the order in which it was looked for.
    """

    reason: NoDataReason
    text: Text
    last_seen_unix_nano: int | None
    needs: list[Need]


@dataclass(frozen=True, slots=True)
class StatementText:
    """A statement that answers a question, as people read it, and the tables it reads."""

    sql: str
    tables: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Explanation:
    """How a question is answered, and why it has no value; `no_data` is None if it has one."""

    name: str
    statements: list[StatementText]
    no_data: NoData | None


@dataclass(frozen=True, slots=True)
class _Step:
    """Records of a source that a value needs.

    Attributes:
        why: The reason if there are none.
        selected: The condition they meet; None for all.
        known: That they also tell what is measured.
    """

    source: Source
    why: NoDataReason
    selected: Condition | None = None
    known: Condition | None = None

    @property
    def condition(self) -> Condition | None:
        return conjunction(self.selected, self.known)

    @property
    def told(self) -> str:
        return ", ".join(str(column) for column in columns_of(self.known))

    @property
    def what(self) -> Text:
        words = SOURCES_IN_WORDS[self.source]
        if self.selected is not None:
            words = Text(f"{words.en}: {self.selected}", f"{words.ko}: {self.selected}")
        return words if self.known is None else filled(WITH_COLUMNS, records=words, told=self.told)


@dataclass(frozen=True, slots=True)
class _Gap:
    """The first step of which the range has nothing, and how many records the step before has."""

    step: _Step
    count_before: int


def why_no_data(
    catalogue: Catalogue, evidence: Evidence, query: SignalQuery, result: SignalResult, present: Present
) -> NoData | None:
    """Tell why an answer has no value that can be judged; None if it has one.

    Args:
        catalogue: Where the signal is declared.
        evidence: The telemetry of the question's project.
        query: The question.
        result: Its answer.
        present: Tells what is still to come.
    """
    if any(band is not Band.NO_DATA for series in result.series for band in series.bands):
        return None
    if result.since >= present.now:
        since = format_instant(result.since)
        return NoData(NoDataReason.FUTURE, filled(REASONS[NoDataReason.FUTURE], since=since), None, [])
    signal = catalogue.get(query.name)
    asked = parse_condition(query.where) if query.where.strip() else None
    operands = list(dict.fromkeys(operands_of(catalogue, signal)))
    needs: dict[Text, Need] = {}
    gaps = [_look(evidence, _steps(operand, asked), result, needs) for operand in operands]
    if any(value is not None for series in result.series for value in series.values):
        return _too_few(result, signal.bands.min_count, list(needs.values()))
    gap = next((gap for gap in gaps if gap is not None), None)
    if gap is None:
        return _undefined(operands, list(needs.values()))
    return _missing(evidence, gap, asked, list(needs.values()))


def _steps(operand: Operand, asked: Condition | None) -> list[_Step]:
    """What an operand needs, each step narrower than the one before."""
    source = operand.source
    steps = [_Step(source, NoDataReason.NONE_IN_RANGE)]
    if operand.condition is not None:
        steps.append(_Step(source, NoDataReason.NONE_MATCH, operand.condition))
    selected = conjunction(operand.condition, asked)
    if asked is not None:
        steps.append(_Step(source, NoDataReason.FILTERED_OUT, selected))
    if operand.known is not None:
        steps.append(_Step(source, NoDataReason.NOT_REPORTED, selected, operand.known))
    return steps


def _look(
    evidence: Evidence, steps: list[_Step], result: SignalResult, needs: dict[Text, Need]
) -> _Gap | None:
    """Look what the range has of each step, and note it among the needs."""
    conditions = [step.condition for step in steps]
    counts = evidence.counts(steps[0].source, conditions, result.since, result.until)
    for step, count in zip(steps, counts, strict=True):
        needs[step.what] = Need(step.what, count > 0)
    before = [0, *counts]
    return next(
        (_Gap(step, before[index]) for index, step in enumerate(steps) if not counts[index]),
        None,
    )


def _missing(evidence: Evidence, gap: _Gap, asked: Condition | None, needs: list[Need]) -> NoData:
    step, reason = gap.step, gap.step.why
    last = evidence.last_unix_nano(step.source, step.condition)
    if reason is NoDataReason.NONE_IN_RANGE and last is None:
        reason = NoDataReason.NOTHING_RECEIVED if evidence.is_empty() else NoDataReason.SOURCE_NOT_RECEIVED
    source = SOURCES_IN_WORDS[step.source]
    values = {"condition": step.selected, "asked": asked, "told": step.told, "count": gap.count_before}
    text = filled(REASONS[reason], source=source, **values)
    if last is not None:
        text = joined(text, filled(LATEST, at=format_nano(last)))
    elif step.why is not NoDataReason.NONE_IN_RANGE:
        text = joined(text, NEVER)
    return NoData(reason, text, last, needs)


def _undefined(operands: list[Operand], needs: list[Need]) -> NoData:
    """Everything is there, but no value can be computed of it."""
    measures = [operand.measure for operand in operands]
    grows = any(isinstance(one, Aggregate) and one.function is Function.INCREASE for one in measures)
    reason = NoDataReason.NO_GROWTH if grows else NoDataReason.UNDEFINED
    return NoData(reason, REASONS[reason], None, needs)


def _too_few(result: SignalResult, least: int, needs: list[Need]) -> NoData:
    """There are values, but none rests on enough observations."""
    most = max(count for series in result.series for count in series.counts)
    text = filled(REASONS[NoDataReason.TOO_FEW], most=most, least=least)
    need = Need(filled(OBSERVATIONS, count=least), is_seen=False)
    return NoData(NoDataReason.TOO_FEW, text, None, [*needs, need])
