"""`pitwall signals explain` and `exemplars`: how a number was computed, and what stands behind it."""

from __future__ import annotations

from typing import Any

import click

from pitwall.access.reach import reach
from pitwall.kit.cli_options import Target, output_option, target_options
from pitwall.kit.cli_output import Column, OutputFormat, emit
from pitwall.kit.i18n import Language, Text, choose_language

_SIGNALS = "/api/v1/signals"
_HAS_DATA = Text("There is a value that can be judged.", "판정할 수 있는 값이 있습니다.")
_MET = Text("seen", "있음")
_UNMET = Text("missing", "없음")
_NO_EXEMPLARS = Text(
    "No trace stands behind a value in this range; `pitwall signals explain {name}` says why.",
    "이 범위의 값 뒤에 있는 트레이스가 없습니다. 이유는 `pitwall signals explain {name}`에서 볼 수 있습니다.",
)
_EXEMPLAR_COLUMNS = (
    Column("trace_id", "trace"),
    Column("at", "at", show=lambda at: str(at)[:23].rstrip("Z") + "Z", gives_way=1),
    Column("value", "value", "right", show=lambda value: f"{value:,.6g}"),
    Column("name", "name", gives_way=2),
    Column("service", "service", gives_way=4),
    Column("model", "model", gives_way=3),
    Column("status", "status"),
    Column("duration_ms", "duration ms", "right", show=lambda length: f"{length:,.0f}", gives_way=5),
)


@click.command()
@click.argument("name")
@click.option("--since", help="Start of the range: 1h (ago), now-1h or ISO 8601; default now-1h.")
@click.option("--until", help="End of the range, not part of it; default is now.")
@click.option("--last", help="Instead of a range: the latest complete window of this length.")
@click.option("--step", help="Length of the windows, such as 5m; default is the range as one window.")
@click.option("--by", help="Labels that split the answer, separated by commas.")
@click.option("--where", help="Condition on the records, such as \"model = 'gpt-4o'\".")
@output_option
@target_options
def explain(target: Target, name: str, output: OutputFormat, **parameters: str | None) -> None:
    """Explain an answer: why it has no value, what it needs, and the statements that compute it.

    \b
    Example:
      pitwall signals explain rag.hit_rate --since now-24h
      pitwall signals explain llm.mean_ttft_ms --last 1h --where "service = 'voc-chat'" --output json
    """
    with reach(target) as client:
        question = {"name": name, **parameters, "project": target.project}
        answer = client.get(f"{_SIGNALS}/explain", question)
    if output is not OutputFormat.TABLE:
        emit(answer["statements"], [], output, payload=answer)
        return
    language = choose_language(target.environ)
    _show_reason(answer["no_data"], language, output)
    for statement in answer["statements"]:
        click.echo(f"\n-- {', '.join(statement['tables'])}\n{statement['sql']}")


@click.command()
@click.argument("name")
@click.option("--since", help="Start of the range: 1h (ago), now-1h or ISO 8601; default now-1h.")
@click.option("--until", help="End of the range, not part of it; default is now.")
@click.option("--last", help="Instead of a range: the latest complete window of this length.")
@click.option(
    "--label", "labels", multiple=True, metavar="KEY:VALUE", help="Label of the series; may be repeated."
)
@click.option("--where", help="Condition on the records, such as \"status = 'error'\".")
@click.option("--limit", type=click.IntRange(1, 100), default=10, show_default=True, help="Traces at most.")
@output_option
@target_options
def exemplars(
    target: Target,
    name: str,
    labels: tuple[str, ...],
    limit: int,
    output: OutputFormat,
    **parameters: str | None,
) -> None:
    """List the traces behind a value, those that make it worse first.

    Of a formula they are those of its first operand, such as the failures of a share of failures.

    \b
    Example:
      pitwall signals exemplars llm.p95_latency_ms --since now-1h --label model:qwen2.5:7b
      pitwall signals exemplars requests.error_rate --last 5m --output jsonl
    """
    question: dict[str, Any] = {"name": name, **parameters, "label": list(labels), "limit": limit}
    with reach(target) as client:
        answer = client.get(f"{_SIGNALS}/exemplars", {**question, "project": target.project})
    empty = _NO_EXEMPLARS.say(choose_language(target.environ), name=name)
    emit(answer["exemplars"], _EXEMPLAR_COLUMNS, output, payload=answer, empty=empty)


def _show_reason(no_data: dict[str, Any] | None, language: Language, output: OutputFormat) -> None:
    if no_data is None:
        click.echo(_HAS_DATA.say(language), err=True)
        return
    click.echo(no_data["text"][language.value], err=True)
    needs = [
        {"what": need["what"][language.value], "seen": (_MET if need["seen"] else _UNMET).say(language)}
        for need in no_data["needs"]
    ]
    if needs:
        emit(needs, [Column("what", "needs", wrap=True), Column("seen", "in this range")], output)
