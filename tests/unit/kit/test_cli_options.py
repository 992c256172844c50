"""The options that commands share."""

from __future__ import annotations

from datetime import datetime, timedelta
from pathlib import Path

import click
import pytest
from click.testing import CliRunner, Result

from pitwall.kit.cli_options import (
    DURATION,
    INSTANT,
    Target,
    local_target_options,
    output_option,
    state_target_options,
    target_options,
)
from pitwall.kit.cli_output import OutputFormat

seen: list[object] = []


@click.command()
@click.argument("name")
@target_options
@output_option
@click.option("--since", type=INSTANT, default="now-1h")
@click.option("--step", type=DURATION, default="5m")
def probe(name: str, target: Target, output: OutputFormat, since: datetime, step: timedelta) -> None:
    """Remember what came in."""
    seen[:] = [name, target, output, since, step]


@click.command()
@local_target_options
def local(target: Target) -> None:
    """Remember what came in."""
    seen[:] = [target]


def run(*arguments: str, command: click.Command = probe, **environ: str) -> Result:
    return CliRunner().invoke(command, arguments, env=environ)


def test_shared_options_arrive_as_one_target() -> None:
    """A command takes one argument for server, project and key; values have their types."""
    assert run("x", "--url", "http://127.0.0.1:1", "--project", "p", "--output", "json").exit_code == 0
    name, target, output, since, step = seen
    assert isinstance(target, Target)
    assert (name, target.url, target.project, target.data_dir) == ("x", "http://127.0.0.1:1", "p", None)
    assert output is OutputFormat.JSON
    assert isinstance(since, datetime)
    assert step == timedelta(minutes=5)


def test_server_and_key_come_from_the_environment_and_the_key_is_not_shown() -> None:
    """A key on the command line would be seen by others, so a variable gives it too."""
    run("x", PITWALL_URL="http://127.0.0.1:2", PITWALL_API_KEY="pw_a_secret", PITWALL_PROJECT="p")
    target = seen[1]
    assert isinstance(target, Target)
    assert (target.url, target.api_key, target.project) == ("http://127.0.0.1:2", "pw_a_secret", "p")
    assert "secret" not in repr(target)


def test_data_dir_beats_address_of_the_environment_but_not_one_on_the_same_line() -> None:
    """Two places on one command line are a mistake; a variable is only a default."""
    assert run("x", "--data-dir", "/tmp/d", PITWALL_URL="http://127.0.0.1:2").exit_code == 0
    target = seen[1]
    assert isinstance(target, Target)
    assert (target.data_dir, target.url) == (Path("/tmp/d"), None)
    assert target.setting_flags() == {"data_dir": Path("/tmp/d")}
    refused = run("x", "--data-dir", "/tmp/d", "--url", "http://127.0.0.1:2")
    assert refused.exit_code == 2
    assert "not both" in refused.output


def test_local_command_sees_the_environment() -> None:
    """What a command knows of the environment comes with its target."""
    assert run("--config", "a.yaml", command=local, PITWALL_SERVER__PORT="9").exit_code == 0
    (target,) = seen
    assert isinstance(target, Target)
    assert target.environ["PITWALL_SERVER__PORT"] == "9"
    assert target.config == Path("a.yaml")


@pytest.mark.parametrize(
    ("option", "value"), [("--since", "yesterday"), ("--step", "5"), ("--output", "xml")]
)
def test_wrong_value_is_a_usage_error_that_names_it(option: str, value: str) -> None:
    """Exit code 2 and the value, before anything is done."""
    result = run("x", option, value)
    assert result.exit_code == 2
    assert value in result.output


def test_help_names_the_shared_options() -> None:
    """Decorating keeps the help of the command itself."""
    text = run("--help").output
    assert "Remember what came in." in text
    for option in ("--data-dir", "--url", "--project", "--api-key", "--config", "--output"):
        assert option in text


@click.command()
@state_target_options
def state_command(target: Target) -> None:
    flags = target.setting_flags()
    click.echo(f"{flags.get('state_store.url')} {target.url}")


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--db", "/x/runs.db"], "sqlite:////x/runs.db None"),
        (["--db", "postgresql://me@host/runs"], "postgresql://me@host/runs None"),
        (["--url", "http://127.0.0.1:1"], "None http://127.0.0.1:1"),
        (["--db", "x", "--url", "http://127.0.0.1:1"], "Give --db or --url, not both."),
    ],
)
def test_db_is_a_file_or_an_address_and_beats_the_servers(arguments: list[str], said: str) -> None:
    """What is named is meant, whatever server the environment knows."""
    environ = {"PITWALL_URL": None if "--url" in arguments else "http://127.0.0.1:2"}
    assert said in CliRunner().invoke(state_command, arguments, env=environ).output
