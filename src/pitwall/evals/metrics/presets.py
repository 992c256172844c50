"""Sets of metrics by name, for those who do not want to choose: presets and the modes of a run."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from pitwall.evals.metrics.errors import UnknownPreset

PRESETS: Final[Mapping[str, tuple[str, ...]]] = {
    "quick": ("faithfulness", "answer_relevancy"),
    "production": ("faithfulness", "answer_relevancy", "context_precision", "context_recall"),
    "summary": ("summary_score", "summary_faithfulness", "entity_preservation", "number_consistency"),
    "comprehensive": (
        "faithfulness",
        "answer_relevancy",
        "context_precision",
        "context_recall",
        "factual_correctness",
        "semantic_similarity",
        "f1_score",
        "chrf",
        "rouge_l",
        "entity_preservation",
        "number_consistency",
        "latency",
        "cost",
    ),
    "offline": (
        "offline_groundedness",
        "number_consistency",
        "entity_preservation",
        "f1_score",
        "chrf",
        "rouge_l",
        "text_context_precision",
        "text_context_recall",
    ),
}
"""`offline` is the one that needs no model."""

MODES: Final[Mapping[str, tuple[str, ...] | None]] = {
    "simple": ("faithfulness", "answer_relevancy"),
    "full": None,
    "multiturn": ("turn_faithfulness", "context_coherence", "drift_rate", "turn_latency"),
}
"""`simple` and `multiturn` have their metrics; `full` takes those that are named, or a preset's."""


def preset(name: str) -> tuple[str, ...]:
    """Return the metrics of a preset.

    Raises:
        UnknownPreset: There is none of that name.
    """
    if name not in PRESETS:
        raise UnknownPreset(f"There is no preset {name!r}.", hint=f"Presets are {', '.join(PRESETS)}.")
    return PRESETS[name]


def mode_metrics(mode: str) -> tuple[str, ...] | None:
    """Return the metrics that a mode fixes, None for one that leaves them open.

    Raises:
        UnknownPreset: There is no such mode.
    """
    if mode not in MODES:
        raise UnknownPreset(f"There is no mode {mode!r}.", hint=f"Modes are {', '.join(MODES)}.")
    return MODES[mode]
