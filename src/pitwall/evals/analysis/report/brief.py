"""What a model is told of an analysis: numbered facts with their values, and numbered cases."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

from pitwall.evals.analysis.wire import outputs

Json = Mapping[str, Any]
_MOST_FACTS: Final = 60
_MOST_CASES: Final = 6


@dataclass(frozen=True, slots=True)
class Fact:
    """Something that was measured.

    Attributes:
        id: `F1`, `F2` ...
        says: In English, with its numbers.
        numbers: The numbers that a text which cites it may quote.
    """

    id: str
    says: str
    numbers: tuple[float, ...]


@dataclass(frozen=True, slots=True)
class Evidence:
    """A case that a text may cite.

    Attributes:
        id: `E1`, `E2` ...
    """

    id: str
    case: str
    says: str
    numbers: tuple[float, ...]


@dataclass(frozen=True, slots=True)
class Brief:
    """Everything that a text may rest on.

    Attributes:
        names: Of metrics and cases, which may hold digits that are no numbers.
    """

    facts: tuple[Fact, ...]
    evidence: tuple[Evidence, ...]
    names: tuple[str, ...]


def make_brief(analysis: Json) -> Brief:
    """Choose what a text may rest on."""
    said = outputs(analysis)
    facts = [
        Fact(f"F{number}", says, tuple(values))
        for number, (says, values) in enumerate(list(_facts(said))[:_MOST_FACTS], 1)
    ]
    evidence = list(_evidence(said.get("priority") or {"cases": []}))
    metrics = [one["metric"] for one in said.get("statistics", {"metrics": []})["metrics"]]
    names = (*metrics, *(one.case for one in evidence))
    return Brief(tuple(facts), tuple(evidence), names)


def _facts(said: Json) -> Iterator[tuple[str, list[float]]]:
    statistics = said.get("statistics")
    if statistics is not None:
        passing = statistics["passing"]
        yield from _fact("cases passing every metric", passing, ("passed", "n", "rate", "low", "high"))
        for one in statistics["metrics"]:
            keys = ("mean", "low", "high", "threshold", "n", "n_total", "pass_rate", "errors")
            yield from _fact(f"metric {one['metric']}", one, keys)
    for one in said.get("diagnostic", {"findings": []})["findings"]:
        yield one["text"]["en"], list(one["numbers"].values())
    for one in said.get("slices", {"found": []})["found"][:8]:
        what = (
            f"cases with {one['fact']} = {one['value']} are {one['verdict']} than the rest in {one['metric']}"
        )
        yield from _fact(what, one, ("mean", "rest", "difference", "p_adjusted", "n"))
    for one in said.get("failure_clusters", {"clusters": []})["clusters"][:6]:
        what = f"cluster of failing cases about {', '.join(one['terms'])}"
        yield from _fact(what, one, ("n", "share_of_failing", "mean_shortfall"))
    for one in said.get("associations", {"associations": []})["associations"][:6]:
        if one["is_shown"]:
            what = f"{one['factor']} goes together with {one['metric']} (no cause)"
            yield from _fact(what, one, ("rho", "n", "p_adjusted"))


def _fact(what: str, of: Json, keys: tuple[str, ...]) -> Iterator[tuple[str, list[float]]]:
    known = {key: of[key] for key in keys if of.get(key) is not None}
    if known:
        yield (
            f"{what}: {', '.join(f'{key} {value:.6g}' for key, value in known.items())}",
            list(known.values()),
        )


def _evidence(priority: Json) -> Iterator[Evidence]:
    for number, one in enumerate(priority["cases"][:_MOST_CASES], 1):
        scores = {name: value for name, value in one["scores"].items() if value is not None}
        listed = ", ".join(f"{name} {value:.6g}" for name, value in scores.items())
        says = f"case {one['case']}: {listed}; fails {', '.join(one['failed'])}; asks: {one['question']}"
        yield Evidence(f"E{number}", one["case"], says, (*scores.values(), one["priority"]))
