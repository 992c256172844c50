"""`pitwall incidents`: what is wrong, and handling it."""

from __future__ import annotations

from typing import Any

import click

from pitwall.access.other_projects import name_other_projects
from pitwall.access.reach import reach
from pitwall.kit.cli_options import Target, output_option, target_options
from pitwall.kit.cli_output import Column, OutputFormat, emit, tell
from pitwall.kit.i18n import Language, Text, choose_language

_INCIDENTS = "/api/v1/incidents"
_STATES = ("open", "acknowledged", "resolved")
_NONE = Text("There is no such incident.", "해당하는 장애가 없습니다.")
_HEAD = Text(
    "Incident {number}: {title}\n{state}, {severity}, since {opened_at}",
    "장애 {number}: {title}\n상태 {state}, 심각도 {severity}, 시작 {opened_at}",
)
_ASSIGNEE = Text("Assigned to {assignee}", "담당자 {assignee}")
_EXPLANATION = Text("What explains it", "원인 분석")
_NOT_YET = Text("Not computed yet.", "아직 계산되지 않았습니다.")
_TIMELINE = Text("Timeline", "경과")
_DONE = Text("Incident {number} is {state}.", "장애 {number} 상태: {state}.")


def _second(at: str) -> str:
    return at[:19] + "Z"


@click.group()
def incidents() -> None:
    """List incidents, show what explains them, and handle them; each is named by its number or id.

    \b
    Example:
      pitwall incidents list --state open
      pitwall incidents show 12
    """


@incidents.command("list")
@click.option("--state", "states", multiple=True, type=click.Choice(_STATES), help="May be repeated.")
@click.option("--limit", type=click.IntRange(1, 500), default=50, show_default=True, help="Rows at most.")
@click.option("--cursor", help="Where the page begins: next_cursor of the one before.")
@output_option
@target_options
def list_incidents(
    target: Target, states: tuple[str, ...], limit: int, cursor: str | None, output: OutputFormat
) -> None:
    """List incidents, newest first.

    \b
    Example:
      pitwall incidents list --state open --state acknowledged
      pitwall incidents list --output json
    """
    language = choose_language(target.environ)
    question = {"state": list(states), "limit": limit, "cursor": cursor, "project": target.project}
    with reach(target) as client:
        answer = client.get(_INCIDENTS, question)
        others = "" if answer["incidents"] else name_other_projects(client, target, language)
    columns = [
        Column("number", "NUMBER", "right"),
        Column("state", "STATE"),
        Column("severity", "SEVERITY"),
        Column("opened_at", "SINCE", show=_second),
        Column("title", "TITLE", show=lambda title: str(title[language.value]), wrap=True),
        Column("active_alert_count", "ACTIVE", "right", gives_way=2),
        Column("alert_count", "ALERTS", "right", gives_way=3),
        Column("assignee", "ASSIGNEE", gives_way=1),
    ]
    emit(answer["incidents"], columns, output, payload=answer, empty=_NONE.say(language) + others)


@incidents.command()
@click.argument("incident")
@output_option
@target_options
def show(target: Target, incident: str, output: OutputFormat) -> None:
    """Show an incident: what explains it, and what happened.

    \b
    Example:
      pitwall incidents show 12
    """
    with reach(target) as client:
        found = client.get(f"{_INCIDENTS}/{incident}", {"project": target.project})
    _show(found, output, choose_language(target.environ))


@incidents.command()
@click.argument("incident")
@output_option
@target_options
def ack(target: Target, incident: str, output: OutputFormat) -> None:
    """Say that you have seen an incident.

    \b
    Example:
      pitwall incidents ack 12
    """
    _do(target, incident, "acknowledge", None, output)


@incidents.command()
@click.argument("incident")
@click.option("--to", help="Who takes care of it; without it nobody does any more.")
@output_option
@target_options
def assign(target: Target, incident: str, to: str | None, output: OutputFormat) -> None:
    """Say who takes care of an incident.

    \b
    Example:
      pitwall incidents assign 12 --to kim
    """
    _do(target, incident, "assign", {"to": to}, output)


@incidents.command()
@click.argument("incident")
@click.argument("text")
@output_option
@target_options
def comment(target: Target, incident: str, text: str, output: OutputFormat) -> None:
    """Write something into the timeline of an incident.

    \b
    Example:
      pitwall incidents comment 12 "The index was rebuilt."
    """
    _do(target, incident, "comment", {"text": text}, output)


@incidents.command()
@click.argument("incident")
@click.option("--note", help="What ended it.")
@output_option
@target_options
def resolve(target: Target, incident: str, note: str | None, output: OutputFormat) -> None:
    """Say that an incident is over; an alert in it that gets worse or fires again opens it again.

    \b
    Example:
      pitwall incidents resolve 12 --note "Rolled back to 1.8.1."
    """
    _do(target, incident, "resolve", {"note": note}, output)


@incidents.command()
@click.argument("incident")
@output_option
@target_options
def reopen(target: Target, incident: str, output: OutputFormat) -> None:
    """Say that an incident is not over.

    \b
    Example:
      pitwall incidents reopen 12
    """
    _do(target, incident, "reopen", None, output)


def _do(target: Target, incident: str, what: str, body: Any, output: OutputFormat) -> None:
    with reach(target) as client:
        after = client.post(f"{_INCIDENTS}/{incident}/{what}", body, {"project": target.project})
    language = choose_language(target.environ)
    tell(after, _DONE.say(language, number=after["number"], state=after["state"]), output)


def _show(incident: dict[str, Any], output: OutputFormat, language: Language) -> None:
    if output is not OutputFormat.TABLE:
        emit([incident], [], output, payload=incident)
        return
    click.echo(_HEAD.say(language, **{**incident, "title": incident["title"][language.value]}))
    if incident["assignee"]:
        click.echo(_ASSIGNEE.say(language, assignee=incident["assignee"]))
    explanation = incident["explanation"]
    click.echo(f"\n{_EXPLANATION.say(language)}")
    click.echo(explanation["text"][language.value] if explanation else _NOT_YET.say(language))
    click.echo(f"\n{_TIMELINE.say(language)}")
    columns = [
        Column("at", "AT", show=_second),
        Column("text", "WHAT", show=lambda text: str(text[language.value]), wrap=True),
        Column("by", "BY", gives_way=1),
    ]
    emit(incident["timeline"], columns, output)
