"""Prometheus alert rules from the bands of the catalogue, on the metrics that `/metrics` exposes."""

from __future__ import annotations

from typing import Any

import yaml

from pitwall.signals.bands import Limit
from pitwall.signals.catalogue import Catalogue, Signal
from pitwall.signals.openmetrics import OBSERVATIONS, metric_name

_HOLD = "5m"


def prometheus_rules(catalogue: Catalogue) -> str:
    """A rules file: for every band one alert, which needs as many observations as the band does."""
    rules = [
        _rule(signal, severity, limit)
        for signal in catalogue
        for severity, limit in (("warning", signal.bands.warning), ("critical", signal.bands.critical))
        if limit is not None
    ]
    document = {"groups": [{"name": "pitwall-signals", "rules": rules}]}
    return yaml.safe_dump(document, allow_unicode=True, sort_keys=False, width=1000)


def _rule(signal: Signal, severity: str, limit: Limit) -> dict[str, Any]:
    metric = metric_name(signal.name)
    enough = f'{OBSERVATIONS}{{signal="{signal.name}"}} >= {signal.bands.min_count}'
    words = "".join(part.title() for part in signal.name.replace("_", ".").split("."))
    return {
        "alert": f"Pitwall{words}{severity.title()}",
        "expr": f"{metric} {limit} and ignoring(signal) {enough}",
        "for": _HOLD,
        "labels": {"severity": severity, "signal": signal.name},
        "annotations": {
            "summary": f"{signal.title.en} {limit} {signal.unit}",
            "summary_ko": f"{signal.title.ko} {limit} {signal.unit}",
            "description": signal.description.en,
            "description_ko": signal.description.ko,
        },
    }
