"""How well offline groundedness agrees with people, beside plain token overlap, and what a case costs.

The weights were chosen on the half that `Labelled.is_design` names; figures are told for both halves.
"""

from __future__ import annotations

from typing import Final

from benchmarks.grounding.agreement import Agreement, measure
from benchmarks.grounding.corpus import CORPORA, shared_data
from benchmarks.harness.registry import Context, Step
from benchmarks.harness.results import Figure, at_least, at_most

_CPU_MS: Final = 5.0


def groundedness(context: Context) -> list[Figure]:
    """Both halves of each corpus."""
    data, figures = shared_data(), list[Figure]()
    for name, read in CORPORA.items():
        labelled = list(read(data))[:: context.size(1, 4)]
        halves = {
            "half kept apart": [one for one in labelled if not one.is_design],
            "half it was designed on": [one for one in labelled if one.is_design],
            "both halves": labelled,
        }
        for half, cases in halves.items():
            figures += _figures(f"{name}, {half}", measure(cases), has_bar=half == "half kept apart")
    return figures


def _figures(name: str, found: Agreement, *, has_bar: bool) -> list[Figure]:
    size = f"{found.scored} of {found.total} answers judged"
    margin = Figure(
        f"AUC above token overlap, {name}",
        size,
        "",
        round(found.margin.value, 3),
        at_least(0.0) if has_bar else None,
        f"95 % {found.margin.low:+.3f} to {found.margin.high:+.3f}; token overlap {found.rival}",
    )
    auc = Figure(f"AUC, {name}", size, "", round(found.auc.value, 3), note=f"95 % {found.auc}")
    if not has_bar:
        return [auc, margin]
    cost = Figure(f"cost of a case, {name}", size, "ms CPU", round(found.cpu_ms, 2), at_most(_CPU_MS))
    return [auc, margin, cost]


STEPS: Final[tuple[Step, ...]] = (
    Step(
        "groundedness",
        "offline groundedness against human labels, beside token overlap",
        groundedness,
        1,
        is_default=False,
    ),
)
