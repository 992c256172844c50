"""Labels of people and what a judge is worth beside them, as values."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import TYPE_CHECKING

from pitwall.kit.i18n import Text

if TYPE_CHECKING:  # commands read these words without numpy, which is an extra
    from pitwall.stats.agreement import CorrectedRate, Kappa, Rate
    from pitwall.stats.ranking import Correlation, RocArea

ENOUGH_OF_EACH = 20
"""So many cases that people pass, and as many that they fail, before a judge counts as calibrated."""


@dataclass(frozen=True, slots=True)
class NewLabel:
    """What somebody says of a case.

    Attributes:
        value: 1 is as good as can be, 0 as bad; more than one half is a pass, exactly one half is neither.
        rater: Who says it; None for whoever brings it.
    """

    example_id: str
    metric: str
    value: float
    rater: str | None = None
    comment: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Label:
    """A label that is kept.

    Attributes:
        answer_hash: Fingerprint of the answer that it is about; empty if nobody said which.
        run_id: Whose answer it is about.
    """

    dataset: str
    metric: str
    example_id: str
    rater: str
    answer_hash: str
    value: float
    comment: str | None
    run_id: str | None
    labelled_at: datetime
    labelled_by: str


@dataclass(frozen=True, slots=True, kw_only=True)
class LabelQuery:
    """Labels of a dataset by metric, case and rater; `after` is the last one seen."""

    dataset: str
    metric: str | None = None
    example_id: str | None = None
    after: tuple[str, str, str, str] | None = None
    limit: int = 100


@dataclass(frozen=True, slots=True)
class AddedLabels:
    """What became of labels: how many were kept, and which cases the run does not have."""

    added: int
    unmatched: Sequence[str]


@dataclass(frozen=True, slots=True)
class QueuedCase:
    """A case to label."""

    position: int
    example_id: str


class TrustState(StrEnum):
    """What is known of a judge."""

    UNCALIBRATED = "uncalibrated"
    """Nobody has labelled a case that it judged."""
    FEW_LABELS = "few_labels"
    """Something is known, and not enough."""
    CALIBRATED = "calibrated"


@dataclass(frozen=True, slots=True)
class Confusion:
    """Cases by what the judge says and what people say."""

    both_pass: int
    only_judge: int
    only_people: int
    both_fail: int

    @property
    def n(self) -> int:
        """How many cases there are."""
        return self.both_pass + self.only_judge + self.only_people + self.both_fail


@dataclass(frozen=True, slots=True)
class Consistency:
    """How far a judge agrees with itself where it was asked several times.

    Attributes:
        repeats: How often each case was judged.
        n: Cases that were scored at least twice.
        alpha: Krippendorff's alpha of the repetitions; None if all values are equal.
        flipped: Cases that passed once and failed once; None without a threshold.
    """

    repeats: int
    n: int
    alpha: float | None
    flipped: Rate | None


@dataclass(frozen=True, slots=True, kw_only=True)
class MetricTrust:
    """What a metric of a run is worth beside labels of people, joined by case id.

    Attributes:
        n_labelled: Cases of the run that have a label.
        n_joined: Of these, how many the judge scored and people agree on.
        n_disputed: Raters are divided evenly, or undecided.
        n_unscored: The judge has no score.
        n_other_answer: Labels that are about another answer of the case.
        confusion: None without a threshold.
        kappa: Agreement beyond chance of judge and people.
        alpha: Krippendorff's alpha of the raters among each other; None for one rater.
        true_positive: Of the cases that people pass, how many the judge passes.
        true_negative: Of the cases that people fail, how many it fails.
        auc: How well its scores tell what people pass from what they fail, whatever the threshold.
        correlation: Of its scores with labels that are finer than pass and fail.
        passed: What the judge passes, of all cases of the run that it scored.
        corrected: That rate with the judge's mistakes taken out.
        consistency: Of the judge with itself; None where each case was judged once.
    """

    metric: str
    identity: str
    threshold: float | None
    state: TrustState
    raters: int
    n_labelled: int
    n_joined: int
    n_disputed: int
    n_unscored: int
    n_other_answer: int
    confusion: Confusion | None
    kappa: Kappa | None
    alpha: float | None
    true_positive: Rate | None
    true_negative: Rate | None
    auc: RocArea | None
    correlation: Correlation | None
    passed: Rate | None
    corrected: CorrectedRate | None
    text: Text
    consistency: Consistency | None = None


@dataclass(frozen=True, slots=True)
class Calibration:
    """That a metric was measured against labels, and what came of it.

    Attributes:
        content: `MetricTrust` in its written form.
    """

    identity: str
    dataset: str
    run_id: str
    state: TrustState
    content: object
    measured_at: datetime
    measured_by: str
