"""`pitwall changes`: what was changed, told of or seen, and telling of a change."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import click

from pitwall.access.other_projects import name_other_projects
from pitwall.access.reach import reach
from pitwall.kit.cli_options import INSTANT, Target, output_option, target_options
from pitwall.kit.cli_output import Column, OutputFormat, emit
from pitwall.kit.durations import format_instant
from pitwall.kit.i18n import Text, choose_language
from pitwall.traces.command_options import ago, since_option, until_option

# The values of `ToldKind`, whose module would make the help wait for the packages behind it.
KINDS = ("deploy", "model", "prompt", "config", "index", "route", "runbook", "note")

_NONE = Text(
    "Nothing was changed in this time, as far as anybody told or telemetry shows. Widen --since.",
    "이 시간에 알려졌거나 텔레메트리에 나타난 변경이 없습니다. --since 범위를 넓혀 보세요.",
)
_ADDED = Text("Kept the change {title}.", "변경 {title}을(를) 기록했습니다.")
_KNOWN = Text("The change {title} was kept before.", "변경 {title}은(는) 이미 기록되어 있습니다.")
_COLUMNS = (
    Column("at", "AT", show=lambda at: str(at)[:19] + "Z"),
    Column("origin", "ORIGIN"),
    Column("kind", "KIND"),
    Column("environment", "ENVIRONMENT", gives_way=3),
    Column("service", "SERVICE", gives_way=1),
    Column("subject", "SUBJECT", gives_way=2),
    Column("before", "BEFORE", gives_way=5),
    Column("after", "AFTER", gives_way=4),
    Column("by", "BY", gives_way=6),
)


class _ListGroup(click.Group):
    """Without a verb it lists."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        return super().parse_args(ctx, args or ["list"])


@click.group(cls=_ListGroup)
def changes() -> None:
    """List what was changed, and tell of changes; without a verb the list of the last day.

    \b
    Example:
      pitwall changes
      pitwall changes add --kind deploy --title "voc-chat 1.8.2" --service voc-chat
    """


@changes.command("list")
@since_option("a day")
@until_option
@click.option("--limit", type=click.IntRange(1, 500), default=50, show_default=True, help="Rows at most.")
@click.option("--cursor", help="Where the page begins: next_cursor of the one before.")
@output_option
@target_options
def list_changes(
    target: Target,
    since: str | None,
    until: str | None,
    limit: int,
    cursor: str | None,
    output: OutputFormat,
) -> None:
    """List changes, newest first: what somebody told of (origin told), and versions, models, prompts,
    services and environments that telemetry showed for the first time (origin seen).

    \b
    Example:
      pitwall changes list --since 7d
      pitwall changes list --since 2026-11-20 --output json
    """
    language = choose_language(target.environ)
    question = {"since": ago(since), "until": ago(until), "limit": limit, "cursor": cursor}
    with reach(target) as client:
        answer = client.get("/api/v1/changes", {**question, "project": target.project})
        others = "" if answer["changes"] else name_other_projects(client, target, language)
    emit(answer["changes"], _COLUMNS, output, payload=answer, empty=_NONE.say(language) + others)


@changes.command()
@click.option("--kind", type=click.Choice(KINDS), required=True, help="What was changed.")
@click.option("--title", required=True, help="In one line, as people should read it.")
@click.option("--service", help="Whose change it is.")
@click.option("--environment", help="Where it was made.")
@click.option("--before", help="The old value, such as a version.")
@click.option("--after", help="The new value.")
@click.option("--at", type=INSTANT, help="When it was made: 5m (ago) or ISO 8601; default is now.")
@click.option("--link", help="Address where more of it can be read.")
@click.option(
    "--key", help="Names the change for you, such as the deployment's id; sent again it adds nothing."
)
@output_option
@target_options
def add(target: Target, output: OutputFormat, at: datetime | None, key: str | None, **facts: Any) -> None:
    """Tell of a change, so that incidents and charts show it.

    \b
    Example:
      pitwall changes add --kind deploy --title "voc-chat 1.8.2" --service voc-chat --after 1.8.2
      pitwall changes add --kind prompt --title "Shorter answers" --service voc-chat --key 4f2
    """
    language = choose_language(target.environ)
    body = {**facts, "at": None if at is None else format_instant(at), "idempotency_key": key}
    body = {name: value for name, value in body.items() if value is not None}
    with reach(target, may_create=True) as client:
        change = client.post("/api/v1/changes", body, {"project": target.project})
    if output is not OutputFormat.TABLE:
        emit([change], _COLUMNS, output, payload=change)
        return
    click.echo((_ADDED if change["is_new"] else _KNOWN).say(language, title=change["title"]), err=True)
