"""What a metric is, as JSON: the same for the API and the command line."""

from __future__ import annotations

from typing import Any

from pitwall.evals.metrics.presets import MODES, PRESETS
from pitwall.evals.metrics.registry import Registry, identity
from pitwall.evals.metrics.types import ConfigurableMetric, Metric, MetricOption, Needs
from pitwall.kit.i18n import Text


def metric_view(metric: Metric, source: str | None = None) -> dict[str, Any]:
    """Return the facts about a metric.

    Args:
        source: Where it comes from; None for Pitwall's own.
    """
    spec = metric.spec
    options = metric.options if isinstance(metric, ConfigurableMetric) else ()
    return {
        "name": spec.name,
        "version": spec.version,
        "identity": identity(metric),
        "family": spec.family.value,
        "title": _text(spec.title),
        "description": _text(spec.description),
        "direction": spec.direction.value,
        "lowest": spec.lowest,
        "highest": spec.highest,
        "unit": spec.unit,
        "threshold": spec.threshold,
        "needs": [need.value for need in Needs if need in spec.needs],
        "calls": spec.calls,
        "calls_per": spec.calls_per.value,
        "needs_embeddings": spec.needs_embeddings,
        "requires_extra": spec.requires_extra,
        "options": [_option(option) for option in options],
        "source": source,
    }


def registry_view(registry: Registry) -> dict[str, Any]:
    """Return all metrics, what cannot be used, and the sets of metrics that have a name."""
    return {
        "metrics": [metric_view(metric, registry.sources.get(metric.spec.name)) for metric in registry],
        "problems": [{"source": problem.source, "why": problem.why} for problem in registry.problems],
        "presets": {name: list(metrics) for name, metrics in PRESETS.items()},
        "modes": {name: None if metrics is None else list(metrics) for name, metrics in MODES.items()},
    }


def _option(option: MetricOption) -> dict[str, Any]:
    return {"name": option.name, "description": _text(option.description), "default": option.default}


def _text(text: Text) -> dict[str, str]:
    return {"en": text.en, "ko": text.ko}
