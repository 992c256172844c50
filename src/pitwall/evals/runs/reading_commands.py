"""`pitwall eval history|show|export|cancel`: through a running server, or in the state store itself."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from pitwall.evals.runs.access import open_runs
from pitwall.evals.runs.results_table import (
    METRIC_COLUMNS,
    calibration_lines,
    metric_rows,
    number,
    percent,
    verdict_lines,
)
from pitwall.evals.trackers.telling import link_lines
from pitwall.kit.cli_files import out_option, written
from pitwall.kit.cli_options import Target, output_option, state_target_options
from pitwall.kit.cli_output import Column, OutputFormat, emit, tell
from pitwall.kit.i18n import Language, Text, choose_language

# The values of `RunState`, `Mode`, `CaseFilter` and the formats of exports.
_STATES = ("queued", "running", "finished", "stopped", "failed", "cancelled", "interrupted")
_MODES = ("simple", "full", "multiturn")
_CASES = ("all", "failed", "passed", "unscored")
_FORMATS = ("json", "jsonl", "csv", "xlsx", "md", "html")
_NO_RUNS = Text(
    "There is no such run. Begin one with `pitwall eval run`.",
    "해당하는 실행이 없습니다. `pitwall eval run`으로 시작하세요.",
)
_NO_CASES = Text("There is no such case.", "해당하는 케이스가 없습니다.")
_CANCELLED = Text("Cancelled run {id}.", "실행 {id}을(를) 취소했습니다.")
_WRITTEN = Text("Wrote {file}.", "{file}을(를) 저장했습니다.")
_MORE = Text("There are more: --cursor {cursor}", "더 있습니다: --cursor {cursor}")
_RUNS = [
    Column("id", "run"),
    Column("created_at", "at", show=lambda at: str(at)[:19] + "Z", gives_way=2),
    Column("name", "name", gives_way=3),
    Column("dataset", "dataset", gives_way=1),
    Column("state", "state"),
    Column("cases", "cases", "right", gives_way=4),
    Column("pass", "pass", "right"),
    Column("means", "means", wrap=True),
]

limit_option = click.option(
    "-n", "--limit", type=click.IntRange(1, 500), default=50, show_default=True, help="Rows at most."
)
cursor_option = click.option("--cursor", help="Where the page begins: next_cursor of the one before.")


@click.command()
@click.option("-d", "--dataset", help="Of this dataset only.")
@click.option("--state", type=click.Choice(_STATES), help="In this state only.")
@click.option("--mode", type=click.Choice(_MODES), help="In this mode only.")
@click.option("--text", help="With this in the name of the run or of the dataset.")
@limit_option
@cursor_option
@output_option
@state_target_options
def history(target: Target, output: OutputFormat, **query: Any) -> None:
    """List runs, newest first.

    \b
    Example:
      pitwall eval history
      pitwall eval history --dataset qa --state finished --output json
    """
    language = choose_language(target.environ)
    with open_runs(target) as runs:
        answer = runs.list(query)
    rows = [_short(run) for run in answer["runs"]] if output is OutputFormat.TABLE else answer["runs"]
    emit(rows, _RUNS, output, payload=answer, empty=_NO_RUNS.say(language))
    _tell_more(answer, output, language)


@click.command()
@click.argument("run")
@click.option("--cases", is_flag=True, help="List its cases.")
@click.option("--failed", is_flag=True, help="List the cases that did not pass or could not be judged.")
@click.option("--status", type=click.Choice(_CASES), help="List cases that are so.")
@click.option("--metric", help="Look at this metric alone; lists its cases, the worst first.")
@click.option("--case", "position", type=int, help="Show this case with everything that explains its scores.")
@limit_option
@cursor_option
@output_option
@state_target_options
def show(
    target: Target,
    output: OutputFormat,
    run: str,
    cases: bool,
    failed: bool,
    position: int | None,
    **query: Any,
) -> None:
    """Show what came of a run; the beginning of its id is enough, `latest` is the newest.

    \b
    Example:
      pitwall eval show latest
      pitwall eval show run_019ac1d2 --failed
      pitwall eval show run_019ac1d2 --metric faithfulness --limit 10
      pitwall eval show run_019ac1d2 --case 3 --output json
    """
    language = choose_language(target.environ)
    wanted = {**query, "status": "failed" if failed else query["status"]}
    wanted["order"] = "worst" if query["metric"] else "position"
    with open_runs(target) as runs:
        if position is not None:
            _show_case(runs.case(run, position), output)
        elif cases or wanted["status"] or wanted["metric"]:
            _show_cases(runs.cases(run, wanted), output, language)
        else:
            _show_run(runs.get(run), output, language)


@click.command()
@click.argument("run")
@out_option()
@click.option(
    "--format",
    "file_format",
    type=click.Choice(_FORMATS),
    help="Default is what the file's ending says.",
)
@state_target_options
def export(target: Target, run: str, out: Path | None, file_format: str | None) -> None:
    """Write a run to a file: JSON, JSON lines, CSV, Excel, Markdown, or a page of HTML with its charts.

    \b
    Example:
      pitwall eval export run_019ac1d2 -o run.xlsx
      pitwall eval export run_019ac1d2 -o report.html
      pitwall eval export run_019ac1d2 --format jsonl > scores.jsonl
    """
    language = choose_language(target.environ)
    chosen = _format_of(out, file_format)
    with open_runs(target) as runs, written(out) as stream:
        runs.export(run, chosen, language.value, stream)
    if out is not None:
        click.echo(_WRITTEN.say(language, file=out), err=True)


def _format_of(out: Path | None, said: str | None) -> str:
    ending = "" if out is None else out.suffix.removeprefix(".").lower()
    chosen = said or ending
    if chosen not in _FORMATS:
        what = "Standard output has no ending" if out is None else f"The ending of {out} is none"
        raise click.UsageError(f"{what} of {', '.join(_FORMATS)}; say --format.")
    return chosen


@click.command()
@click.argument("run")
@output_option
@state_target_options
def cancel(target: Target, output: OutputFormat, run: str) -> None:
    """End a run that waits or is under way; what was judged is kept, and it can be gone on with.

    \b
    Example:
      pitwall eval cancel run_019ac1d2
    """
    language = choose_language(target.environ)
    with open_runs(target) as runs:
        answer = runs.cancel(run)
    tell(answer, _CANCELLED.say(language, id=answer["id"]), output)


def _show_run(run: dict[str, Any], output: OutputFormat, language: Language) -> None:
    rows = metric_rows(run, language) if output is OutputFormat.TABLE else [run]
    emit(rows, METRIC_COLUMNS, output, payload=run, empty="")
    if output is OutputFormat.TABLE:
        links = link_lines(run["trackers"], language)
        for line in (*calibration_lines(run, language), *verdict_lines(run, language), *links):
            click.echo(line, err=True)


def _show_cases(answer: dict[str, Any], output: OutputFormat, language: Language) -> None:
    names = list(dict.fromkeys(score["metric"] for case in answer["cases"] for score in case["scores"]))
    columns = [
        Column("position", "case", "right"),
        Column("example_id", "example"),
        Column("passed", "passed"),
        *(Column(name, name, "right") for name in names),
        Column("question", "question", gives_way=2),
        Column("answer", "answer", gives_way=1),
    ]
    rows = answer["cases"]
    if output is OutputFormat.TABLE:
        rows = [{**case, **_cells(case["scores"])} for case in rows]
    emit(rows, columns, output, payload=answer, empty=_NO_CASES.say(language))
    _tell_more(answer, output, language)


def _show_case(case: dict[str, Any], output: OutputFormat) -> None:
    columns = [
        Column("metric", "metric"),
        Column("sample", "sample", "right", gives_way=2),
        Column("shown", "score", "right"),
        Column("passed", "passed"),
        Column("explanation", "explanation", wrap=True),
    ]
    rows = [{**score, "shown": _cell(score)} for score in case["scores"]]
    if output is OutputFormat.TABLE:
        example = case["example"] or {}
        for text in (case["question"], case["answer"] or case["answer_error"], example.get("reference")):
            if text:
                click.echo(text)
    emit(rows if output is OutputFormat.TABLE else [case], columns, output, payload=case)


def _short(run: dict[str, Any]) -> dict[str, Any]:
    summary, progress = run["summary"], run["progress"]
    metrics = {} if summary is None else summary["metrics"]
    means = [f"{name} {number(one['mean'], one['unit']) or '–'}" for name, one in metrics.items()]
    return {
        **run,
        "cases": f"{progress['cases_done']}/{progress['cases']}",
        "pass": None if summary is None else percent(summary["pass_rate"]),
        "means": ", ".join(means) or None,
    }


def _cells(scores: list[dict[str, Any]]) -> dict[str, str]:
    return {score["metric"]: _cell(score) for score in reversed(scores)}


def _cell(score: dict[str, Any]) -> str:
    """A value, or why there is none."""
    if score["value"] is None:
        return str(score["reason"] or score["status"])
    return f"{score['value']:.3f}"


def _tell_more(answer: dict[str, Any], output: OutputFormat, language: Language) -> None:
    if output is OutputFormat.TABLE and answer["next_cursor"]:
        click.echo(_MORE.say(language, cursor=answer["next_cursor"]), err=True)
