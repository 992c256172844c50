"""Writes the reference of the commands: `python -m pitwall.cli.docs docs/reference/commands.md`."""

from __future__ import annotations

import inspect
from collections.abc import Iterator, Sequence
from typing import Any

import click

from pitwall.cli.main import COMMANDS
from pitwall.kit.cli_lazy import LazyGroup
from pitwall.kit.cli_options import output_option, state_target_options
from pitwall.kit.pages import write_page

_HEAD = """# Commands

Generated from the command line itself by `python -m pitwall.cli.docs`; do not edit.

Results go to stdout, everything else to stderr. Exit codes: 0 done, 1 failed, 2 usage, 3 a check did not
pass, 130 interrupted. `NO_COLOR` turns colours off; `PITWALL_LANG` (`en`, `ko`) sets the language, else the
locale does. Lengths of time are written `30s`, `5m`, `1h30m`, `7d`; instants `now-1h`, `1h` (ago),
`2026-11-20` or `2026-11-20T09:00:00Z`.
"""
_COLUMNS = "| option | meaning |\n|---|---|"


@output_option
@state_target_options
def _shared(**_: Any) -> None:
    """Carries the options that most commands have."""


def reference() -> str:
    """The reference page: the shared options, then a section per command."""
    shared = _options(click.command()(_shared))
    parts = [_HEAD, "## Options that many commands have\n", _table(shared)]
    for name, lazy in COMMANDS.items():
        parts += [_block(path, command, shared) for path, command in walk(lazy.load(), f"pitwall {name}")]
    return "\n".join(parts)


def walk(command: click.Command, path: str) -> Iterator[tuple[str, click.Command]]:
    """Yield (what one types, command) for a command and everything below it."""
    yield path, command
    if isinstance(command, click.Group):
        for name, child in _children(command):
            yield from walk(child, f"{path} {name}")


def _children(group: click.Group) -> Iterator[tuple[str, click.Command]]:
    context = click.Context(group)
    for name in group.list_commands(context) if isinstance(group, LazyGroup) else group.commands:
        child = group.get_command(context, name)
        if child is not None:
            yield name, child


def _block(path: str, command: click.Command, shared: Sequence[click.Option]) -> str:
    text, _, example = inspect.cleandoc(command.help or "").partition("\b\nExample:\n")
    arguments = [
        one.make_metavar(_context(path)) for one in command.params if isinstance(one, click.Argument)
    ]
    usage = " ".join([path, *arguments])
    common = {option.name for option in shared}
    options = _options(command)
    own = [option for option in options if option.name not in common]
    also = ", ".join(f"`{option.opts[0]}`" for option in options if option.name in common)
    parts = [
        f"{'##' if path.count(' ') == 1 else '###'} `{usage}`\n",
        f"{text.strip()}\n",
        _table(own) if own else "",
        f"{'Also' if own else 'Options:'} {also}.\n" if also else "",
        "```sh\n" + inspect.cleandoc(example) + "\n```\n",
    ]
    return "\n".join(part for part in parts if part)


def _options(command: click.Command) -> list[click.Option]:
    return [option for option in command.params if isinstance(option, click.Option)]


def _table(options: Sequence[click.Option]) -> str:
    return "\n".join([_COLUMNS, *map(_line, options)]) + "\n"


def _line(option: click.Option) -> str:
    names, meaning = option.get_help_record(_context("")) or ("", "")
    variable = f" Variable `{option.envvar}`." if option.envvar else ""
    cells = (f"`{names}`", " ".join(f"{meaning}{variable}".split()))
    return "| " + " | ".join(cell.replace("|", r"\|") for cell in cells) + " |"


def _context(path: str) -> click.Context:
    return click.Context(click.Command(path))


if __name__ == "__main__":
    write_page(reference())
