"""`pitwall archive`: through a running server, or in the data directory itself when none runs."""

from __future__ import annotations

from pathlib import Path
from typing import Any
from urllib.parse import quote

import click

from pitwall.access.reach import reach
from pitwall.kit.cli_options import Target, output_option, target_options
from pitwall.kit.cli_output import Column, OutputFormat, emit
from pitwall.kit.i18n import Language, Text, choose_language

EXIT_FAILED = 1
_ARCHIVE = "/api/v1/archive"
_LONG_SECONDS = 3600.0
_PAGE = 500
_EMPTY = Text("The archive holds no such file.", "아카이브에 해당하는 파일이 없습니다.")
_NOTHING = Text("No file is old enough.", "아카이브할 만큼 오래된 파일이 없습니다.")
_DELETED = Text("Deleted because of archive.max_bytes: {names}", "archive.max_bytes 때문에 삭제: {names}")
_RESTORED = Text("Restored {path}.", "{path} 파일을 되돌렸습니다.")
_IMPORTED = Text(
    "Imported {rows} records; {known} were there already, {rejected} lines were put aside.",
    "레코드 {rows}건을 가져왔습니다. 이미 있던 것 {known}건, 제외한 줄 {rejected}개.",
)
_OUTCOMES = {
    "archived": Text("archived", "보관함"),
    "kept": Text("kept", "남김"),
    "failed": Text("FAILED", "실패"),
}
_FILES = [
    Column("name", "name"),
    Column("since", "since"),
    Column("until", "until"),
    Column("rows", "rows", "right"),
    Column("bytes", "bytes", "right", gives_way=1),
    Column("packed_bytes", "packed", "right", gives_way=2),
    Column("archived_at", "archived", gives_way=3),
    Column("sha256", "sha256", gives_way=4),
]
_RUN = [
    Column("outcome", "outcome"),
    Column("path", "file", wrap=True),
    Column("rows", "rows", "right"),
    Column("reason", "reason", wrap=True),
]


@click.group()
def archive() -> None:
    """Keep old trace files packed: archive, find, restore and import them.

    \b
    Example:
      pitwall archive run traces/ --older-than-days 30
      pitwall archive list --since now-90d --contains order-4711
    """


@archive.command()
@click.argument("directory", required=False, type=click.Path(file_okay=False, path_type=Path))
@click.option("--older-than-days", type=float, help="Age of the files; default archive.after_days, or 30.")
@output_option
@target_options
def run(target: Target, directory: Path | None, older_than_days: float | None, output: OutputFormat) -> int:
    """Pack and move old trace files of DIRECTORY; default is the setting ingest.trace_dir.

    Only files that were rotated away and imported to their end are moved; what stays is listed
    with its reason.

    \b
    Example:
      pitwall archive run
      pitwall archive run traces/ --older-than-days 7
    """
    body = {
        "directory": None if directory is None else str(directory.resolve()),
        "older_than_days": older_than_days,
    }
    with reach(target, may_create=True) as client:
        answer = client.post(
            f"{_ARCHIVE}/run", body, {"project": target.project}, timeout_seconds=_LONG_SECONDS
        )
    _emit_run(answer, output, choose_language(target.environ))
    return EXIT_FAILED if any(one["outcome"] == "failed" for one in answer["files"]) else 0


@archive.command("list")
@click.option("--since", help="Only files that may hold something later, such as now-90d.")
@click.option("--until", help="Only files that may hold something earlier.")
@click.option(
    "--contains", default="", help="Only files in which this text stands; each is unpacked to look."
)
@output_option
@target_options
def list_(target: Target, since: str | None, until: str | None, contains: str, output: OutputFormat) -> None:
    """List what the archive holds, newest first.

    \b
    Example:
      pitwall archive list --since 2026-01-01 --contains r-000123
    """
    parameters = {
        "project": target.project,
        "since": since,
        "until": until,
        "contains": contains or None,
        "limit": _PAGE,
    }
    files: list[dict[str, Any]] = []
    with reach(target) as client:
        while True:
            answer = client.request("GET", _ARCHIVE, params=parameters, timeout_seconds=_LONG_SECONDS)
            files += answer["files"]
            if answer["next_cursor"] is None:
                break
            parameters["cursor"] = answer["next_cursor"]
    empty = _EMPTY.say(choose_language(target.environ))
    emit(files, _FILES, output, payload={**answer, "files": files}, empty=empty)


@archive.command()
@click.argument("name")
@output_option
@target_options
def restore(target: Target, name: str, output: OutputFormat) -> None:
    """Put an archived file back where it was; the archive keeps its own.

    \b
    Example:
      pitwall archive restore llm_calls.jsonl.1.default.0f3a5c7e9b1d.zst
    """
    answer = _act(target, name, "restore")
    _tell(answer, output, _RESTORED.say(choose_language(target.environ), path=answer["path"]))


@archive.command("import")
@click.argument("name")
@output_option
@target_options
def import_(target: Target, name: str, output: OutputFormat) -> None:
    """Import an archived file; records that are there already are not stored again.

    Into another project (--project) the records go as a whole: to look at what has expired, for example.

    \b
    Example:
      pitwall archive import llm_calls.jsonl.1.default.0f3a5c7e9b1d.zst --project last-year
    """
    answer = _act(target, name, "import")
    counts = {key: answer[key] for key in ("rows", "known", "rejected")}
    _tell(answer, output, _IMPORTED.say(choose_language(target.environ), **counts))


def _act(target: Target, name: str, action: str) -> dict[str, Any]:
    with reach(target) as client:
        path = f"{_ARCHIVE}/{quote(name, safe='')}/{action}"
        answer: dict[str, Any] = client.post(
            path, None, {"project": target.project}, timeout_seconds=_LONG_SECONDS
        )
        return answer


def _tell(answer: dict[str, Any], output: OutputFormat, text: str) -> None:
    if output is OutputFormat.TABLE:
        click.echo(text, err=True)
        return
    emit([answer], [], output, payload=answer)


def _emit_run(answer: dict[str, Any], output: OutputFormat, language: Language) -> None:
    rows = [
        {
            "outcome": _OUTCOMES[one["outcome"]].say(language),
            "path": one["path"],
            "rows": one["archive"] and one["archive"]["rows"],
            "reason": one["reason"] and one["reason"][language.value],
        }
        for one in answer["files"]
    ]
    shown = rows if output is OutputFormat.TABLE else answer["files"]
    emit(shown, _RUN, output, payload=answer, empty=_NOTHING.say(language))
    if answer["deleted"] and output is OutputFormat.TABLE:
        names = ", ".join(entry["name"] for entry in answer["deleted"])
        click.echo(_DELETED.say(language, names=names), err=True)
