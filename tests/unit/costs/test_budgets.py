"""Budgets as packs and people write them."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path

import pytest
from pydantic import ValidationError

from pitwall.costs.budgets.errors import BudgetPackInvalid
from pitwall.costs.budgets.pack_files import load_budgets
from pitwall.costs.budgets.schemas import BudgetBody
from pitwall.costs.budgets.types import Budget, Scope
from pitwall.costs.periods import Period
from pitwall.signals.catalogue import core_pack
from pitwall.signals.parser import parse_condition

PACK = """
- name: month
  amount_usd: 500
- name: kim
  amount_usd: 2.5
  period: day
  user: kim
"""


def _pack(directory: Path, text: str) -> Path:
    (directory / "budgets").mkdir()
    (directory / "budgets" / "team.yaml").write_text(text, "utf-8")
    return directory


def test_budgets_of_a_pack_are_read(tmp_path: Path) -> None:
    """A month and the whole project unless the file says otherwise; amounts are as they print."""
    found = [one.budget for one in load_budgets([_pack(tmp_path, PACK)])]
    assert found == [
        Budget("month", Decimal(500)),
        Budget("kim", Decimal("2.5"), Period.DAY, Scope(user="kim")),
    ]


def test_core_pack_brings_no_budget() -> None:
    """How much a team may spend is for the team to say."""
    assert load_budgets([core_pack()]) == ()


def test_every_wrong_budget_of_a_pack_is_named_with_its_line(tmp_path: Path) -> None:
    """Nothing is loaded, and all problems are told at once."""
    wrong = (
        "- name: a\n  amount_usd: -1\n- name: b\n  amount_usd: 1\n  per: month\n- name: b\n  amount_usd: 2\n"
    )
    with pytest.raises(BudgetPackInvalid) as told:
        load_budgets([_pack(tmp_path, wrong)])
    text = told.value.message
    assert "team.yaml:2: amount_usd: Input should be greater than 0" in text
    assert "team.yaml:5: per: Extra inputs are not permitted" in text


def test_same_name_twice_is_refused(tmp_path: Path) -> None:
    """Which of them should win nobody could tell."""
    with pytest.raises(BudgetPackInvalid, match="there is a budget a already"):
        load_budgets([_pack(tmp_path, "- {name: a, amount_usd: 1}\n- {name: a, amount_usd: 2}\n")])


@pytest.mark.parametrize("amount", [0, -5, "nan", "inf", "a lot", 10**10, True, None])
def test_amount_that_is_none_is_refused(amount: object) -> None:
    """A budget of nothing, or of everything, is a mistake."""
    with pytest.raises(ValidationError):
        BudgetBody.model_validate({"name": "month", "amount_usd": amount})


@pytest.mark.parametrize("service", ["voc-chat", "it's", 'say "hi"', "back\\slash", "한국어", "a' or true"])
def test_scope_is_one_condition_whatever_it_is_called(service: str) -> None:
    """Quotes in names are no way into the condition."""
    where = Scope(service=service, environment="prod").where()
    condition = parse_condition(where)
    assert str(condition) == where
    assert len(condition.parts) == 2  # type: ignore[union-attr]
    assert condition.parts[0].value == service  # type: ignore[union-attr]


def test_written_budget_is_read_back() -> None:
    """What the state store keeps is the budget, to the last digit."""
    budget = Budget("kim", Decimal("0.000001"), Period.WEEK, Scope(user="kim", model="gpt-4o"))
    assert Budget.of(budget.content()) == budget
