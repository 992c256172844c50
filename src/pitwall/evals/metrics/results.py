"""Scores as metrics write them."""

from __future__ import annotations

from typing import Any

from pitwall.evals.metrics.types import MetricSpec
from pitwall.evals.types import Case, Json, Score, ScoreStatus
from pitwall.kit.i18n import Language, Text


def scored(
    spec: MetricSpec,
    value: float,
    *,
    reason: str | None = None,
    explanation: str | None = None,
    evidence: Json = None,
) -> Score:
    """Return a value."""
    return Score(spec.name, ScoreStatus.SCORED, float(value), reason, explanation, evidence)


def not_applicable(
    spec: MetricSpec, reason: str, explanation: str | None = None, evidence: Json = None
) -> Score:
    """Return that the metric has nothing to say of a case."""
    return Score(
        spec.name, ScoreStatus.NOT_APPLICABLE, reason=reason, explanation=explanation, evidence=evidence
    )


def case_language(case: Case) -> Language:
    """The language that people read who look at a case: Korean for Korean ones, else English."""
    return Language.KOREAN if case.example.language.lower().startswith("ko") else Language.ENGLISH


def say(case: Case, text: Text, **values: Any) -> str:
    """Return a sentence in the language of a case."""
    return text.say(case_language(case), **values)


def f_measure(precision: float, recall: float, beta: float = 1.0) -> float:
    """Return the weighted harmonic mean; 0 where both are 0."""
    weight = beta * beta
    total = weight * precision + recall
    return (1 + weight) * precision * recall / total if total else 0.0
