"""How well the anomaly detectors find what people labelled, how often they cry wolf, and what a point costs.

The public series are those of the shared data; `benchmarks/anomaly` has the rules of scoring. Parameters were
chosen on one half of the series only; figures are told for both.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from benchmarks.anomaly.corpus import LabelledSeries, anomaly_data, halve, load_nab
from benchmarks.anomaly.nab_run import Run, best_raw_isolation, best_raw_z, run_detector
from benchmarks.anomaly.petshop import Outcome, load_incidents, load_quiet, replay
from benchmarks.harness.registry import Context, Step
from benchmarks.harness.results import Bar, Figure, at_least, at_most
from pitwall.anomalies.registry import BUILT_IN, DEFAULT

_DETECTORS: Final = tuple(point.name for point in BUILT_IN)
_RIVALS: Final = ("isolation_forest", "rolling_z")
_SCORE: Final = 60.0
_MARGIN: Final = 10.0
_QUIET: Final = 1.0
_CPU_US: Final = 20.0
_BEST: Final = "at the threshold that suits the labels best"


def nab(context: Context) -> list[Figure]:
    """Every detector on the NAB series by NAB's rules."""
    whole = load_nab(anomaly_data())
    corpus = whole[:: context.size(1, 5)]
    size = f"{sum(len(series.values) for series in corpus):,} points, {len(corpus)} series"
    runs = {name: run_detector(name, corpus) for name in _DETECTORS}
    figures = [figure for run in runs.values() for figure in _figures(run, whole, size)]
    return [*figures, *_comparisons(runs, corpus, size)]


def _figures(run: Run, whole: Sequence[LabelledSeries], size: str) -> list[Figure]:
    name, is_default = run.detector, run.detector == DEFAULT
    threshold, best = run.best
    tuned, kept = ([series.name for series in half] for half in halve(whole))
    quiet = sum(1 for one in run.detected if not one.series.windows)

    def bar(limit: Bar) -> Bar | None:
        return limit if is_default else None

    return [
        Figure(
            f"NAB standard, {name}",
            size,
            "",
            round(run.score(), 1),
            bar(at_least(_SCORE)),
            f"{run.profiles}; best threshold ({threshold:g} instead of 0) {best:.1f}",
        ),
        Figure(f"NAB standard, {name}, half it was chosen on", size, "", round(run.score(tuned), 1)),
        Figure(
            f"NAB standard, {name}, half kept apart",
            size,
            "",
            round(run.score(kept), 1),
            bar(at_least(_SCORE)),
        ),
        Figure(
            f"alarms on quiet series, {name}",
            f"{quiet} series",
            "per series-week",
            round(run.quiet_alarms_per_week, 2),
            bar(at_most(_QUIET)),
            run.loudest_quiet_series,
        ),
        Figure(f"cost of a point, {name}", size, "us CPU", round(run.cpu_us, 1), bar(at_most(_CPU_US))),
    ]


def _comparisons(runs: dict[str, Run], corpus: Sequence[LabelledSeries], size: str) -> list[Figure]:
    """The default beside its rivals, each of them at the threshold that suits the labels best."""
    raw = {"isolation forest": best_raw_isolation(corpus), "rolling z": best_raw_z(corpus)}
    rivals = [runs[name].best[1] for name in _RIVALS] + list(raw.values())
    note = f"they {_BEST}, the default at its own"
    margin = round(runs[DEFAULT].score() - max(rivals), 1)
    return [
        *(
            Figure(f"NAB standard, {name}, plain score, every point", size, "", round(score, 1), note=_BEST)
            for name, score in raw.items()
        ),
        Figure(f"NAB standard, {DEFAULT} above the best rival", size, "", margin, at_least(_MARGIN), note),
    ]


def petshop(context: Context) -> list[Figure]:
    """Every detector on the incidents of PetShop."""
    data = anomaly_data()
    quiet, incidents = load_quiet(data), load_incidents(data)
    names = _DETECTORS[: context.size(len(_DETECTORS), 1)]
    return [figure for name in names for figure in _incidents(name, replay(name, quiet, incidents))]


def _incidents(name: str, outcome: Outcome) -> list[Figure]:
    size = f"{outcome.judged} incidents after two quiet days"
    note = (
        f"{outcome.early} called anomalous before the fault, too; "
        f"'not enough history' for {outcome.refused} without quiet days"
    )
    quiet_size = f"{outcome.quiet_series} series over those days"
    return [
        Figure(f"PetShop incidents found, {name}", size, "incidents", outcome.found, note=note),
        Figure(
            f"PetShop alarms while quiet, {name}",
            quiet_size,
            "per series-week",
            round(outcome.quiet_alarms_per_week, 2),
        ),
    ]


def anomaly(context: Context) -> list[Figure]:
    """Both public collections."""
    return [*nab(context), *petshop(context)]


STEPS: tuple[Step, ...] = (
    Step(
        "anomaly", "anomaly detectors by NAB's rules and on PetShop's incidents", anomaly, 1, is_default=False
    ),
)
