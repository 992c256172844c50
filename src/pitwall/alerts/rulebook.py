"""Which rules a project has: those of the packs, changed or not, and its own."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum

from pydantic import ValidationError

from pitwall.alerts.checks import RuleProblem, notices_of, problems_of
from pitwall.alerts.compound import compile_condition, timing_of
from pitwall.alerts.conditions import Check
from pitwall.alerts.rules import PackRule, Rule, Timing
from pitwall.alerts.rules_repository import StoredRule
from pitwall.alerts.wire import read_rule
from pitwall.alerts.wording import words_of
from pitwall.kit.i18n import Text
from pitwall.signals.catalogue import Catalogue
from pitwall.signals.pack_files import validation_problems


class Origin(StrEnum):
    """Where a rule comes from."""

    PACK = "pack"
    CHANGED = "changed"
    TEAM = "team"


@dataclass(frozen=True, slots=True)
class RuleState:
    """A rule as it is in force.

    Attributes:
        rule: None if what was saved cannot be read any more.
        pack: Which pack brings a rule of this name; None for one of the team alone.
        stored: What the team saved; None for a pack's rule that nobody touched.
        problems: Why it cannot be evaluated, by the catalogue of now.
        notices: What is unwise about it.
    """

    name: str
    rule: Rule | None
    pack: str | None
    origin: Origin
    stored: StoredRule | None
    problems: tuple[RuleProblem, ...]
    notices: tuple[RuleProblem, ...]

    @property
    def is_enabled(self) -> bool:
        """Whether it is to be evaluated."""
        return self.rule is not None and self.rule.is_enabled

    @property
    def revision(self) -> str:
        """Changes when the rule does."""
        return "" if self.rule is None else self.rule.revision


@dataclass(frozen=True, slots=True)
class Compiled:
    """A rule that can be evaluated; `words` is its condition, short."""

    rule: Rule
    check: Check
    timing: Timing
    essence: str
    words: str


class RuleBook:
    """Puts together what packs bring and teams save.

    Args:
        packs: What the packs bring, in their order.
        catalogue: The signals that can be asked for.
    """

    def __init__(self, packs: Sequence[PackRule], catalogue: Catalogue) -> None:
        self.packs = {one.rule.name: one for one in packs}
        self.catalogue = catalogue

    def states(self, stored: Iterable[StoredRule]) -> list[RuleState]:
        """The rules of packs in their order, then the team's own by name."""
        saved = {one.name: one for one in stored}
        return [self.state(name, saved.get(name)) for name in dict.fromkeys([*self.packs, *saved])]

    def state(self, name: str, stored: StoredRule | None) -> RuleState:
        """A rule of a pack, of the team, or both."""
        pack = self.packs.get(name)
        rule, problems = self._rule(pack, stored)
        if rule is not None:
            problems = problems_of(rule, self.catalogue)
        return RuleState(
            name=name,
            rule=rule,
            pack=None if pack is None else pack.pack,
            origin=_origin(pack, stored),
            stored=stored,
            problems=problems,
            notices=() if rule is None or problems else notices_of(rule),
        )

    def compiled(self, rule: Rule) -> Compiled:
        """Make a rule without problems ready to be evaluated."""
        check = compile_condition(rule, rule.when, self.catalogue)
        return Compiled(rule, check, timing_of(rule, check), rule.essence, words_of(rule))

    def _rule(
        self, pack: PackRule | None, stored: StoredRule | None
    ) -> tuple[Rule | None, tuple[RuleProblem, ...]]:
        if stored is None or stored.content is None:
            rule = None if pack is None else pack.rule
            if rule is None:
                return None, (_GONE,)
            return rule if stored is None else replace(rule, is_enabled=stored.is_enabled), ()
        try:
            return replace(read_rule(stored.content), is_enabled=stored.is_enabled), ()
        except ValidationError as error:
            texts = [one.message for one in validation_problems(error)]
            return None, tuple(RuleProblem("", Text(text, text)) for text in texts)


_GONE = RuleProblem(
    "", Text("The pack does not bring this rule any more.", "팩에 더 이상 이 규칙이 없습니다.")
)


def _origin(pack: PackRule | None, stored: StoredRule | None) -> Origin:
    if pack is None:
        return Origin.TEAM
    return Origin.PACK if stored is None else Origin.CHANGED
