"""`pitwall eval baseline`: the runs that others of a dataset are held against."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import click

from pitwall.evals.comparison.access import open_comparisons
from pitwall.kit.cli_options import Target, output_option, state_target_options
from pitwall.kit.cli_output import Column, OutputFormat, emit, emit_json
from pitwall.kit.i18n import Text, choose_language

_SET = Text(
    "{run} is now the baseline {name!r} of {dataset}.",
    "{dataset}의 기준 {name!r}을(를) {run}(으)로 정했습니다.",
)
_NO_BASELINES = Text("{dataset} has no such baseline.", "{dataset}에 해당하는 기준 실행이 없습니다.")


@click.group()
def baseline() -> None:
    """Keep the runs that others of a dataset are held against.

    \b
    Example:
      pitwall eval baseline set run_019ac1d2
      pitwall eval baseline get questions
    """


@baseline.command("set")
@click.argument("run", metavar="RUN_ID")
@click.option("--name", default="main", show_default=True, help="There may be several of a dataset.")
@output_option
@state_target_options
def set_baseline(target: Target, output: OutputFormat, run: str, name: str) -> None:
    """Make a run a baseline of its dataset.

    \b
    Example:
      pitwall eval baseline set run_019ac1d2 --name release-2.1
    """
    language = choose_language(target.environ)
    with open_comparisons(target) as comparisons:
        found = comparisons.set_baseline(run, name)
    if output is OutputFormat.TABLE:
        values = {"run": found["run_id"], "name": found["name"], "dataset": found["dataset"]}
        click.echo(_SET.say(language, **values))
    else:
        emit_json(found)


_BASELINES = [
    Column("name", "name"),
    Column("run_id", "run"),
    Column("set_at", "set at"),
    Column("set_by", "by", gives_way=1),
]


@baseline.command("get")
@click.argument("dataset")
@click.option("--name", help="Only this one.")
@output_option
@state_target_options
def get_baseline(target: Target, output: OutputFormat, dataset: str, name: str | None) -> None:
    """Show the baselines of a dataset.

    \b
    Example:
      pitwall eval baseline get questions
    """
    language = choose_language(target.environ)
    with open_comparisons(target) as comparisons:
        found = comparisons.baselines(dataset)
    rows: Sequence[Any] = [one for one in found["baselines"] if name in (None, one["name"])]
    emit(
        rows,
        _BASELINES,
        output,
        payload={"baselines": rows},
        empty=_NO_BASELINES.say(language, dataset=dataset),
    )
