"""The one table of error classes: what people read in logs lands in the class a team acts on."""

from __future__ import annotations

import re

import pytest

from pitwall.core.error_rules import NAMES_IN_TEXT, RULES, STATUS_IN_TEXT, WEIGHTS, classify_text
from pitwall.core.vocabulary import ErrorClass
from tests.support.failures import FAILURES, Said


@pytest.mark.parametrize("said", FAILURES, ids=lambda said: f"{said.error_type}|{said.text[:40]}")
def test_text_of_a_failure_gets_its_class(said: Said) -> None:
    """Messages that libraries really write, with type and status or without."""
    assert classify_text(said.error_type, said.text, said.status) is said.error_class


def test_every_class_can_be_found_and_has_a_weight() -> None:
    """The vocabulary is closed on both sides."""
    assert {rule.error_class for rule in RULES} == set(ErrorClass) == set(WEIGHTS)


def test_every_rule_looks_at_something() -> None:
    """An empty pattern would meet everything."""
    for rule in RULES:
        assert rule.names or rule.text or rule.statuses
        for pattern in filter(None, (rule.names, rule.text)):
            assert re.search(pattern, "\n", re.ASCII) is None, pattern


def test_patterns_keep_to_what_all_engines_read_alike() -> None:
    """No look-around, no dot, no dollar, no capitals, no negated class."""
    for pattern in [p for rule in RULES for p in (rule.names, rule.text)] + [*NAMES_IN_TEXT, *STATUS_IN_TEXT]:
        assert "[^" not in pattern
        assert ";" not in pattern  # a statement holds none
        bare = re.sub(r"\\[.bn]|\[\]?[^\]]*\]", "", pattern)
        assert not re.search(r"\(\?[=!<]|\.|\$|[A-Z]|\\d|\\w|\\s", bare), pattern


def test_a_status_has_one_class() -> None:
    """The first rule would hide the second."""
    statuses = [status for rule in RULES for status in rule.statuses]
    assert len(statuses) == len(set(statuses))
    assert all(400 <= status < 600 for status in statuses)
