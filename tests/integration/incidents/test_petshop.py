"""Taking a change apart by node on real incidents of a web shop, as far as that can find their causes."""

from __future__ import annotations

import csv
import gzip
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import pytest

from pitwall.incidents.decomposition import NOTHING, Kind, Measure, Slice, parts
from tests.support.data_sets import shared_data

PETSHOP = shared_data() / "anomaly" / "petshop"
_INTERVAL = 300
_BEFORE = 3600
_AFTER = 1200


@dataclass(frozen=True)
class Incident:
    """One injected fault: which metric of the front door suffered, and which node was the cause."""

    metric: str
    front_door: str
    cause: str
    slices: Sequence[Slice]

    def rank(self) -> int | None:
        """The place of the cause among the nodes by their parts of the change."""
        kind = Kind.RATIO if self.metric == "availability" else Kind.MEAN
        before, now = (_whole(self.slices, when) for when in ("before", "now"))
        names = [part.slice.name for part in parts(kind, before, now, self.slices)]
        return names.index(self.cause) + 1 if self.cause in names else None


def _whole(slices: Sequence[Slice], when: str) -> Measure:
    known = [
        (one.value, one.count) for one in (getattr(part, when) for part in slices) if one.value is not None
    ]
    count = sum(count for _, count in known)
    return Measure(sum(value * count for value, count in known) / count if count else None, count)


def _incidents() -> Iterator[Incident]:
    for folder in sorted(PETSHOP.glob("*/train/issue_*")):
        told = json.loads((folder / "target.json").read_text())
        target, cause = told["target"], told["root_cause"]["node"]
        with gzip.open(folder / "metrics.csv.gz", "rt") as file:
            rows = list(csv.reader(file))
        start = target["timestamp"] // _INTERVAL * _INTERVAL
        columns = {key: at for at, key in enumerate(zip(*rows[:3], strict=True))}
        nodes = sorted({node for node, _, _ in columns} - {target["node"], "microservice", ""})
        slices = [_slice(node, target["metric"], columns, rows[4:], start) for node in nodes]
        yield Incident(target["metric"], target["node"], cause, slices)


def _slice(
    node: str, metric: str, columns: Mapping[tuple[str, str, str], int], rows: list[list[str]], start: int
) -> Slice:
    value, requests = columns.get((node, metric, "Average")), columns.get((node, "requests", "Sum"))
    if value is None or requests is None:
        return Slice(node, NOTHING, NOTHING)

    def measure(since: int, until: int) -> Measure:
        total, count = 0.0, 0.0
        for row in rows:
            if since <= float(row[0]) < until and row[value] and row[requests]:
                one = float(row[value])
                bad = 1 - one / 100 if metric == "availability" else one
                total += bad * float(row[requests])
                count += float(row[requests])
        return Measure(total / count, int(count)) if count >= 1 else NOTHING

    return Slice(node, measure(start - _BEFORE, start), measure(start, start + _AFTER))


@pytest.mark.skipif(not PETSHOP.exists(), reason="needs the PetShop incidents")
def test_causes_of_failures_are_found_and_those_of_nested_times_often_not() -> None:
    """The figures of docs/architecture.md: a node that fails stands first; times hold those of others."""
    ranks: dict[str, list[int | None]] = {"availability": [], "latency": []}
    for incident in _incidents():
        ranks[incident.metric].append(incident.rank())
    first = {metric: sum(rank == 1 for rank in found) for metric, found in ranks.items()}
    assert {metric: len(found) for metric, found in ranks.items()} == {"availability": 10, "latency": 10}
    assert first == {"availability": 8, "latency": 3}
