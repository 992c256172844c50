"""Reads alert rules from YAML: those of packs, and one that somebody wrote; every problem has its line."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from pitwall.alerts.checks import problems_of
from pitwall.alerts.errors import RuleInvalid, RulePackInvalid
from pitwall.alerts.rules import PackRule, Rule
from pitwall.alerts.schemas import RuleBody
from pitwall.signals.catalogue import Catalogue
from pitwall.signals.errors import CatalogueInvalid
from pitwall.signals.pack_files import (
    Document,
    Place,
    Problem,
    parse_document,
    place_of,
    read_document,
    validation_problems,
)

_TEXT = "rule.yaml"
_NO_RULE = "an alert rule is a mapping with name, title and when"
_NO_LIST = "an alerts file is a list of rules, each with a name"


def load_rules(packs: Sequence[Path], catalogue: Catalogue) -> tuple[PackRule, ...]:
    """Load the alert rules of packs: every `alerts/*.yaml` below each directory is a list of them.

    Args:
        packs: Directories; their names are those of the packs.
        catalogue: The signals that rules may name.

    Raises:
        RulePackInvalid: Anything is wrong; every problem is named with its file and line.
    """
    loader = _Loader(catalogue)
    for pack in packs:
        for path in sorted((pack / "alerts").glob("*.yaml")):
            loader.read(pack.name, path)
    return loader.finish()


def read_rule_file(path: Path, catalogue: Catalogue) -> list[Rule]:
    """Read a file of rules: a list of them, or one.

    Raises:
        RulePackInvalid: Anything is wrong; every problem is named with its file and line.
    """
    loader = _Loader(catalogue)
    loader.read("", path, may_be_one=True)
    return [one.rule for one in loader.finish()]


def parse_rule(text: str, catalogue: Catalogue) -> Rule:
    """Read one rule that somebody wrote as YAML.

    Raises:
        RuleInvalid: It is none; `details` has the line of the first problem, and all of them.
    """
    try:
        document = parse_document(text, _TEXT)
    except CatalogueInvalid as error:
        line, problem = error.details["line"], error.details["problem"]
        raise invalid([{"line": line, "where": "", "message": problem}]) from error
    place: Place = ()
    data = document.data
    if isinstance(data, list) and len(data) == 1:
        data, place = data[0], (0,)
    rule, wrong = read_written(data, place, catalogue)
    if rule is None or wrong:
        raise invalid(document.listed(wrong))
    return rule


def read_written(data: Any, place: Place, catalogue: Catalogue) -> tuple[Rule | None, list[Problem]]:
    """Read a rule from parsed YAML or JSON; what is wrong with it has its place."""
    if not isinstance(data, dict):
        return None, [Problem(place, _NO_RULE)]
    try:
        rule = RuleBody.model_validate(data).rule()
    except ValidationError as error:
        return None, validation_problems(error, place)
    return rule, [
        Problem((*place, *place_of(problem.where)), problem.text.en)
        for problem in problems_of(rule, catalogue)
    ]


def invalid(problems: Sequence[dict[str, str | int]]) -> RuleInvalid:
    """The error that tells what is wrong with a written rule."""
    first = problems[0]
    more = f" ({len(problems) - 1} more in details)" if len(problems) > 1 else ""
    return RuleInvalid(
        f"Line {first['line']}: {first['message']}{more}.".replace("..", "."),
        hint="`pitwall alerts rule show NAME --yaml` shows how a rule is written.",
        details={"line": first["line"], "problems": list(problems)},
    )


class _Loader:
    """Collects rules and problems; nothing is returned unless there is no problem at all."""

    def __init__(self, catalogue: Catalogue) -> None:
        self._catalogue = catalogue
        self._found: dict[str, PackRule] = {}
        self._problems: list[str] = []

    def read(self, pack: str, path: Path, *, may_be_one: bool = False) -> None:
        try:
            document = read_document(path)
        except CatalogueInvalid as error:
            self._problems.append(error.message)
            return
        if may_be_one and isinstance(document.data, dict):
            self._read_rule(pack, document, (), document.data)
            return
        if not isinstance(document.data, list):
            self._problems.append(f"{document.where(())}: {_NO_LIST}")
            return
        for index, written in enumerate(document.data):
            self._read_rule(pack, document, (index,), written)

    def finish(self) -> tuple[PackRule, ...]:
        if self._problems:
            raise RulePackInvalid(
                "The alert rules of the packs cannot be loaded:\n  " + "\n  ".join(self._problems),
                details={"problems": self._problems},
            )
        return tuple(self._found.values())

    def _read_rule(self, pack: str, document: Document, place: Place, written: Any) -> None:
        rule, wrong = read_written(written, place, self._catalogue)
        if rule is not None and rule.name in self._found:
            wrong.append(Problem((*place, "name"), f"there is an alert rule {rule.name} already"))
        elif rule is not None:
            self._found[rule.name] = PackRule(pack, rule)
        self._problems += map(document.told, wrong)
