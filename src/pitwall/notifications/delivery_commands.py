"""`pitwall notifications deliveries`: what was sent, and what became of it."""

from __future__ import annotations

from typing import Any
from urllib.parse import quote

import click

from pitwall.access.reach import reach
from pitwall.kit.cli_options import Target, output_option, target_options
from pitwall.kit.cli_output import Column, OutputFormat, emit
from pitwall.kit.i18n import Text, choose_language

_PATH = "/api/v1/notifications/deliveries"
_STATES = ["pending", "sending", "delivered", "failed", "diverted", "held"]
_NONE = Text("Nothing was sent.", "보낸 것이 없습니다.")
_MORE = Text("There are more than {limit}; use --limit.", "{limit}건보다 많습니다. --limit을 쓰세요.")
_COLUMNS = [
    Column("id", "id"),
    Column("created_at", "made", gives_way=3),
    Column("channel", "channel"),
    Column("state", "state"),
    Column("reason", "reason"),
    Column("title", "title", wrap=True),
    Column("attempts", "attempts", align="right", show=lambda attempts: str(len(attempts)), gives_way=2),
    Column("error", "error", wrap=True, gives_way=1),
]
_ATTEMPT_COLUMNS = [
    Column("at", "at"),
    Column("outcome", "outcome"),
    Column("status", "status", align="right"),
    Column("duration_ms", "ms", align="right"),
    Column("error", "error", wrap=True),
]


@click.group()
def deliveries() -> None:
    """See what was sent to whom, and what became of it.

    \b
    Example:
      pitwall notifications deliveries list --state failed
      pitwall notifications deliveries show 01a222640134700084632aefc4eeb8e7
    """


@deliveries.command("list")
@click.option("--channel", help="Only to this channel.")
@click.option("--state", type=click.Choice(_STATES), help="Only in this state.")
@click.option("--limit", type=click.IntRange(1, 500), default=50, show_default=True, help="How many at most.")
@output_option
@target_options
def list_(target: Target, channel: str | None, state: str | None, limit: int, output: OutputFormat) -> None:
    """List deliveries, newest first.

    \b
    Example:
      pitwall notifications deliveries list --channel ops --limit 10
    """
    params = {"project": target.project, "channel": channel, "state": state, "limit": limit}
    with reach(target) as client:
        answer = client.get(_PATH, params)
    language = choose_language(target.environ)
    emit(answer["deliveries"], _COLUMNS, output, payload=answer, empty=_NONE.say(language))
    if answer["next_cursor"] is not None and output is OutputFormat.TABLE:
        click.echo(_MORE.say(language, limit=limit), err=True)


@deliveries.command()
@click.argument("delivery_id", metavar="ID")
@output_option
@target_options
def show(target: Target, delivery_id: str, output: OutputFormat) -> None:
    """Show what a delivery says, and every attempt to deliver it.

    \b
    Example:
      pitwall notifications deliveries show 01a222640134700084632aefc4eeb8e7
    """
    with reach(target) as client:
        delivery: dict[str, Any] = client.get(
            f"{_PATH}/{quote(delivery_id, safe='')}", {"project": target.project}
        )
    if output is not OutputFormat.TABLE:
        emit([delivery], [], output, payload=delivery)
        return
    if delivery["text"] is not None:
        click.echo(f"{delivery['title']}\n\n{delivery['text']}\n")
    emit(delivery["attempts"], _ATTEMPT_COLUMNS, output)
