"""`pitwall stage`: through a running server, or in the data directory itself when none runs."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import click

from pitwall.access.client import ApiClient
from pitwall.access.reach import reach
from pitwall.kit.cli_options import Target, output_option, target_options
from pitwall.kit.cli_output import Column, OutputFormat, emit
from pitwall.kit.cli_problems import problem_lines
from pitwall.kit.i18n import Language, Text, choose_language

_STAGES = "/api/v1/stages"
_INGESTED = Text(
    "Events added: {added}; kept before: {known}.",
    "추가한 이벤트: {added}건, 이미 있던 이벤트: {known}건.",
)
_SKIPPED = Text("Left out {count}:", "{count}건을 제외했습니다:")
_NO_RUNS = Text(
    "No run has stage events. Take some in with `pitwall stage ingest FILE`.",
    "스테이지 이벤트가 있는 실행이 없습니다. `pitwall stage ingest FILE`로 가져오세요.",
)
_NO_EVENTS = Text("No such event in this run.", "이 실행에 해당하는 이벤트가 없습니다.")
_NO_NUMBERS = Text("Nothing can be measured in this run.", "이 실행에서 잴 수 있는 것이 없습니다.")
_MISSING = Text("Nothing tells of: {names}.", "기록이 없는 스테이지: {names}.")
_LABELLED = Text(
    "Documents are labelled for {count} cases.",
    "정답 문서가 표시된 케이스는 {count}개입니다.",
    "Documents are labelled for 1 case.",
)
_RUN_COLUMNS = [
    Column("run_id", "run"),
    Column("event_count", "events", "right"),
    Column("first_at", "first", gives_way=2),
    Column("last_at", "last"),
    Column("labelled_cases", "labelled cases", "right", gives_way=1),
]
_EVENT_COLUMNS = [
    Column("stage_type", "stage"),
    Column("stage_name", "name", gives_way=1),
    Column("status", "status"),
    Column("attempt", "try", "right", gives_way=4),
    Column("duration_ms", "ms", "right"),
    Column("stage_id", "stage id", gives_way=2),
    Column("trace_id", "trace", gives_way=3),
]
_SUMMARY_COLUMNS = [
    Column("stage_type", "stage"),
    Column("events", "events", "right"),
    Column("failed", "failed", "right"),
    Column("mean_ms", "mean ms", "right"),
    Column("p95_ms", "p95 ms", "right"),
    Column("spans", "spans", "right"),
    Column("span_mean_ms", "spans mean ms", "right", gives_way=1),
    Column("span_p95_ms", "spans p95 ms", "right", gives_way=2),
]
_METRIC_COLUMNS = [
    Column("metric", "metric"),
    Column("source", "from"),
    Column("value", "value", "right"),
    Column("interval", "95 % interval", gives_way=1),
    Column("threshold", "threshold", "right"),
    Column("verdict", "verdict"),
    Column("scored", "values", wrap=True),
]
_thresholds = click.option(
    "--threshold",
    "thresholds",
    multiple=True,
    metavar="METRIC=NUMBER",
    help="Instead of the metric's own, such as retrieval.latency_ms=300.",
)
_file = click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))


@click.group()
def stage() -> None:
    """Take in what each step of a RAG pipeline did, and see what to improve.

    \b
    Example:
      pitwall stage ingest stage_events.jsonl
      pitwall stage report
    """


@stage.command()
@_file
@click.option("--skip-invalid", is_flag=True, help="Leave out what is no stage event.")
@output_option
@target_options
def ingest(target: Target, file: Path, skip_invalid: bool, output: OutputFormat) -> None:
    """Take in stage events from JSON lines or JSON, as EvalVault writes them.

    The same file again adds nothing. Without --skip-invalid, one wrong event refuses the file.

    \b
    Example:
      pitwall stage ingest stage_events.jsonl
      pitwall stage ingest stages.json --skip-invalid
    """
    from pitwall.evals.stages.files import read_file
    from pitwall.evals.stages.sending import send

    language = choose_language(target.environ)
    read = read_file(file, skip_invalid=skip_invalid)
    with reach(target, may_create=True) as client:
        answer = send(client, file.name, read, project=target.project, skip_invalid=skip_invalid)
    if output is not OutputFormat.TABLE:
        emit([answer], [], output, payload=answer)
        return
    click.echo(_INGESTED.say(language, **{name: answer[name] for name in ("added", "known")}), err=True)
    if answer["skipped_count"]:
        _tell_skipped(answer, language)


@stage.command("list")
@click.argument("run_id", required=False)
@click.option("--stage-type", help="Events of one stage only.")
@click.option("--limit", type=click.IntRange(1, 500), default=50, show_default=True, help="Rows at most.")
@click.option("--cursor", help="Where the page begins: next_cursor of the one before.")
@output_option
@target_options
def list_(
    target: Target,
    run_id: str | None,
    stage_type: str | None,
    limit: int,
    cursor: str | None,
    output: OutputFormat,
) -> None:
    """List runs that have stage events; with a run its events in the order they came.

    \b
    Example:
      pitwall stage list
      pitwall stage list run_20260103_001 --stage-type retrieval
    """
    if stage_type is not None and run_id is None:
        raise click.UsageError("--stage-type needs a run.")
    language = choose_language(target.environ)
    query = {"project": target.project, "limit": limit, "cursor": cursor}
    with reach(target) as client:
        if run_id is None:
            answer = client.get(_STAGES, query)
        else:
            answer = client.get(f"{_STAGES}/events", {**query, "run_id": run_id, "stage_type": stage_type})
    if run_id is None:
        emit(answer["runs"], _RUN_COLUMNS, output, payload=answer, empty=_NO_RUNS.say(language))
    else:
        emit(answer["events"], _EVENT_COLUMNS, output, payload=answer, empty=_NO_EVENTS.say(language))


@stage.command()
@click.argument("run_id")
@output_option
@target_options
def summary(target: Target, run_id: str, output: OutputFormat) -> None:
    """Count the events and spans of a run, stage by stage, with how long each takes.

    \b
    Example:
      pitwall stage summary run_20260103_001
    """
    language = choose_language(target.environ)
    with reach(target) as client:
        report = _report(client, target, run_id, ())
    rows = _summary_rows(report)
    payload = {"run_id": report["run_id"], "stages": rows, "missing": report["missing"]}
    emit(rows, _SUMMARY_COLUMNS, output, payload=payload)
    if output is OutputFormat.TABLE and report["missing"]:
        click.echo(_MISSING.say(language, names=", ".join(report["missing"])), err=True)


@stage.command("compute-metrics")
@click.argument("run_id")
@click.option(
    "--relevance",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="JSON file of the right documents: ids by test case. It is kept with the run.",
)
@_thresholds
@output_option
@target_options
def compute_metrics(
    target: Target, run_id: str, relevance: Path | None, thresholds: tuple[str, ...], output: OutputFormat
) -> None:
    """Compute the metrics of a run's stages and hold them against their thresholds.

    A metric that has nothing to go by says `no data` and why; it is never 0.

    \b
    Example:
      pitwall stage compute-metrics run_20260103_001
      pitwall stage compute-metrics run_20260103_001 --relevance labels.json
    """
    from pitwall.evals.stages.report_text import metric_rows

    language = choose_language(target.environ)
    with reach(target) as client:
        if relevance is not None:
            _label(client, target, run_id, relevance)
        report = _report(client, target, run_id, thresholds)
    rows = metric_rows(report)
    shown = [_metric_row(row, language) for row in rows] if output is OutputFormat.TABLE else rows
    payload = {"run_id": report["run_id"], "metrics": rows}
    emit(shown, _METRIC_COLUMNS, output, payload=payload, empty=_NO_NUMBERS.say(language))


@stage.command()
@click.argument("run_id", required=False)
@_thresholds
@output_option
@target_options
def report(target: Target, run_id: str | None, thresholds: tuple[str, ...], output: OutputFormat) -> None:
    """Write a report on a run as Markdown: metrics, events and spans side by side, what to improve.

    Without a run it is the one whose events came last.

    \b
    Example:
      pitwall stage report
      pitwall stage report run_20260103_001 > stages.md
    """
    from pitwall.evals.stages.report_text import write_report

    with reach(target) as client:
        answer = _report(client, target, run_id, thresholds)
    if output is OutputFormat.TABLE:
        click.echo(write_report(answer, choose_language(target.environ)), nl=False)
    else:
        emit([answer], [], output, payload=answer)


def _report(
    client: ApiClient, target: Target, run_id: str | None, thresholds: Sequence[str]
) -> dict[str, Any]:
    query = {"project": target.project, "run_id": run_id, "threshold": list(thresholds) or None}
    answer: dict[str, Any] = client.get(f"{_STAGES}/report", query)
    return answer


def _label(client: ApiClient, target: Target, run_id: str, file: Path) -> None:
    from pitwall.evals.stages.files import read_relevance

    body = {"run_id": run_id, "relevance": read_relevance(file)}
    run = client.request("PUT", f"{_STAGES}/relevance", params={"project": target.project}, body=body)
    language = choose_language(target.environ)
    click.echo(_LABELLED.say(language, count=run["labelled_cases"]), err=True)


def _summary_rows(report: dict[str, Any]) -> list[dict[str, Any]]:
    sides = {side: {stage["stage_type"]: stage for stage in report[side]} for side in ("events", "spans")}
    return [
        {
            "stage_type": name,
            "events": _of(sides["events"], name, "events"),
            "failed": _of(sides["events"], name, "failed"),
            "mean_ms": _latency(sides["events"], name, "mean"),
            "p95_ms": _latency(sides["events"], name, "p95"),
            "spans": _of(sides["spans"], name, "events"),
            "spans_failed": _of(sides["spans"], name, "failed"),
            "span_mean_ms": _latency(sides["spans"], name, "mean"),
            "span_p95_ms": _latency(sides["spans"], name, "p95"),
        }
        for name in dict.fromkeys([*sides["events"], *sides["spans"]])
    ]


def _of(side: dict[str, Any], stage_type: str, what: str) -> int:
    return int(side[stage_type][what]) if stage_type in side else 0


def _latency(side: dict[str, Any], stage_type: str, what: str) -> float | None:
    metrics = side[stage_type]["metrics"] if stage_type in side else []
    return next((one[what] for one in metrics if one["metric"] == f"{stage_type}.latency_ms"), None)


def _metric_row(row: dict[str, Any], language: Language) -> dict[str, Any]:
    from pitwall.evals.stages.report_text import VERDICTS, interval, judged_value, scored, write_number

    return {
        "metric": row["metric"],
        "source": row["source"],
        "value": judged_value(row),
        "interval": interval(row),
        "threshold": write_number(row["threshold"], row["unit"]),
        "verdict": VERDICTS[row["verdict"]].say(language),
        "scored": scored(row),
    }


def _tell_skipped(answer: dict[str, Any], language: Language) -> None:
    click.echo(_SKIPPED.say(language, count=answer["skipped_count"]), err=True)
    for line in problem_lines(answer["skipped"], answer["skipped_count"], language):
        click.echo(f"  {line}", err=True)
