"""`pitwall artifacts`: files for Prometheus, Alertmanager, Grafana and compose."""

from __future__ import annotations

from pathlib import Path

import click

from pitwall.kit.cli_options import output_option
from pitwall.kit.cli_output import Column, OutputFormat, emit


@click.group()
def artifacts() -> None:
    """Write files for stacks that you have already.

    \b
    Example:
      pitwall artifacts write deploy
    """


@artifacts.command()
@click.argument("directory", type=click.Path(file_okay=False, path_type=Path))
@click.option(
    "--pack",
    "packs",
    multiple=True,
    type=click.Path(exists=True, file_okay=False, path_type=Path),
    help="Directory of a pack of your own, besides the core pack; may be repeated.",
)
@output_option
def write(directory: Path, packs: tuple[Path, ...], output: OutputFormat) -> None:
    """Write configuration, alert rules with their tests, dashboards and a compose file.

    Files that are there already are replaced; others below the directory stay.

    \b
    Example:
      pitwall artifacts write deploy
      pitwall artifacts write deploy --pack ./packs/shop
    """
    from pitwall.artifacts.files import artifact_files, write_files  # Grafana's package is an extra
    from pitwall.artifacts.packs import load_packs

    files = artifact_files(load_packs(packs))
    changed = set(write_files(directory, files))
    rows = [
        {"file": str(directory / path), "bytes": len(text.encode()), "changed": path in changed}
        for path, text in files.items()
    ]
    columns = [Column("file", "file"), Column("bytes", "bytes", "right"), Column("changed", "changed")]
    emit(rows, columns, output, payload={"files": rows})
