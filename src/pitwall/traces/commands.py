"""`pitwall traces`: lists, counts, and one trace as a tree, from a server or the data directory itself."""

from __future__ import annotations

import shutil
import sys
from collections.abc import Iterator
from typing import Any
from urllib.parse import quote

import click

from pitwall.access.other_projects import name_other_projects
from pitwall.access.reach import reach
from pitwall.kit.cli_options import Target, output_option, target_options
from pitwall.kit.cli_output import Column, OutputFormat, emit
from pitwall.kit.i18n import Language, Text, choose_language
from pitwall.kit.text import fit
from pitwall.traces.command_options import ago, filter_option, since_option, until_option
from pitwall.traces.profile_commands import profile
from pitwall.traces.render import Style, show_cost, show_duration, tree_lines
from pitwall.traces.types import TraceSort

_TRACES = "/api/v1/traces"
_PREVIEW_COLUMNS = 48
_UNLIMITED_COLUMNS = 200
_LIST_COLUMNS = (
    Column("trace_id", "TRACE"),
    Column("started_at", "STARTED", show=lambda at: str(at)[:23].rstrip("Z") + "Z"),
    Column("duration_ms", "DURATION", "right", show=show_duration),
    Column("name", "NAME", gives_way=1),
    Column("outcome", "STATUS"),
    Column("service", "SERVICE", gives_way=3),
    Column("models", "MODELS", gives_way=4),
    Column("span_count", "SPANS", "right", gives_way=5),
    Column("total_tokens", "TOKENS", "right", show=lambda count: f"{count:,}", gives_way=6),
    Column("cost_usd", "COST", "right", show=show_cost, gives_way=2),
    Column(
        "input_preview",
        "INPUT",
        show=lambda text: fit(" ".join(text.split()) or " ", _PREVIEW_COLUMNS),
        gives_way=7,
    ),
)
_FACET_COLUMNS = (
    Column("column", "COLUMN"),
    Column("value", "VALUE", gives_way=1),
    Column("count", "SPANS", "right", show=lambda count: f"{count:,}"),
)
_COLUMN_COLUMNS = (
    Column("name", "COLUMN"),
    Column("title", "TITLE", gives_way=3),
    Column("group", "GROUP", gives_way=4),
    Column("type", "TYPE", gives_way=2),
    Column("operators", "OPERATORS", wrap=True),
)
_OTHERS = Text("(other values)", "(그 밖의 값)")
_MISSING = Text("(no value)", "(값 없음)")
_SAMPLED = Text(
    "There are many spans: counts are made out of a part of them.",
    "스팬이 많아 일부만 세어 추정한 값입니다.",
)
_MORE = Text(
    "More traces follow; show them with --cursor {cursor}",
    "트레이스가 더 있습니다. --cursor {cursor} 로 이어서 볼 수 있습니다",
)
_NONE = Text(
    "No traces match. Widen --since, or drop a filter.",
    "일치하는 트레이스가 없습니다. --since 범위를 넓히거나 필터를 줄여 보세요.",
)


@click.group()
def traces() -> None:
    """List traces, count them, show one as a tree.

    \b
    Example:
      pitwall traces list --since 1h --filter status:eq:error
      pitwall traces facets --column model --column error_class
      pitwall traces show 4bf92f3577b34da6a3ce929d0e0e4736
    """


@traces.command("list")
@since_option("everything, a day with --sort")
@until_option
@filter_option
@click.option("--query", help="Text in the input or output of a span.")
@click.option(
    "--sort",
    type=click.Choice([sort.value for sort in TraceSort]),
    default=TraceSort.NEWEST.value,
    show_default=True,
    help="Order, greatest first.",
)
@click.option(
    "--limit", type=click.IntRange(1, 500), default=50, show_default=True, help="Traces of the page."
)
@click.option("--cursor", help="Where the page before ended.")
@output_option
@target_options
def list_(
    target: Target,
    since: str | None,
    until: str | None,
    filters: tuple[str, ...],
    query: str | None,
    sort: str,
    limit: int,
    cursor: str | None,
    output: OutputFormat,
) -> None:
    """List traces, newest first or by duration, cost or tokens.

    Filters hold for the same span; a trace is listed once, by its root span. Operators: eq, ne, in, gt, gte,
    lt, lte, contains, prefix, is_null.

    \b
    Example:
      pitwall traces list --since 1h --filter model:eq:qwen2.5:7b --filter duration_ms:gt:2000
      pitwall traces list --since 24h --sort cost --limit 10
      pitwall traces list --query 환불 --filter kind:in:llm,tool --output jsonl
      pitwall traces list --filter attributes.http.route:prefix:/voc
    """
    question = {
        "filter": list(filters),
        "q": query,
        "since": ago(since),
        "until": ago(until),
        "sort": sort,
        "limit": limit,
        "cursor": cursor,
        "project": target.project,
    }
    language = choose_language(target.environ)
    with reach(target) as client:
        answer = client.get(_TRACES, question)
        rows = answer["traces"]
        if not rows and output is OutputFormat.TABLE:
            click.echo(_NONE.say(language) + name_other_projects(client, target, language), err=True)
            return
    if output is not OutputFormat.TABLE:
        emit(rows, [], output, payload=answer)
        return
    emit([_list_row(row) for row in rows], _LIST_COLUMNS, output)
    if answer["next_cursor"]:
        click.echo(_MORE.say(language, cursor=answer["next_cursor"]), err=True)


@traces.command()
@click.argument("trace_id", metavar="TRACE_ID")
@click.option("--full", is_flag=True, help="With inputs and outputs.")
@click.option(
    "--limit", type=click.IntRange(1, 5000), default=1000, show_default=True, help="Spans of the page."
)
@click.option("--cursor", help="Where the page before ended.")
@output_option
@target_options
def show(
    target: Target, trace_id: str, full: bool, limit: int, cursor: str | None, output: OutputFormat
) -> None:
    """Show one trace as a tree with times, models, tokens and cost.

    \b
    Example:
      pitwall traces show 4bf92f3577b34da6a3ce929d0e0e4736 --full
      pitwall traces show 4bf92f3577b34da6a3ce929d0e0e4736 --output json
    """
    is_table = output is OutputFormat.TABLE
    question = {
        "payloads": str(full or not is_table).lower(),
        "limit": limit,
        "cursor": cursor,
        "project": target.project,
    }
    with reach(target) as client:
        answer = client.get(f"{_TRACES}/{quote(trace_id, safe='')}", question)
    if not is_table:
        emit(answer["spans"], [], output, payload=answer)
        return
    is_terminal = sys.stdout.isatty()
    style = Style(
        columns=shutil.get_terminal_size().columns if is_terminal else _UNLIMITED_COLUMNS,
        is_coloured=is_terminal and "NO_COLOR" not in target.environ,
        is_full=full,
        language=choose_language(target.environ),
    )
    for line in tree_lines(answer, style):
        click.echo(line, color=style.is_coloured)


@traces.command()
@click.option("--column", "columns", multiple=True, required=True, help="Column; may be repeated.")
@since_option("a day")
@until_option
@filter_option
@click.option("--query", help="Text in the input or output of a span.")
@click.option(
    "--limit", type=click.IntRange(1, 200), default=20, show_default=True, help="Values of each column."
)
@output_option
@target_options
def facets(
    target: Target,
    columns: tuple[str, ...],
    since: str | None,
    until: str | None,
    filters: tuple[str, ...],
    query: str | None,
    limit: int,
    output: OutputFormat,
) -> None:
    """Count spans by the values of columns, most frequent first.

    \b
    Example:
      pitwall traces facets --column model --column error_class --since 24h
      pitwall traces facets --column attributes.plan --filter status:eq:error
    """
    question = {
        "column": list(columns),
        "filter": list(filters),
        "q": query,
        "since": ago(since),
        "until": ago(until),
        "limit": limit,
        "project": target.project,
    }
    language = choose_language(target.environ)
    with reach(target) as client:
        answer = client.get(f"{_TRACES}/facets", question)
    if output is not OutputFormat.TABLE:
        emit(answer["facets"], [], output, payload=answer)
        return
    emit(list(_facet_rows(answer, language)), _FACET_COLUMNS, output, empty=_NONE.say(language))
    if answer["sampled"]:
        click.echo(_SAMPLED.say(language), err=True)


@traces.command()
@output_option
@target_options
def columns(target: Target, output: OutputFormat) -> None:
    """List the columns that filters, facets and tables may name.

    \b
    Example:
      pitwall traces columns
      pitwall traces columns --output jsonl
    """
    language = choose_language(target.environ)
    with reach(target) as client:
        answer = client.get(f"{_TRACES}/columns", {"project": target.project})
    if output is not OutputFormat.TABLE:
        emit(answer["columns"], [], output, payload=answer)
        return
    groups = {group["name"]: group["title"][language.value] for group in answer["groups"]}
    rows = [
        {**row, "title": row["title"][language.value], "group": groups[row["group"]]}
        for row in answer["columns"]
    ]
    emit(rows, _COLUMN_COLUMNS, output)


traces.add_command(profile)


def _facet_rows(answer: dict[str, Any], language: Language) -> Iterator[dict[str, Any]]:
    """Values of all columns, one below the other; what is not listed at the end of each."""
    for facet in answer["facets"]:
        rest = ((_OTHERS, facet["other_count"]), (_MISSING, facet["missing_count"]))
        unlisted = [{"value": text.say(language), "count": count} for text, count in rest if count]
        if facet["values"] or facet["other_count"]:
            for value in [*facet["values"], *unlisted]:
                yield {"column": facet["column"], **value}


def _list_row(row: dict[str, Any]) -> dict[str, Any]:
    outcome = row["status"]
    if row["error_class"]:
        outcome = f"{outcome}: {row['error_class']}"
    elif row["error_count"] and outcome != "error":
        outcome = f"{outcome}, {row['error_count']} inside"
    if not row["root"]:
        outcome = f"{outcome}, no root yet"
    known = row["input_tokens"] is not None
    total = row["input_tokens"] + row["output_tokens"] if known else None
    return {**row, "outcome": outcome, "total_tokens": total}
