"""Every command explains itself: a text and an example that can be typed."""

from __future__ import annotations

import click
import pytest

from pitwall.cli.docs import walk
from pitwall.cli.main import COMMANDS


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_has_a_help_text_with_an_example(name: str) -> None:
    """All commands of the table exist, and each one under them shows how it is typed."""
    for path, command in walk(COMMANDS[name].load(), f"pitwall {name}"):
        text = command.help or ""
        assert text.strip(), f"{path} has no help text"
        assert "Example:" in text, f"{path} has no example"
        assert f"{path}" in text.partition("Example:")[2], f"the example of {path} does not show it"


@pytest.mark.parametrize("name", COMMANDS)
def test_every_option_is_explained(name: str) -> None:
    """An option without a help text is a riddle."""
    for path, command in walk(COMMANDS[name].load(), f"pitwall {name}"):
        options = [one for one in command.params if isinstance(one, click.Option)]
        assert not [one.name for one in options if not one.help], path
