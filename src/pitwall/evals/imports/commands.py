"""`pitwall eval import`: results of another tool as a run."""

from __future__ import annotations

from pathlib import Path

import click

from pitwall.access.reach import reach
from pitwall.evals.metrics.naming import split_names
from pitwall.evals.runs.results_table import METRIC_COLUMNS, metric_rows, verdict_lines
from pitwall.kit.cli_options import Target, output_option, target_options
from pitwall.kit.cli_output import OutputFormat, emit
from pitwall.kit.cli_upload import shown_upload
from pitwall.kit.i18n import Text, choose_language

# The values of `Tool` and `opening.FORMATS`.
_TOOLS = ("evalvault", "ragas", "deepeval", "other")
_FORMATS = ("json", "jsonl", "csv", "xlsx", "parquet")
_IMPORTS = "/api/v1/evals/imports"
_PATIENCE_SECONDS = 600.0
_IMPORTED = Text(
    "Imported run {id}: {cases:,} cases of {dataset}, judged by {tool}.",
    "실행 {id}을(를) 가져왔습니다: {dataset}의 케이스 {cases:,}개, {tool}의 점수.",
)
_LEFT_OUT = Text(
    "Not taken for metrics: {names}. Name those that are with --metrics.",
    "지표로 보지 않은 숫자 열: {names}. 지표라면 --metrics로 지정하세요.",
)


@click.command("import")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--tool", type=click.Choice(_TOOLS), help="Whose it is; found out unless said.")
@click.option(
    "--dataset",
    help="Stored dataset that was judged, also NAME@VERSION; else one is made of the file's questions.",
)
@click.option("--name", help="Of the run; else the dataset's.")
@click.option("--metrics", help="Columns to take for metrics besides the known ones, with commas between.")
@click.option("--threshold", "thresholds", multiple=True, metavar="METRIC=VALUE", help="May be repeated.")
@click.option("--format", "file_format", type=click.Choice(_FORMATS), help="Instead of what the file tells.")
@output_option
@target_options
def import_(
    target: Target,
    output: OutputFormat,
    file: Path,
    tool: str | None,
    dataset: str | None,
    name: str | None,
    metrics: str | None,
    thresholds: tuple[str, ...],
    file_format: str | None,
) -> None:
    """Import results of EvalVault, Ragas or DeepEval, or a table with a column for each metric, as a run.

    It is compared, gated, analysed and exported as other runs are. Its scores keep the tool's name in their
    identity, and what has no value there has none here.

    \b
    Example:
      pitwall eval import ragas_scores.csv
      pitwall eval import run.json --dataset insurance-qa@2
      pitwall eval import scores.xlsx --metrics politeness --threshold politeness=0.8
    """
    language = choose_language(target.environ)
    question = {
        "file": file.name,
        "format": file_format,
        "tool": tool,
        "dataset": dataset,
        "name": name,
        "metric": split_names(metrics or ""),
        "threshold": list(thresholds),
        "project": target.project,
    }
    with reach(target, may_create=True) as client, shown_upload(file) as chunks:
        run = client.upload(_IMPORTS, chunks, question, timeout_seconds=_PATIENCE_SECONDS)
    if output is not OutputFormat.TABLE:
        emit([run], [], output, payload=run)
        return
    emit(metric_rows(run, language), METRIC_COLUMNS, output, payload=run, empty="")
    told = {"id": run["id"], "cases": run["progress"]["cases"], "dataset": run["dataset"]}
    click.echo(_IMPORTED.say(language, **told, tool=run["plan"]["target"]["tool"]), err=True)
    for line in verdict_lines(run, language):
        click.echo(line, err=True)
    if run["left_out"]:
        click.echo(_LEFT_OUT.say(language, names=", ".join(run["left_out"])), err=True)
