"""`pitwall telemetry`: looking after what is stored."""

from __future__ import annotations

import click

from pitwall.ingest.dead_letters.commands import dead_letters
from pitwall.ingest.recompute.commands import recost, remap, unwrap


@click.group()
def telemetry() -> None:
    """Look after stored telemetry and dead letters; map, price and unwrap spans again.

    \b
    Example:
      pitwall telemetry dead-letters list
      pitwall telemetry recost --since now-30d --dry-run
    """


telemetry.add_command(dead_letters)
telemetry.add_command(remap)
telemetry.add_command(recost)
telemetry.add_command(unwrap)
