"""`pitwall datasets import` and `export`: files in and out."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, BinaryIO
from urllib.parse import quote

import click

from pitwall.access.reach import reach
from pitwall.core.errors import PitwallError
from pitwall.kit.cli_options import Target, output_option, target_options
from pitwall.kit.cli_output import OutputFormat, emit
from pitwall.kit.cli_upload import shown_upload
from pitwall.kit.i18n import Language, Text, choose_language

# The values of `opening.FORMATS`, whose module would make the help wait for the packages behind it.
FORMATS = ("json", "jsonl", "csv", "xlsx", "parquet")
_DATASETS = "/api/v1/datasets"
_PATIENCE_SECONDS = 600.0
_SHOWN_PROBLEMS = 20

_IMPORTED = Text(
    "Imported {name} version {number}: {count:,} examples.",
    "{name} 버전 {number}을(를) 가져왔습니다: 예제 {count:,}개.",
    en_one="Imported {name} version {number}: 1 example.",
)
_KNOWN = Text(
    "{name} has these examples already: version {number}. Nothing was added.",
    "{name} 버전 {number}에 같은 예제가 이미 있어 추가하지 않았습니다.",
)
_SKIPPED = Text("Left out {count:,}:", "제외한 항목 {count:,}개:")
_AND_MORE = Text("… and {count:,} more (--output json has the first hundred).", "… 그 밖에 {count:,}개.")
_EXPORTED = Text("Wrote {path}.", "{path} 파일을 썼습니다.")


@click.command("import")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--name", help="Of the dataset; else what the file says, else the file's name.")
@click.option(
    "--format", "file_format", type=click.Choice(FORMATS), help="Instead of what name and content tell."
)
@click.option("--encoding", help="Of a text file; found out unless said, also cp949.")
@click.option("--language", help="Of examples that do not say theirs, such as ko.")
@click.option("--sheet", help="Of a workbook; default is the first with questions.")
@click.option(
    "--separator", default="|", show_default=True, help="Between contexts in a cell that holds no JSON list."
)
@click.option(
    "--map",
    "columns",
    multiple=True,
    metavar="FIELD=COLUMN",
    help="What a column is; FIELD= for none. May be repeated.",
)
@click.option("--skip-invalid", is_flag=True, help="Leave out what is no example, and list it.")
@output_option
@target_options
def import_(
    target: Target, file: Path, skip_invalid: bool, output: OutputFormat, columns: tuple[str, ...], **how: Any
) -> None:
    """Import examples from JSON, JSONL, CSV, XLSX or Parquet, packed with gzip or not.

    Fields go by the names of EvalVault, Ragas, DeepEval and promptfoo. Examples that the dataset has already
    make no new version. A file with problems is refused, each named with its line.

    \b
    Example:
      pitwall datasets import insurance_qa.json
      pitwall datasets import qa.xlsx --sheet cases --name qa --skip-invalid
      pitwall datasets import halueval.json.gz --map reference=right_answer --map contexts=knowledge
    """
    language = choose_language(target.environ)
    question = {
        "file": file.name,
        "name": how["name"],
        "format": how["file_format"],
        **{name: how[name] for name in ("encoding", "language", "sheet", "separator")},
        "map": list(columns),
        "skip_invalid": str(skip_invalid).lower(),
        "project": target.project,
    }
    with reach(target, may_create=True) as client, shown_upload(file) as chunks:
        try:
            answer = client.upload(_DATASETS, chunks, question, timeout_seconds=_PATIENCE_SECONDS)
        except PitwallError as error:
            _tell_problems(error.details.get("problems", ())[1:], error.details.get("count", 0) - 1, language)
            raise
    if output is not OutputFormat.TABLE:
        emit([answer], [], output, payload=answer)
        return
    told = {"name": answer["dataset"]["name"], "number": answer["version"]["number"]}
    done = _IMPORTED if answer["is_new"] else _KNOWN
    click.echo(done.say(language, **told, count=answer["version"]["example_count"]), err=True)
    if answer["skipped_count"]:
        click.echo(_SKIPPED.say(language, count=answer["skipped_count"]), err=True)
        _tell_problems(answer["skipped"], answer["skipped_count"], language)


@click.command()
@click.argument("name")
@click.option("--version", help="Number or label; the newest unless said otherwise.")
@click.option(
    "--format",
    "file_format",
    type=click.Choice(FORMATS),
    help="Default is what the suffix of --to says, else jsonl.",
)
@click.option(
    "--to", type=click.Path(dir_okay=False, path_type=Path), help="File to write; default is stdout."
)
@target_options
def export(target: Target, name: str, version: str | None, file_format: str | None, to: Path | None) -> None:
    """Write a dataset as a file: json is EvalVault's form; only jsonl loses nothing.

    \b
    Example:
      pitwall datasets export insurance-qa --to insurance_qa.json
      pitwall datasets export insurance-qa --version 1 --format csv > qa.csv
    """
    suffix = "" if to is None else to.suffix.lower().removeprefix(".")
    chosen = file_format or (suffix if suffix in FORMATS else "jsonl")
    question = {"version": version, "format": chosen, "project": target.project}
    with reach(target) as client, _written(to) as file:
        client.download(
            f"{_DATASETS}/{quote(name, safe='')}/export", question, file, timeout_seconds=_PATIENCE_SECONDS
        )
    if to is not None:
        click.echo(_EXPORTED.say(choose_language(target.environ), path=to), err=True)


def _tell_problems(problems: Any, count: int, language: Language) -> None:
    for problem in problems[:_SHOWN_PROBLEMS]:
        click.echo(f"  {problem['text'][language.value]}", err=True)
    if count > _SHOWN_PROBLEMS:
        click.echo("  " + _AND_MORE.say(language, count=count - _SHOWN_PROBLEMS), err=True)


@contextmanager
def _written(to: Path | None) -> Iterator[BinaryIO]:
    """Yield where bytes go; a file comes into being whole or not at all."""
    if to is None:
        yield sys.stdout.buffer
        return
    partial = to.with_name(f".{to.name}.partial")
    try:
        with partial.open("wb") as file:
            yield file
        partial.replace(to)
    finally:
        partial.unlink(missing_ok=True)
