"""Options of commands that ask for spans of a time range."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import click

from pitwall.kit.durations import InvalidDuration, parse_duration

Option = Callable[[Callable[..., Any]], Callable[..., Any]]

until_option: Option = click.option("--until", help="End, not part of the range, written like --since.")
filter_option: Option = click.option(
    "--filter", "filters", multiple=True, metavar="COLUMN:OPERATOR:VALUE", help="Condition; may be repeated."
)


def since_option(default: str) -> Option:
    """`--since`; `default` says what a question without it is about."""
    return click.option("--since", help=f"Start: 1h (ago), now-1d or ISO 8601; default is {default}.")


def ago(text: str | None) -> str | None:
    """A bare length of time means so long ago."""
    if text is None:
        return None
    try:
        parse_duration(text)
    except InvalidDuration:
        return text
    return f"now-{text.strip()}"
