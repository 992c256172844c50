"""`pitwall datasets`: import, look at, compare, export and delete datasets."""

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
from pitwall.evals.datasets.production_commands import from_incident, from_traces
from pitwall.evals.datasets.synthesis_commands import synthesize
from pitwall.kit.cli_options import Target, output_option, target_options
from pitwall.kit.cli_output import Column, OutputFormat, emit
from pitwall.kit.i18n import Language, Text, choose_language
from pitwall.kit.text import fit

# The values of `opening.FORMATS`, whose module would make the help wait for the packages behind it.
FORMATS = ("json", "jsonl", "csv", "xlsx", "parquet")
DATASETS = "/api/v1/datasets"
_CHUNK = 1 << 18
_PATIENCE_SECONDS = 600.0
_SHOWN_PROBLEMS = 20
_QUESTION_COLUMNS = 60

_NONE = Text(
    "There are no datasets. Make one: pitwall datasets import FILE",
    "데이터셋이 없습니다. pitwall datasets import FILE 로 만들 수 있습니다",
)
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
_DELETE = Text(
    "Delete {what} with its examples?",
    "{what}을(를) 예제와 함께 지울까요?",
)
_DELETED = Text("Deleted {name}, versions {numbers}.", "{name}의 버전 {numbers}을(를) 지웠습니다.")
_EXPORTED = Text("Wrote {path}.", "{path} 파일을 썼습니다.")
_MORE = Text(
    "More examples follow; show them with --cursor {cursor}",
    "예제가 더 있습니다. --cursor {cursor} 로 이어서 볼 수 있습니다",
)
_EQUAL = Text("The versions have the same examples.", "두 버전의 예제가 같습니다.")
_LIST_COLUMNS = (
    Column("name", "name"),
    Column("number", "version", "right"),
    Column("label", "label", gives_way=3),
    Column("example_count", "examples", "right", show=lambda count: f"{count:,}"),
    Column("languages", "languages", gives_way=2),
    Column("fields", "fields", show=", ".join, wrap=True, gives_way=1),
    Column("created_at", "created", gives_way=4),
)
_VERSION_COLUMNS = (
    Column("number", "version", "right"),
    Column("label", "label"),
    Column("example_count", "examples", "right", show=lambda count: f"{count:,}"),
    Column("content_hash", "hash"),
    Column("thresholds", "thresholds", wrap=True, gives_way=1),
    Column("from", "from", gives_way=2),
    Column("created_at", "created", gives_way=3),
    Column("created_by", "by", gives_way=4),
)
_EXAMPLE_COLUMNS = (
    Column("position", "position", "right", gives_way=3),
    Column("id", "id"),
    Column("language", "language", gives_way=2),
    Column("question", "question", show=lambda text: fit(" ".join(text.split()) or " ", _QUESTION_COLUMNS)),
    Column("has", "has", gives_way=1),
)
_DIFF_COLUMNS = (Column("change", "change"), Column("id", "id"))


@click.group()
def datasets() -> None:
    """Keep collections of examples that evaluations run over.

    \b
    Example:
      pitwall datasets import insurance_qa.json
      pitwall datasets list
      pitwall datasets from-traces missed --filter "service:eq:voc-chat" --since 7d --sample 100
    """


@datasets.command("import")
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
    with reach(target, may_create=True) as client, _shown(file) as chunks:
        try:
            answer = client.upload(DATASETS, chunks, question, timeout_seconds=_PATIENCE_SECONDS)
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


@datasets.command("list")
@click.option("--limit", type=click.IntRange(1, 500), default=100, show_default=True, help="Rows at most.")
@click.option("--cursor", help="Where the page begins: next_cursor of the one before.")
@output_option
@target_options
def list_(target: Target, limit: int, cursor: str | None, output: OutputFormat) -> None:
    """List datasets with their newest versions.

    \b
    Example:
      pitwall datasets list
      pitwall datasets list --output json
    """
    with reach(target) as client:
        answer = client.get(DATASETS, {"limit": limit, "cursor": cursor, "project": target.project})
    rows = answer["datasets"]
    if output is OutputFormat.TABLE:
        rows = [{**row["latest"], "name": row["name"]} for row in rows]
    emit(rows, _LIST_COLUMNS, output, payload=answer, empty=_NONE.say(choose_language(target.environ)))


@datasets.command()
@click.argument("name")
@click.option("--version", help="Number or label; the newest unless said otherwise.")
@click.option("--limit", type=click.IntRange(1, 500), default=20, show_default=True, help="Examples at most.")
@click.option("--cursor", help="Where the page begins: next_cursor of the one before.")
@output_option
@target_options
def show(
    target: Target, name: str, version: str | None, limit: int, cursor: str | None, output: OutputFormat
) -> None:
    """Show the examples of a dataset, a page at a time.

    \b
    Example:
      pitwall datasets show insurance-qa
      pitwall datasets show insurance-qa --version 2 --limit 100 --output jsonl
    """
    question = {"version": version, "limit": limit, "cursor": cursor, "project": target.project}
    with reach(target) as client:
        answer = client.get(f"{_path(name)}/examples", question)
    rows = answer["examples"]
    if output is OutputFormat.TABLE:
        rows = [{**row, "has": _fields_of(row)} for row in rows]
    emit(rows, _EXAMPLE_COLUMNS, output, payload=answer)
    if output is OutputFormat.TABLE and answer["next_cursor"]:
        language = choose_language(target.environ)
        click.echo(_MORE.say(language, cursor=answer["next_cursor"]), err=True)


@datasets.command()
@click.argument("name")
@click.option("--limit", type=click.IntRange(1, 500), default=100, show_default=True, help="Rows at most.")
@click.option("--cursor", help="Where the page begins: next_cursor of the one before.")
@output_option
@target_options
def versions(target: Target, name: str, limit: int, cursor: str | None, output: OutputFormat) -> None:
    """List the versions of a dataset, newest first.

    \b
    Example:
      pitwall datasets versions insurance-qa
    """
    question = {"limit": limit, "cursor": cursor, "project": target.project}
    with reach(target) as client:
        answer = client.get(f"{_path(name)}/versions", question)
    rows = answer["versions"]
    if output is OutputFormat.TABLE:
        rows = [{**row, "from": _origin(row["source"])} for row in rows]
    emit(rows, _VERSION_COLUMNS, output, payload=answer)


@datasets.command()
@click.argument("name")
@click.argument("before")
@click.argument("after", required=False)
@click.option(
    "--limit", type=click.IntRange(1, 500), default=100, show_default=True, help="Ids of each kind."
)
@output_option
@target_options
def diff(target: Target, name: str, before: str, after: str | None, limit: int, output: OutputFormat) -> None:
    """Show which examples came, went or changed from one version to another, or to the newest.

    \b
    Example:
      pitwall datasets diff insurance-qa 1
      pitwall datasets diff insurance-qa 1 3 --output json
    """
    question = {"before": before, "after": after, "limit": limit, "project": target.project}
    with reach(target) as client:
        answer = client.get(f"{_path(name)}/diff", question)
    kinds = ("added", "removed", "changed")
    rows = [{"change": kind, "id": id_} for kind in kinds for id_ in answer[kind]]
    emit(rows, _DIFF_COLUMNS, output, payload=answer, empty=_EQUAL.say(choose_language(target.environ)))


@datasets.command()
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
        client.download(f"{_path(name)}/export", question, file, timeout_seconds=_PATIENCE_SECONDS)
    if to is not None:
        click.echo(_EXPORTED.say(choose_language(target.environ), path=to), err=True)


@datasets.command()
@click.argument("name")
@click.option("--version", help="Delete only this one: number or label.")
@click.option("--yes", is_flag=True, help="Do not ask.")
@output_option
@target_options
def delete(target: Target, name: str, version: str | None, yes: bool, output: OutputFormat) -> None:
    """Delete a dataset or one of its versions; refused while evaluation runs use it.

    \b
    Example:
      pitwall datasets delete insurance-qa --version 1 --yes
    """
    language = choose_language(target.environ)
    if not yes:
        what = name if version is None else f"{name}@{version}"
        click.confirm(_DELETE.say(language, what=what), abort=True, err=True)
    with reach(target) as client:
        answer = client.delete(_path(name), {"version": version, "project": target.project})
    if output is not OutputFormat.TABLE:
        emit([answer], [], output, payload=answer)
        return
    numbers = ", ".join(str(one["number"]) for one in answer["versions"])
    click.echo(_DELETED.say(language, name=name, numbers=numbers), err=True)


datasets.add_command(from_traces)
datasets.add_command(from_incident)
datasets.add_command(synthesize)


def _path(name: str) -> str:
    return f"{DATASETS}/{quote(name, safe='')}"


def _fields_of(row: dict[str, Any]) -> list[str]:
    """Which of the main fields an example has."""
    answer = row["answer"] or {}
    has = {
        "reference": row["reference"],
        "answer": answer.get("text"),
        "contexts": answer.get("contexts"),
        "relevance": row["relevance"],
        "turns": answer.get("turns"),
    }
    return [name for name, value in has.items() if value]


def _origin(source: dict[str, Any]) -> str:
    """Where a version comes from, in a word or two."""
    kind: str = source.get("kind", "")
    return str(source.get("file") or source.get("number") or kind) if kind in ("file", "incident") else kind


def _tell_problems(problems: Any, count: int, language: Language) -> None:
    for problem in problems[:_SHOWN_PROBLEMS]:
        click.echo(f"  {problem['text'][language.value]}", err=True)
    if count > _SHOWN_PROBLEMS:
        click.echo("  " + _AND_MORE.say(language, count=count - _SHOWN_PROBLEMS), err=True)


@contextmanager
def _shown(file: Path) -> Iterator[Iterator[bytes]]:
    """Yield the bytes of a file, with a bar on a terminal while they go."""
    with file.open("rb") as opened:
        if not sys.stderr.isatty():
            yield iter(lambda: opened.read(_CHUNK), b"")
            return
        from rich.console import Console
        from rich.progress import BarColumn, DownloadColumn, Progress, TextColumn, TimeElapsedColumn

        columns = (TextColumn("{task.description}", markup=False), BarColumn(), DownloadColumn())
        with Progress(*columns, TimeElapsedColumn(), console=Console(stderr=True)) as bars:
            task = bars.add_task(file.name, total=file.stat().st_size)
            yield _counted(opened, lambda size: bars.advance(task, size))


def _counted(opened: BinaryIO, tell: Any) -> Iterator[bytes]:
    while chunk := opened.read(_CHUNK):
        yield chunk
        tell(len(chunk))


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
