"""Several samples of one question: what they agree on, and how much."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from pitwall.evals.judging.shapes import LevelVerdict, YesNoVerdict


@dataclass(frozen=True, slots=True)
class Votes:
    """What several samples of one question said.

    Attributes:
        counts: How often each verdict was given.
    """

    counts: Mapping[str, int]

    @property
    def total(self) -> int:
        """How many samples there are."""
        return sum(self.counts.values())

    @property
    def majority(self) -> str | None:
        """The verdict that was given most often; None if several were."""
        most = max(self.counts.values())
        leading = [verdict for verdict, times in self.counts.items() if times == most]
        return leading[0] if len(leading) == 1 else None

    @property
    def agreement(self) -> float:
        """Share of the samples that gave the most frequent verdict."""
        return max(self.counts.values()) / self.total

    @property
    def median(self) -> str:
        """The verdict in the middle, of verdicts that sort by their names."""
        ordered = sorted(verdict for verdict, times in self.counts.items() for _ in range(times))
        return ordered[(len(ordered) - 1) // 2]

    def evidence(self, replies: Sequence[YesNoVerdict | LevelVerdict]) -> dict[str, Any]:
        """Show votes and reasons as JSON."""
        return {
            "votes": dict(sorted(self.counts.items())),
            "majority": self.majority,
            "agreement": self.agreement,
            "replies": [{"reason": reply.reason, "verdict": reply.verdict} for reply in replies],
        }


def count_votes(replies: Sequence[YesNoVerdict | LevelVerdict]) -> Votes:
    """Count verdicts."""
    return Votes(Counter(reply.verdict for reply in replies))


def expected_level(weights: Mapping[int, float], lowest: int, highest: int) -> float:
    """Weighted mean of levels, as a share of the way from the lowest to the highest.

    Source: Liu et al. 2023, G-Eval; their weights are probabilities of tokens, ours are shares of samples.
    """
    mean = sum(level * weight for level, weight in weights.items()) / sum(weights.values())
    return (mean - lowest) / (highest - lowest)
