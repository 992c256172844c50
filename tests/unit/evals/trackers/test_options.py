"""`--tracker`: repeated, in a list, or none."""

from __future__ import annotations

import click
import pytest
from click.testing import CliRunner

from pitwall.evals.trackers.options import NAMES, tracker_option
from pitwall.evals.trackers.types import TrackerName


@click.command()
@tracker_option("Where to")
def command(trackers: tuple[str, ...] | None) -> None:
    click.echo(repr(trackers))


@pytest.mark.parametrize(
    ("arguments", "read"),
    [
        ([], None),
        (["--tracker", "none"], ()),
        (["--tracker", "mlflow", "-t", "phoenix"], ("mlflow", "phoenix")),
        (["--tracker", "MLflow, phoenix+mlflow"], ("mlflow", "phoenix")),
    ],
)
def test_names_are_read(arguments: list[str], read: tuple[str, ...] | None) -> None:
    assert CliRunner().invoke(command, arguments).output.strip() == repr(read)


@pytest.mark.parametrize(
    ("value", "said"), [("wandb", "'wandb' is no tracker"), ("none,mlflow", "with no other tracker")]
)
def test_wrong_names_are_usage_errors(value: str, said: str) -> None:
    told = CliRunner().invoke(command, ["--tracker", value])
    assert told.exit_code == 2
    assert said in told.output


def test_option_knows_every_tracker() -> None:
    """It does not import the enumeration, so that a command without trackers stays light."""
    assert set(NAMES) == {name.value for name in TrackerName}
