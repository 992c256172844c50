"""`pitwall costs`: what the month costs and will have cost, whose spend it is, what could be saved."""

from __future__ import annotations

from typing import Any

import click

from pitwall.access.other_projects import name_other_projects
from pitwall.access.reach import reach
from pitwall.costs.month_plot import month_plot
from pitwall.costs.tables import (
    SPEND_COLUMNS,
    advice_rows,
    dollars,
    percent,
    spend_rows,
    summary_facts,
)
from pitwall.kit.cli_options import Target, output_option, target_options
from pitwall.kit.cli_output import Column, OutputFormat, emit
from pitwall.kit.i18n import Text, choose_language
from pitwall.traces.command_options import ago, since_option, until_option

_ADVICE_COLUMNS = [
    Column("saving_usd_per_month", "saves/month", "right", show=dollars),
    Column("range", "low–high", gives_way=2),
    Column("title", "what to do", wrap=True),
    Column("detail", "why", wrap=True),
    Column("confidence", "confidence", gives_way=3),
    Column("example", "example trace", gives_way=4),
]
_NO_ADVICE = Text("Nothing to save was found.", "아낄 것을 찾지 못했습니다.")
_TOGETHER = Text(
    "Together about {saving} a month ({low} to {high}): suggestions overlap, so this is less than their sum.",
    "모두 합하면 한 달에 약 {saving}({low}~{high})입니다. 제안끼리 겹치는 만큼 단순 합보다 작습니다.",
)
_BASIS = Text(
    "From the model calls of {days} days; the texts of {share} of them were read.",
    "{days}일 동안의 모델 호출을 보았고, 그중 {share}의 글을 읽었습니다.",
)
_COSTS = "/api/v1/costs"
_BY = ("model", "service", "user", "prompt", "environment")
_FACTS = [Column("fact", "month"), Column("value", "", wrap=True)]
_NO_SPEND = Text(
    "Nothing was called in this time. Widen --since.",
    "이 시간에는 호출이 없습니다. --since 범위를 넓혀 보세요.",
)
_TOTAL = Text("{cost} in all, {before} in the time before.", "합계 {cost}, 직전 기간은 {before}입니다.")
_UNPRICED = Text(
    "{count} calls have no price and are in no amount; see `pitwall costs summary`.",
    "단가를 모르는 호출 {count}건은 금액에 들어 있지 않습니다. `pitwall costs summary`에서 확인하세요.",
    en_one="1 call has no price and is in no amount; see `pitwall costs summary`.",
)


@click.group()
def costs() -> None:
    """Show what the models cost, whose spend it is and what could be saved.

    \b
    Example:
      pitwall costs summary
      pitwall costs spend --by service --since 7d
    """


@costs.command()
@click.option("--month", help="A month such as 2026-11; default is the present one.")
@output_option
@target_options
def summary(target: Target, month: str | None, output: OutputFormat) -> None:
    """Show the month so far, day by day, and what it will have cost.

    JSON lines hold one day each.

    \b
    Example:
      pitwall costs summary
      pitwall costs summary --month 2026-10 --output json
    """
    language = choose_language(target.environ)
    with reach(target) as client:
        answer = client.get(f"{_COSTS}/summary", {"month": month, "project": target.project})
        has_any = answer["calls"] or answer["requests"] or answer["previous_month_usd"]
        elsewhere = "" if has_any else name_other_projects(client, target, language)
    if output is not OutputFormat.TABLE:
        emit(answer["by_day"], [], output, payload=answer)
        return
    emit(summary_facts(answer, language), _FACTS, output)
    for line in month_plot(answer["by_day"], language):
        click.echo(line)
    if elsewhere:
        click.echo(elsewhere, err=True)


@costs.command()
@click.option("--by", type=click.Choice(_BY), default="model", show_default=True, help="What splits it.")
@since_option("the first of the month")
@until_option
@click.option("--limit", type=click.IntRange(1, 500), default=50, show_default=True, help="Rows at most.")
@output_option
@target_options
def spend(
    target: Target, by: str, since: str | None, until: str | None, limit: int, output: OutputFormat
) -> None:
    """Split spend by model, service, user, prompt or environment, against the time before.

    \b
    Example:
      pitwall costs spend --by user --since 7d
      pitwall costs spend --by prompt --output jsonl
    """
    language = choose_language(target.environ)
    question: dict[str, Any] = {"by": by, "since": ago(since), "until": ago(until), "limit": limit}
    with reach(target) as client:
        answer = client.get(f"{_COSTS}/spend", {**question, "project": target.project})
        empty = (
            "" if answer["rows"] else _NO_SPEND.say(language) + name_other_projects(client, target, language)
        )
    if output is not OutputFormat.TABLE:
        emit(answer["rows"], [], output, payload=answer, empty=empty)
        return
    emit(spend_rows(answer["rows"], language), SPEND_COLUMNS, output, empty=empty)
    if answer["rows"]:
        total, before = dollars(answer["cost_usd"]), dollars(answer["previous_cost_usd"])
        click.echo(_TOTAL.say(language, cost=total, before=before), err=True)
    if answer["unpriced_calls"]:
        click.echo(_UNPRICED.say(language, count=answer["unpriced_calls"]), err=True)


@costs.command()
@click.option(
    "--days", type=click.IntRange(1, 30), default=30, show_default=True, help="How many days to look back."
)
@output_option
@target_options
def advice(target: Target, days: int, output: OutputFormat) -> None:
    """Say what could be saved, dearest first, each with its evidence and example traces.

    \b
    Example:
      pitwall costs advice
      pitwall costs advice --days 7 --output json
    """
    language = choose_language(target.environ)
    with reach(target) as client:
        answer = client.get(f"{_COSTS}/advice", {"days": days, "project": target.project})
    reasons = [one["reason"][language.value] for one in answer["skipped"]]
    empty = "\n".join(dict.fromkeys(reasons)) or _NO_ADVICE.say(language)
    if output is not OutputFormat.TABLE:
        emit(answer["suggestions"], [], output, payload=answer, empty=empty)
        return
    emit(advice_rows(answer["suggestions"], language), _ADVICE_COLUMNS, output, empty=empty)
    if answer["suggestions"]:
        for reason in dict.fromkeys(reasons):
            click.echo(reason, err=True)
    if len(answer["suggestions"]) > 1:
        combined = answer["combined"]
        amounts = (combined[key] for key in ("saving_usd_per_month", "saving_low", "saving_high"))
        saving, low, high = map(dollars, amounts)
        click.echo(_TOGETHER.say(language, saving=saving, low=low, high=high), err=True)
    share = percent(answer["basis"]["texts_share"])
    click.echo(_BASIS.say(language, days=f"{answer['basis']['days']:.1f}", share=share), err=True)
