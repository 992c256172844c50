"""`pitwall notifications routes`: which alerts lead where."""

from __future__ import annotations

from typing import Any, TextIO

import click

from pitwall.access.reach import reach
from pitwall.kit.cli_options import Target, output_option, target_options
from pitwall.kit.cli_output import Column, OutputFormat, emit
from pitwall.kit.i18n import Language, Text, choose_language

_PATH = "/api/v1/notifications/routes"
_SAVED = Text("Saved the routes.", "라우팅을 저장했습니다.")
_NOBODY = Text("Nobody would be told.", "아무에게도 알리지 않습니다.")
_DEFAULT = Text(
    "Nobody wrote a routing tree: every channel gets everything.",
    "라우팅 트리가 없어 모든 채널이 모든 경보를 받습니다.",
)
_MUTED = Text("Not now: in maintenance ({names}).", "지금은 보내지 않음: 점검 시간({names}).")
_SILENCED = Text("Not now: silenced by {names}.", "지금은 보내지 않음: 무음 {names}.")
_INHIBITED = Text("Not now: kept quiet by alerts {names}.", "지금은 보내지 않음: 경보 {names}이(가) 억제함.")
_COLUMNS = [
    Column("path", "route", show=lambda path: path or "(root)", wrap=True),
    Column("receivers", "channels"),
    Column("group_labels", "group", gives_way=1),
    Column("group_wait", "wait", gives_way=2),
    Column("group_interval", "interval", gives_way=3),
    Column("repeat_interval", "repeat", gives_way=4),
    Column("language", "language", gives_way=5),
]


@click.group()
def routes() -> None:
    """Say which alerts lead to which channels.

    \b
    Example:
      pitwall notifications routes export > routes.yaml
      pitwall notifications routes import routes.yaml
      pitwall notifications routes test --label severity=critical --label model=gpt-4o
    """


@routes.command()
@output_option
@target_options
def show(target: Target, output: OutputFormat) -> None:
    """Show the routing tree in force.

    \b
    Example:
      pitwall notifications routes show --output json
    """
    with reach(target) as client:
        answer = client.get(_PATH, {"project": target.project})
        text = client.get(f"{_PATH}/yaml", {"project": target.project})["yaml"]
    if output is not OutputFormat.TABLE:
        emit([answer], [], output, payload=answer)
        return
    if answer["route"] is None:
        click.echo(_DEFAULT.say(choose_language(target.environ)), err=True)
    click.echo(text, nl=False)


@routes.command()
@target_options
def export(target: Target) -> None:
    """Write the routing tree as YAML, as `import` takes it.

    \b
    Example:
      pitwall notifications routes export > routes.yaml
    """
    with reach(target) as client:
        click.echo(client.get(f"{_PATH}/yaml", {"project": target.project})["yaml"], nl=False)


@routes.command("import")
@click.argument("file", type=click.File(encoding="utf-8"))
@target_options
def import_(target: Target, file: TextIO) -> None:
    """Save the routing tree of a YAML file, `-` for stdin; a wrong one is told with its lines.

    \b
    Example:
      pitwall notifications routes import routes.yaml
    """
    text = _read(file)
    with reach(target, may_create=True) as client:
        client.request("PUT", f"{_PATH}/yaml", params={"project": target.project}, body={"yaml": text})
    click.echo(_SAVED.say(choose_language(target.environ)), err=True)


@routes.command()
@click.option("--label", "labels", multiple=True, metavar="NAME=VALUE", help="A label; may be given often.")
@output_option
@target_options
def test(target: Target, labels: tuple[str, ...], output: OutputFormat) -> None:
    """Show where an alert with some labels would lead now; nothing is sent.

    \b
    Example:
      pitwall notifications routes test --label severity=critical --label rule=llm_errors
    """
    with reach(target) as client:
        body = {"labels": dict(map(_pair, labels))}
        answer = client.post(f"{_PATH}/test", body, {"project": target.project})
    language = choose_language(target.environ)
    emit(answer["ways"], _COLUMNS, output, payload=answer, empty=_NOBODY.say(language))
    if output is OutputFormat.TABLE:
        for line in _suppression(answer, language):
            click.echo(line, err=True)


def _suppression(answer: dict[str, Any], language: Language) -> list[str]:
    known = (("muted_by", _MUTED), ("silenced_by", _SILENCED), ("inhibited_by", _INHIBITED))
    lines = [text.say(language, names=", ".join(answer[key])) for key, text in known if answer[key]]
    told = any(way["receivers"] for way in answer["ways"])
    return lines if told else [*lines, _NOBODY.say(language)]


def _pair(label: str) -> tuple[str, str]:
    name, separator, value = label.partition("=")
    if not separator or not name:
        raise click.BadParameter(f"{label!r} is not NAME=VALUE.", param_hint="--label")
    return name, value


def _read(file: TextIO) -> str:
    try:
        return file.read()
    except UnicodeDecodeError as error:
        raise click.BadParameter(f"{file.name} is no UTF-8 text.") from error
