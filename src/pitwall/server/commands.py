"""`pitwall up`, `pitwall serve` and `pitwall status`."""

from __future__ import annotations

import gc
import sys
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import click

from pitwall.kit.cli_options import Target, local_target_options, output_option, target_options
from pitwall.kit.cli_output import Column, OutputFormat, emit
from pitwall.kit.i18n import Language, Text, choose_language
from pitwall.kit.light_imports import import_lightly
from pitwall.settings import Settings, load_settings

if TYPE_CHECKING:
    from pitwall.server.lifecycle import Pitwall

_READY = Text(
    en="Pitwall {version} is ready at {url}  (Ctrl-C stops it)",
    ko="Pitwall {version} 준비 완료: {url}  (중지하려면 Ctrl-C)",
)
_DOOR = Text(en="  {door}: {url}", ko="  {door}: {url}")
_OPEN_DOOR = Text(
    en="  Callers on this machine need no key.", ko="  이 컴퓨터에서의 호출에는 키가 필요하지 않습니다."
)
_DATA = Text(en="  Data: {path}", ko="  데이터: {path}")
_NO_SERVER = Text(
    en="No server runs on {path}; this is what the directory holds.",
    ko="{path} 에서 실행 중인 서버가 없어 디렉터리의 내용을 직접 세었습니다.",
)
_PORT = click.IntRange(0, 65535)


def _listening_options(command: Callable[..., Any]) -> Callable[..., Any]:
    for option in (
        click.option("--host", help="Address to listen on; any but loopback needs an API key."),
        click.option(
            "--otlp-port", type=_PORT, help="Second port for OTLP over HTTP (4318); 0 turns it off."
        ),
        click.option("--port", type=_PORT, help="Port of the API and all HTTP doors (8400); 0 turns it off."),
    ):
        command = option(command)
    return command


@click.command()
@_listening_options
@click.option("--grpc-port", type=_PORT, help="Port for OTLP over gRPC (4317); 0 turns it off.")
@local_target_options
def up(target: Target, **listening: Any) -> None:
    """Run everything in one process until Ctrl-C.

    \b
    Example:
      pitwall up
      pitwall up --data-dir ./data --port 8400 --otlp-port 4318 --grpc-port 4317
    """
    _run("up", target, listening)


@click.command()
@_listening_options
@local_target_options
def serve(target: Target, **listening: Any) -> None:
    """Run the HTTP server without background work and without gRPC.

    \b
    Example:
      pitwall serve --port 8400
    """
    _run("serve", target, {**listening, "grpc_port": 0})


@click.command()
@output_option
@target_options
def status(target: Target, output: OutputFormat) -> None:
    """Show what has been taken in, counted exactly, by a running server or in the data directory itself.

    \b
    Example:
      pitwall status
      pitwall status --url http://127.0.0.1:8400 --output json
    """
    from pitwall.access.other_projects import spans_by_project  # `up` starts without an HTTP client
    from pitwall.access.reach import reach

    with reach(target) as client:
        answer = client.get("/api/v1/status", {"project": target.project})
        is_of_all = output is OutputFormat.TABLE and answer["project"] is None
        split = {"spans_by_project": spans_by_project(client)[1]} if is_of_all else {}
    if not answer["addresses"]:
        path = _load(target).data_dir
        click.echo(_NO_SERVER.say(choose_language(target.environ), path=path), err=True)
    if output is not OutputFormat.TABLE:
        emit([answer], [], output, payload=answer)
        return
    rows = [{"what": key, "value": value} for key, value in {**answer, **split}.items()]
    emit(rows, [Column("what", "status"), Column("value", "value")], output)


def _load(target: Target, flags: dict[str, Any] | None = None) -> Settings:
    return load_settings(
        environ=target.environ, config=target.config, flags={**target.setting_flags(), **(flags or {})}
    )


def _run(mode: str, target: Target, listening: dict[str, Any]) -> None:
    gc.disable()  # importing makes a hundred thousand objects that stay; run_server turns it on when ready
    import_lightly("structlog", "httpx")
    from pitwall.server.lifecycle import Mode  # the server's packages are an extra
    from pitwall.server.logs import configure_logging
    from pitwall.server.serve import Run, run_server

    settings = _load(target, {f"server.{name}": value for name, value in listening.items()})
    configure_logging(
        settings.logging.level,
        as_json=settings.logging.format == "json",
        stream=sys.stderr,
        colors=sys.stderr.isatty() and "NO_COLOR" not in target.environ,
    )
    language = choose_language(target.environ)
    run_server(
        Run(settings, Mode(mode), lambda pitwall: _announce(pitwall, language), environ=target.environ)
    )


def _announce(pitwall: Pitwall, language: Language) -> None:
    """Tell on stderr that requests are served, and where."""
    url, *_ = pitwall.addresses.values()
    click.echo(_READY.say(language, version=pitwall.version, url=url), err=True)
    for door, address in pitwall.addresses.items():
        click.echo(_DOOR.say(language, door=door, url=address), err=True)
    click.echo(_DATA.say(language, path=pitwall.settings.data_dir), err=True)
    if pitwall.access.allows_anonymous:
        click.echo(_OPEN_DOOR.say(language), err=True)
