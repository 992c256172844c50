"""Reads budgets of packs from YAML; every problem has its line."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from pitwall.costs.budgets.errors import BudgetPackInvalid
from pitwall.costs.budgets.schemas import BudgetBody
from pitwall.costs.budgets.types import Budget, PackBudget
from pitwall.signals.errors import CatalogueInvalid
from pitwall.signals.pack_files import Document, read_document, validation_problems

_NO_LIST = "a budgets file is a list of budgets, each with a name and an amount_usd"


def load_budgets(packs: Sequence[Path]) -> tuple[PackBudget, ...]:
    """Load the budgets of packs: every `budgets/*.yaml` below each directory is a list of them.

    Args:
        packs: Directories; their names are those of the packs.

    Raises:
        BudgetPackInvalid: Anything is wrong; every problem is named with its file and line.
    """
    found: dict[str, PackBudget] = {}
    problems: list[str] = []
    for pack in packs:
        for path in sorted((pack / "budgets").glob("*.yaml")):
            for budget, wrong in _read_file(path):
                problems += wrong
                if budget is not None and budget.name in found:
                    problems.append(f"{path}: there is a budget {budget.name} already")
                elif budget is not None:
                    found[budget.name] = PackBudget(pack.name, budget)
    if problems:
        raise BudgetPackInvalid(
            "The budgets of the packs cannot be loaded:\n  " + "\n  ".join(problems),
            details={"problems": problems},
        )
    return tuple(found.values())


def _read_file(path: Path) -> list[tuple[Budget | None, list[str]]]:
    try:
        document = read_document(path)
    except CatalogueInvalid as error:
        return [(None, [error.message])]
    if not isinstance(document.data, list):
        return [(None, [f"{path}:1: {_NO_LIST}"])]
    return [_read(document, index, written) for index, written in enumerate(document.data)]


def _read(document: Document, index: int, written: Any) -> tuple[Budget | None, list[str]]:
    try:
        body = BudgetBody.model_validate(written)
    except ValidationError as error:
        return None, [document.told(problem) for problem in validation_problems(error, (index,))]
    return body.budget(body.name), []
