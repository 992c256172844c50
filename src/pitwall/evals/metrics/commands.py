"""`pitwall eval metrics`: what can be measured. Asks no server: a run is in the command's own process too."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import click

from pitwall.evals.metrics.naming import parse_name
from pitwall.evals.metrics.registry import Registry, load
from pitwall.evals.metrics.types import ConfigurableMetric, Family, Metric, Per
from pitwall.evals.metrics.wire import metric_view, registry_view
from pitwall.kit.cli_options import output_option, shell_language
from pitwall.kit.cli_output import ABSENT, Column, OutputFormat, emit
from pitwall.kit.i18n import Language, Text

_COLUMNS = (
    Column("name", "metric"),
    Column("title", "title", wrap=True, gives_way=3),
    Column("better", "better", gives_way=2),
    Column("calls", "calls", align="right", gives_way=1),
    Column("threshold", "passes at", align="right", show=lambda value: f"{value:g}"),
    Column("needs", "needs", wrap=True, gives_way=4),
)
_FACTS = (Column("fact", "fact"), Column("value", "value", wrap=True))
_BROKEN = Text("Cannot be used: {source}: {why}", "쓸 수 없음: {source}: {why}")
_NONE = Text("No such metrics.", "해당하는 지표가 없습니다.")
_LABELS = {
    "title": Text("title", "이름"),
    "description": Text("description", "설명"),
    "identity": Text("identity", "식별자"),
    "family": Text("family", "분류"),
    "range": Text("range", "범위"),
    "better": Text("better", "좋은 방향"),
    "threshold": Text("passes at", "통과 기준"),
    "needs": Text("needs", "필요한 값"),
    "calls": Text("judge calls a case", "사례당 판정 호출"),
    "extra": Text("needs the extra", "필요한 extra"),
    "source": Text("comes from", "출처"),
}
_EACH_TURN = Text("{calls} for each turn", "차례마다 {calls}")
_EMBEDDINGS = Text("{calls}, and embeddings", "{calls}, 임베딩 포함")


@click.command()
@click.argument("name", required=False)
@click.option("--family", type=click.Choice([family.value for family in Family]), help="Only of one family.")
@click.option("--offline", is_flag=True, help="Only those that need no model.")
@click.option(
    "--metric-file",
    "files",
    type=click.Path(dir_okay=False, path_type=Path),
    multiple=True,
    help="Python file with METRICS of your own.",
)
@output_option
def metrics(
    name: str | None, family: str | None, offline: bool, files: Sequence[Path], output: OutputFormat
) -> None:
    """List metrics, or show one with its options: version, direction, range, needs, calls of the judge.

    Options of a metric are part of its name: `ndcg@10`, `regex:pattern=^[0-9]+$`.

    \b
    Example:
      pitwall eval metrics --offline
      pitwall eval metrics ndcg@10
      pitwall eval metrics --metric-file my_metrics.py --output json
    """
    registry, language = load(files), shell_language()
    if name is not None:
        _show(registry, name, language, output)
        return
    chosen = [metric for metric in registry if _is_wanted(metric, family, offline)]
    views = [metric_view(metric, registry.sources.get(metric.spec.name)) for metric in chosen]
    payload = {**registry_view(registry), "metrics": views}
    rows: Sequence[Any] = (
        [_row(metric, language) for metric in chosen] if output is OutputFormat.TABLE else views
    )
    emit(rows, _COLUMNS, output, payload=payload, empty=_NONE.say(language))
    for problem in registry.problems:
        click.echo(_BROKEN.say(language, source=problem.source, why=problem.why), err=True)


def _is_wanted(metric: Metric, family: str | None, offline: bool) -> bool:
    spec = metric.spec
    needs_model = spec.calls > 0 or spec.needs_embeddings
    return (family is None or spec.family.value == family) and not (offline and needs_model)


def _row(metric: Metric, language: Language) -> dict[str, Any]:
    spec = metric.spec
    view = metric_view(metric)
    return {
        "name": spec.name,
        "title": spec.title.say(language),
        "better": spec.direction.value,
        "calls": f"{spec.calls}/{spec.calls_per.value}" if spec.calls_per is Per.TURN else spec.calls,
        "threshold": spec.threshold,
        "needs": " ".join(view["needs"]),
    }


def _show(registry: Registry, name: str, language: Language, output: OutputFormat) -> None:
    """Show one metric as it was asked for; one whose option must be given can be shown without it."""
    known = {metric.spec.name: metric for metric in registry}
    base = parse_name(name).base
    template = known.get(base)
    metric = template if template is not None and base == name else registry.find(name)
    view = metric_view(metric, registry.sources.get(base))
    if isinstance(template, ConfigurableMetric):
        view["options"] = metric_view(template)["options"]
    rows = list(_facts(view, language)) if output is OutputFormat.TABLE else [view]
    emit(rows, _FACTS, output, payload=view)


def _facts(view: dict[str, Any], language: Language) -> list[dict[str, str]]:
    lowest, highest = (ABSENT if view[key] is None else f"{view[key]:g}" for key in ("lowest", "highest"))
    calls = str(view["calls"])
    if view["calls_per"] == Per.TURN.value:
        calls = _EACH_TURN.say(language, calls=calls)
    facts = {
        "title": view["title"][language.value],
        "description": view["description"][language.value],
        "identity": view["identity"],
        "family": view["family"],
        "range": f"{lowest}..{highest} {view['unit']}",
        "better": view["direction"],
        "threshold": ABSENT if view["threshold"] is None else f"{view['threshold']:g}",
        "needs": ", ".join(view["needs"]) or ABSENT,
        "calls": _EMBEDDINGS.say(language, calls=calls) if view["needs_embeddings"] else calls,
        "extra": view["requires_extra"],
        "source": view["source"],
    }
    rows = [{"fact": _LABELS[key].say(language), "value": value} for key, value in facts.items() if value]
    for option in view["options"]:
        default = "" if option["default"] is None else f" [{option['default']}]"
        rows.append({"fact": f":{option['name']}=", "value": option["description"][language.value] + default})
    return rows
