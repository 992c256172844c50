"""`pitwall errors`: what fails."""

from __future__ import annotations

import click

from pitwall.access.other_projects import name_other_projects
from pitwall.access.reach import reach
from pitwall.kit.cli_options import Target, output_option, target_options
from pitwall.kit.cli_output import Column, OutputFormat, emit
from pitwall.kit.i18n import Text, choose_language
from pitwall.traces.command_options import ago, filter_option, since_option, until_option
from pitwall.traces.error_groups.commands import groups, show


def _count(count: int) -> str:
    return f"{count:,}"


def _second(at: str) -> str:
    return at[:19] + "Z"


_ERROR_COLUMNS = (
    Column("count", "COUNT", "right", show=_count),
    Column("previous_count", "BEFORE", "right", show=_count, gives_way=3),
    Column("error_class", "CLASS"),
    Column("error_type", "TYPE", gives_way=5),
    Column("name", "SPAN", gives_way=2),
    Column("service", "SERVICE", gives_way=6),
    Column("model", "MODEL", gives_way=4),
    Column("last_at", "LAST", show=_second, gives_way=7),
    Column("message", "MESSAGE", gives_way=1),
    Column("example_trace_id", "EXAMPLE"),
)
_NO_ERRORS = Text(
    "No errors in this time. Widen --since, or drop a filter.",
    "이 시간에 오류가 없습니다. --since 범위를 넓히거나 필터를 줄여 보세요.",
)
_Rows = click.option(
    "--limit", type=click.IntRange(1, 500), default=50, show_default=True, help="Rows at most."
)


@click.group()
def errors() -> None:
    """List what fails, and tell what is new or back.

    \b
    Example:
      pitwall errors list --since 24h
      pitwall errors groups --status new --status regressed
    """


@errors.command("list")
@since_option("a day")
@until_option
@filter_option
@_Rows
@output_option
@target_options
def list_errors(
    target: Target,
    since: str | None,
    until: str | None,
    filters: tuple[str, ...],
    limit: int,
    output: OutputFormat,
) -> None:
    """List errors, alike ones together, most frequent first, with their number in the time before.

    Numbers, ids, addresses and quoted values in messages do not count. An error that is handed up to parents
    counts once, where it happened; `pitwall traces show` opens the example.

    \b
    Example:
      pitwall errors list --since 1h --filter service:eq:voc-chat
      pitwall errors list --since 7d --filter kind:eq:llm --output jsonl
    """
    question = {"filter": list(filters), "since": ago(since), "until": ago(until), "limit": limit}
    language = choose_language(target.environ)
    with reach(target) as client:
        answer = client.get("/api/v1/errors", {**question, "project": target.project})
        nothing = "" if answer["errors"] else name_other_projects(client, target, language)
    empty = _NO_ERRORS.say(language) + nothing
    emit(answer["errors"], _ERROR_COLUMNS, output, payload=answer, empty=empty)


errors.add_command(groups)
errors.add_command(show)
