"""Reads the rules of stage guides from packs; every problem has its file and line."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from string import Formatter
from typing import Annotated, Any, Final, Self

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, ValidationError, model_validator

from pitwall.evals.stages.errors import StageGuideInvalid
from pitwall.evals.stages.guide import Condition, Rule
from pitwall.evals.stages.measures import is_metric_name
from pitwall.evals.stages.summary import Verdict
from pitwall.kit.i18n import Text
from pitwall.signals.errors import CatalogueInvalid
from pitwall.signals.pack_files import Document, Problem, read_document, validation_problems

_FOLDER: Final = "stages"
_QUOTABLE: Final = frozenset({"value", "threshold", "count", "total", "failed"})
_NO_RULES: Final = "a stage guide is a mapping with `rules`, a list"

Words = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=1000)]
Name = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_]{0,63}$")]


class _Written(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class WrittenText(_Written):
    """A text in both languages."""

    en: Words
    ko: Words

    def text(self) -> Text:
        """Return the text."""
        return Text(self.en, self.ko)


class WrittenCondition(_Written):
    """A condition on one number."""

    metric: str
    name: Name | None = Field(default=None, alias="as")
    verdict: Verdict | None = None
    above: float | None = None
    below: float | None = None
    min_count: int = Field(default=1, ge=1)

    @model_validator(mode="after")
    def _check(self) -> Self:
        if not is_metric_name(self.metric):
            raise ValueError(f"there is no stage metric {self.metric!r}")
        if self.verdict is None and self.above is None and self.below is None:
            raise ValueError("say verdict, above or below")
        return self

    def condition(self) -> Condition:
        """Return the condition."""
        return Condition(
            name=self.name or self.metric.rpartition(".")[2],
            metric=self.metric,
            verdict=self.verdict,
            above=self.above,
            below=self.below,
            min_count=self.min_count,
        )


class WrittenRule(_Written):
    """A rule."""

    name: Name
    stage: Words
    when: tuple[WrittenCondition, ...] = Field(min_length=1, max_length=5)
    found: WrittenText
    advice: tuple[WrittenText, ...] = Field(min_length=1, max_length=10)

    @model_validator(mode="after")
    def _check(self) -> Self:
        names = [one.condition().name for one in self.when]
        for name in names:
            if names.count(name) > 1:
                raise ValueError(f"two conditions are called {name!r}; name them with `as`")
        for language, text in (("en", self.found.en), ("ko", self.found.ko)):
            for place in _places(text):
                owner, _, part = place.partition(".")
                if owner not in names or part not in _QUOTABLE:
                    known = ", ".join(f"{name}.value" for name in names)
                    raise ValueError(f"found.{language}: nothing is called {{{place}}}; there is {known}")
        return self

    def rule(self) -> Rule:
        """Return the rule."""
        return Rule(
            name=self.name,
            stage=self.stage,
            when=tuple(one.condition() for one in self.when),
            found=self.found.text(),
            advice=tuple(one.text() for one in self.advice),
        )


def load_rules(packs: Sequence[Path]) -> tuple[Rule, ...]:
    """Load the rules of packs: every `stages/*.yaml` below each directory holds some.

    Raises:
        StageGuideInvalid: Anything is wrong; every problem is named with its file and line.
    """
    rules: dict[str, Rule] = {}
    problems: list[str] = []
    for path in (path for pack in packs for path in sorted((pack / _FOLDER).glob("*.yaml"))):
        try:
            document = read_document(path)
        except CatalogueInvalid as error:
            problems.append(error.message)
            continue
        for place, entry in _entries(document, problems):
            rule = _read(document, place, entry, problems)
            if rule is None:
                continue
            if rule.name in rules:
                problems.append(document.told(Problem(place, f"there is a rule {rule.name} already")))
            rules.setdefault(rule.name, rule)
    if problems:
        raise StageGuideInvalid(
            "The stage guides of the packs cannot be loaded:\n  " + "\n  ".join(problems),
            details={"problems": problems},
        )
    return tuple(rules.values())


def _entries(document: Document, problems: list[str]) -> Iterator[tuple[tuple[str | int, ...], Any]]:
    data = document.data
    rules = data.get("rules") if isinstance(data, dict) and set(data) == {"rules"} else None
    if not isinstance(rules, list):
        problems.append(document.told(Problem((), _NO_RULES)))
        return
    yield from ((("rules", index), entry) for index, entry in enumerate(rules))


def _read(document: Document, place: tuple[str | int, ...], entry: Any, problems: list[str]) -> Rule | None:
    try:
        return WrittenRule.model_validate(entry).rule()
    except ValidationError as error:
        problems += map(document.told, validation_problems(error, place))
        return None


def _places(text: str) -> list[str]:
    """What stands in braces."""
    try:
        return [name for _, name, _, _ in Formatter().parse(text) if name is not None]
    except ValueError as error:
        raise ValueError(f"{text!r}: {error}") from error
