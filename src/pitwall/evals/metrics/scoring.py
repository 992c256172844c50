"""Judging one case by one metric: what it needs is checked first, and what breaks stays with the metric."""

from __future__ import annotations

import math

import structlog

from pitwall.core.errors import Unavailable
from pitwall.evals.metrics.needs import missing
from pitwall.evals.metrics.types import Metric, MetricSpec
from pitwall.evals.types import Case, Score, ScoreStatus
from pitwall.llm.types import CallFailed, CallFailure, Models

_log = structlog.get_logger(__name__)
METRIC_FAILED = "metric_failed"
EXTRA_MISSING = "extra_missing"
_ROUNDING = 1e-9


async def score_case(metric: Metric, case: Case, models: Models | None = None) -> Score:
    """Judge a case; a metric that raises or answers nonsense gives an error score that names it.

    Raises:
        CallFailed: The budget of the run is spent.
        Unavailable: Calls could not be kept; nothing else passes through.
    """
    spec = metric.spec
    score = missing(case, spec)
    if score is not None:
        return score
    try:
        score = await metric.score(case, models)
    except CallFailed as error:
        if error.failure is CallFailure.BUDGET:
            raise
        return Score(
            spec.name,
            ScoreStatus.ERROR,
            reason=error.failure.value,
            explanation=error.message,
            calls=error.calls,
        )
    except Unavailable:
        raise
    except ModuleNotFoundError as error:
        return Score(spec.name, ScoreStatus.ERROR, reason=EXTRA_MISSING, explanation=str(error))
    except Exception as error:  # noqa: BLE001 a metric may be anybody's code
        _log.exception("metric.failed", metric=spec.name, example_id=case.example.id)
        return _failed(spec, f"{type(error).__name__}: {error}")
    problem = _problem(spec, score)
    return score if problem is None else _failed(spec, problem)


def _failed(spec: MetricSpec, why: str) -> Score:
    return Score(
        spec.name, ScoreStatus.ERROR, reason=METRIC_FAILED, explanation=f"Metric {spec.name!r} failed: {why}"
    )


def _problem(spec: MetricSpec, score: object) -> str | None:
    """What is wrong with what a metric returned."""
    if not isinstance(score, Score):
        return f"it returned a {type(score).__name__}, not a Score"
    if score.metric != spec.name:
        return f"it returned a score of {score.metric!r}"
    value = score.value
    if value is None:
        return None
    if not math.isfinite(value):
        return f"its value is {value}"
    low = -math.inf if spec.lowest is None else spec.lowest
    high = math.inf if spec.highest is None else spec.highest
    if not low - _ROUNDING <= value <= high + _ROUNDING:
        return f"its value {value} is outside of {spec.lowest} to {spec.highest}"
    return None
