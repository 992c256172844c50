"""Why traces count as missed, out of what is known of them; pure."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Mapping
from typing import Final

from pitwall.core.feedback import SATISFACTION, THUMB
from pitwall.evals.metrics.types import MetricSpec
from pitwall.evals.missed.types import GivenScore, MissedReason, Root
from pitwall.evals.text.refusal import find_refusal

DISSATISFIED: Final = 2.0
"""A satisfaction up to here is negative."""
_ANSWER: Final = re.compile(
    r'"(?:answer|response|output|result|text|content|message|reply)"\s*:\s*"((?:[^"\\]|\\.)*)'
)

FindSpec = Callable[[str], MetricSpec | None]


def find_reasons(
    roots: Iterable[Root], without_hits: Collection[str], scores: Iterable[GivenScore], find_spec: FindSpec
) -> dict[str, set[MissedReason]]:
    """Return why traces were missed, by trace; those that were not are left out.

    A refusal is what the beginning of the answer looks like; the whole answer decides later.
    """
    by_score = score_reasons(scores, find_spec)
    found: dict[str, set[MissedReason]] = {}
    for root in roots:
        reasons = set(by_score.get(root.trace_id, ()))
        if root.is_error:
            reasons.add(MissedReason.ERROR)
        if root.trace_id in without_hits:
            reasons.add(MissedReason.NO_HITS)
        if looks_like_refusal(root.output_preview):
            reasons.add(MissedReason.REFUSAL)
        if reasons:
            found[root.trace_id] = reasons
    return found


def score_reasons(scores: Iterable[GivenScore], find_spec: FindSpec) -> Mapping[str, set[MissedReason]]:
    """Return what scores say against traces."""
    found: dict[str, set[MissedReason]] = defaultdict(set)
    for score in scores:
        if _is_negative(score):
            found[score.trace_id].add(MissedReason.NEGATIVE_FEEDBACK)
        elif score.name not in (THUMB, SATISFACTION) and _is_low(score, find_spec(score.name)):
            found[score.trace_id].add(MissedReason.LOW_SCORE)
    return found


def looks_like_refusal(beginning: str) -> bool:
    """Whether the beginning of an output, as text or as JSON, says that there is no answer."""
    if not beginning:
        return False
    inside = _ANSWER.search(beginning) if beginning.lstrip().startswith(("{", "[")) else None
    return find_refusal(inside[1] if inside else beginning) is not None


def _is_negative(score: GivenScore) -> bool:
    return (score.name == THUMB and score.value <= 0) or (
        score.name == SATISFACTION and score.value <= DISSATISFIED
    )


def _is_low(score: GivenScore, spec: MetricSpec | None) -> bool:
    return spec is not None and spec.threshold is not None and not spec.passes(score.value, spec.threshold)
