"""`pitwall config`: what is set, by whom, and whether it is safe for production."""

from __future__ import annotations

from collections.abc import Mapping
from functools import reduce
from typing import Any

import click
from pydantic import BaseModel, SecretStr

from pitwall.kit.cli_options import Target, local_target_options, output_option
from pitwall.kit.cli_output import Column, OutputFormat, emit
from pitwall.settings.fields import Profile
from pitwall.settings.groups import Settings
from pitwall.settings.loader import LoadedSettings, load
from pitwall.settings.production import Problem, check_production
from pitwall.settings.secrets import HIDDEN, mask_url
from pitwall.settings.sources import Origin, setting_description, setting_fields, variable_name

EXIT_CHECK_FAILED = 3
# Where the click context holds what checks the files that settings name.
CHECK_FILES = "pitwall.check_files"

_SETTING_COLUMNS = (
    Column("setting", "SETTING"),
    Column("value", "VALUE", wrap=True),
    Column("source", "SOURCE"),
    Column("place", "PLACE", wrap=True),
)
_PROBLEM_COLUMNS = (
    Column("setting", "SETTING"),
    Column("message", "PROBLEM", wrap=True),
    Column("hint", "WAY OUT", wrap=True),
)
_DEFAULT = Origin(None, "default")


@click.group()
def config() -> None:
    """Show and check settings.

    \b
    Example:
      pitwall config show
      pitwall config check --profile prod
    """


@config.command()
@local_target_options
@output_option
def show(target: Target, output: OutputFormat) -> None:
    """List every setting, its value and who set it; secrets are hidden.

    \b
    Example:
      pitwall config show --output json
      PITWALL_SERVER__PORT=9000 pitwall config show
    """
    loaded = load(environ=target.environ, config=target.config, flags=target.setting_flags())
    rows = [{**row, "about": setting_description(row["setting"])} for row in describe(loaded)]
    payload = {"file": loaded.file, "settings": rows}
    emit(rows, _SETTING_COLUMNS, output, payload=payload)


@config.command()
@local_target_options
@click.option(
    "--profile",
    type=click.Choice([profile.value for profile in Profile]),
    help="Check as if this profile were set.",
)
@output_option
def check(target: Target, profile: str | None, output: OutputFormat) -> None:
    """Check the settings and the files they name; with profile prod also whether they are safe.

    Exit code 3 if something is wrong.

    \b
    Example:
      pitwall config check --profile prod
    """
    flags = {**target.setting_flags(), "profile": profile}
    settings = load(environ=target.environ, config=target.config, flags=flags).settings
    problems = [*check_production(settings), *_check_files(settings)]
    if problems or output is not OutputFormat.TABLE:
        rows = [_problem_row(problem) for problem in problems]
        payload = {"profile": settings.profile, "ok": not problems, "problems": rows}
        emit(rows, _PROBLEM_COLUMNS, output, payload=payload)
    else:
        click.echo(f"Settings are valid for profile {settings.profile}.")
    if problems:
        click.get_current_context().exit(EXIT_CHECK_FAILED)


def _check_files(settings: Settings) -> list[Problem]:
    """Ask who reads them; `pitwall.cli.main` knows, settings stand above all of these."""
    check = click.get_current_context().meta.get(CHECK_FILES)
    return [] if check is None else list(check(settings))


def describe(loaded: LoadedSettings) -> list[dict[str, Any]]:
    """Return one record per setting: setting, value (secrets hidden), source, place, variable."""
    return [
        {
            "setting": path,
            "value": showable(path, _value_at(loaded.settings, path)),
            "source": origin.source,
            "place": origin.place or None,
            "variable": variable_name(path),
        }
        for path in setting_fields()
        for origin in [loaded.origins.get(path, _DEFAULT)]
    ]


def showable(path: str, value: Any) -> Any:
    """Return a value that may be shown; of a store address only the password is hidden."""
    if isinstance(value, tuple):
        return [item.model_dump(mode="json") if isinstance(item, BaseModel) else item for item in value]
    if isinstance(value, Mapping):
        return {name: showable(path, one) for name, one in value.items()}
    if not isinstance(value, SecretStr):
        return value
    return mask_url(value.get_secret_value()) if path.endswith("_store.url") else HIDDEN


def _value_at(settings: Settings, path: str) -> Any:
    return reduce(getattr, path.split("."), settings)


def _problem_row(problem: Problem) -> Mapping[str, str]:
    return {"setting": problem.setting, "message": problem.message, "hint": problem.hint}
