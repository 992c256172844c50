"""Panels of Grafana: a signal as a number, lines, bars or shares, its bands as thresholds.

Every function returns a builder of Grafana's package; their common type says nothing of what can be set.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from grafana_foundation_sdk.builders import bargauge, common, dashboard, prometheus, stat, text, timeseries
from grafana_foundation_sdk.models import common as common_models
from grafana_foundation_sdk.models import dashboard as models

from pitwall.boards.types import Board, Chart, ChartKind, ChartSize, Last, Tile
from pitwall.kit.i18n import Text
from pitwall.signals.catalogue import Catalogue, Signal
from pitwall.signals.evaluation import label_names
from pitwall.signals.expressions import Aggregate, Function
from pitwall.signals.openmetrics import metric_name, part_labels

DATASOURCE = models.DataSourceRef(type_val="prometheus", uid="${datasource}")
PROJECT = 'project=~"$project"'
WIDTH = 24

_UNITS = {"ms": "ms", "s": "s", "ratio": "percentunit", "usd": "currencyUSD"}
_GREEN, _YELLOW, _RED = "green", "yellow", "red"
_TILE_WIDTH, _TILE_HEIGHT = 4, 4
_CHART_HEIGHT = 8
# What the newest five minutes hold adds up over a longer stretch, five minutes at a time.
_STRETCHES = {Last.HOUR: "1h", Last.DAY: "24h", Last.TODAY: "24h", Last.MONTH: "30d"}
_STRETCH_TITLES = {
    Last.HOUR: Text("last hour", "최근 1시간"),
    Last.DAY: Text("last 24 hours", "최근 24시간"),
    Last.TODAY: Text("last 24 hours", "최근 24시간"),
    Last.MONTH: Text("last 30 days", "최근 30일"),
}
_NEWEST = Text("last 5 minutes", "최근 5분")
_ONLY_IN_PITWALL = Text(
    "This part of the board has a condition that /metrics cannot answer. See it in Pitwall:",
    "이 항목에는 /metrics로 답할 수 없는 조건이 있습니다. Pitwall에서 보세요:",
)


@dataclass(frozen=True, slots=True)
class Query:
    """One query of a panel and how its series are called."""

    expression: str
    legend: str


def tile_panel(tile: Tile, catalogue: Catalogue) -> Any:
    """A number; what adds up is added over the tile's stretch of time, everything else is of five minutes."""
    signal = catalogue.get(tile.signal)
    if tile.where:
        return _elsewhere(tile.title or signal.title, signal)
    metric = _metric(metric_name(signal.name))
    stretch = _STRETCHES.get(tile.last) if tile.last and adds_up(signal) else None
    told = _STRETCH_TITLES[tile.last] if stretch and tile.last else _NEWEST
    title = _tile_title(tile, signal, told)
    expression = metric if stretch is None else f"sum_over_time({metric}[{stretch}:5m])"
    panel = (
        stat.Panel()
        .title(f"{title.en} / {title.ko}")
        .description(f"{_about(signal)}\n\n{told.en} / {told.ko}")
        .datasource(DATASOURCE)
        .unit(_unit(signal))
        .thresholds(_thresholds(signal, judged=stretch is None))
        .color_mode(common_models.BigValueColorMode.VALUE)
        .graph_mode(common_models.BigValueGraphMode.AREA)
        .reduce_options(common.ReduceDataOptions().calcs(["lastNotNull"]))
        .no_value("–")
        .links([_link(signal)])
        .span(_TILE_WIDTH)
        .height(_TILE_HEIGHT)
    )
    return panel.with_target(_target("A", Query(expression, title.en)))


def _tile_title(tile: Tile, signal: Signal, told: Text) -> Text:
    """The tile's own title, unless it promises a stretch of time that `/metrics` does not have."""
    if tile.last in (None, Last.FIVE_MINUTES):
        return tile.title or signal.title
    return Text(f"{signal.title.en}, {told.en}", f"{signal.title.ko}, {told.ko}")


def chart_panel(chart: Chart, catalogue: Catalogue) -> Any:
    """Lines, bars or shares of one or several signals; parts are those that `/metrics` has."""
    signals = [catalogue.get(name) for name in chart.signals]
    if chart.where:
        return _elsewhere(chart.title, signals[0]).span(_span(chart)).height(_CHART_HEIGHT)
    panel = bargauge.Panel() if chart.kind is ChartKind.SHARE else _lines(chart.kind, signals)
    described = (
        panel.title(f"{chart.title.en} / {chart.title.ko}")
        .description("\n\n".join(map(_about, signals)))
        .datasource(DATASOURCE)
        .unit(_unit(signals[0]))
        .thresholds(_thresholds(signals[0], judged=len(signals) == 1))
        .links([_link(signal) for signal in signals])
        .span(_span(chart))
        .height(_CHART_HEIGHT)
    )
    queries = [chart_query(signal, chart.by, is_alone=len(signals) == 1) for signal in signals]
    return described.targets([_target(_letter(index), query) for index, query in enumerate(queries)])


def chart_query(signal: Signal, by: Sequence[str], *, is_alone: bool) -> Query:
    """The whole of a signal, or its parts where the chart splits it by a label that `/metrics` has."""
    labels = part_labels(signal) if set(by) & set(part_labels(signal)) else ()
    shown = [f"{{{{{label}}}}}" for label in label_names(signal, labels)]
    return Query(
        _parts(signal, labels), " ".join([*([] if is_alone and shown else [signal.title.en]), *shown])
    )


def signal_panel(signal: Signal) -> Any:
    """Lines of the whole, and of the parts that are chosen above the dashboard."""
    by = part_labels(signal)
    panel = (
        _lines(ChartKind.LINES, [signal])
        .title(f"{signal.title.en} / {signal.title.ko}")
        .description(_about(signal))
        .datasource(DATASOURCE)
        .unit(_unit(signal))
        .thresholds(_thresholds(signal))
        .links([_link(signal)])
        .span(WIDTH // 3)
        .height(_CHART_HEIGHT)
    )
    whole = Query(_metric(metric_name(signal.name)), " ".join(["all", *_braced(label_names(signal, ()))]))
    parts = Query(_parts(signal, by), " ".join(_braced(label_names(signal, by))))
    queries = [whole, parts] if by else [whole]
    return panel.targets([_target(_letter(index), query) for index, query in enumerate(queries)])


def board_panels(board: Board, catalogue: Catalogue) -> list[Any]:
    """Everything on a board, in its order."""
    tiles = [tile_panel(tile, catalogue) for tile in board.tiles]
    return [*tiles, *(chart_panel(chart, catalogue) for chart in board.charts)]


def adds_up(signal: Signal) -> bool:
    """Whether the values of neighbouring windows may be added: a count or a sum that is no rate."""
    is_total = isinstance(signal.value, Aggregate) and signal.value.function in (Function.COUNT, Function.SUM)
    return is_total and signal.per is None


def _lines(kind: ChartKind, signals: Sequence[Signal]) -> Any:
    has_limits = any(signal.bands.warning or signal.bands.critical for signal in signals)
    is_judged = len(signals) == 1 and has_limits
    style = common_models.GraphDrawStyle.BARS if kind is ChartKind.BARS else common_models.GraphDrawStyle.LINE
    mode = (
        common_models.GraphTresholdsStyleMode.LINE if is_judged else common_models.GraphTresholdsStyleMode.OFF
    )
    return (
        timeseries.Panel()
        .draw_style(style)
        .fill_opacity(60 if kind is ChartKind.BARS else 0)
        .span_nulls(False)
        .thresholds_style(common.GraphThresholdsStyleConfig().mode(mode))
    )


def _elsewhere(title: Text, signal: Signal) -> Any:
    content = f"{_ONLY_IN_PITWALL.en}\n\n{_ONLY_IN_PITWALL.ko}\n\n[{signal.name}]({_address(signal)})"
    return (
        text.Panel()
        .title(f"{title.en} / {title.ko}")
        .content(content)
        .links([_link(signal)])
        .span(_TILE_WIDTH)
        .height(_TILE_HEIGHT)
    )


def _parts(signal: Signal, by: Sequence[str]) -> str:
    chosen = [f'{label}=~"${label}"' for label in by]
    return _metric(metric_name(signal.name, by), *chosen)


def _metric(name: str, *matchers: str) -> str:
    return f"{name}{{{','.join([PROJECT, *matchers])}}}"


def _target(letter: str, query: Query) -> Any:
    return (
        prometheus.Dataquery()
        .ref_id(letter)
        .datasource(DATASOURCE)
        .expr(query.expression)
        .legend_format(query.legend)
    )


def _thresholds(signal: Signal, *, judged: bool = True) -> Any:
    """Grafana colours upwards: each step counts from its value on, the first from below everything."""
    limits = [
        (limit, colour)
        for limit, colour in ((signal.bands.warning, _YELLOW), (signal.bands.critical, _RED))
        if limit is not None and judged
    ]
    if not limits or limits[0][0].is_upper:
        steps = [(None, _GREEN), *((limit.threshold, colour) for limit, colour in limits)]
    else:
        ordered = sorted(limits, key=lambda item: item[0].threshold)
        values: list[float | None] = [None, *(limit.threshold for limit, _ in ordered)]
        steps = list(zip(values, [*(colour for _, colour in ordered), _GREEN], strict=True))
    written = [models.Threshold(value=value, color=colour) for value, colour in steps]
    return dashboard.ThresholdsConfig().mode(models.ThresholdsMode.ABSOLUTE).steps(written)


def _link(signal: Signal) -> Any:
    title = f"{signal.name} · Pitwall"
    return dashboard.DashboardLink(title).url(_address(signal)).target_blank(target_blank=True)


def _address(signal: Signal) -> str:
    return f"${{pitwall}}/signals/{signal.name}"


def _about(signal: Signal) -> str:
    return f"{signal.description.en}\n\n{signal.description.ko}"


def _unit(signal: Signal) -> str:
    return _UNITS.get(signal.unit, "short")


def _span(chart: Chart) -> int:
    return WIDTH if chart.size is ChartSize.FULL else WIDTH // 2


def _braced(labels: Sequence[str]) -> list[str]:
    return [f"{{{{{label}}}}}" for label in labels]


def _letter(index: int) -> str:
    return chr(ord("A") + index)
