"""Reads rules that score live traces from packs; every problem has its file and line."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any, Final

from pydantic import Field, ValidationError

from pitwall.core.errors import PitwallError
from pitwall.evals.metrics.registry import Registry
from pitwall.evals.online.checks import checked_name, problems_of
from pitwall.evals.online.errors import OnlineRulePackInvalid
from pitwall.evals.online.schemas import OnlineRuleContent
from pitwall.evals.online.types import PackRule
from pitwall.signals.errors import CatalogueInvalid
from pitwall.signals.pack_files import Document, Place, Problem, read_document, validation_problems
from pitwall.stores.state import DEFAULT_PROJECT, check_project_id

_FOLDER: Final = "online"
_NO_LIST: Final = "a file of online rules is a list of rules, each with name and metrics"


class WrittenRule(OnlineRuleContent):
    """A rule in a file; it is on until somebody pauses it."""

    name: str
    project: str = Field(default=DEFAULT_PROJECT)


def load_online_rules(
    packs: Sequence[Path], registry: Callable[[], Registry], now: datetime
) -> tuple[PackRule, ...]:
    """Load the rules of packs: every `online/*.yaml` below each directory is a list of them.

    Args:
        packs: Directories; their names are those of the packs.
        registry: Loads the metrics that rules may name; only asked if there are rules.
        now: What times in filters are relative to.

    Raises:
        OnlineRulePackInvalid: Anything is wrong; every problem is named with its file and line.
    """
    found: dict[tuple[str, str], PackRule] = {}
    problems: list[str] = []
    for pack in packs:
        for path in sorted((pack / _FOLDER).glob("*.yaml")):
            for document, place, rule in _read_file(pack.name, path, problems):
                wrong = [
                    Problem((*place, *where), _told(error))
                    for where, error in problems_of(rule.content, registry(), now)
                ]
                key = (rule.project_id, rule.name)
                if key in found:
                    wrong.append(Problem((*place, "name"), f"there is an online rule {rule.name} already"))
                problems += map(document.told, wrong)
                found[key] = rule
    if problems:
        raise OnlineRulePackInvalid(
            "The online rules of the packs cannot be loaded:\n  " + "\n  ".join(problems),
            details={"problems": problems},
        )
    return tuple(found.values())


def _read_file(pack: str, path: Path, problems: list[str]) -> Iterator[tuple[Document, Place, PackRule]]:
    try:
        document = read_document(path)
    except CatalogueInvalid as error:
        problems.append(error.message)
        return
    if not isinstance(document.data, list):
        problems.append(document.told(Problem((), _NO_LIST)))
        return
    for index, written in enumerate(document.data):
        try:
            yield document, (index,), _read(pack, written)
        except ValidationError as error:
            problems += map(document.told, validation_problems(error, (index,)))
        except PitwallError as error:
            problems.append(document.told(Problem((index,), _told(error))))


def _read(pack: str, written: Any) -> PackRule:
    rule = WrittenRule.model_validate(written)
    return PackRule(pack, check_project_id(rule.project), checked_name(rule.name), rule.content())


def _told(error: PitwallError) -> str:
    return " ".join(part for part in (error.message, error.hint) if part)
