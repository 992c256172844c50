"""`pitwall alerts rule`: shows, saves and deletes one alert rule."""

from __future__ import annotations

from typing import Any, Final, TextIO
from urllib.parse import quote

import click

from pitwall.access.client import ApiClient
from pitwall.access.reach import reach
from pitwall.core.errors import NotFound
from pitwall.kit.cli_options import Target, output_option, target_options
from pitwall.kit.cli_output import Column, OutputFormat, emit, tell
from pitwall.kit.i18n import Text, choose_language

ALERTS: Final = "/api/v1/alerts"
RULES: Final = f"{ALERTS}/rules"
_REPLACE = Text(
    "There is an alert rule {name} already ({origin}). Replace it?",
    "{name} 경보 규칙이 이미 있습니다({origin}). 바꿀까요?",
)
_DELETE = Text("Delete alert rule {name} for everybody?", "모두가 쓰는 {name} 경보 규칙을 지울까요?")
_SAVED = Text("Saved alert rule {name}.", "{name} 경보 규칙을 저장했습니다.")
_DELETED = Text("Deleted alert rule {name}.", "{name} 경보 규칙을 지웠습니다.")
_RESET = Text("Alert rule {name} is the pack's again.", "{name} 경보 규칙을 팩의 원래 내용으로 되돌렸습니다.")


@click.group()
def rule() -> None:
    """Show, save and delete one alert rule.

    \b
    Example:
      pitwall alerts rule show requests.errors --yaml > my-errors.yaml
      pitwall alerts rule save my-errors.yaml
    """


@rule.command()
@click.argument("name")
@click.option("--yaml", "as_yaml", is_flag=True, help="As YAML, as `save` and packs take it.")
@output_option
@target_options
def show(target: Target, name: str, as_yaml: bool, output: OutputFormat) -> None:
    """Show a rule, what of it cannot be evaluated, and how its evaluation goes.

    \b
    Example:
      pitwall alerts rule show requests.errors
    """
    path = f"{RULES}/{quote(name, safe='')}"
    with reach(target) as client:
        if as_yaml:
            click.echo(client.get(f"{path}/yaml", {"project": target.project})["yaml"], nl=False)
            return
        found = client.get(path, {"project": target.project})
    if output is not OutputFormat.TABLE:
        emit([found], [], output, payload=found)
        return
    language = choose_language(target.environ).value
    facts = [{"fact": fact, "value": value} for fact, value in _facts(found, language).items()]
    emit(facts, [Column("fact", "fact"), Column("value", "value", wrap=True)], output)
    for text in (*found["problems"], *found["notices"]):
        click.echo(text[language], err=True)


@rule.command()
@click.argument("file", type=click.File(encoding="utf-8"))
@click.option("--name", help="Save it under another name than the one in the file.")
@click.option("--yes", is_flag=True, help="Do not ask before a rule is replaced.")
@output_option
@target_options
def save(target: Target, file: TextIO, name: str | None, yes: bool, output: OutputFormat) -> None:
    """Save a rule from a YAML file, `-` for stdin; a wrong one is told with its lines.

    \b
    Example:
      pitwall alerts rule save my-errors.yaml
      pitwall alerts rule show requests.errors --yaml | pitwall alerts rule save - --name shop.errors
    """
    language = choose_language(target.environ)
    text, project = _read(file), {"project": target.project}
    with reach(target, may_create=True) as client:
        parsed = client.post(f"{RULES}/parse", {"yaml": text}, project)
        wanted = {**parsed["rule"], **({"name": name} if name else {})}
        path = f"{RULES}/{quote(wanted['name'], safe='')}"
        before = _find(client, path, project)
        if before is not None and not yes:
            question = _REPLACE.say(language, name=wanted["name"], origin=before["origin"])
            click.confirm(question, abort=True, err=True)
        revision = "" if before is None else before["revision"]
        saved = client.request("PUT", path, params=project, body={**wanted, "revision": revision})
    if output is not OutputFormat.TABLE:
        emit([saved], [], output, payload=saved)
        return
    click.echo(_SAVED.say(language, name=saved["name"]), err=True)
    for notice in saved["notices"]:
        click.echo(notice[language.value], err=True)


@rule.command()
@click.argument("name")
@click.option("--yes", is_flag=True, help="Do not ask.")
@output_option
@target_options
def delete(target: Target, name: str, yes: bool, output: OutputFormat) -> None:
    """Delete a rule of the team; a changed rule of a pack goes back to the pack's.

    \b
    Example:
      pitwall alerts rule delete shop.errors --yes
    """
    language = choose_language(target.environ)
    if not yes:
        click.confirm(_DELETE.say(language, name=name), abort=True, err=True)
    with reach(target) as client:
        answer = client.delete(f"{RULES}/{quote(name, safe='')}", {"project": target.project})
    done = _DELETED if answer["rule"] is None else _RESET
    tell(answer, done.say(language, name=name), output)


def _facts(found: dict[str, Any], language: str) -> dict[str, Any]:
    evaluation = found["evaluation"] or {}
    content = {
        key: value
        for key, value in found["content"].items()
        if key not in ("name", "title", "description", "runbook", "enabled")
    }
    return {
        "name": found["name"],
        "title": found["title"][language],
        "description": found["description"][language] or None,
        "from": found["origin"],
        "enabled": found["is_enabled"],
        **content,
        "runbook": found["runbook"],
        "states": found["states"] or None,
        "evaluated_at": evaluation.get("at"),
        "label sets": evaluation.get("series"),
        "label sets dropped": evaluation.get("dropped_series"),
        "error": evaluation.get("error"),
    }


def _read(file: TextIO) -> str:
    try:
        return file.read()
    except UnicodeDecodeError as error:
        raise click.BadParameter(f"{file.name} is no UTF-8 text.") from error


def _find(client: ApiClient, path: str, project: dict[str, Any]) -> dict[str, Any] | None:
    try:
        found: dict[str, Any] = client.get(path, project)
    except NotFound:
        return None
    return found
