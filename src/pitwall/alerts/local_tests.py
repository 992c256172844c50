"""Runs files of rule tests without a server: with the rules of the packs, and those of files."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from pitwall.alerts.errors import RuleNotFound, RuleTestInvalid
from pitwall.alerts.pack_files import load_rules, read_rule_file
from pitwall.alerts.rule_tests import RuleTestOutcome, run_tests
from pitwall.alerts.rulebook import RuleBook
from pitwall.alerts.rules import Rule
from pitwall.signals.catalogue import all_packs, load_catalogue


def run_files(
    paths: Sequence[Path], rule_paths: Sequence[Path], packs: Sequence[Path] = ()
) -> list[RuleTestOutcome]:
    """Run the tests of files, one after the other.

    Args:
        paths: Files of tests.
        rule_paths: Files of rules that tests may name; they come before those of the packs.
        packs: Packs besides the core pack, as the settings name them.

    Raises:
        RuleTestInvalid: A file of tests cannot be understood.
        RulePackInvalid: A file of rules cannot be understood.
        CatalogueInvalid: A pack is no directory, or its signals cannot be loaded.
    """
    all_of_them = all_packs(packs)
    catalogue = load_catalogue(all_of_them)
    book = RuleBook(load_rules(all_of_them, catalogue), catalogue)
    known = {name: one.rule for name, one in book.packs.items()}
    for path in rule_paths:
        known |= {one.name: one for one in read_rule_file(path, catalogue)}

    def find(name: str) -> Rule:
        if name not in known:
            raise RuleNotFound(
                f"There is no alert rule {name!r} in the packs.",
                hint="Name the file of a team's rule with --rules, or write the rule into the test.",
            )
        return known[name]

    outcomes: list[RuleTestOutcome] = []
    for path in paths:
        outcomes += run_tests(_read(path), path, book, find)
    return outcomes


def _read(path: Path) -> str:
    try:
        return path.read_text("utf-8")
    except UnicodeDecodeError as error:
        raise RuleTestInvalid(f"{path} is no UTF-8 text.") from error
