"""What to improve, by the numbers: rules are data, and they say only what was measured. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from pitwall.evals.stages.summary import StageNumbers, StageSummary, Verdict
from pitwall.kit.i18n import Language, Text

Source = Literal["events", "spans"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Condition:
    """What a number has to be for a rule to speak.

    Attributes:
        name: How the texts of the rule call the number.
        verdict: How it stands to its threshold; None for a rule with limits of its own.
        min_count: Values that it must rest on.
    """

    name: str
    metric: str
    verdict: Verdict | None = None
    above: float | None = None
    below: float | None = None
    min_count: int = 1

    def holds(self, numbers: StageNumbers) -> bool:
        """Whether the number is so."""
        if self.verdict is Verdict.NO_DATA:
            return numbers.n_total >= self.min_count and numbers.n_scored == 0
        value = numbers.judged
        if value is None or numbers.n_scored < self.min_count:
            return False
        if self.verdict is not None and numbers.verdict is not self.verdict:
            return False
        is_above = self.above is None or value > self.above
        return is_above and (self.below is None or value < self.below)


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """A rule of the guide.

    Attributes:
        found: What the numbers say, with places for them such as `{recall.value}`.
        advice: What can be tried, the first thing first.
    """

    name: str
    stage: str
    when: tuple[Condition, ...]
    found: Text
    advice: tuple[Text, ...]


@dataclass(frozen=True, slots=True)
class Quoted:
    """A number as a text quotes it."""

    value: str
    threshold: str
    count: int
    total: int
    failed: int


@dataclass(frozen=True, slots=True)
class Evidence:
    """A number that a finding rests on, and who told it."""

    numbers: StageNumbers
    source: Source


@dataclass(frozen=True, slots=True)
class Finding:
    """What a rule says of a run."""

    rule: Rule
    text: Text
    evidence: tuple[Evidence, ...]


def find(
    rules: Iterable[Rule], events: Sequence[StageSummary], spans: Sequence[StageSummary]
) -> list[Finding]:
    """Apply rules to the numbers of a run; those of events count where there are any, else those of spans."""
    known = _evidence(events, spans)
    return [finding for rule in rules if (finding := _apply(rule, known)) is not None]


def quote(numbers: StageNumbers) -> Quoted:
    """A number as people read it."""
    unit = numbers.metric.unit
    return Quoted(
        value=write(numbers.judged, unit),
        threshold=write(numbers.threshold, unit),
        count=numbers.n_scored,
        total=numbers.n_total,
        failed=numbers.n_failed or 0,
    )


def write(value: float | None, unit: str) -> str:
    """A number with its unit; `–` for none."""
    if value is None:
        return "–"
    if unit == "ms":
        return f"{value:,.0f} ms" if value >= 10 else f"{value:.3g} ms"
    return f"{value:.3f}".rstrip("0").rstrip(".")


def _evidence(events: Sequence[StageSummary], spans: Sequence[StageSummary]) -> Mapping[str, Evidence]:
    known: dict[str, Evidence] = {}
    sides: tuple[tuple[Source, Sequence[StageSummary]], ...] = (("spans", spans), ("events", events))
    for source, side in sides:
        for numbers in (one for stage in side for one in stage.numbers):
            name = numbers.metric.name
            if name not in known or numbers.n_scored:
                known[name] = Evidence(numbers, source)
    return known


def _apply(rule: Rule, known: Mapping[str, Evidence]) -> Finding | None:
    found = [known.get(condition.metric) for condition in rule.when]
    evidence = [one for one in found if one is not None]
    if len(evidence) < len(rule.when):
        return None
    pairs = list(zip(rule.when, evidence, strict=True))
    if not all(condition.holds(one.numbers) for condition, one in pairs):
        return None
    quoted = {condition.name: quote(one.numbers) for condition, one in pairs}
    text = Text(rule.found.say(Language.ENGLISH, **quoted), rule.found.say(Language.KOREAN, **quoted))
    return Finding(rule, text, tuple(evidence))
