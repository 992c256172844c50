"""Rules that score live traces as JSON."""

from __future__ import annotations

from typing import Any

from pitwall.evals.online.types import Judged, RuleState, content_view
from pitwall.kit.clock import from_unix_nano

_NANOS_PER_MS = 1_000_000


def rule_view(state: RuleState) -> dict[str, Any]:
    """A rule with what it does."""
    rule = state.rule
    return {
        "name": rule.name,
        "pack": rule.pack,
        "enabled": rule.is_enabled,
        **content_view(rule.content),
        "updated_at": rule.updated_at,
        "updated_by": rule.updated_by,
        "today": _day_view(state),
        "waiting": state.waiting,
        "looked_until": from_unix_nano(rule.position_ms * _NANOS_PER_MS),
        "error": rule.error,
        "error_at": rule.error_at,
    }


def rule_detail(state: RuleState) -> dict[str, Any]:
    """A rule with what it does, what it said last and its last errors."""
    return {
        **rule_view(state),
        "scores": [_score_view(one) for one in state.last],
        "failures": [_failed_view(one) for one in state.failed],
    }


def _day_view(state: RuleState) -> dict[str, Any]:
    today = state.today
    return {
        "day": today.day,
        "traces": today.traces,
        "scored": today.scored,
        "not_applicable": today.not_applicable,
        "errors": today.errors,
        "left_out": today.left_out,
        "calls": today.calls,
        "cost_usd": None if today.cost_usd is None else format(today.cost_usd.normalize(), "f"),
        "unpriced_calls": today.unpriced_calls,
        "budget_spent": today.left_out > 0 or today.is_spent(state.rule.content),
        "last_scored_at": today.last_scored_at,
    }


def _score_view(one: Judged) -> dict[str, Any]:
    return {**_failed_view(one), "status": one.result.status, "value": one.result.value}


def _failed_view(one: Judged) -> dict[str, Any]:
    return {
        "trace_id": one.trace_id,
        "at": one.at,
        "metric": one.result.metric,
        "reason": one.result.reason,
        "explanation": one.result.explanation,
    }
