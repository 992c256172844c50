"""Options that the commands of comparisons share."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import click

Decorator = Callable[[Callable[..., Any]], Callable[..., Any]]


class NumberType(click.ParamType[tuple[str, float]]):
    """`0.02` or `metric=0.02`; becomes a name, empty for all, and the number."""

    name = "number"

    def __init__(self, *, needs_metric: bool, lowest: float = -math.inf) -> None:
        self._needs_metric = needs_metric
        self._lowest = lowest
        self.name = "metric=number" if needs_metric else "[metric=]number"

    def convert(
        self, value: Any, param: click.Parameter | None, ctx: click.Context | None
    ) -> tuple[str, float]:
        """Read it; a wrong one is a usage error."""
        if isinstance(value, tuple):
            return value
        metric, _, text = str(value).rpartition("=")
        try:
            number = float(text)
            if (metric or not self._needs_metric) and self._lowest <= number < math.inf:
                return metric.strip(), number
        except ValueError:
            pass
        return self.fail(f"{value!r} is not of the form {self.name}", param, ctx)


def options(*options: Decorator) -> Decorator:
    """Put several options on a command, in this order."""

    def add(command: Callable[..., Any]) -> Callable[..., Any]:
        for option in reversed(options):
            command = option(command)
        return command

    return add


how = options(
    click.option("--metrics", help="Only these, separated by commas."),
    click.option(
        "--margin",
        "margins",
        type=NumberType(needs_metric=False, lowest=0.0),
        multiple=True,
        help="How much worse is still the same: 0.02 for all ratios, or latency_ms=50.",
    ),
    click.option(
        "--alpha",
        type=click.FloatRange(0, 0.5, min_open=True, max_open=True),
        default=0.05,
        show_default=True,
        help="Chance of a false finding over all metrics.",
    ),
    click.option(
        "--strict", is_flag=True, help="Refuse runs of another dataset, judge, prompt, threshold or version."
    ),
)


def names_of(text: str | None) -> list[str]:
    """The names of a list that is separated by commas."""
    return [name.strip() for name in (text or "").split(",") if name.strip()]
