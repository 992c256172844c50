"""`pitwall telemetry`: looking after what is stored."""

from __future__ import annotations

import click

from pitwall.ingest.dead_letters.commands import dead_letters


@click.group()
def telemetry() -> None:
    """Look after stored telemetry and dead letters.

    \b
    Example:
      pitwall telemetry dead-letters list
    """


telemetry.add_command(dead_letters)
