"""`pitwall checks`: through a running server, or in the data directory itself when none runs."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, TextIO

import click

from pitwall.access.reach import reach
from pitwall.checks.manifest import MANIFEST, write_manifest
from pitwall.checks.settings_text import setting_texts
from pitwall.kit.cli_options import Target, local_target_options, output_option, target_options
from pitwall.kit.cli_output import Column, OutputFormat, emit
from pitwall.kit.i18n import Language, Text, choose_language
from pitwall.settings import load_settings

EXIT_FAILED = 3
_CHECKS = "/api/v1/checks"
_RUN_SECONDS = 600.0
_STATUS = {
    "passed": Text("ok", "정상"),
    "warning": Text("warning", "주의"),
    "failed": Text("FAILED", "실패"),
    "skipped": Text("skipped", "건너뜀"),
    "error": Text("ERROR", "오류"),
}
_SUMMARY = Text("{name}: {counts}", "{name}: {counts}")
_TODO = Text("To do for {title}: {todo}", "{title} 조치: {todo}")
_NO_REPORTS = Text("No checklist has been run.", "실행한 점검이 없습니다.")
_INDEXED = Text(
    "Noted {count} documents in {path}.",
    "문서 {count}개를 {path}에 기록했습니다.",
    "Noted 1 document in {path}.",
)
_ITEMS = [
    Column("status", "state"),
    Column("title", "item", wrap=True),
    Column("detail", "detail", wrap=True),
]
_REPORTS = [
    Column("id", "report"),
    Column("list", "list"),
    Column("at", "at"),
    Column("status", "state"),
    Column("counts", "items", wrap=True),
    Column("by", "by", gives_way=1),
]


def _run_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """Add what every run of a list takes."""
    options = (
        click.option(
            "--set", "variables", multiple=True, metavar="NAME=VALUE", help="A variable of the items."
        ),
        click.option("--file", "file", type=click.File(encoding="utf-8"), help="YAML file of further items."),
        click.option("--notify", is_flag=True, help="Tell people what came of it."),
        output_option,
        target_options,
    )
    for option in reversed(options):
        command = option(command)
    return command


@click.group()
def checks() -> None:
    """Run checklists: daily, weekly, at a deploy, at a release; exit code 3 if something failed.

    \b
    Example:
      pitwall checks daily
      pitwall checks release --set artifacts=./artifacts
    """


@checks.command()
@_run_options
def daily(target: Target, **options: Any) -> int:
    """Look at what should be looked at every day: faces, services, trace files, errors and timeouts.

    \b
    Example:
      pitwall checks daily --set app_url=http://127.0.0.1:8000/health
    """
    return _run("daily", target, **options)


@checks.command()
@_run_options
def weekly(target: Target, **options: Any) -> int:
    """Look at trends of retrieval and caches, growth of collections, retention and archive.

    \b
    Example:
      pitwall checks weekly --output json
    """
    return _run("weekly", target, **options)


@checks.command()
@_run_options
def deploy(target: Target, **options: Any) -> int:
    """Look at settings in force, documents and their index, pinned models, and smoke questions.

    \b
    Example:
      pitwall checks deploy --set docs_dir=docs --set smoke_url=http://127.0.0.1:8000/voc/chat
    """
    return _run("deploy", target, **options)


@checks.command()
@_run_options
def release(target: Target, **options: Any) -> int:
    """Look for secrets, one database behind all faces, findable runs, indexed artifacts, masking.

    The git tree of the working directory is searched for secrets, or --set tree=DIR.

    \b
    Example:
      pitwall checks release --set artifacts=./artifacts
    """
    return _run("release", target, **options)


@checks.command()
@click.argument("name")
@_run_options
def run(target: Target, name: str, **options: Any) -> int:
    """Run a checklist of your own, from `checks.file` or --file.

    \b
    Example:
      pitwall checks run night --file night.yaml
    """
    return _run(name, target, **options)


@checks.command("list")
@output_option
@target_options
def list_(target: Target, output: OutputFormat) -> None:
    """List the checklists, what they look at and what came of them last.

    \b
    Example:
      pitwall checks list
    """
    with reach(target, may_create=True) as client:
        answer = client.get(_CHECKS, {"project": target.project})
    language = choose_language(target.environ)
    rows = [
        {
            "name": one["name"],
            "title": one["title"][language.value],
            "items": len(one["items"]),
            "last": one["last_report"] and one["last_report"]["status"],
            "at": one["last_report"] and one["last_report"]["at"],
        }
        for one in answer["lists"]
    ]
    columns = [
        Column("name", "name"),
        Column("title", "title", wrap=True),
        Column("items", "items", "right"),
        Column("last", "last"),
        Column("at", "at"),
    ]
    emit(rows if output is OutputFormat.TABLE else answer["lists"], columns, output, payload=answer)


@checks.command()
@click.option("--list", "name", help="Of one checklist only.")
@click.option("--limit", type=click.IntRange(1, 200), default=20, show_default=True, help="How many.")
@output_option
@target_options
def reports(target: Target, name: str | None, limit: int, output: OutputFormat) -> None:
    """List earlier reports, newest first.

    \b
    Example:
      pitwall checks reports --list daily
    """
    with reach(target) as client:
        answer = client.get(f"{_CHECKS}/reports", {"project": target.project, "list": name, "limit": limit})
    language = choose_language(target.environ)
    shown = [{**report, "counts": _counts(report, language)} for report in answer["reports"]]
    rows = shown if output is OutputFormat.TABLE else answer["reports"]
    emit(rows, _REPORTS, output, payload=answer, empty=_NO_REPORTS.say(language))


@checks.command()
@click.argument("report_id", metavar="REPORT")
@output_option
@target_options
def show(target: Target, report_id: str, output: OutputFormat) -> None:
    """Show an earlier report.

    \b
    Example:
      pitwall checks show 019adf0c3a7c7e1e8c0f5b1e2d3c4b5a
    """
    with reach(target) as client:
        report = client.get(f"{_CHECKS}/reports/{report_id}", {"project": target.project})
    _emit_report(report, output, choose_language(target.environ))


@checks.command()
@click.argument("directory", type=click.Path(exists=True, file_okay=False, path_type=Path))
@local_target_options
def indexed(target: Target, directory: Path) -> None:
    """Note that the documents of a directory have just been indexed, for the list `deploy` to compare.

    \b
    Example:
      pitwall checks indexed docs/
    """
    documents = write_manifest(directory)
    language = choose_language(target.environ)
    click.echo(_INDEXED.say(language, count=len(documents), path=directory / MANIFEST), err=True)


def _run(
    name: str,
    target: Target,
    *,
    variables: Sequence[str],
    file: TextIO | None,
    notify: bool,
    output: OutputFormat,
) -> int:
    """Run a list and show its report; returns the exit code."""
    body = {
        "variables": {**_git_tree(), **dict(map(_variable, variables))},
        "settings": {} if target.url else _settings(target),
        "items": "" if file is None else _read(file),
        "notify": notify,
    }
    with reach(target, may_create=True) as client:
        report = client.post(
            f"{_CHECKS}/{name}/run", body, {"project": target.project}, timeout_seconds=_RUN_SECONDS
        )
    _emit_report(report, output, choose_language(target.environ))
    return EXIT_FAILED if report["status"] == "failed" else 0


def _git_tree() -> dict[str, str]:
    """The git tree that the command is run in, as a variable."""
    here = Path.cwd()
    roots = [folder for folder in (here, *here.parents) if (folder / ".git").exists()]
    return {"tree": str(roots[0])} if roots else {}


def _settings(target: Target) -> dict[str, str]:
    """What a server that is started here would run with; secrets are fingerprints."""
    return setting_texts(
        load_settings(environ=target.environ, config=target.config, flags=target.setting_flags())
    )


def _variable(text: str) -> tuple[str, str]:
    name, separator, value = text.partition("=")
    if not separator or not name:
        raise click.BadParameter(f"{text!r} is not written as NAME=VALUE.", param_hint="--set")
    # The server has another working directory; what is a path here is one there, too.
    is_path = value.startswith(("./", "../", "~")) or Path(value).exists()
    return name, str(Path(value).expanduser().resolve()) if value and is_path else value


def _read(file: TextIO) -> str:
    try:
        return file.read()
    except UnicodeDecodeError as error:
        raise click.BadParameter(f"{file.name} is no UTF-8 text.", param_hint="--file") from error


def _emit_report(report: dict[str, Any], output: OutputFormat, language: Language) -> None:
    rows = [
        {
            "status": _STATUS[item["status"]].say(language),
            "title": item["title"][language.value],
            "detail": item["detail"][language.value],
        }
        for item in report["items"]
    ]
    emit(rows if output is OutputFormat.TABLE else [report], _ITEMS, output, payload=report)
    if output is not OutputFormat.TABLE:
        return
    for item in report["items"]:
        if item["todo"] is not None:
            todo = item["todo"][language.value]
            click.echo(_TODO.say(language, title=item["title"][language.value], todo=todo))
    click.echo(_SUMMARY.say(language, name=report["list"], counts=_counts(report, language)), err=True)


def _counts(report: dict[str, Any], language: Language) -> str:
    statuses = [item["status"] for item in report["items"]]
    return ", ".join(
        f"{text.say(language)} {statuses.count(status)}"
        for status, text in _STATUS.items()
        if status in statuses
    )
