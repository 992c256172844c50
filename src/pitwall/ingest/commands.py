"""`pitwall ingest`: files to telemetry, through a running server or into the data directory itself."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import click
import yaml
from pydantic import BaseModel, ConfigDict, ValidationError

from pitwall.access.reach import reach
from pitwall.ingest.files.column_map import parse_map
from pitwall.ingest.files.contents import STDIN
from pitwall.ingest.files.errors import InvalidMap
from pitwall.ingest.files.importer import ImportOptions
from pitwall.ingest.files.terminal import Session, follow_files, import_files
from pitwall.ingest.files.types import Reader
from pitwall.kit.cli_options import Target, output_option, target_options
from pitwall.kit.cli_output import Column, OutputFormat, emit

_SOURCE_COLUMNS = [
    Column("path", "file", wrap=True),
    Column("kind", "kind"),
    Column("next_offset", "bytes", align="right"),
    Column("rows", "rows", align="right"),
    Column("rejected", "rejected", align="right"),
    Column("updated_at", "updated"),
]
_DELIMITERS = {"tab": "\t", "\\t": "\t"}


@click.group()
def ingest() -> None:
    """Read telemetry from JSONL and CSV files.

    \b
    Example:
      pitwall ingest jsonl traces/ --follow
      pitwall ingest csv requests.csv --map started_at=TIMESTAMP,input_tokens=ContextTokens
    """


def _reader_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """Add what describes lines that do not describe themselves."""
    options = (
        click.option(
            "--map", "mapping", multiple=True, metavar="FIELD=COLUMN,...", help="Which column is what."
        ),
        click.option(
            "--map-file",
            type=click.Path(exists=True, dir_okay=False, path_type=Path),
            help="YAML file with map, set, timezone, delimiter, service and environment.",
        ),
        click.option(
            "--set", "constants", multiple=True, metavar="FIELD=VALUE", help="A field of every record."
        ),
        click.option("--timezone", help="Zone of times that name none.  [default: UTC]"),
        click.option("--service", help="Service of records that name none."),
        click.option("--environment", help="Environment of records that name none."),
        click.option("--skip-invalid", is_flag=True, help="Put malformed lines aside instead of stopping."),
    )
    for option in reversed(options):
        command = option(command)
    return command


@ingest.command()
@click.argument("files", nargs=-1, required=True, type=click.Path(path_type=Path, allow_dash=True))
@click.option("--follow", is_flag=True, help="Go on as files grow and are rotated, until Ctrl-C.")
@_reader_options
@output_option
@target_options
def jsonl(
    target: Target,
    files: tuple[Path, ...],
    follow: bool,
    skip_invalid: bool,
    output: OutputFormat,
    **described: Any,
) -> None:
    """Import JSON lines: trace events, spans in Pitwall's own form, OTLP/JSON, or any other with --map.

    FILES are files, packed or not, directories with trace files (llm_calls.jsonl, rag_retrieval.jsonl,
    cost_usage.jsonl, cache.jsonl), or - for stdin. What was imported before is not imported again, also under
    another name. A malformed line stops the import: nothing of its chunk, about 1 MB, is stored.

    \b
    Example:
      pitwall ingest jsonl traces/ --skip-invalid
      pitwall ingest jsonl llm_calls.jsonl --follow
      pitwall ingest jsonl calls.jsonl --map 'started_at=timestamp:ms@2026-01-01T00:00:00Z,input_tokens=in'
    """
    reader = _make_reader("jsonl", **described)
    if reader.mapping:
        parse_map(reader.mapping, reader.constants, timezone=reader.timezone)
    elif reader.constants:
        raise click.UsageError("--set needs --map.")
    if follow and STDIN in files:
        raise click.UsageError("Stdin is read to its end anyway; leave --follow out.")
    # Who follows waits for the server in a loop of its own.
    patience = 5.0 if follow else 60.0
    options = ImportOptions(reader, skip_invalid=skip_invalid, patience_seconds=patience)
    session = Session(target, files, options, output)
    (follow_files if follow else import_files)(session)


@ingest.command("csv")
@click.argument("files", nargs=-1, required=True, type=click.Path(path_type=Path, allow_dash=True))
@click.option("--delimiter", help="Between fields, such as ; or tab.  [default: ,]")
@_reader_options
@output_option
@target_options
def csv_(
    target: Target, files: tuple[Path, ...], skip_invalid: bool, output: OutputFormat, **described: Any
) -> None:
    """Import rows of CSV, one span a row, as a column map says.

    An entry of the map is FIELD=COLUMN, with a unit for lengths of time (duration_ms=latency:s), with unit
    and origin for relative times (started_at=offset:ms@2026-01-01T00:00:00Z), or with a format for others
    (started_at=when:%d.%m.%Y %H:%M). A column whose name has a colon stands in double quotes.

    \b
    Example:
      pitwall ingest csv requests.csv --map started_at=TIMESTAMP,input_tokens=ContextTokens --set model=gpt-4o
      pitwall ingest csv calls.csv.gz --map-file calls.yaml --timezone Asia/Seoul
    """
    reader = _make_reader("csv", **described)
    parse_map(reader.mapping, reader.constants, timezone=reader.timezone)
    import_files(Session(target, files, ImportOptions(reader, skip_invalid=skip_invalid), output))


@ingest.command()
@output_option
@target_options
def sources(target: Target, output: OutputFormat) -> None:
    """List the files that were imported, and how far.

    \b
    Example:
      pitwall ingest sources --output json
    """
    with reach(target) as client:
        answer = client.get("/api/v1/ingest/sources", {"project": target.project})
    emit(answer["sources"], _SOURCE_COLUMNS, output, payload=answer)


def _make_reader(
    kind: str,
    *,
    mapping: Sequence[str],
    map_file: Path | None,
    constants: Sequence[str],
    timezone: str | None,
    service: str | None,
    environment: str | None,
    delimiter: str | None = None,
) -> Reader:
    """Put flags and map file together."""
    given = _MapFile() if map_file is None else _read_map_file(map_file)
    delimiter = delimiter or given.delimiter
    try:
        return Reader(
            kind=kind,
            service=service or given.service,
            environment=environment or given.environment,
            mapping=(*(f"{field}={column}" for field, column in given.map.items()), *mapping),
            constants={**given.set, **dict(map(_split_constant, constants))},
            timezone=timezone or given.timezone,
            delimiter=_DELIMITERS.get(delimiter, delimiter),
        )
    except ValueError as error:
        raise click.BadParameter(f"{error} is not written as FIELD=VALUE.", param_hint="--set") from None


def _split_constant(text: str) -> tuple[str, str]:
    name, separator, value = text.partition("=")
    if not separator:
        raise ValueError(repr(text))
    return name.strip(), value.strip()


class _MapFile(BaseModel):
    """A column map in a file; the right side of an entry is written as after `--map FIELD=`."""

    model_config = ConfigDict(extra="forbid", coerce_numbers_to_str=True)

    map: dict[str, str] = {}
    set: dict[str, str] = {}
    timezone: str = "UTC"
    delimiter: str = ","
    service: str = ""
    environment: str = ""


def _read_map_file(path: Path) -> _MapFile:
    try:
        return _MapFile.model_validate(yaml.safe_load(path.read_text("utf-8")) or {})
    except yaml.YAMLError as error:
        raise InvalidMap(f"{path} is no YAML: {error}.") from error
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False)[0]
        where = ".".join(map(str, first["loc"]))
        raise InvalidMap(f"{path}: {where}: {first['msg']}.") from error
