"""`pitwall eval import`: results of other tools, looked at, compared and gated as runs."""

from __future__ import annotations

from pathlib import Path

import click

from pitwall.evals.foreign.access import open_results
from pitwall.evals.runs.results_table import METRIC_COLUMNS, metric_rows, verdict_lines
from pitwall.kit.cli_options import Target, output_option, state_target_options
from pitwall.kit.cli_output import OutputFormat, emit
from pitwall.kit.i18n import Text, choose_language

_RUN = Text("Run {id}", "실행 {id}")


@click.command("import")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--name", help="Of run and dataset; else what the file says, else its name.")
@click.option("--lower", multiple=True, metavar="METRIC", help="A metric that is better when lower.")
@output_option
@state_target_options
def import_(
    target: Target, output: OutputFormat, file: Path, name: str | None, lower: tuple[str, ...]
) -> None:
    """Take results of Ragas, DeepEval, EvalVault or promptfoo in as a finished run.

    Cases become a version of a dataset. What has no number there has no score here, and never 0; the identity
    of each metric says whose it is, so that a comparison with Pitwall's own warns.

    \b
    Example:
      pitwall eval import ragas_results.csv --name faq
      pitwall eval import evalvault_run.json
      pitwall eval import .deepeval/.latest_test_run.json --name faq --lower hallucination
    """
    language = choose_language(target.environ)
    with open_results(target) as results:
        run = results.take(file, {"name": name, "lower": list(lower) or None})
    is_table = output is OutputFormat.TABLE
    click.echo(_RUN.say(language, id=run["id"]), err=True)
    emit(metric_rows(run) if is_table else [run], METRIC_COLUMNS, output, payload=run)
    if is_table:
        for line in verdict_lines(run, language):
            click.echo(line, err=True)
