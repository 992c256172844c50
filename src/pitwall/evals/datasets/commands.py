"""`pitwall datasets`: import, look at, compare, export and delete datasets."""

from __future__ import annotations

from typing import Any
from urllib.parse import quote

import click

from pitwall.access.reach import reach
from pitwall.evals.datasets.file_commands import export, import_
from pitwall.evals.datasets.production_commands import from_incident, from_traces
from pitwall.evals.datasets.synthesis_commands import synthesize
from pitwall.kit.cli_options import Target, output_option, target_options
from pitwall.kit.cli_output import Column, OutputFormat, emit, tell
from pitwall.kit.i18n import Text, choose_language
from pitwall.kit.text import fit

DATASETS = "/api/v1/datasets"
_QUESTION_COLUMNS = 60

_NONE = Text(
    "There are no datasets. Make one: pitwall datasets import FILE",
    "데이터셋이 없습니다. pitwall datasets import FILE 로 만들 수 있습니다",
)
_DELETE = Text(
    "Delete {what} with its examples?",
    "{what}을(를) 예제와 함께 지울까요?",
)
_DELETED = Text("Deleted {name}, versions {numbers}.", "{name}의 버전 {numbers}을(를) 지웠습니다.")
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
    numbers = ", ".join(str(one["number"]) for one in answer["versions"])
    tell(answer, _DELETED.say(language, name=name, numbers=numbers), output)


datasets.add_command(import_)
datasets.add_command(export)
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
