"""`pitwall probes`: through a running server, or in the data directory itself when none runs."""

from __future__ import annotations

from typing import Any, TextIO
from urllib.parse import quote

import click
import yaml

from pitwall.access.reach import reach
from pitwall.kit.cli_options import Target, output_option, target_options
from pitwall.kit.cli_output import ABSENT, Column, OutputFormat, emit, tell
from pitwall.kit.i18n import Language, Text, choose_language

EXIT_NOT_UP = 3
_PROBES = "/api/v1/probes"
_NONE = Text(
    "There is no probe. Add one: pitwall probes add api http url=http://127.0.0.1:8000/health",
    "프로브가 없습니다. 추가하려면: pitwall probes add api http url=http://127.0.0.1:8000/health",
)
_SAVED = Text("Saved probe {name}.", "{name} 프로브를 저장했습니다.")
_REMOVE = Text("Remove probe {name} and what it found?", "{name} 프로브와 그 결과를 지울까요?")
_REMOVED = Text("Removed probe {name}.", "{name} 프로브를 지웠습니다.")
_RESET = Text("Probe {name} is the pack's again.", "{name} 프로브를 팩의 원래 내용으로 되돌렸습니다.")
_STATUS = {
    "up": Text("up", "정상"),
    "degraded": Text("degraded", "저하"),
    "down": Text("down", "중단"),
    "unknown": Text("unknown", "알 수 없음"),
}
_FACTS = [Column("fact", "probe"), Column("value", "", wrap=True)]


@click.group()
def probes() -> None:
    """Watch services: list, show, add, remove and run probes.

    \b
    Example:
      pitwall probes list
      pitwall probes add api http url=http://127.0.0.1:8000/health service=shop-chat
    """


@probes.command("list")
@output_option
@target_options
def list_(target: Target, output: OutputFormat) -> None:
    """List probes with their state, latency and uptime.

    \b
    Example:
      pitwall probes list --output json
    """
    with reach(target) as client:
        answer = client.get(_PROBES, {"project": target.project})
    language = choose_language(target.environ)
    shown = [_row(probe, language) for probe in answer["probes"]]
    rows = shown if output is OutputFormat.TABLE else answer["probes"]
    emit(rows, _columns(), output, payload=answer, empty=_NONE.say(language))


@probes.command()
@click.argument("name")
@output_option
@target_options
def show(target: Target, name: str, output: OutputFormat) -> None:
    """Show a probe, what it found last and how it was before.

    \b
    Example:
      pitwall probes show api
    """
    with reach(target) as client:
        probe = client.get(_path(name), {"project": target.project})
    _emit_one(probe, output, choose_language(target.environ))


@probes.command()
@click.argument("name")
@click.argument("kind", type=click.Choice(["http", "tcp", "ollama", "chroma", "redis", "postgres", "disk"]))
@click.argument("fields", nargs=-1, metavar="[FIELD=VALUE]...")
@output_option
@target_options
def add(target: Target, name: str, kind: str, fields: tuple[str, ...], output: OutputFormat) -> None:
    """Add a probe, or replace the one of that name; a value is YAML, so `[a, b]` is a list.

    Every kind takes service, environment, every_seconds, timeout_seconds, retries and slow_ms; the guide
    lists what else each takes. Passwords stand in the setting probes.secrets and are named with secret=NAME.

    \b
    Example:
      pitwall probes add api http url=http://127.0.0.1:8000/health 'json={path: status, equals: healthy}'
      pitwall probes add models ollama 'pulled=[qwen2.5:7b, bge-m3]' every_seconds=60
      pitwall probes add disk disk path=/var/lib/ollama
    """
    body = {"name": name, "kind": kind, **dict(map(_field, fields))}
    _save(target, body, output)


@probes.command("import")
@click.argument("file", type=click.File(encoding="utf-8"))
@output_option
@target_options
def import_(target: Target, file: TextIO, output: OutputFormat) -> None:
    """Save a probe from a YAML file, `-` for stdin.

    \b
    Example:
      pitwall probes import api.yaml
    """
    try:
        body = yaml.safe_load(file.read())
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        raise click.BadParameter(f"{file.name} is no YAML: {error}") from error
    if not isinstance(body, dict) or not isinstance(body.get("name"), str):
        raise click.BadParameter(f"{file.name} holds no probe: a mapping with name and kind.")
    _save(target, body, output)


@probes.command()
@click.argument("name")
@click.option("--yes", is_flag=True, help="Do not ask.")
@output_option
@target_options
def remove(target: Target, name: str, yes: bool, output: OutputFormat) -> None:
    """Remove a probe of the team; a changed probe of a pack goes back to the pack's.

    \b
    Example:
      pitwall probes remove api --yes
    """
    language = choose_language(target.environ)
    if not yes:
        click.confirm(_REMOVE.say(language, name=name), abort=True, err=True)
    with reach(target) as client:
        answer = client.delete(_path(name), {"project": target.project})
    done = _REMOVED if answer["probe"] is None else _RESET
    tell(answer, done.say(language, name=name), output)


@probes.command()
@click.argument("name")
@output_option
@target_options
def run(target: Target, name: str, output: OutputFormat) -> int:
    """Run a probe now and show what it found; exit code 3 unless the service is up.

    \b
    Example:
      pitwall probes run api
    """
    with reach(target) as client:
        probe = client.post(f"{_path(name)}/run", None, {"project": target.project})
    _emit_one(probe, output, choose_language(target.environ))
    return 0 if probe["status"] == "up" else EXIT_NOT_UP


def _save(target: Target, body: dict[str, Any], output: OutputFormat) -> None:
    with reach(target, may_create=True) as client:
        saved = client.request("PUT", _path(body["name"]), params={"project": target.project}, body=body)
    tell(saved, _SAVED.say(choose_language(target.environ), name=saved["name"]), output)


def _field(text: str) -> tuple[str, Any]:
    name, separator, value = text.partition("=")
    if not separator or not name:
        raise click.BadParameter(f"{text!r} is not written as FIELD=VALUE.")
    try:
        return name, yaml.safe_load(value)
    except yaml.YAMLError as error:
        raise click.BadParameter(f"the value of {name} is no YAML: {value!r}.") from error


def _emit_one(probe: dict[str, Any], output: OutputFormat, language: Language) -> None:
    last = probe["last"] or {}
    error = last.get("error")
    facts = {
        **_row(probe, language),
        "at": last.get("at"),
        "since": probe["since"],
        "error": error and error[language.value],
        **last.get("detail", {}),
    }
    rows = [{"fact": fact, "value": value} for fact, value in facts.items()]
    emit(rows if output is OutputFormat.TABLE else [probe], _FACTS, output, payload=probe)


def _row(probe: dict[str, Any], language: Language) -> dict[str, Any]:
    last = probe["last"] or {}
    latency = last.get("latency_ms")
    return {
        "name": probe["name"],
        "kind": probe["kind"],
        "target": probe["target"],
        "service": probe["service"],
        "status": _STATUS[probe["status"]].say(language),
        "latency_ms": None if latency is None else f"{latency:.1f}",
        "uptime_24h": _percent(probe["uptime"]["24h"]),
        "uptime_7d": _percent(probe["uptime"]["7d"]),
    }


def _columns() -> list[Column]:
    return [
        Column("name", "name"),
        Column("kind", "kind", gives_way=2),
        Column("target", "target", gives_way=3),
        Column("service", "service", gives_way=4),
        Column("status", "state"),
        Column("latency_ms", "ms", "right"),
        Column("uptime_24h", "24 h", "right"),
        Column("uptime_7d", "7 d", "right", gives_way=1),
    ]


def _percent(ratio: float | None) -> str:
    return ABSENT if ratio is None else f"{ratio:.2%}"


def _path(name: str) -> str:
    return f"{_PROBES}/{quote(name, safe='')}"
