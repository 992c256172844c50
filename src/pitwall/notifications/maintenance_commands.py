"""`pitwall notifications maintenance`: times in which nobody is told."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from urllib.parse import quote

import click

from pitwall.access.reach import reach
from pitwall.kit.cli_options import INSTANT, Target, output_option, target_options
from pitwall.kit.cli_output import Column, OutputFormat, emit, tell
from pitwall.kit.durations import format_instant
from pitwall.kit.i18n import Text, choose_language

_PATH = "/api/v1/notifications/maintenance"
_NONE = Text("There is no maintenance window.", "점검 시간이 없습니다.")
_SAVED = Text("Saved maintenance window {name}.", "점검 시간 {name}을(를) 저장했습니다.")
_DELETED = Text("Deleted maintenance window {name}.", "점검 시간 {name}을(를) 지웠습니다.")
_COLUMNS = [
    Column("name", "name"),
    Column("is_open", "open now"),
    Column("when", "when", wrap=True),
    Column("matchers", "alerts that match", wrap=True),
    Column("reason", "reason", wrap=True),
]


@click.group()
def maintenance() -> None:
    """Say when nobody is to be told: once, or every week.

    \b
    Example:
      pitwall notifications maintenance save backup --days sat,sun --begins 02:00 --ends 04:00 \\
        --time-zone Asia/Seoul --reason "nightly backup"
      pitwall notifications maintenance list
    """


@maintenance.command("list")
@output_option
@target_options
def list_(target: Target, output: OutputFormat) -> None:
    """List maintenance windows.

    \b
    Example:
      pitwall notifications maintenance list
    """
    with reach(target) as client:
        answer = client.get(_PATH, {"project": target.project})
    windows = answer["maintenance"]
    rows = windows if output is not OutputFormat.TABLE else [{**one, "when": _when(one)} for one in windows]
    emit(rows, _COLUMNS, output, payload=answer, empty=_NONE.say(choose_language(target.environ)))


@maintenance.command()
@click.argument("name")
@click.option("--match", "matchers", multiple=True, metavar="CONDITION", help="Which alerts; none for all.")
@click.option("--from", "starts_at", type=INSTANT, help="Begin, of a window that is open once.")
@click.option("--until", "ends_at", type=INSTANT, help="End, of a window that is open once.")
@click.option("--days", help="Weekdays it begins on, such as mon,tue.")
@click.option("--begins", metavar="HH:MM", help="Time of day it begins at.")
@click.option("--ends", metavar="HH:MM", help="Time of day it ends at; at or before the begin: the next day.")
@click.option("--time-zone", help="Whose clocks, such as Asia/Seoul; UTC if left out.")
@click.option("--reason", required=True, help="Why.")
@output_option
@target_options
def save(target: Target, name: str, reason: str, output: OutputFormat, **wanted: Any) -> None:
    """Make or change a maintenance window.

    \b
    Example:
      pitwall notifications maintenance save move --from now --until now+3h --reason "moving house"
    """
    body = {"reason": reason, "matchers": list(wanted["matchers"]), **_written_when(wanted)}
    with reach(target, may_create=True) as client:
        window = client.request("PUT", _path(name), params={"project": target.project}, body=body)
    tell(window, _SAVED.say(choose_language(target.environ), name=name), output)


@maintenance.command()
@click.argument("name")
@target_options
def delete(target: Target, name: str) -> None:
    """Delete a maintenance window; what is still active is told of at once.

    \b
    Example:
      pitwall notifications maintenance delete backup
    """
    with reach(target) as client:
        client.delete(_path(name), {"project": target.project})
    click.echo(_DELETED.say(choose_language(target.environ), name=name), err=True)


def _written_when(wanted: dict[str, Any]) -> dict[str, Any]:
    days: str | None = wanted["days"]
    return {
        "starts_at": _instant(wanted["starts_at"]),
        "ends_at": _instant(wanted["ends_at"]),
        "days": None if days is None else [day.strip() for day in days.split(",") if day.strip()],
        "begins": wanted["begins"],
        "ends": wanted["ends"],
        "time_zone": wanted["time_zone"],
    }


def _instant(moment: datetime | None) -> str | None:
    return None if moment is None else format_instant(moment)


def _when(window: dict[str, Any]) -> str:
    if window["days"] is None:
        return f"{window['starts_at']} … {window['ends_at']}"
    days = ",".join(window["days"])
    return f"{days} {window['begins']}–{window['ends']} {window['time_zone']}"


def _path(name: str) -> str:
    return f"{_PATH}/{quote(name, safe='')}"
