"""`pitwall eval labels|trust`: what people say of cases, and what that makes of the judge."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import click

from pitwall.evals.comparison.report import said
from pitwall.evals.comparison.wording import ABSENT, between, number
from pitwall.evals.trust.access import open_trust
from pitwall.evals.trust.reading import InvalidScale, ReadOptions, Scale, read_labels
from pitwall.kit.cli_options import Target, output_option, state_target_options
from pitwall.kit.cli_output import Column, OutputFormat, emit, emit_json
from pitwall.kit.i18n import Language, Text, choose_language

_AT_ONCE = 1000
_STATES = {
    "uncalibrated": Text("uncalibrated", "보정 안 됨"),
    "few_labels": Text("few labels", "라벨 부족"),
    "calibrated": Text("calibrated", "보정됨"),
}
_ADDED = Text("Kept {count} labels.", "라벨 {count}개를 저장했습니다.", "Kept 1 label.")
_UNMATCHED = Text(
    "Left out {count} cases that the run does not have: {cases}.",
    "실행에 없는 케이스 {count}개를 제외했습니다: {cases}.",
    "Left out 1 case that the run does not have: {cases}.",
)
_CONSISTENCY = Text(
    "{metric}: asked {repeats} times, the judge agrees with itself by alpha {alpha}; {flipped} of {n} cases "
    "pass once and fail once.",
    "{metric}: {repeats}번 물었을 때 판정 모델의 자기 일치도(alpha)는 {alpha}. 케이스 {n}개 중 {flipped}개는 "
    "통과와 실패가 엇갈림.",
)
_NO_LABELS = Text("There is no such label.", "해당하는 라벨이 없습니다.")
_MORE = Text("There are more: --cursor {cursor}", "더 있습니다: --cursor {cursor}")


class ScaleType(click.ParamType[Scale]):
    """`1-5`; becomes the lowest and the highest number."""

    name = "low-high"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Scale:
        """Read a scale; a wrong one is a usage error."""
        if isinstance(value, Scale):
            return value
        try:
            return Scale.parse(str(value))
        except InvalidScale:
            return self.fail(f"{value!r} is no scale; write it as 1-5", param, ctx)


@click.group()
def labels() -> None:
    """Keep what people say of cases.

    \b
    Example:
      pitwall eval labels import labels.csv --run run_019ac2f7 --metric faithfulness
      pitwall eval labels list questions
    """


@labels.command("import")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--run", metavar="RUN_ID", help="Whose answers they are about.")
@click.option("--dataset", help="Without a run: that the cases belong to.")
@click.option("--metric", help="Of labels that do not say theirs.")
@click.option("--rater", help="Of labels that do not say theirs; default is whoever imports.")
@click.option(
    "--scale", type=ScaleType(), default="0-1", show_default=True, help="What numbers mean, such as 1-5."
)
@output_option
@state_target_options
def import_labels(
    target: Target,
    output: OutputFormat,
    file: Path,
    run: str | None,
    dataset: str | None,
    metric: str | None,
    rater: str | None,
    scale: Scale,
) -> None:
    """Keep the labels of a CSV or JSONL file, joined by case id.

    Columns: id, label (pass or fail, yes or no, or a number), metric, rater, comment.

    \b
    Example:
      pitwall eval labels import labels.csv --run run_019ac2f7 --metric faithfulness
      pitwall eval labels import ratings.jsonl --dataset questions --scale 1-5
    """
    if (run is None) == (dataset is None):
        raise click.UsageError("Name a run with --run, or a dataset with --dataset, and not both.")
    found = read_labels(file, ReadOptions(metric=metric, rater=rater, scale=scale))
    bodies = [
        {
            "example_id": one.example_id,
            "metric": one.metric,
            "value": one.value,
            "rater": one.rater,
            "comment": one.comment,
        }
        for one in found
    ]
    total: dict[str, Any] = {"added": 0, "unmatched_count": 0, "unmatched": []}
    with open_trust(target) as trust:
        for start in range(0, len(bodies), _AT_ONCE):
            chunk = {"run": run, "dataset": dataset, "labels": bodies[start : start + _AT_ONCE]}
            added = trust.add({name: value for name, value in chunk.items() if value is not None})
            total = {name: total[name] + added[name] for name in total}
    _tell(total, output, choose_language(target.environ))


def _tell(total: Mapping[str, Any], output: OutputFormat, language: Language) -> None:
    if output is not OutputFormat.TABLE:
        emit_json(total)
        return
    click.echo(_ADDED.say(language, count=total["added"]))
    if total["unmatched_count"]:
        cases = ", ".join(total["unmatched"][:5])
        click.echo(_UNMATCHED.say(language, count=total["unmatched_count"], cases=cases), err=True)


_LABELS = [
    Column("metric", "metric"),
    Column("example_id", "case"),
    Column("value", "label", "right"),
    Column("rater", "rater"),
    Column("labelled_at", "at", gives_way=1),
    Column("comment", "comment", wrap=True, gives_way=2),
]


@labels.command("list")
@click.argument("dataset")
@click.option("--metric", help="Of this metric only.")
@click.option("--case", "example", help="Of this case only.")
@click.option("--limit", type=click.IntRange(1, 1000), default=100, show_default=True, help="Rows at most.")
@click.option("--cursor", help="Where the page begins: next_cursor of the one before.")
@output_option
@state_target_options
def list_labels(target: Target, output: OutputFormat, **query: Any) -> None:
    """List the labels of a dataset by metric, case and rater.

    \b
    Example:
      pitwall eval labels list questions --metric faithfulness
    """
    language = choose_language(target.environ)
    with open_trust(target) as trust:
        found = trust.list(query)
    emit(found["labels"], _LABELS, output, payload=found, empty=_NO_LABELS.say(language))
    if output is OutputFormat.TABLE and found["next_cursor"]:
        click.echo(_MORE.say(language, cursor=found["next_cursor"]), err=True)


_TRUST = [
    Column("metric", "metric"),
    Column("state", "state"),
    Column("n", "labels", "right"),
    Column("agreement", "agree", "right"),
    Column("kappa", "kappa [95 %]", "right"),
    Column("true_positive", "TPR [95 %]", "right", gives_way=1),
    Column("true_negative", "TNR [95 %]", "right", gives_way=1),
    Column("auc", "AUC", "right", gives_way=2),
    Column("passed", "passes", "right"),
    Column("corrected", "corrected [95 %]", "right"),
]


@click.command()
@click.argument("run", metavar="RUN_ID")
@click.option("--keep", is_flag=True, help="Keep it as what is known of these metrics and judges.")
@output_option
@state_target_options
def trust(target: Target, output: OutputFormat, run: str, keep: bool) -> None:
    """Hold the metrics of a run against the labels of its dataset.

    Agreement with people, how often the judge is wrong either way, and the pass rate without its mistakes.

    \b
    Example:
      pitwall eval trust run_019ac2f7
      pitwall eval trust run_019ac2f7 --keep
    """
    language = choose_language(target.environ)
    with open_trust(target) as access:
        found = access.measure(run, keep=keep)
    if output is not OutputFormat.TABLE:
        emit(found["metrics"], [], output, payload=found)
        return
    emit([_trust_row(one, language) for one in found["metrics"]], _TRUST, output)
    for one in found["metrics"]:
        click.echo(said(one["text"], language), err=True)
        if one["consistency"] is not None:
            click.echo(_consistency_line(one, language), err=True)


def _consistency_line(row: Mapping[str, Any], language: Language) -> str:
    found = row["consistency"]
    flipped = found["flipped"]
    return _CONSISTENCY.say(
        language,
        metric=row["metric"],
        repeats=found["repeats"],
        n=found["n"],
        alpha=number(found["alpha"], "ratio"),
        flipped=ABSENT if flipped is None else flipped["successes"],
    )


def _trust_row(row: Mapping[str, Any], language: Language) -> dict[str, Any]:
    kappa = row["kappa"]
    return {
        "metric": row["metric"],
        "state": _STATES[row["state"]].say(language),
        "n": row["n_joined"],
        "agreement": ABSENT if kappa is None else f"{kappa['agreement']:.0%}",
        "kappa": _with_interval(kappa),
        "true_positive": _with_interval(row["true_positive"]),
        "true_negative": _with_interval(row["true_negative"]),
        "auc": ABSENT if row["auc"] is None else number(row["auc"]["value"], "ratio"),
        "passed": ABSENT if row["passed"] is None else number(row["passed"]["value"], "ratio"),
        "corrected": _with_interval(row["corrected"]),
    }


def _with_interval(found: Mapping[str, Any] | None) -> str:
    if found is None or found["value"] is None:
        return ABSENT
    point, bounds = number(found["value"], "ratio"), found["interval"]
    return point if bounds is None else f"{point} {between(bounds['low'], bounds['high'], 'ratio')}"
