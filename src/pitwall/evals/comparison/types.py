"""Comparisons as values: what goes in as columns, and what comes out per metric."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import TYPE_CHECKING, Any, Final

from pitwall.evals.types import Direction
from pitwall.kit.i18n import Text

if TYPE_CHECKING:  # commands read these words without numpy, which is an extra
    from pitwall.stats.clusters import FloatArray, IntArray
    from pitwall.stats.intervals import Interval

LEAST_CASES: Final = 10
"""Smaller slices are not looked at."""


class Verdict(StrEnum):
    """What can be said of a metric in the second run against the first."""

    BETTER = "better"
    WORSE = "worse"
    NO_DIFFERENCE_SHOWN = "no_difference_shown"
    """Nothing beyond chance and margin was found, which is not proof of equality."""
    NOT_ENOUGH_DATA = "not_enough_data"
    """So few pairs that no outcome could have shown anything."""


@dataclass(frozen=True, slots=True)
class MetricColumns:
    """The scores of a metric in a run, one row for each case.

    Attributes:
        identity: `name@version[:judge=...][:prompts=...]`.
        threshold: What a case passes at; None if the metric passes or fails nobody.
        case_ids: Unique; comparisons pair by them.
        values: (n,) float64, NaN where the case is not scored.
        reasons: Why a case is not scored, `status:reason`, by its row.
    """

    name: str
    identity: str
    direction: Direction
    unit: str
    threshold: float | None
    case_ids: Sequence[str]
    values: FloatArray
    reasons: Mapping[int, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class RunColumns:
    """A run as a comparison needs it.

    Attributes:
        judge: Model that judged; None if no metric asked one.
        is_complete: Every planned case was judged.
        groups: Cluster by case id, for the cases that belong to one.
        asked: Fingerprint of each case without its answer, by id; None if it is not known.
    """

    id: str
    name: str
    dataset: str
    dataset_hash: str
    judge: str | None = None
    is_complete: bool = True
    metrics: Mapping[str, MetricColumns] = field(default_factory=dict)
    groups: Mapping[str, str] = field(default_factory=dict)
    asked: Mapping[str, str] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class CompareOptions:
    """How to compare.

    Attributes:
        metrics: Only these; empty takes all that both runs have.
        margin: How much worse (or better) is still the same, for metrics whose unit is a ratio.
        margins: The same by metric, in its own unit.
        alpha: Chance of a false finding over all metrics together.
        power: With which a difference should be found, for the number of cases that it takes.
        seed: Of the bootstrap and of random flips, so that a comparison that is made again says the same.
    """

    metrics: tuple[str, ...] = ()
    margin: float = 0.0
    margins: Mapping[str, float] = field(default_factory=dict)
    alpha: float = 0.05
    power: float = 0.8
    seed: int = 0

    def margin_of(self, metric: MetricColumns) -> float:
        """How much worse a metric may be and still count as the same."""
        return self.margins.get(metric.name, self.margin if metric.unit == "ratio" else 0.0)


@dataclass(frozen=True, slots=True)
class Side:
    """One run in a comparison of a metric, over the pairs."""

    mean: float | None
    interval: Interval | None


@dataclass(frozen=True, slots=True)
class Unpaired:
    """Cases that do not enter the difference, and why.

    Attributes:
        only_in_a: Judged in the first run only.
        unscored_a: Without a value in the first run only.
        unscored_both: Without a value in either.
        reasons_a: `status:reason` of those without a value in the first run, with how many.
    """

    only_in_a: int
    only_in_b: int
    unscored_a: int
    unscored_b: int
    unscored_both: int
    reasons_a: Mapping[str, int]
    reasons_b: Mapping[str, int]

    @property
    def total(self) -> int:
        """How many there are."""
        return self.only_in_a + self.only_in_b + self.unscored_a + self.unscored_b + self.unscored_both


@dataclass(frozen=True, slots=True)
class PassComparison:
    """Which cases pass a threshold in either run.

    Attributes:
        lost: Passed in the first run and not in the second.
        gained: The other way round.
        p: McNemar's exact test.
        p_adjusted: By Holm over all metrics.
    """

    threshold: float | None
    n: int
    rate_a: float
    rate_b: float
    interval_a: Interval | None
    interval_b: Interval | None
    lost: int
    gained: int
    p: float
    p_adjusted: float


@dataclass(frozen=True, slots=True)
class Needed:
    """How many more cases a comparison would take.

    Attributes:
        difference: That is to be found, in the unit of the metric.
        of: `margin`, or `observed` if no margin is set.
        more: Beyond those that are there; 0 if they are enough.
    """

    difference: float
    of: str
    more: int


@dataclass(frozen=True, slots=True, kw_only=True)
class MetricComparison:
    """What two runs say of one metric, over the cases that have a value in both.

    Attributes:
        n: Pairs.
        units: Independent ones among them: clusters, or pairs without clusters.
        difference: Mean of the second minus mean of the first.
        p: Sign-flip permutation test; None without a pair.
        p_adjusted: By Holm over all metrics.
        effect_size: Difference in standard deviations of the differences.
        wins: Cases that are better in the second run.
        detectable: Smallest true difference that so many cases show with the wanted power.
    """

    metric: str
    identity_a: str
    identity_b: str
    direction: Direction
    unit: str
    margin: float
    verdict: Verdict
    n: int
    units: int
    a: Side
    b: Side
    difference: float | None
    interval: Interval | None
    p: float | None
    p_adjusted: float | None
    method: str | None
    effect_size: float | None
    wins: int
    ties: int
    losses: int
    detectable: float | None
    needed: Needed | None
    passes: PassComparison | None
    unpaired: Unpaired


class NoticeKind(StrEnum):
    """What a comparison has to say before its numbers."""

    DATASET = "dataset_differs"
    VERSION = "metric_version_differs"
    JUDGE = "judge_differs"
    PROMPTS = "prompts_differ"
    OPTIONS = "options_differ"
    THRESHOLD = "threshold_differs"
    INCOMPLETE = "run_incomplete"
    UNSHARED = "metric_in_one_run"
    UNSCORED = "many_unscored"
    SAME_RUN = "same_run"

    @property
    def is_other_ruler(self) -> bool:
        """Whether the two runs were not measured by the same ruler, so that their numbers do not compare."""
        return self in _OTHER_RULER


_OTHER_RULER = frozenset(
    {
        NoticeKind.DATASET,
        NoticeKind.VERSION,
        NoticeKind.JUDGE,
        NoticeKind.PROMPTS,
        NoticeKind.OPTIONS,
        NoticeKind.THRESHOLD,
    }
)


@dataclass(frozen=True, slots=True)
class Notice:
    """Something to know before the numbers are believed.

    Attributes:
        metric: Which one it is about; None if it is about several or all.
    """

    kind: NoticeKind
    text: Text
    metric: str | None = None


@dataclass(frozen=True, slots=True)
class Change:
    """Something that differs between what two runs ran on.

    Attributes:
        part: `dataset`, `judge`, `prompts`, `target`, `git`, `packages` and so on.
        is_known: False if only one of the runs tells of it.
    """

    part: str
    what: str
    before: Any
    after: Any
    is_known: bool
    text: Text


@dataclass(frozen=True, slots=True, kw_only=True)
class Comparison:
    """What two runs say, metric by metric.

    Attributes:
        a: The run before, or the baseline.
        b: The run that is asked about.
        cases: Which cases pass all metrics that both runs have; None without a threshold.
        changes: What else differs between the runs; None where that is not known.
    """

    a: RunColumns
    b: RunColumns
    options: CompareOptions
    metrics: tuple[MetricComparison, ...]
    cases: PassComparison | None
    notices: tuple[Notice, ...]
    changes: tuple[Change, ...] | None = None

    def count(self, verdict: Verdict) -> int:
        """How many metrics have a verdict."""
        return sum(1 for metric in self.metrics if metric.verdict is verdict)


@dataclass(frozen=True, slots=True)
class Pairs:
    """Which rows of two columns belong to the same case.

    Attributes:
        rows_a: Row in the first columns of each case that both have.
        rows_b: Row of the same case in the second.
        groups: Number of the cluster of each of these cases; None if all stand alone.
    """

    rows_a: IntArray
    rows_b: IntArray
    groups: IntArray | None
    only_in_a: int
    only_in_b: int


@dataclass(frozen=True, slots=True)
class Baseline:
    """A run of a dataset that others are held against."""

    dataset: str
    name: str
    run_id: str
    set_at: datetime
    set_by: str
