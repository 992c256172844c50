"""`pitwall errors` and `pitwall changes`: what fails, and what is new."""

from __future__ import annotations

from typing import Any

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
_CHANGE_COLUMNS = (
    Column("at", "AT", show=_second),
    Column("kind", "KIND"),
    Column("environment", "ENVIRONMENT", gives_way=2),
    Column("service", "SERVICE", gives_way=1),
    Column("subject", "SUBJECT", gives_way=3),
    Column("before", "BEFORE", gives_way=4),
    Column("after", "AFTER"),
)
_NO_ERRORS = Text(
    "No errors in this time. Widen --since, or drop a filter.",
    "이 시간에 오류가 없습니다. --since 범위를 넓히거나 필터를 줄여 보세요.",
)
_NO_CHANGES = Text(
    "Nothing was seen for the first time. Widen --since.",
    "이 시간에 처음 나타난 것이 없습니다. --since 범위를 넓혀 보세요.",
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
    _list(target, "errors", question, _ERROR_COLUMNS, output, _NO_ERRORS)


errors.add_command(groups)
errors.add_command(show)


@click.group()
def changes() -> None:
    """List what was seen for the first time.

    \b
    Example:
      pitwall changes list --since 7d
    """


@changes.command("list")
@since_option("a day")
@until_option
@_Rows
@output_option
@target_options
def list_changes(
    target: Target, since: str | None, until: str | None, limit: int, output: OutputFormat
) -> None:
    """List versions, models, prompts, services and environments that were new in a time, newest first.

    \b
    Example:
      pitwall changes list --since 7d
      pitwall changes list --since 2026-11-20 --output json
    """
    question = {"since": ago(since), "until": ago(until), "limit": limit}
    _list(target, "changes", question, _CHANGE_COLUMNS, output, _NO_CHANGES)


def _list(
    target: Target,
    what: str,
    question: dict[str, Any],
    columns: tuple[Column, ...],
    output: OutputFormat,
    none: Text,
) -> None:
    language = choose_language(target.environ)
    with reach(target) as client:
        answer = client.get(f"/api/v1/{what}", {**question, "project": target.project})
        empty = "" if answer[what] else none.say(language) + name_other_projects(client, target, language)
    emit(answer[what], columns, output, payload=answer, empty=empty)
