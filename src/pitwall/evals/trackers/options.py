"""`--tracker`: names of trackers, repeated or in a list; nothing else is imported for it."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any, Final, TypeVar

import click

Command = TypeVar("Command", bound=Callable[..., Any])
NAMES: Final = ("langfuse", "phoenix", "mlflow")
"""The values of `TrackerName`."""
_NONE: Final = "none"
_SEPARATOR: Final = re.compile(r"[,+]")


def tracker_option(meaning: str, *, required: bool = False) -> Callable[[Command], Command]:
    """Add `--tracker` as `trackers`: None if it is not given, empty for `none`."""
    return click.option(
        "-t",
        "--tracker",
        "trackers",
        multiple=True,
        required=required,
        metavar="NAME",
        callback=_read,
        help=f"{meaning}: {', '.join(NAMES)}; repeat it, or separate by commas.",
    )


def _read(
    context: click.Context, parameter: click.Parameter, given: tuple[str, ...]
) -> tuple[str, ...] | None:
    if not given:
        return None
    names = [name.strip().lower() for text in given for name in _SEPARATOR.split(text) if name.strip()]
    unknown = [name for name in names if name not in (*NAMES, _NONE)]
    if unknown:
        known = ", ".join((*NAMES, _NONE))
        raise click.BadParameter(f"{unknown[0]!r} is no tracker; there are {known}.", context, parameter)
    if _NONE in names and len(set(names)) > 1:
        raise click.BadParameter("`none` goes with no other tracker.", context, parameter)
    return tuple(dict.fromkeys(name for name in names if name != _NONE))
