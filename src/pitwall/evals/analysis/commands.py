"""`pitwall eval analyze`: through a running server, or in the state store itself."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from pitwall.kit.cli_options import Target, output_option, state_target_options
from pitwall.kit.cli_output import Column, OutputFormat, emit
from pitwall.kit.i18n import Text, choose_language

_DIR = Path("reports/analysis")
_WRITTEN = Text("Wrote {paths}.", "{paths}을(를) 저장했습니다.")
_NODES = [
    Column("node_id", "part"),
    Column("status", "status"),
    Column("said", "says", wrap=True),
    Column("duration_ms", "ms", "right", show=lambda value: f"{value:.0f}", gives_way=1),
]


@click.command()
@click.argument("run")
@click.option(
    "--report",
    "report_file",
    type=click.Path(dir_okay=False, path_type=Path),
    help="Write the report with its charts: .md or .html.",
)
@click.option(
    "--dashboard",
    type=click.Choice(["png", "svg", "pdf"]),
    help="Draw a picture of it too; needs the extra `dashboard`.",
)
@click.option(
    "--profile", help="Let this profile's model write a summary; numbers that were not measured refuse it."
)
@click.option("--language", type=click.Choice(["ko", "en"]), help="Of the report; default is yours.")
@click.option(
    "--output-dir",
    type=click.Path(file_okay=False, path_type=Path),
    default=_DIR,
    show_default=True,
    help="Where its files go.",
)
@output_option
@state_target_options
def analyze(
    target: Target,
    output: OutputFormat,
    run: str,
    report_file: Path | None,
    dashboard: str | None,
    profile: str | None,
    language: str | None,
    output_dir: Path,
) -> None:
    """Find where a run is weak: slices, clusters of failing cases, retrieval, question types, trend.

    Writes analysis_RUN.json and .md, and a file for each part under artifacts/.

    \b
    Example:
      pitwall eval analyze run_019ac1d2
      pitwall eval analyze run_019ac1d2 --report report.html --language ko
      pitwall eval analyze run_019ac1d2 --profile dev
      pitwall eval analyze run_019ac1d2 --dashboard png --output-dir out
    """
    if report_file is not None and report_file.suffix.lower() not in (".md", ".html"):
        raise click.UsageError(f"{report_file} is neither .md nor .html.")
    from pitwall.evals.analysis.access import open_analyses
    from pitwall.evals.analysis.publishing import Wanted, publish

    chosen = choose_language(target.environ, language)
    with open_analyses(target) as analyses:
        analysis = analyses.get(run)
    text = None
    if profile is not None:
        from pitwall.evals.analysis.asking import ask_for_text

        text = ask_for_text(target, profile, analysis, chosen)
    wanted = Wanted(
        folder=output_dir, language=chosen, report_file=report_file, dashboard=dashboard, text=text
    )
    published = publish(analysis, wanted)
    rows = [_row(node, chosen.value) for node in analysis["nodes"]]
    emit(rows, _NODES, output, payload={**analysis, "files": [str(path) for path in published.paths]})
    for line in published.remarks:
        click.echo(line, err=True)
    click.echo(_WRITTEN.say(chosen, paths=", ".join(map(str, published.paths))), err=True)


def _row(node: Any, language: str) -> dict[str, Any]:
    why = node["why"]
    return {**node, "said": node["error"] or (None if why is None else why[language])}
