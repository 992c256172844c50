"""Anchors and their checks as JSON."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from pitwall.evals.anchors.types import AnchorState, Check

if TYPE_CHECKING:
    from pitwall.evals.anchors.drift import Drift, Drop, Shift
    from pitwall.llm.counters import CallCounts
    from pitwall.llm.profiles import ModelProfile
    from pitwall.stats.agreement import Rate
    from pitwall.stats.intervals import Interval

Json = dict[str, Any]


def content_view(profile: ModelProfile, drifts: Sequence[Drift], counts: CallCounts) -> Json:
    """What a check came to."""
    return {
        "profile": profile.name,
        "judge": profile.judge.model,
        "metrics": [_drift(one) for one in drifts],
        "calls": counts.made,
        "failed_calls": counts.failed_calls,
        "cost_usd": None if counts.unpriced else float(counts.cost_usd),
    }


def anchors_view(state: AnchorState) -> Json:
    """An anchor set with its last check."""
    one = state.anchors
    return {
        "name": one.name,
        "run_id": one.run_id,
        "metrics": list(one.metrics),
        "cases": len(one.positions),
        "profile": one.profile,
        "every_seconds": round(one.every.total_seconds()),
        "max_calls": one.max_calls,
        "margin": one.margin,
        "enabled": one.is_enabled,
        "due_at": one.due_at,
        "error": one.error,
        "updated_at": one.updated_at,
        "updated_by": one.updated_by,
        "last_check": check_view(state.checks[0]) if state.checks else None,
    }


def anchors_detail(state: AnchorState) -> Json:
    """An anchor set with its last checks, the newest first."""
    return {**anchors_view(state), "checks": [check_view(check) for check in state.checks]}


def check_view(check: Check) -> Json:
    """A check."""
    content = check.content
    return {
        "id": check.id,
        "state": check.state.value,
        "started_at": check.started_at,
        "finished_at": check.finished_at,
        "profile": content.get("profile"),
        "judge": content.get("judge"),
        "metrics": content.get("metrics", []),
        "calls": content.get("calls"),
        "failed_calls": content.get("failed_calls"),
        "cost_usd": content.get("cost_usd"),
    }


def _drift(one: Drift) -> Json:
    return {
        "metric": one.metric,
        "identity": one.identity,
        "base_identity": one.base_identity,
        "is_other_ruler": one.is_other_ruler,
        "unit": one.unit,
        "state": one.state.value,
        "n": one.n,
        "failed": one.failed,
        "reason": one.reason,
        "agreement": _rate(one.agreement),
        "shift": _shift(one.shift),
        "steadiness": _drop(one.steadiness),
        "people": _drop(one.people),
        "flips": [asdict(flip) for flip in one.flips],
        "text": {"en": one.text.en, "ko": one.text.ko},
    }


def _rate(rate: Rate | None) -> Json | None:
    if rate is None:
        return None
    return {
        "successes": rate.successes,
        "n": rate.n,
        "value": rate.value,
        "interval": _interval(rate.interval),
    }


def _shift(shift: Shift | None) -> Json | None:
    if shift is None:
        return None
    return {
        "difference": shift.difference,
        "interval": _interval(shift.interval),
        "p": shift.p,
        "is_shown": shift.is_shown,
    }


def _drop(drop: Drop | None) -> Json | None:
    if drop is None:
        return None
    return {
        "before": _rate(drop.before),
        "now": _rate(drop.now),
        "lost": drop.lost,
        "gained": drop.gained,
        "p": drop.p,
        "is_shown": drop.is_shown,
    }


def _interval(interval: Interval | None) -> Json | None:
    if interval is None:
        return None
    return {"low": interval.low, "high": interval.high, "method": interval.method.value}
