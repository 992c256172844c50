"""`pitwall scrape`: which pages of Prometheus metrics become points."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from urllib.parse import quote

import click

from pitwall.access.reach import reach
from pitwall.kit.cli_options import Target, output_option, target_options
from pitwall.kit.cli_output import Column, OutputFormat, emit, show_value, tell
from pitwall.kit.i18n import Text, choose_language

_TARGETS = "/api/v1/scrape/targets"
_SAVED = Text("{name} is scraped every {every:g} s.", "{name} 페이지를 {every:g}초마다 읽습니다.")
_REMOVED = Text(
    "{name} is scraped no longer; its points stay.", "{name} 페이지를 더 읽지 않습니다. 저장된 점은 남습니다."
)
_REMOVE = Text("Scrape {name} no longer?", "{name} 페이지를 더 읽지 않을까요?")
_EMPTY = Text(
    "Nothing is scraped. Add a page with `pitwall scrape add NAME URL`.",
    "읽는 페이지가 없습니다. `pitwall scrape add NAME URL`로 추가하세요.",
)
_REPORT = [
    Column("up", "up"),
    Column("samples", "samples", "right"),
    Column("points", "points", "right"),
    Column("dropped", "dropped", show=lambda dropped: show_value(dropped) if dropped else "", gives_way=2),
    Column("duration_ms", "ms", "right", gives_way=3),
    Column("why", "why", wrap=True),
]


@click.group()
def scrape() -> None:
    """Read pages of Prometheus metrics: list, add, remove, run.

    \b
    Example:
      pitwall scrape add vllm http://127.0.0.1:8000/metrics --every 15
      pitwall scrape list
    """


@scrape.command("list")
@output_option
@target_options
def list_(target: Target, output: OutputFormat) -> None:
    """List the pages that are scraped, and whether they answer.

    \b
    Example:
      pitwall scrape list --output json
    """
    with reach(target) as client:
        answer = client.get(_TARGETS, {"project": target.project})
    columns = [
        Column("name", "name"),
        Column("url", "page", gives_way=1),
        Column("every_seconds", "every s", "right", gives_way=4),
        Column("origin", "from", gives_way=5),
        *_REPORT,
    ]
    rows = answer["targets"]
    if output is OutputFormat.TABLE:
        rows = [{**row, **_report_row(row["last"])} for row in rows]
    emit(rows, columns, output, payload=answer, empty=_EMPTY.say(choose_language(target.environ)))


@scrape.command()
@click.argument("name")
@click.argument("page")
@click.option("--every", type=float, default=15.0, show_default=True, help="Seconds between two scrapes.")
@click.option("--timeout", type=float, default=10.0, show_default=True, help="Seconds a page may take.")
@click.option("--service", help="Service the points belong to; default is the name.")
@click.option("--instance", help="Which process of the service; default is host and port of the page.")
@click.option("--label", "labels", multiple=True, help="Resource attribute NAME=VALUE; may be repeated.")
@output_option
@target_options
def add(
    target: Target, name: str, page: str, every: float, timeout: float, output: OutputFormat, **given: Any
) -> None:
    """Scrape a page from now on, or scrape it differently.

    PAGE is its address. A page that asks for a token belongs in the settings, `scrape.targets`.

    \b
    Example:
      pitwall scrape add node http://127.0.0.1:9100/metrics --every 30 --label rack=b2
    """
    body = {
        "url": page,
        "every_seconds": every,
        "timeout_seconds": timeout,
        "service": given["service"],
        "instance": given["instance"],
        "labels": dict(map(_label, given["labels"])),
    }
    with reach(target, may_create=True) as client:
        saved = client.request("PUT", _path(name), params={"project": target.project}, body=body)
    language = choose_language(target.environ)
    tell(saved, _SAVED.say(language, name=name, every=saved["every_seconds"]), output)


@scrape.command()
@click.argument("name")
@click.option("--yes", is_flag=True, help="Do not ask.")
@target_options
def remove(target: Target, name: str, yes: bool) -> None:
    """Scrape a page no longer; its points stay.

    \b
    Example:
      pitwall scrape remove node --yes
    """
    language = choose_language(target.environ)
    if not yes:
        click.confirm(_REMOVE.say(language, name=name), abort=True, err=True)
    with reach(target) as client:
        client.delete(_path(name), {"project": target.project})
    click.echo(_REMOVED.say(language, name=name), err=True)


@scrape.command()
@click.argument("name")
@output_option
@target_options
def run(target: Target, name: str, output: OutputFormat) -> None:
    """Scrape a page now and tell what came of it. Exit code 3 if it is down.

    \b
    Example:
      pitwall scrape run vllm
    """
    with reach(target) as client:
        report = client.post(f"{_path(name)}/run", params={"project": target.project})
    rows = [_report_row(report)] if output is OutputFormat.TABLE else [report]
    emit(rows, _REPORT, output, payload=report)
    if not report["is_up"]:
        click.get_current_context().exit(3)


def _report_row(report: Mapping[str, Any] | None) -> dict[str, Any]:
    if report is None:
        return {
            "up": None,
            "samples": None,
            "points": None,
            "dropped": None,
            "duration_ms": None,
            "why": None,
        }
    return {**report, "up": report["is_up"], "why": report["error"] or report["problem"]}


def _label(text: str) -> tuple[str, str]:
    name, equals, value = text.partition("=")
    if not equals or not name or not value:
        raise click.BadParameter(f"{text!r} is not NAME=VALUE.", param_hint="--label")
    return name, value


def _path(name: str) -> str:
    return f"{_TARGETS}/{quote(name, safe='')}"
