"""The written form of an explanation: what is stored with an incident and what the API sends."""

from __future__ import annotations

from typing import Any

from pitwall.changes.wire import listed_view
from pitwall.incidents.decomposition import Measure
from pitwall.incidents.explanation import Contribution, Explanation, Stretch
from pitwall.incidents.explanation_texts import explanation_text
from pitwall.kit.durations import format_instant


def explanation_view(found: Explanation) -> dict[str, Any]:
    """An explanation as a JSON object."""
    text = explanation_text(found)
    return {
        "status": found.status.value,
        "signal": found.subject.signal,
        "unit": found.subject.unit,
        "labels": dict(found.subject.labels),
        "where": found.subject.where,
        "before": found.before.value,
        "now": found.now.value,
        "count_before": found.before.count,
        "count": found.now.count,
        "window": _stretch_view(found.window),
        "baseline": None if found.baseline is None else _stretch_view(found.baseline),
        "elsewhere": _elsewhere_view(found.elsewhere),
        "contributions": [_contribution_view(one, found) for one in found.contributions],
        "changes": [listed_view(change) for change in found.changes],
        "example_trace_ids": list(found.example_trace_ids),
        "text": {"en": text.en, "ko": text.ko},
        "computed_at": format_instant(found.computed_at),
    }


def _contribution_view(one: Contribution, found: Explanation) -> dict[str, Any]:
    part = one.part
    before, now = part.slice.before, part.slice.now
    return {
        "dimension": one.dimension,
        "title": {"en": one.title.en, "ko": one.title.ko},
        "value": part.slice.name,
        "is_outcome": one.is_outcome,
        "share": part.share,
        "rate_effect": part.rate_effect,
        "mix_effect": part.mix_effect,
        "before": before.value,
        "now": now.value,
        "without": one.without,
        "count_before": before.count,
        "count": now.count,
        "traffic_before": before.count / found.before.count if found.before.count else None,
        "traffic_now": now.count / found.now.count if found.now.count else None,
        "example_trace_ids": list(one.example_trace_ids),
    }


def _elsewhere_view(elsewhere: tuple[Measure, Measure] | None) -> dict[str, Any] | None:
    if elsewhere is None:
        return None
    before, now = elsewhere
    counts = {"count_before": before.count, "count": now.count}
    return {"before": before.value, "now": now.value, **counts}


def _stretch_view(stretch: Stretch) -> dict[str, str]:
    return {"since": format_instant(stretch.since), "until": format_instant(stretch.until)}
