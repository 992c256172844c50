"""`pitwall telemetry dead-letters`: what could not be stored, looked at and sent again."""

from __future__ import annotations

from typing import Any

import click

from pitwall.access.client import ApiClient
from pitwall.access.reach import reach
from pitwall.kit.cli_options import Target, output_option, target_options
from pitwall.kit.cli_output import Column, OutputFormat, emit
from pitwall.kit.i18n import Text, choose_language

_PATH = "/api/v1/telemetry/dead-letters"
_PAGE = 500
_EXIT_REJECTED = 3
_COLUMNS = [
    Column("id", "id"),
    Column("received_at", "received"),
    Column("telemetry_type", "type"),
    Column("door", "door"),
    Column("reason", "reason"),
    Column("record_name", "record"),
    Column("message", "message", wrap=True),
]
_RETRY_COLUMNS = [
    Column("id", "id"),
    Column("accepted", "accepted", align="right"),
    Column("rejected", "rejected", align="right", show=lambda rejected: str(len(rejected))),
    Column("is_removed", "removed"),
]
_NONE = Text(
    "There are no dead letters: everything that came in was understood.",
    "데드 레터가 없습니다. 들어온 것을 모두 이해했습니다.",
)
_NOTHING = Text("There was nothing to send again.", "다시 보낼 것이 없습니다.")
_NONE_SUCH = Text("No dead letter fits these filters.", "이 조건에 맞는 데드 레터가 없습니다.")


@click.group("dead-letters")
def dead_letters() -> None:
    """Look at telemetry that could not be stored, and send it again.

    \b
    Example:
      pitwall telemetry dead-letters list --reason too_many_attributes
      pitwall telemetry dead-letters retry --all --reason too_many_attributes
    """


@dead_letters.command("list")
@click.option("--type", "telemetry_type", help="Only of this stream: traces, metrics, logs.")
@click.option("--reason", help="Only with this reason.")
@click.option("--limit", type=click.IntRange(1), default=50, show_default=True, help="How many at most.")
@output_option
@target_options
def list_(
    target: Target, telemetry_type: str | None, reason: str | None, limit: int, output: OutputFormat
) -> None:
    """List dead letters, newest first.

    \b
    Example:
      pitwall telemetry dead-letters list --type traces --output json
    """
    with reach(target) as client:
        filters = {"telemetry_type": telemetry_type, "reason": reason, "project": target.project}
        letters, next_cursor = _read_list(client, filters, limit)
    payload = {"dead_letters": letters, "next_cursor": next_cursor}
    is_filtered = telemetry_type is not None or reason is not None
    empty = (_NONE_SUCH if is_filtered else _NONE).say(choose_language(target.environ))
    emit(letters, _COLUMNS, output, payload=payload, empty=empty)
    if next_cursor is not None and output is OutputFormat.TABLE:
        click.echo(f"There are more than {limit}; use --limit.", err=True)


@dead_letters.command()
@click.argument("letter_id", metavar="ID")
@output_option
@target_options
def show(target: Target, letter_id: str, output: OutputFormat) -> None:
    """Show one dead letter with the request it holds.

    \b
    Example:
      pitwall telemetry dead-letters show 3f0c9a51d2b84e0f8c1b2a7de9f01234
    """
    with reach(target) as client:
        letter = client.get(f"{_PATH}/{letter_id}", {"project": target.project})
    if output is not OutputFormat.TABLE:
        emit([letter], [], output, payload=letter)
        return
    rows = [
        {"field": name, "value": value} for name, value in letter.items() if name not in ("body", "request")
    ]
    emit(rows, [Column("field", "field"), Column("value", "value", wrap=True)], output)
    click.echo()
    emit([], [], OutputFormat.JSON, payload=letter["request"])


@dead_letters.command()
@click.argument("letter_ids", metavar="[ID]...", nargs=-1)
@click.option("--all", "is_all", is_flag=True, help="Every letter that the filters let through.")
@click.option("--type", "telemetry_type", help="With --all: only of this stream.")
@click.option("--reason", help="With --all: only with this reason.")
@click.option("--yes", is_flag=True, help="Do not ask.")
@output_option
@target_options
@click.pass_context
def retry(
    context: click.Context,
    target: Target,
    letter_ids: tuple[str, ...],
    is_all: bool,
    telemetry_type: str | None,
    reason: str | None,
    yes: bool,
    output: OutputFormat,
) -> None:
    """Send dead letters again; those that are accepted are removed. Exit code 3 if any was rejected again.

    \b
    Example:
      pitwall telemetry dead-letters retry 3f0c9a51d2b84e0f8c1b2a7de9f01234
      pitwall telemetry dead-letters retry --all --reason too_many_attributes --yes
    """
    if is_all == bool(letter_ids):
        raise click.UsageError("Give ids or --all.")
    scope = {"project": target.project}
    with reach(target) as client:
        if is_all:
            filters = {"telemetry_type": telemetry_type, "reason": reason, **scope}
            letters, _ = _read_list(client, filters, None)
            letter_ids = tuple(letter["id"] for letter in letters)
            if letter_ids and not yes:
                click.confirm(f"Send {len(letter_ids)} dead letters again?", abort=True, err=True)
        results = [client.post(f"{_PATH}/{letter_id}/retry", params=scope) for letter_id in letter_ids]
    emit(results, _RETRY_COLUMNS, output, empty=_NOTHING.say(choose_language(target.environ)))
    if any(result["rejected"] for result in results):
        context.exit(_EXIT_REJECTED)


def _read_list(
    client: ApiClient, filters: dict[str, str | None], limit: int | None
) -> tuple[list[dict[str, Any]], str | None]:
    letters: list[dict[str, Any]] = []
    cursor = None
    while True:
        size = _PAGE if limit is None else min(_PAGE, limit - len(letters))
        page = client.get(_PATH, {**filters, "cursor": cursor, "limit": size})
        letters += page["dead_letters"]
        cursor = page["next_cursor"]
        if cursor is None or (limit is not None and len(letters) >= limit):
            return letters, cursor
