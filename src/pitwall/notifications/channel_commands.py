"""`pitwall notifications channels`: where messages go."""

from __future__ import annotations

import sys
from typing import Any
from urllib.parse import quote

import click

from pitwall.access.client import ApiClient
from pitwall.access.reach import reach
from pitwall.core.errors import NotFound
from pitwall.kit.cli_options import Target, output_option, target_options
from pitwall.kit.cli_output import Column, OutputFormat, emit
from pitwall.kit.i18n import Text, choose_language

_PATH = "/api/v1/notifications/channels"
_KEPT = ("language", "send_resolved", "rate", "timeout_seconds", "fallback", "template", "is_enabled", "kind")
_NONE = Text(
    "There is no channel yet; nobody is told of alerts. Make one with `pitwall notifications channels save`.",
    "아직 채널이 없어 아무에게도 알리지 않습니다. `pitwall notifications channels save`로 만드세요.",
)
_SAVED = Text("Saved channel {name}.", "{name} 채널을 저장했습니다.")
_TRY = Text(
    "Send a test: pitwall notifications test {name}", "테스트 발송: pitwall notifications test {name}"
)
_DELETE = Text("Delete channel {name} for everybody?", "모두가 쓰는 {name} 채널을 지울까요?")
_DELETED = Text("Deleted channel {name}.", "{name} 채널을 지웠습니다.")
_COLUMNS = [
    Column("name", "name"),
    Column("kind", "kind"),
    Column("url", "address", gives_way=1),
    Column("status", "status"),
    Column("language", "language", gives_way=4),
    Column("fallback", "second channel", gives_way=3),
    Column("error", "last error", wrap=True, gives_way=2),
]


@click.group()
def channels() -> None:
    """Say where messages go: webhooks, Slack, e-mail and whatever Apprise reaches.

    \b
    Example:
      pitwall notifications channels list
      pitwall notifications channels save ops --kind webhook --to https://hooks.example/x
    """


@channels.command("list")
@output_option
@target_options
def list_(target: Target, output: OutputFormat) -> None:
    """List channels and how they do; addresses and secrets are never shown.

    \b
    Example:
      pitwall notifications channels list --output json
    """
    with reach(target) as client:
        answer = client.get(_PATH, {"project": target.project})
    _emit(answer["channels"], answer, target, output)


@channels.command()
@click.argument("name")
@output_option
@target_options
def show(target: Target, name: str, output: OutputFormat) -> None:
    """Show a channel.

    \b
    Example:
      pitwall notifications channels show ops --output json
    """
    with reach(target) as client:
        channel = client.get(_path(name), {"project": target.project})
    _emit([channel], channel, target, output)


@channels.command()
@click.argument("name")
@click.option("--kind", type=click.Choice(["webhook", "slack", "apprise"]), help="How it is spoken to.")
@click.option("--to", help="Address, or secret://env/NAME or secret://file/PATH; `-` reads it from stdin.")
@click.option("--secret", help="What a webhook is signed with, or a reference; an empty one removes it.")
@click.option("--language", type=click.Choice(["en", "ko"]), help="Language of its messages.")
@click.option("--fallback", help="The channel that takes over if it is down; empty for none.")
@click.option("--per-minute", type=float, help="Messages a minute; more are summed up.")
@click.option("--resolved/--no-resolved", default=None, help="Whether it is told when something is over.")
@click.option("--enabled/--disabled", default=None, help="Whether it is used.")
@click.option("--title", help="Template of titles, such as '$severity: $name is $value'; empty for built-in.")
@click.option("--body", help="Template of bodies; empty for built-in.")
@output_option
@target_options
def save(target: Target, name: str, output: OutputFormat, **wanted: Any) -> None:
    """Make or change a channel; what is not given stays as it is.

    \b
    Example:
      pitwall notifications channels save ops --kind slack --to secret://env/SLACK_HOOK --language ko
      pitwall notifications channels save mail --kind apprise --to - --fallback ops
    """
    if wanted["to"] == "-":
        wanted["to"] = sys.stdin.readline().strip()
    with reach(target, may_create=True) as client:
        body = _body(_find(client, name, target), wanted)
        saved = client.request("PUT", _path(name), params={"project": target.project}, body=body)
    if output is not OutputFormat.TABLE:
        emit([saved], [], output, payload=saved)
        return
    language = choose_language(target.environ)
    click.echo(_SAVED.say(language, name=name), err=True)
    click.echo(_TRY.say(language, name=name), err=True)


@channels.command()
@click.argument("name")
@click.option("--yes", is_flag=True, help="Do not ask.")
@target_options
def delete(target: Target, name: str, yes: bool) -> None:
    """Delete a channel that no route leads to.

    \b
    Example:
      pitwall notifications channels delete ops --yes
    """
    language = choose_language(target.environ)
    if not yes:
        click.confirm(_DELETE.say(language, name=name), abort=True, err=True)
    with reach(target) as client:
        client.delete(_path(name), {"project": target.project})
    click.echo(_DELETED.say(language, name=name), err=True)


def _emit(channels: list[dict[str, Any]], payload: Any, target: Target, output: OutputFormat) -> None:
    shown = [
        {**channel, "status": _status(channel), "error": channel["condition"]["error"]}
        for channel in channels
    ]
    rows = shown if output is OutputFormat.TABLE else channels
    emit(rows, _COLUMNS, output, payload=payload, empty=_NONE.say(choose_language(target.environ)))


def _status(channel: dict[str, Any]) -> str:
    return str(channel["condition"]["status"]) if channel["is_enabled"] else "off"


def _find(client: ApiClient, name: str, target: Target) -> dict[str, Any]:
    try:
        found: dict[str, Any] = client.get(_path(name), {"project": target.project})
    except NotFound:
        return {"kind": "webhook"}
    return {key: found[key] for key in _KEPT}


def _body(before: dict[str, Any], wanted: dict[str, Any]) -> dict[str, Any]:
    """What is saved: the channel as it was with what was asked for."""
    body = dict(before)
    for key in ("kind", "language", "secret"):
        if wanted[key] is not None:
            body[key] = wanted[key]
    for key, name in (("to", "url"), ("resolved", "send_resolved"), ("enabled", "is_enabled")):
        if wanted[key] is not None:
            body[name] = wanted[key]
    if wanted["fallback"] is not None:
        body["fallback"] = wanted["fallback"] or None
    if wanted["per_minute"] is not None:
        body["rate"] = {**body.get("rate", {}), "per_minute": wanted["per_minute"]}
    own = {key: wanted[key] or None for key in ("title", "body") if wanted[key] is not None}
    if own:
        body["template"] = {**body.get("template", {}), **own}
    return body


def _path(name: str) -> str:
    return f"{_PATH}/{quote(name, safe='')}"
