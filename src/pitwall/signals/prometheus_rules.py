"""Prometheus alert rules from the bands of the catalogue, on the metrics that `/metrics` exposes."""

from __future__ import annotations

from typing import Any

import yaml

from pitwall.signals.bands import Limit
from pitwall.signals.catalogue import Catalogue, Signal
from pitwall.signals.openmetrics import metric_name, observations_name, part_labels

_HOLD = "5m"


def prometheus_rules(catalogue: Catalogue) -> str:
    """A rules file: for every band one alert, on the whole and on each service and model.

    The whole is what `pitwall signals show` judges; a part may be ill while the whole looks well. Either
    needs as many observations as the band does. An alert of a part carries its labels.
    """
    rules = [
        _rule(signal, severity, limit)
        for signal in catalogue
        for severity, limit in (("warning", signal.bands.warning), ("critical", signal.bands.critical))
        if limit is not None
    ]
    document = {"groups": [{"name": "pitwall-signals", "rules": rules}]}
    return yaml.safe_dump(document, allow_unicode=True, sort_keys=False, width=1000)


def _rule(signal: Signal, severity: str, limit: Limit) -> dict[str, Any]:
    splits = dict.fromkeys(((), part_labels(signal)))
    words = "".join(part.title() for part in signal.name.replace("_", ".").split("."))
    return {
        "alert": f"Pitwall{words}{severity.title()}",
        "expr": " or ".join(_beyond(signal, limit, by) for by in splits),
        "for": _HOLD,
        "labels": {"severity": severity, "signal": signal.name},
        "annotations": {
            "summary": f"{signal.title.en} {limit} {signal.unit}",
            "summary_ko": f"{signal.title.ko} {limit} {signal.unit}",
            "description": signal.description.en,
            "description_ko": signal.description.ko,
        },
    }


def _beyond(signal: Signal, limit: Limit, by: tuple[str, ...]) -> str:
    enough = f'{observations_name(by)}{{signal="{signal.name}"}} >= {signal.bands.min_count}'
    return f"({metric_name(signal.name, by)} {limit} and ignoring(signal) {enough})"
