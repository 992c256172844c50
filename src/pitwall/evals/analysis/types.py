"""Analyses as values: the data of a run that every part reads, and what came of the parts."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import TYPE_CHECKING, Any

from pitwall.evals.types import Direction
from pitwall.kit.i18n import Text

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from pitwall.evals.comparison.types import RunColumns

Output = dict[str, Any]
"""What a part says: JSON."""


@dataclass(frozen=True, slots=True, kw_only=True)
class MetricData:
    """A metric of a run, one row for each case.

    Attributes:
        values: (n,) float64, NaN where the case is not scored.
        failed: (n,) whether judging failed.
        unanswered: (n,) of these, where there was no answer to judge.
        unknown: (n,) where the metric should have said something, and nobody knows what.
        reasons: How many cases have no value, by `status:reason`.
    """

    name: str
    identity: str
    direction: Direction
    unit: str
    threshold: float | None
    values: NDArray[np.float64]
    failed: NDArray[np.bool_]
    unanswered: NDArray[np.bool_]
    unknown: NDArray[np.bool_]
    reasons: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseData:
    """What is known of the cases, as columns; NaN or None is not known.

    Attributes:
        questions: None if the dataset is no longer there.
        facts: What cases can be split by, by name.
        groups: Numbers of clusters; None if every case stands alone.
        numbers: Measured of each case, by name: lengths, counts, latency.
    """

    ids: Sequence[str]
    questions: Sequence[str | None]
    facts: Mapping[str, Sequence[str | None]] = field(default_factory=dict)
    groups: NDArray[np.int64] | None = None
    numbers: Mapping[str, NDArray[np.float64]] = field(default_factory=dict)

    def __len__(self) -> int:
        return len(self.ids)


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseText:
    """The texts of a case that were kept, cut where they were too long.

    Attributes:
        row: Which case.
        contexts: None if what was retrieved is not known.
        claims: Claims of the answer that were judged against the chunks, as the evidence has them.
        turns: Scores of the turns of a conversation, as the evidence has them.
    """

    row: int
    question: str
    answer: str | None = None
    reference: str | None = None
    contexts: tuple[str, ...] | None = None
    claims: Sequence[Mapping[str, Any]] | None = None
    turn_latencies_ms: tuple[float | None, ...] = ()
    turns: Sequence[Mapping[str, Any]] | None = None


@dataclass(frozen=True, slots=True)
class PastMetric:
    """A metric in an earlier run."""

    identity: str
    mean: float | None
    low: float | None
    high: float | None
    n_scored: int


@dataclass(frozen=True, slots=True)
class PastRun:
    """A run of the same content, this one included."""

    id: str
    at: datetime
    metrics: Mapping[str, PastMetric]


@dataclass(frozen=True, slots=True, kw_only=True)
class RunData:
    """Everything that an analysis looks at; nothing changes it.

    Attributes:
        texts: Of some cases, spread evenly over the run.
        cut_texts: How many of them were cut.
        history: Runs of the same dataset content up to this one, oldest first.
        columns: The run as comparisons take it.
        previous: The run before it.
        seed: Of resamples and permutations, so that the same run gives the same analysis.
    """

    run_id: str
    name: str
    dataset: str
    dataset_hash: str
    judge: str | None
    metrics: Sequence[MetricData]
    cases: CaseData
    texts: Sequence[CaseText] = ()
    cut_texts: int = 0
    history: Sequence[PastRun] = ()
    columns: RunColumns | None = None
    previous: RunColumns | None = None
    seed: int = 0


class NothingToSay(Exception):
    """A part has nothing to look at in this run; not a failure.

    Attributes:
        why: For people.
    """

    def __init__(self, why: Text) -> None:
        super().__init__(why.en)
        self.why = why


class NodeStatus(StrEnum):
    """What became of a part."""

    COMPLETED = "completed"
    SKIPPED = "skipped"
    """It had nothing to look at."""
    FAILED = "failed"


@dataclass(frozen=True, slots=True, kw_only=True)
class NodeResult:
    """A part of an analysis.

    Attributes:
        output: None unless it is completed.
        why: Why it was skipped, in both languages.
        error: What it failed with.
    """

    name: str
    status: NodeStatus
    duration_ms: float
    output: Output | None = None
    why: Text | None = None
    error: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Analysis:
    """What came of the parts, in the order they ran."""

    data: RunData
    nodes: Sequence[NodeResult]
    duration_ms: float

    def output(self, name: str) -> Output | None:
        """What a part said; None if it said nothing."""
        return next((node.output for node in self.nodes if node.name == name), None)
