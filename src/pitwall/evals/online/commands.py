"""`pitwall eval online`: rules that score a sample of live traces."""

from __future__ import annotations

from decimal import Decimal
from typing import Any
from urllib.parse import quote

import click

from pitwall.access.reach import reach
from pitwall.kit.cli_options import Target, output_option, target_options
from pitwall.kit.cli_output import Column, OutputFormat, emit, tell
from pitwall.kit.i18n import Language, Text, choose_language
from pitwall.traces.command_options import filter_option

_RULES = "/api/v1/evals/online/rules"
_NO_RULES = Text(
    "No rule scores live traces. Make one with `pitwall eval online set NAME --metrics METRICS`.",
    "실시간 트레이스를 평가하는 규칙이 없습니다. `pitwall eval online set 이름 --metrics 지표`로 만드세요.",
)
_SAVED = Text(
    "Rule {name} scores {share} of the traces that arrive from now on.",
    "규칙 {name}이(가) 지금부터 도착하는 트레이스의 {share}를 평가합니다.",
)
_OFF = Text(
    "Rule {name} is kept and scores nothing.", "규칙 {name}을(를) 저장했습니다. 평가는 하지 않습니다."
)
_ENABLED = Text(
    "Rule {name} scores traces that arrive from now on.",
    "규칙 {name}이(가) 지금부터 도착하는 트레이스를 평가합니다.",
)
_DISABLED = Text("Rule {name} is paused.", "규칙 {name}을(를) 멈췄습니다.")
_DELETED = Text(
    "Rule {name} is deleted; the scores that it gave stay.",
    "규칙 {name}을(를) 삭제했습니다. 매긴 점수는 남습니다.",
)
_SPENT = Text(
    "The budget of {day} is spent: {count} scores were left out.",
    "{day} 예산을 다 썼습니다. 점수 {count}건을 매기지 못했습니다.",
    en_one="The budget of {day} is spent: 1 score was left out.",
)
_FAILED = Text("The last round failed: {error}", "마지막 실행이 실패했습니다: {error}")
_SURE = Text("Delete the rule {name}?", "규칙 {name}을(를) 삭제할까요?")
_LIST_COLUMNS = [
    Column("name", "rule"),
    Column("enabled", "on"),
    Column("pack", "pack", gives_way=5),
    Column("metrics", "metrics", wrap=True),
    Column("sample_rate", "share", "right"),
    Column("traces", "traces today", "right"),
    Column("scored", "scored", "right"),
    Column("errors", "errors", "right"),
    Column("left_out", "left out", "right", gives_way=1),
    Column("waiting", "waiting", "right", gives_way=2),
    Column("calls", "calls", "right", gives_way=3),
    Column("cost_usd", "USD", "right", gives_way=4),
]
_FIELD_COLUMNS = [Column("field", "field"), Column("value", "value", wrap=True)]
_SCORE_COLUMNS = [
    Column("at", "at"),
    Column("trace_id", "trace"),
    Column("metric", "metric"),
    Column("status", "status"),
    Column("value", "value", "right"),
]
_FAILURE_COLUMNS = [
    Column("at", "at"),
    Column("trace_id", "trace"),
    Column("metric", "metric"),
    Column("reason", "reason"),
    Column("explanation", "why", wrap=True),
]
_name = click.argument("name")


@click.group()
def online() -> None:
    """Score a sample of live traces by rules, within a budget for each day.

    \b
    Example:
      pitwall eval online set grounded --metrics offline_groundedness --sample 0.1
      pitwall eval online list
    """


@online.command("list")
@output_option
@target_options
def list_(target: Target, output: OutputFormat) -> None:
    """List the rules with what each did today.

    \b
    Example:
      pitwall eval online list
    """
    with reach(target) as client:
        answer = client.get(_RULES, {"project": target.project})
    rows = [{**rule, **rule["today"], "metrics": ", ".join(rule["metrics"])} for rule in answer["rules"]]
    empty = _NO_RULES.say(choose_language(target.environ))
    if output is OutputFormat.TABLE:
        emit(rows, _LIST_COLUMNS, output, empty=empty)
    else:
        emit(answer["rules"], _LIST_COLUMNS, output, payload=answer, empty=empty)


@online.command("set")
@_name
@click.option("--metrics", required=True, help="Separated by commas: offline_groundedness,faithfulness.")
@filter_option
@click.option(
    "--sample",
    "sample_rate",
    type=click.FloatRange(0, 1, min_open=True),
    default=1.0,
    show_default=True,
    help="Share of the traces.",
)
@click.option(
    "--settle",
    "settle_seconds",
    type=click.FloatRange(1, 3600),
    default=30.0,
    show_default=True,
    help="Seconds without news of a trace until it counts as complete.",
)
@click.option("--profile", help="Model profile; by default the one that settings choose.")
@click.option(
    "--max-calls",
    "max_calls_per_day",
    type=click.IntRange(0),
    default=1000,
    show_default=True,
    help="Calls to models in a day of UTC.",
)
@click.option("--max-cost", "max_cost_usd_per_day", type=Decimal, help="US dollars in a day of UTC.")
@click.option("--off", is_flag=True, help="Keep the rule, score nothing.")
@output_option
@target_options
def set_(target: Target, name: str, metrics: str, output: OutputFormat, **values: Any) -> None:
    """Make the rule NAME, or change it: traces that arrive from now on are scored, each once.

    Filters hold for the root span. Scores stand beside it, and signals see them (`quality.score`).

    \b
    Example:
      pitwall eval online set grounded --metrics offline_groundedness --filter service:eq:voc-chat
      pitwall eval online set judged --metrics faithfulness --sample 0.05 --profile prod --max-calls 500
    """
    from pitwall.evals.metrics.naming import split_names

    money = values["max_cost_usd_per_day"]
    body = {
        "metrics": list(split_names(metrics)),
        "filters": list(values["filters"]),
        **{key: values[key] for key in ("sample_rate", "settle_seconds", "profile", "max_calls_per_day")},
        "max_cost_usd_per_day": None if money is None else str(money),
        "enabled": not values["off"],
    }
    with reach(target, may_create=True) as client:
        rule = client.request("PUT", _path(name), params={"project": target.project}, body=body)
    if output is not OutputFormat.TABLE:
        emit([rule], [], output, payload=rule)
        return
    said = _SAVED if rule["enabled"] else _OFF
    text = said.say(choose_language(target.environ), name=rule["name"], share=f"{rule['sample_rate']:.4g}")
    click.echo(text, err=True)


@online.command()
@_name
@output_option
@target_options
def show(target: Target, name: str, output: OutputFormat) -> None:
    """Show the rule NAME: what it did today, what it spent, what waits, its last scores and errors.

    \b
    Example:
      pitwall eval online show grounded
    """
    with reach(target) as client:
        rule = client.get(_path(name), {"project": target.project})
    if output is not OutputFormat.TABLE:
        emit([rule], [], output, payload=rule)
        return
    emit(_fields(rule), _FIELD_COLUMNS, output)
    if rule["scores"]:
        emit(rule["scores"], _SCORE_COLUMNS, output)
    if rule["failures"]:
        emit(rule["failures"], _FAILURE_COLUMNS, output)
    _tell_problems(rule, choose_language(target.environ))


@online.command()
@_name
@output_option
@target_options
def enable(target: Target, name: str, output: OutputFormat) -> None:
    """Let the rule NAME score traces that arrive from now on.

    \b
    Example:
      pitwall eval online enable grounded
    """
    _switch(target, name, output, is_enabled=True)


@online.command()
@_name
@output_option
@target_options
def disable(target: Target, name: str, output: OutputFormat) -> None:
    """Pause the rule NAME, also one of a pack; the scores that it gave stay.

    \b
    Example:
      pitwall eval online disable grounded
    """
    _switch(target, name, output, is_enabled=False)


def _switch(target: Target, name: str, output: OutputFormat, *, is_enabled: bool) -> None:
    with reach(target) as client:
        rule = client.post(f"{_path(name)}/switch", {"is_enabled": is_enabled}, {"project": target.project})
    text = _ENABLED if is_enabled else _DISABLED
    tell(rule, text.say(choose_language(target.environ), name=rule["name"]), output)


@online.command()
@_name
@click.option("--yes", is_flag=True, help="Do not ask.")
@output_option
@target_options
def delete(target: Target, name: str, yes: bool, output: OutputFormat) -> None:
    """Delete the rule NAME; the scores that it gave stay.

    \b
    Example:
      pitwall eval online delete grounded --yes
    """
    language = choose_language(target.environ)
    if not yes:
        click.confirm(_SURE.say(language, name=name), abort=True, err=True)
    with reach(target) as client:
        answer = client.delete(_path(name), {"project": target.project})
    tell(answer, _DELETED.say(language, name=name), output)


def _path(name: str) -> str:
    return f"{_RULES}/{quote(name, safe='')}"


def _fields(rule: dict[str, Any]) -> list[dict[str, Any]]:
    flat = {
        **rule,
        **rule["today"],
        "metrics": ", ".join(rule["metrics"]),
        "filters": ", ".join(rule["filters"]),
    }
    left = ("today", "scores", "failures", "error", "error_at")
    return [{"field": key, "value": value} for key, value in flat.items() if key not in left]


def _tell_problems(rule: dict[str, Any], language: Language) -> None:
    today = rule["today"]
    if today["left_out"]:
        click.echo(_SPENT.say(language, day=today["day"], count=today["left_out"]), err=True)
    if rule["error"] is not None:
        click.echo(_FAILED.say(language, error=rule["error"]), err=True)
