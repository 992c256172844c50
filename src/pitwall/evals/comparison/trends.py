"""The runs of a dataset as a line, and where the line breaks: another ruler measures another thing."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Final

from pitwall.evals.comparison.notices import Change, identity_changes, threshold_changes
from pitwall.evals.comparison.types import NoticeKind
from pitwall.evals.runs.types import EvalRun, MetricSummary


class BreakKind(StrEnum):
    """What is not the same as in the run before, so that no line leads from there to here."""

    DATASET = "dataset"
    CASES = "cases"
    """A sample of another size, or drawn otherwise."""
    VERSION = "version"
    OPTIONS = "options"
    JUDGE = "judge"
    PROMPTS = "prompts"
    THRESHOLD = "threshold"
    METRICS = "metrics"
    """Cases pass by other metrics."""


_KINDS: Final = {
    NoticeKind.VERSION: BreakKind.VERSION,
    NoticeKind.OPTIONS: BreakKind.OPTIONS,
    NoticeKind.JUDGE: BreakKind.JUDGE,
    NoticeKind.PROMPTS: BreakKind.PROMPTS,
    NoticeKind.THRESHOLD: BreakKind.THRESHOLD,
}


@dataclass(frozen=True, slots=True)
class Break:
    """Something that is not the same as in the run before."""

    kind: BreakKind
    before: str
    after: str


@dataclass(frozen=True, slots=True, kw_only=True)
class TrendRun:
    """A run in its place.

    Attributes:
        summary: Of the metric; None if the run has no mean of it.
        breaks: Why its mean does not continue the one before.
        passing_breaks: Why its share of cases that pass does not.
        baselines: Names of the baselines that it is.
    """

    run: EvalRun
    summary: MetricSummary | None
    breaks: tuple[Break, ...]
    passing_breaks: tuple[Break, ...]
    baselines: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Trend:
    """The finished runs of a dataset, oldest first.

    Attributes:
        metric: None if no run has a metric.
        metrics: How many of the runs have which, most of them first.
        is_cut: There are older runs.
    """

    dataset: str
    metric: str | None
    metrics: Mapping[str, int]
    runs: tuple[TrendRun, ...]
    is_cut: bool = False


def judged_cases(run: EvalRun) -> tuple[Any, ...]:
    """Return what decides which cases a run judges."""
    limit = run.plan.limit
    return run.dataset_hash, limit, None if limit is None else run.plan.seed


def line_up(
    dataset: str,
    runs: Sequence[EvalRun],
    metric: str | None = None,
    baselines: Mapping[str, Sequence[str]] | None = None,
    *,
    is_cut: bool = False,
) -> Trend:
    """Put runs into a line.

    Args:
        runs: Finished ones of the dataset, oldest first.
        metric: None takes the one that most runs have.
        baselines: Names of baselines by the id of their run.
    """
    counts = _metrics(runs)
    chosen = metric if metric is not None else next(iter(counts), None)
    return Trend(
        dataset=dataset,
        metric=chosen,
        metrics=counts,
        runs=tuple(_line(runs, chosen, baselines or {})),
        is_cut=is_cut,
    )


def _metrics(runs: Iterable[EvalRun]) -> dict[str, int]:
    return dict(Counter(metric.name for run in runs for metric in run.plan.metrics).most_common())


def _line(
    runs: Iterable[EvalRun], metric: str | None, baselines: Mapping[str, Sequence[str]]
) -> Iterator[TrendRun]:
    measured: EvalRun | None = None
    decided: EvalRun | None = None
    for run in runs:
        summary = _summary(run, metric)
        has_rate = run.summary is not None and run.summary.pass_rate is not None
        yield TrendRun(
            run=run,
            summary=summary,
            breaks=() if summary is None or measured is None else tuple(_of_metric(measured, run, metric)),
            passing_breaks=() if not has_rate or decided is None else tuple(_of_passing(decided, run)),
            baselines=tuple(baselines.get(run.id, ())),
        )
        measured = measured if summary is None else run
        decided = run if has_rate else decided


def _summary(run: EvalRun, metric: str | None) -> MetricSummary | None:
    found = None if run.summary is None or metric is None else run.summary.metrics.get(metric)
    return None if found is None or found.mean is None else found


def _of_metric(before: EvalRun, run: EvalRun, metric: str | None) -> Iterator[Break]:
    yield from _of_cases(before, run)
    old, new = _summary(before, metric), _summary(run, metric)
    if old is not None and new is not None:
        yield from _breaks(identity_changes(old.identity, new.identity))


def _of_passing(before: EvalRun, run: EvalRun) -> Iterator[Break]:
    """A case passes by all metrics with a threshold: one more of them, or another limit, is another rate."""
    yield from _of_cases(before, run)
    old, new = _deciding(before), _deciding(run)
    if old.keys() != new.keys():
        yield Break(BreakKind.METRICS, ", ".join(old), ", ".join(new))
    changes = [
        change
        for name in old.keys() & new.keys()
        for change in (
            *identity_changes(old[name].identity, new[name].identity),
            *threshold_changes(old[name].threshold, new[name].threshold),
        )
    ]
    yield from _breaks(sorted(set(changes)))


def _deciding(run: EvalRun) -> dict[str, MetricSummary]:
    metrics = {} if run.summary is None else run.summary.metrics
    return {name: one for name, one in sorted(metrics.items()) if one.threshold is not None}


def _of_cases(before: EvalRun, run: EvalRun) -> Iterator[Break]:
    if before.dataset_hash != run.dataset_hash:
        yield Break(BreakKind.DATASET, before.dataset_hash[:8], run.dataset_hash[:8])
    elif judged_cases(before) != judged_cases(run):
        yield Break(BreakKind.CASES, _sample(before), _sample(run))


def _sample(run: EvalRun) -> str:
    limit, seed = run.plan.limit, run.plan.seed
    if limit is None:
        return str(run.plan.available)
    return str(limit) if seed is None else f"{limit} (seed {seed})"


def _breaks(changes: Iterable[Change]) -> Iterator[Break]:
    for kind, before, after in changes:
        yield Break(_KINDS[kind], before, after)
