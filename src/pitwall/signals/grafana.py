"""A Grafana dashboard from the catalogue: a row per group, a panel per signal, thresholds from its bands.

A panel draws the whole, and the parts by service and model that are chosen above it.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import groupby
from typing import Any

import orjson

from pitwall.signals.catalogue import Catalogue, Signal
from pitwall.signals.evaluation import label_names
from pitwall.signals.openmetrics import LABELS, metric_name, part_labels

_UNITS = {"ms": "ms", "s": "s", "ratio": "percentunit", "usd": "currencyUSD"}
_DATASOURCE = {"type": "prometheus", "uid": "${datasource}"}
_COLUMNS = 3
_WIDTH = 24 // _COLUMNS
_HEIGHT = 7
_SCHEMA_VERSION = 39


def grafana_dashboard(catalogue: Catalogue) -> str:
    """The dashboard as JSON to import; it asks for a Prometheus data source that scrapes Pitwall."""
    dashboard = {
        "uid": "pitwall-signals",
        "title": "Pitwall signals",
        "tags": ["pitwall"],
        "schemaVersion": _SCHEMA_VERSION,
        "timezone": "utc",
        "time": {"from": "now-6h", "to": "now"},
        "refresh": "1m",
        "templating": {"list": [_datasource_variable(), *(_label_variable(label) for label in LABELS)]},
        "panels": _panels(catalogue),
    }
    return orjson.dumps(dashboard, option=orjson.OPT_INDENT_2).decode() + "\n"


def _panels(catalogue: Catalogue) -> list[dict[str, Any]]:
    panels: list[dict[str, Any]] = []
    top = 0
    by_group = sorted(catalogue, key=_group)
    for group, members in groupby(by_group, key=_group):
        panels.append(
            {
                "id": len(panels) + 1,
                "type": "row",
                "title": group,
                "gridPos": {"x": 0, "y": top, "w": 24, "h": 1},
            }
        )
        top += 1
        signals = list(members)
        for index, signal in enumerate(signals):
            row, column = divmod(index, _COLUMNS)
            position = {"x": column * _WIDTH, "y": top + row * _HEIGHT, "w": _WIDTH, "h": _HEIGHT}
            panels.append(_panel(len(panels) + 1, signal, position))
        top += -(-len(signals) // _COLUMNS) * _HEIGHT
    return panels


def _group(signal: Signal) -> str:
    return signal.name.partition(".")[0]


def _panel(number: int, signal: Signal, position: dict[str, int]) -> dict[str, Any]:
    return {
        "id": number,
        "type": "timeseries",
        "title": f"{signal.title.en} / {signal.title.ko}",
        "description": f"{signal.description.en}\n\n{signal.description.ko}",
        "datasource": _DATASOURCE,
        "gridPos": position,
        "targets": _targets(signal),
        "fieldConfig": {
            "defaults": {
                "unit": _UNITS.get(signal.unit, "short"),
                "custom": {"spanNulls": False, "thresholdsStyle": {"mode": "line"}},
                "thresholds": {"mode": "absolute", "steps": _thresholds(signal)},
            },
            "overrides": [],
        },
    }


def _targets(signal: Signal) -> list[dict[str, Any]]:
    """One query for the whole and one for the parts, as far as the signal can be split."""
    by = part_labels(signal)
    selector = ",".join(f'{label}=~"${label}"' for label in by)
    whole = _target("A", metric_name(signal.name), ["all", *_legend(label_names(signal, ()))])
    if not by:
        return [whole]
    parts = f"{metric_name(signal.name, by)}{{{selector}}}"
    return [whole, _target("B", parts, _legend(label_names(signal, by)))]


def _target(letter: str, expression: str, legend: Sequence[str]) -> dict[str, Any]:
    return {
        "refId": letter,
        "datasource": _DATASOURCE,
        "expr": expression,
        "legendFormat": " ".join(legend),
    }


def _legend(labels: Sequence[str]) -> list[str]:
    return [f"{{{{{label}}}}}" for label in labels]


def _thresholds(signal: Signal) -> list[dict[str, Any]]:
    """Grafana colours upwards: each step counts from its value on, the first from below everything."""
    warning, critical = signal.bands.warning, signal.bands.critical
    limits = [
        (limit, colour) for limit, colour in ((warning, "yellow"), (critical, "red")) if limit is not None
    ]
    if not limits:
        return [{"color": "green", "value": None}]
    if limits[0][0].is_upper:
        return [
            {"color": "green", "value": None},
            *({"color": c, "value": limit.threshold} for limit, c in limits),
        ]
    ordered = sorted(limits, key=lambda item: item[0].threshold)
    colours = [colour for _, colour in ordered] + ["green"]
    values = [None, *(limit.threshold for limit, _ in ordered)]
    return [{"color": colour, "value": value} for colour, value in zip(colours, values, strict=True)]


def _datasource_variable() -> dict[str, Any]:
    return {"name": "datasource", "type": "datasource", "query": "prometheus", "label": "Prometheus"}


def _label_variable(label: str) -> dict[str, Any]:
    return {
        "name": label,
        "type": "query",
        "datasource": _DATASOURCE,
        "query": {"query": f'label_values({{__name__=~"pitwall_.*"}}, {label})', "refId": label},
        "includeAll": True,
        "allValue": ".*",
        "multi": True,
        "current": {"text": "All", "value": "$__all"},
        "refresh": 2,
    }
