"""`pitwall budgets`: what may be spent, and how much of it is used."""

from __future__ import annotations

from typing import Any
from urllib.parse import quote

import click

from pitwall.access.reach import reach
from pitwall.costs.tables import count, dollars, percent
from pitwall.kit.cli_options import Target, output_option, target_options
from pitwall.kit.cli_output import Column, OutputFormat, emit, tell
from pitwall.kit.i18n import Language, Text, choose_language

_BUDGETS = "/api/v1/costs/budgets"
_SCOPE = ("service", "user", "model", "environment")
_COLUMNS = [
    Column("name", "name"),
    Column("scope", "of", gives_way=3),
    Column("amount_usd", "amount", "right", show=dollars),
    Column("period", "per"),
    Column("spent_usd", "spent", "right", show=dollars),
    Column("used", "used", "right", show=percent),
    Column("projected", "in the end", "right", show=percent, gives_way=1),
    Column("level", "level"),
    Column("unpriced_calls", "unpriced", "right", show=count, gives_way=4),
    Column("origin", "from", gives_way=5),
]
_FACTS = [Column("fact", "budget"), Column("value", "", wrap=True)]
_NONE = Text(
    "There is no budget. `pitwall budgets set month --amount 100` sets one.",
    "예산이 없습니다. `pitwall budgets set month --amount 100`으로 정할 수 있습니다.",
)
_REMOVE = Text("Remove budget {name} for everybody?", "모두가 쓰는 {name} 예산을 지울까요?")
_REMOVED = Text("Removed budget {name}.", "{name} 예산을 지웠습니다.")
_RESET = Text("Budget {name} is the pack's again.", "{name} 예산을 팩의 원래 값으로 되돌렸습니다.")
_SET = Text("Budget {name}: {amount} per {period}.", "{name} 예산: {period}당 {amount}.")
_PERIODS = {"day": Text("day", "하루"), "week": Text("week", "한 주"), "month": Text("month", "한 달")}
_WHOLE = Text("whole project", "프로젝트 전체")


@click.group()
def budgets() -> None:
    """List and set what may be spent, and see how much of it is used.

    \b
    Example:
      pitwall budgets set month --amount 500
      pitwall budgets list
    """


@budgets.command("list")
@output_option
@target_options
def list_(target: Target, output: OutputFormat) -> None:
    """List budgets with how much of each is used.

    \b
    Example:
      pitwall budgets list --output json
    """
    language = choose_language(target.environ)
    with reach(target) as client:
        answer = client.get(_BUDGETS, {"project": target.project})
    rows = answer["budgets"]
    if output is OutputFormat.TABLE:
        rows = [_row(budget, language) for budget in rows]
    emit(rows, _COLUMNS, output, payload=answer, empty=_NONE.say(language))


@budgets.command()
@click.argument("name")
@output_option
@target_options
def show(target: Target, name: str, output: OutputFormat) -> None:
    """Show a budget, how much of it is used and what its period will have cost.

    \b
    Example:
      pitwall budgets show month
    """
    language = choose_language(target.environ)
    with reach(target) as client:
        budget = client.get(_path(name), {"project": target.project})
    rows = _facts(budget, language) if output is OutputFormat.TABLE else [budget]
    emit(rows, _FACTS, output, payload=budget)


@budgets.command("set")
@click.argument("name")
@click.option("--amount", required=True, help="US dollars for a period, such as 500 or 12.50.")
@click.option(
    "--per",
    "period",
    type=click.Choice(tuple(_PERIODS)),
    default="month",
    show_default=True,
    help="What the amount is meant for; weeks begin on Monday.",
)
@click.option("--service", help="Only calls of this service.")
@click.option("--user", help="Only calls that carry this user id.")
@click.option("--model", help="Only calls of this model.")
@click.option("--environment", help="Only calls of this environment.")
@output_option
@target_options
def set_(target: Target, name: str, output: OutputFormat, amount: str, **terms: str | None) -> None:
    """Set a budget, in place of whatever has its name.

    \b
    Example:
      pitwall budgets set month --amount 500
      pitwall budgets set kim --amount 5 --per day --user kim@example.com
    """
    language = choose_language(target.environ)
    with reach(target, may_create=True) as client:
        budget = client.request(
            "PUT", _path(name), params={"project": target.project}, body={"amount_usd": amount, **terms}
        )
    if output is not OutputFormat.TABLE:
        emit([budget], [], output, payload=budget)
        return
    period = _PERIODS[budget["period"]].say(language)
    said = _SET.say(language, name=name, amount=dollars(budget["amount_usd"]), period=period)
    click.echo(said, err=True)


@budgets.command()
@click.argument("name")
@click.option("--yes", is_flag=True, help="Do not ask.")
@output_option
@target_options
def remove(target: Target, name: str, yes: bool, output: OutputFormat) -> None:
    """Remove a budget of the team; a changed budget of a pack goes back to the pack's.

    \b
    Example:
      pitwall budgets remove month --yes
    """
    language = choose_language(target.environ)
    if not yes:
        click.confirm(_REMOVE.say(language, name=name), abort=True, err=True)
    with reach(target) as client:
        answer = client.delete(_path(name), {"project": target.project})
    done = _REMOVED if answer["budget"] is None else _RESET
    tell(answer, done.say(language, name=name), output)


def _row(budget: dict[str, Any], language: Language) -> dict[str, Any]:
    return {**budget, **budget["use"], "scope": _scope(budget, language)}


def _scope(budget: dict[str, Any], language: Language) -> str:
    named = [f"{name} {budget[name]}" for name in _SCOPE if budget[name] is not None]
    return ", ".join(named) or _WHOLE.say(language)


def _facts(budget: dict[str, Any], language: Language) -> list[dict[str, Any]]:
    row = _row(budget, language)
    facts = [
        {"fact": column.title, "value": row[column.key] and (column.show or str)(row[column.key])}
        for column in _COLUMNS
    ]
    projection = {"fact": "projection", "value": row["projection"]["text"][language.value]}
    return [*facts, projection, {"fact": "updated", "value": row["updated_at"]}]


def _path(name: str) -> str:
    return f"{_BUDGETS}/{quote(name, safe='')}"
