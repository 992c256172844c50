"""The core catalogue and rules on it, for the tests of rules."""

from __future__ import annotations

from typing import Any

from pitwall.alerts.pack_files import load_rules
from pitwall.alerts.rule_tests import RuleTestOutcome, run_tests
from pitwall.alerts.rulebook import Compiled, RuleBook
from pitwall.alerts.rules import Rule
from pitwall.alerts.wire import read_rule
from pitwall.signals.catalogue import core_pack, load_catalogue

CATALOGUE = load_catalogue([core_pack()])
BOOK = RuleBook(load_rules([core_pack()], CATALOGUE), CATALOGUE)
TITLE = {"en": "Mine", "ko": "내 규칙"}


def make_rule(when: dict[str, Any], **written: Any) -> Rule:
    """A rule with a condition, by service."""
    return read_rule({"name": "mine", "title": TITLE, "by": ["service"], "when": when, **written})


def make_compiled(when: dict[str, Any], **written: Any) -> Compiled:
    """A rule that is ready to be evaluated; it must have no problem."""
    rule = make_rule(when, **written)
    state = BOOK.state(rule.name, None) if rule.name in BOOK.packs else None
    assert state is None
    return BOOK.compiled(rule)


def run(text: str) -> list[RuleTestOutcome]:
    """Run rule tests; the rules of the core pack are known."""
    return run_tests(text, "test.yaml", BOOK, lambda name: BOOK.packs[name].rule)


def failures(text: str) -> list[str]:
    """What failed in rule tests."""
    return [problem for outcome in run(text) for problem in outcome.failures]
