"""`pitwall notifications silences`: alerts of which nobody is told for a while."""

from __future__ import annotations

from datetime import timedelta
from urllib.parse import quote

import click

from pitwall.access.reach import reach
from pitwall.kit.cli_options import DURATION, Target, output_option, target_options
from pitwall.kit.cli_output import Column, OutputFormat, emit
from pitwall.kit.durations import format_duration
from pitwall.kit.i18n import Text, choose_language

_PATH = "/api/v1/notifications/silences"
_NONE = Text("There is no silence.", "무음 설정이 없습니다.")
_MORE = Text("There are more than {limit}; use --limit.", "{limit}건보다 많습니다. --limit을 쓰세요.")
_ADDED = Text(
    "Silence {id} lasts until {until}; it keeps {count} active alerts quiet.",
    "무음 {id}: {until}까지, 활성 경보 {count}건을 보내지 않습니다.",
    en_one="Silence {id} lasts until {until}; it keeps 1 active alert quiet.",
)
_ENDED = Text("Ended silence {id}.", "무음 {id}을(를) 끝냈습니다.")
_COLUMNS = [
    Column("id", "id"),
    Column("state", "state"),
    Column("matchers", "alerts that match", wrap=True),
    Column("ends_at", "until"),
    Column("reason", "reason", wrap=True),
    Column("created_by", "by", gives_way=2),
    Column("alerts", "quiet now", align="right", gives_way=1),
]


@click.group()
def silences() -> None:
    """Tell nobody of some alerts for a while, with a reason.

    \b
    Example:
      pitwall notifications silences add --match model=gpt-4o --for 2h --reason "provider outage"
      pitwall notifications silences list
    """


@silences.command("list")
@click.option("--all", "is_all", is_flag=True, help="Also those that are over.")
@click.option(
    "--limit", type=click.IntRange(1, 500), default=100, show_default=True, help="How many at most."
)
@output_option
@target_options
def list_(target: Target, is_all: bool, limit: int, output: OutputFormat) -> None:
    """List silences, the one that ends last first.

    \b
    Example:
      pitwall notifications silences list --all
    """
    with reach(target) as client:
        params = {"project": target.project, "open": None if is_all else "true", "limit": limit}
        answer = client.get(_PATH, params)
    language = choose_language(target.environ)
    emit(answer["silences"], _COLUMNS, output, payload=answer, empty=_NONE.say(language))
    if answer["next_cursor"] is not None and output is OutputFormat.TABLE:
        click.echo(_MORE.say(language, limit=limit), err=True)


@silences.command()
@click.option(
    "--match",
    "matchers",
    multiple=True,
    required=True,
    metavar="CONDITION",
    help='Such as severity="warning".',
)
@click.option("--for", "length", type=DURATION, required=True, help="How long, such as 2h.")
@click.option("--reason", required=True, help="Why; whoever looks at the alert reads it.")
@output_option
@target_options
def add(
    target: Target, matchers: tuple[str, ...], length: timedelta, reason: str, output: OutputFormat
) -> None:
    """Make a silence that begins now.

    \b
    Example:
      pitwall notifications silences add --match rule=llm_errors --for 30m --reason "deploying"
    """
    body = {"matchers": list(matchers), "duration": format_duration(length), "reason": reason}
    with reach(target, may_create=True) as client:
        silence = client.post(_PATH, body, {"project": target.project})
    if output is not OutputFormat.TABLE:
        emit([silence], [], output, payload=silence)
        return
    language = choose_language(target.environ)
    text = _ADDED.say(language, id=silence["id"], until=silence["ends_at"], count=silence["alerts"])
    click.echo(text, err=True)


@silences.command()
@click.argument("silence_id", metavar="ID")
@target_options
def end(target: Target, silence_id: str) -> None:
    """End a silence now; what is still active is told of at once.

    \b
    Example:
      pitwall notifications silences end 01a2226403c47000a604c6410dd68978
    """
    with reach(target) as client:
        client.delete(f"{_PATH}/{quote(silence_id, safe='')}", {"project": target.project})
    click.echo(_ENDED.say(choose_language(target.environ), id=silence_id), err=True)
