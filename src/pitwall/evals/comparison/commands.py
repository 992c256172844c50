"""`pitwall eval compare`: through a running server, or on the data directory itself."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import click

from pitwall.evals.comparison.access import open_comparisons
from pitwall.evals.comparison.command_options import how, names_of
from pitwall.evals.comparison.report import (
    change_lines,
    difference_cell,
    metric_remarks,
    said,
    verdict_words,
    write_reports,
)
from pitwall.evals.comparison.wording import number, p_value
from pitwall.kit.cli_options import Target, output_option, state_target_options
from pitwall.kit.cli_output import Column, OutputFormat, emit
from pitwall.kit.i18n import Language, Text, choose_language

_CHANGES_SHOWN = 5
_WRITTEN = Text("Written: {paths}", "저장: {paths}")


@click.command()
@click.argument("a", metavar="RUN_A")
@click.argument("b", metavar="RUN_B")
@how
@click.option(
    "--rejudged",
    metavar="RUN_ID",
    help="Run over the answers of RUN_A, judged as RUN_B was: tells changed answers from a changed ruler.",
)
@click.option("--slices", is_flag=True, help="Look for the parts of the cases that lost.")
@click.option("--report", is_flag=True, help="Write comparison_<A8>_<B8>.json and .md.")
@click.option(
    "--report-dir",
    type=click.Path(file_okay=False, path_type=Path),
    default=Path("reports/comparison"),
    show_default=True,
    help="Where to.",
)
@output_option
@state_target_options
def compare(target: Target, output: OutputFormat, report: bool, report_dir: Path, **values: Any) -> None:
    """Compare two runs case by case: RUN_B against RUN_A, the one before.

    \b
    Example:
      pitwall eval compare run_019ac1d2 run_019ac2f7
      pitwall eval compare run_019ac1d2 run_019ac2f7 --margin 0.02 --slices --report
    """
    language = choose_language(target.environ)
    with open_comparisons(target) as comparisons:
        found = comparisons.compare(_query(values))
    _show(found, output, language)
    if report:
        paths = write_reports(found, report_dir, language)
        click.echo(_WRITTEN.say(language, paths=", ".join(map(str, paths))), err=True)


def _query(values: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "a": values["a"],
        "b": values["b"],
        "metric": names_of(values["metrics"]) or None,
        "margin": [f"{metric}={size}" if metric else str(size) for metric, size in values["margins"]] or None,
        "alpha": values["alpha"],
        "rejudged": values["rejudged"],
        "slices": values["slices"] or None,
        "strict": values["strict"] or None,
    }


_METRICS = [
    Column("metric", "metric"),
    Column("verdict", "verdict"),
    Column("a", "A", align="right"),
    Column("b", "B", align="right"),
    Column("difference", "B - A [95 %]", align="right"),
    Column("p", "p (Holm)", align="right", gives_way=1),
    Column("counts", "wins/ties/losses", align="right", gives_way=2),
    Column("n", "pairs", align="right", gives_way=1),
    Column("detectable", "detectable", align="right", gives_way=3),
]
_SLICES = [
    Column("slice", "slice", wrap=True),
    Column("metric", "metric"),
    Column("verdict", "verdict"),
    Column("difference", "B - A [95 %]", align="right"),
    Column("rest", "others", align="right", gives_way=1),
    Column("p", "p (BH)", align="right", gives_way=2),
    Column("n", "pairs", align="right", gives_way=1),
]


def _show(found: Mapping[str, Any], output: OutputFormat, language: Language) -> None:
    if output is not OutputFormat.TABLE:
        emit(found["metrics"], [], output, payload=found)
        return
    for notice in found["notices"]:
        mark = "!!" if notice["is_other_ruler"] else "!"
        click.echo(f"{mark} {said(notice['text'], language)}", err=True)
    emit([_metric_row(row, language) for row in found["metrics"]], _METRICS, output)
    for row in found["metrics"]:
        for line in metric_remarks(row, found["least_pairs"], language):
            click.echo(line, err=True)
    for line in change_lines(found, language, _CHANGES_SHOWN):
        click.echo(line, err=True)
    for one in found["ruler"]:
        click.echo(said(one["text"], language))
    changed = [one for one in found["slices"] or () if one["verdict"] in ("worse", "better")]
    if found["slices"] is not None:
        click.echo()
        emit([_slice_row(one, language) for one in changed], _SLICES, output)


def _metric_row(row: Mapping[str, Any], language: Language) -> dict[str, Any]:
    unit = row["unit"]
    return {
        "metric": row["metric"],
        "verdict": verdict_words(row["verdict"], language),
        "a": number(row["a"]["mean"], unit),
        "b": number(row["b"]["mean"], unit),
        "difference": difference_cell(row),
        "p": p_value(row["p_adjusted"]),
        "counts": f"{row['wins']}/{row['ties']}/{row['losses']}",
        "n": row["n"],
        "detectable": number(row["detectable"], unit),
    }


def _slice_row(row: Mapping[str, Any], language: Language) -> dict[str, Any]:
    return {
        "slice": f"{row['slice']['fact']} = {row['slice']['value']}",
        "metric": row["metric"],
        "verdict": verdict_words(row["verdict"], language),
        "difference": difference_cell(row),
        "rest": number(row["rest"], row["unit"], signed=True),
        "p": p_value(row["p_adjusted"]),
        "n": row["n"],
    }
