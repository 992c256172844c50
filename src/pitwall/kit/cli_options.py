"""Options that commands share and the types of their values; the command line reads the environment here."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import wraps
from pathlib import Path
from typing import Any, TypeVar

import click
from click.core import ParameterSource

from pitwall.kit.clock import SystemClock
from pitwall.kit.durations import InvalidDuration, InvalidInstant, parse_duration, parse_instant
from pitwall.kit.i18n import Language, choose_language

Command = TypeVar("Command", bound=Callable[..., Any])

_OUTPUTS = ("table", "json", "jsonl")
_SHARED = ("data_dir", "db", "url", "project", "api_key", "config")


@dataclass(frozen=True, slots=True)
class Target:
    """What a command works on: a running server or a data directory, and as whom.

    Attributes:
        data_dir: Data directory, None for the one of the settings.
        url: Address of a server, None to find the one that runs on the data directory.
        project: Project to look at, None for the key's own.
        api_key: Key to send.
        config: Settings file, None for `pitwall.yaml` of the working directory.
        environ: The environment of the command.
        db: Where state is kept: a SQLite file, or the address of a database; None for that of the settings.
    """

    data_dir: Path | None = None
    url: str | None = None
    project: str | None = None
    api_key: str | None = field(default=None, repr=False)
    config: Path | None = None
    environ: Mapping[str, str] = field(default_factory=dict, repr=False)
    db: str | None = field(default=None, repr=False)

    def setting_flags(self) -> dict[str, Any]:
        """Return the flags that are settings, by setting path, as `pitwall.settings.load` takes them."""
        if self.db is None:
            return {"data_dir": self.data_dir}
        url = self.db if "://" in self.db else f"sqlite:///{Path(self.db).absolute()}"
        return {"data_dir": self.data_dir, "state_store.url": url}


def target_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """Add `--data-dir`, `--url`, `--project`, `--api-key` and `--config`, passed as one `target: Target`."""
    return _with_target(command, _DATA_DIR, _URL, _PROJECT, _API_KEY, _CONFIG)


def state_target_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """Add what `target_options` adds, and `--db` for commands that need nothing but the state store."""
    return _with_target(command, _DATA_DIR, _DB, _URL, _PROJECT, _API_KEY, _CONFIG)


def local_target_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """Add `--data-dir` and `--config` for commands that never ask a server, passed as `target: Target`."""
    return _with_target(command, _DATA_DIR, _CONFIG)


Decorator = Callable[[Callable[..., Any]], Callable[..., Any]]

_DATA_DIR: Decorator = click.option(
    "--data-dir",
    type=click.Path(file_okay=False, path_type=Path),
    help="Data directory; default is the setting data_dir.",
)
_DB: Decorator = click.option(
    "--db",
    metavar="FILE|URL",
    help="State store to work on: a SQLite file or postgresql://...; default is state_store.url.",
)
_URL: Decorator = click.option(
    "--url", envvar="PITWALL_URL", help="Address of a server, such as http://127.0.0.1:8400."
)
_PROJECT: Decorator = click.option(
    "--project", envvar="PITWALL_PROJECT", help="Project; default is the key's own, without a key `default`."
)
_API_KEY: Decorator = click.option("--api-key", envvar="PITWALL_API_KEY", help="API key.")
_CONFIG: Decorator = click.option(
    "--config",
    type=click.Path(dir_okay=False, path_type=Path),
    help="Settings file; default is pitwall.yaml here, if there is one.",
)


def _with_target(command: Callable[..., Any], *options: Decorator) -> Callable[..., Any]:
    """Replace the shared options of a command by one argument `target`."""

    @wraps(command)
    def with_target(*args: Any, **values: Any) -> Any:
        target = _take_target(click.get_current_context(), values)
        return command(*args, target=target, **values)

    decorated: Callable[..., Any] = with_target
    for option in reversed(options):
        decorated = option(decorated)
    return decorated


def _take_target(context: click.Context, values: dict[str, Any]) -> Target:
    """Take the shared options out of the values; `--data-dir` and `--db` beat an address in PITWALL_URL."""
    shared = {name: values.pop(name) for name in _SHARED if name in values}
    here = next((name for name in ("data_dir", "db") if shared.get(name) is not None), None)
    if here is not None and shared.get("url") is not None:
        if context.get_parameter_source("url") is ParameterSource.COMMANDLINE:
            raise click.UsageError(f"Give --{here.replace('_', '-')} or --url, not both.")
        shared["url"] = None
    return Target(**shared, environ=dict(os.environ))


def output_option(command: Command) -> Command:
    """Add `--output table|json|jsonl`, passed as `output: OutputFormat`."""
    return click.option(
        "--output",
        type=click.Choice(_OUTPUTS),
        default="table",
        show_default=True,
        callback=_output_format,
        help="Form of the result.",
    )(command)


def _output_format(_context: click.Context, _parameter: click.Parameter, value: str) -> Any:
    from pitwall.kit.cli_output import OutputFormat  # keeps --help free of orjson

    return OutputFormat(value)


class DurationType(click.ParamType[timedelta]):
    """A length of time such as `5m`; becomes a timedelta."""

    name = "duration"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> timedelta:
        """Read a length of time; a wrong one is a usage error."""
        if isinstance(value, timedelta):
            return value
        try:
            return parse_duration(value)
        except InvalidDuration as error:
            self.fail(str(error), param, ctx)


class InstantType(click.ParamType[datetime]):
    """An instant such as `now-1h`, `1h` (ago) or an ISO 8601 time; becomes an aware UTC datetime."""

    name = "time"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> datetime:
        """Read an instant; a wrong one is a usage error."""
        if isinstance(value, datetime):
            return value
        try:
            return parse_instant(value, now=SystemClock().now())
        except InvalidInstant as error:
            self.fail(str(error), param, ctx)


DURATION = DurationType()
INSTANT = InstantType()


def shell_language() -> Language:
    """The language of whoever started this process, where no options were read: also of an error's lines."""
    return choose_language(os.environ)
