"""`pitwall errors groups` and `show`: errors that are alike, what is new or back, and what one is."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import quote

import click

from pitwall.access.other_projects import name_other_projects
from pitwall.access.reach import reach
from pitwall.kit.cli_options import Target, output_option, target_options
from pitwall.kit.cli_output import Column, OutputFormat, emit
from pitwall.kit.i18n import Language, Text, choose_language
from pitwall.kit.sparkline import sparkline
from pitwall.traces.command_options import ago, filter_option, since_option, until_option
from pitwall.traces.error_groups.types import GroupStatus

_GROUPS = "/api/v1/errors/groups"


def _count(count: int) -> str:
    return f"{count:,}"


def _second(at: str) -> str:
    return at[:19] + "Z"


_STATUSES = {
    GroupStatus.NEW: Text("new", "신규"),
    GroupStatus.REGRESSED: Text("regressed", "재발"),
    GroupStatus.ONGOING: Text("ongoing", "지속"),
    GroupStatus.QUIET: Text("quiet", "잠잠"),
}
_SAMPLE_COLUMNS = (
    Column("at", "AT", show=_second, gives_way=1),
    Column("name", "SPAN", gives_way=4),
    Column("model", "MODEL", gives_way=3),
    Column("version", "VERSION", gives_way=5),
    Column("message", "MESSAGE", gives_way=2),
    Column("trace_id", "TRACE"),
)
_SPLIT_COLUMNS = (
    Column("by", "BY"),
    Column("value", "VALUE"),
    Column("count", "COUNT", "right", show=_count),
    Column("previous_count", "BEFORE", "right", show=_count),
)
_NO_GROUPS = Text(
    "No errors in this time. Widen --since, or drop a filter.",
    "이 시간에 오류가 없습니다. --since 범위를 넓히거나 필터를 줄여 보세요.",
)
_MORE = Text(
    "More groups: --limit shows up to 500.", "그룹이 더 있습니다. --limit로 500개까지 볼 수 있습니다."
)
_FACTS = Text(
    "{count} in this time, {before} in the time before; {users} users, {sessions} sessions, {traces} traces",
    "이 시간 {count}건, 직전 같은 기간 {before}건 · 사용자 {users}명, 세션 {sessions}개, 트레이스 {traces}개",
)
_SEEN = Text("first seen {first}, last seen {last}", "처음 {first}, 마지막 {last}")
_STACK = Text("Stack trace of {trace}:", "트레이스 {trace}의 스택:")
_SERVICE = Text("service {service}", "서비스 {service}")


@click.command()
@since_option("a day")
@until_option
@filter_option
@click.option(
    "--status",
    "statuses",
    multiple=True,
    type=click.Choice([status.value for status in GroupStatus]),
    help="Only groups that stand so; may be repeated.",
)
@click.option("--limit", type=click.IntRange(1, 500), default=50, show_default=True, help="Rows at most.")
@output_option
@target_options
def groups(
    target: Target,
    since: str | None,
    until: str | None,
    filters: tuple[str, ...],
    statuses: tuple[str, ...],
    limit: int,
    output: OutputFormat,
) -> None:
    """List groups of alike errors: whether they are new or came back, since when, and how they go.

    Alike are errors of one class, type, message and service, whatever the model. A group is new if it was
    first seen in this time, regressed if it came back after a day or more of silence, and quiet if it was
    there in the time of equal length before only.

    \b
    Example:
      pitwall errors groups --since 24h
      pitwall errors groups --since 7d --status new --status regressed
    """
    question = {"filter": list(filters), "status": list(statuses), "since": ago(since), "until": ago(until)}
    language = choose_language(target.environ)
    with reach(target) as client:
        answer = client.get(_GROUPS, {**question, "limit": limit, "project": target.project})
        found = answer["groups"]
        empty = "" if found else _NO_GROUPS.say(language) + name_other_projects(client, target, language)
    emit(found, _group_columns(language), output, payload=answer, empty=empty)
    if answer["next_cursor"] and output is OutputFormat.TABLE:
        click.echo(_MORE.say(language), err=True)


@click.command()
@click.argument("group")
@since_option("a day")
@until_option
@filter_option
@click.option("--limit", type=click.IntRange(1, 20), default=10, show_default=True, help="Samples at most.")
@output_option
@target_options
def show(
    target: Target,
    group: str,
    since: str | None,
    until: str | None,
    filters: tuple[str, ...],
    limit: int,
    output: OutputFormat,
) -> None:
    """Show a group of alike errors: by version, model and environment, the newest ones, a stack trace.

    GROUP is an id out of `pitwall errors groups`.

    \b
    Example:
      pitwall errors show 678a409a2e3369ad652b0991e946cb17 --since 7d
    """
    question = {"filter": list(filters), "since": ago(since), "until": ago(until), "limit": limit}
    with reach(target) as client:
        path = f"{_GROUPS}/{quote(group, safe='')}"
        answer = client.get(path, {**question, "project": target.project})
    if output is not OutputFormat.TABLE:
        emit(answer["samples"], [], output, payload=answer)
        return
    _show(answer, choose_language(target.environ), output)


def _group_columns(language: Language) -> Sequence[Column]:
    return (
        Column("count", "COUNT", "right", show=_count),
        Column("previous_count", "BEFORE", "right", show=_count, gives_way=5),
        Column("status", "STATUS", show=lambda status: _STATUSES[GroupStatus(status)].say(language)),
        Column("trend", "TREND", show=sparkline, gives_way=3),
        Column("error_class", "CLASS"),
        Column("error_type", "TYPE", gives_way=6),
        Column("service", "SERVICE", gives_way=7),
        Column("model", "MODEL", gives_way=8),
        Column("first_seen", "FIRST", show=_second, gives_way=4),
        Column("last_seen", "LAST", show=_second, gives_way=9),
        Column("message", "MESSAGE", gives_way=1),
        Column("id", "ID"),
    )


def _show(answer: Mapping[str, Any], language: Language, output: OutputFormat) -> None:
    for line in _heading(answer, language):
        click.echo(line)
    click.echo()
    splits = [
        {"by": name, **split}
        for name, values in answer["splits"].items()
        for split in values
        if split["value"] is not None or len(values) > 1
    ]
    if splits:
        emit(splits, _SPLIT_COLUMNS, output)
        click.echo()
    emit(answer["samples"], _SAMPLE_COLUMNS, output)
    if answer["stack"] is not None:
        click.echo(f"\n{_STACK.say(language, trace=answer['stack']['trace_id'])}\n{answer['stack']['text']}")


def _heading(answer: Mapping[str, Any], language: Language) -> list[str]:
    status = _STATUSES[GroupStatus(answer["status"])].say(language)
    what = [answer["error_class"], answer["error_type"]]
    service = answer["service"]
    told = [status, *filter(None, what), *([_SERVICE.say(language, service=service)] if service else [])]
    return [
        f"{answer['message'] or answer['name'] or answer['id']}",
        " · ".join(told),
        _SEEN.say(language, first=_second(answer["first_seen"]), last=_second(answer["last_seen"])),
        _FACTS.say(
            language,
            count=answer["count"],
            before=answer["previous_count"],
            users=answer["user_count"],
            sessions=answer["session_count"],
            traces=answer["trace_count"],
        ),
        sparkline(answer["trend"]),
    ]
