"""Arithmetic on series: one lane of values and counts per label set; absent stays absent."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from itertools import pairwise

from pitwall.signals.expressions import Breakdown, Histogram, Operator, Share, TopK

OTHER = "(other)"
Labels = tuple[str, ...]


@dataclass(slots=True)
class Lane:
    """One series: for every window its value, None without data, and the observations behind it."""

    values: list[float | None]
    counts: list[int]

    @classmethod
    def empty(cls, windows: int) -> Lane:
        """A lane in which nothing is known."""
        return cls([None] * windows, [0] * windows)


Lanes = dict[Labels, Lane]


def joined(earlier: Lanes, later: Lanes, earlier_windows: int, later_windows: int) -> Lanes:
    """Lanes of two ranges that follow each other, as those of the whole."""
    before, after = Lane.empty(earlier_windows), Lane.empty(later_windows)
    result: Lanes = {}
    for labels in {**earlier, **later}:
        one, other = earlier.get(labels, before), later.get(labels, after)
        result[labels] = Lane(one.values + other.values, one.counts + other.counts)
    return result


def scaled(lanes: Lanes, factor: float) -> Lanes:
    """Every value multiplied by a factor."""
    return {
        labels: Lane([None if value is None else value * factor for value in lane.values], lane.counts)
        for labels, lane in lanes.items()
    }


def with_number(operator: Operator, lanes: Lanes, number: float, *, number_first: bool) -> Lanes:
    """Arithmetic of every value with a constant."""
    return {
        labels: Lane(
            [
                _apply(operator, number, value) if number_first else _apply(operator, value, number)
                for value in lane.values
            ],
            lane.counts,
        )
        for labels, lane in lanes.items()
    }


def combined(operator: Operator, left: Lanes, right: Lanes, windows: int) -> Lanes:
    """Arithmetic window by window; with an absent side the value is absent, the count is the smaller one."""
    empty = Lane.empty(windows)
    result: Lanes = {}
    for labels in {**left, **right}:
        one, other = left.get(labels, empty), right.get(labels, empty)
        result[labels] = Lane(
            [_apply(operator, a, b) for a, b in zip(one.values, other.values, strict=True)],
            [min(a, b) for a, b in zip(one.counts, other.counts, strict=True)],
        )
    return result


def _apply(operator: Operator, left: float | None, right: float | None) -> float | None:
    if left is None or right is None:
        return None
    match operator:
        case Operator.ADD:
            return left + right
        case Operator.SUBTRACT:
            return left - right
        case Operator.MULTIPLY:
            return left * right
        case _:
            return left / right if right else None


def moving_mean(lanes: Lanes, size: int) -> Lanes:
    """The mean of the known values among each window and the `size - 1` before it."""
    return {labels: _moving_mean(lane, size) for labels, lane in lanes.items()}


def _moving_mean(lane: Lane, size: int) -> Lane:
    values: list[float | None] = []
    counts: list[int] = []
    for end in range(1, len(lane.values) + 1):
        start = max(0, end - size)
        known = [value for value in lane.values[start:end] if value is not None]
        values.append(sum(known) / len(known) if known else None)
        counts.append(sum(lane.counts[start:end]))
    return Lane(values, counts)


def broken_down(breakdown: Breakdown, lanes: Lanes, windows: int) -> Lanes:
    """Turn counts by the last label into the values of a breakdown.

    Every value's count is the number of records of all buckets of its window, so that an empty bucket of
    a window with data is a true 0.
    """
    groups: Mapping[Labels, Lanes] = _groups(lanes)
    result: Lanes = {}
    for prefix, group in groups.items():
        totals = [sum(lane.counts[window] for lane in group.values()) for window in range(windows)]
        for labels, counts in _buckets(breakdown, group, windows).items():
            result[(*prefix, *labels)] = Lane(
                [
                    _share_or_count(breakdown, count, total)
                    for count, total in zip(counts, totals, strict=True)
                ],
                totals,
            )
    return result


def _groups(lanes: Lanes) -> Mapping[Labels, Lanes]:
    groups: defaultdict[Labels, Lanes] = defaultdict(dict)
    for labels, lane in lanes.items():
        groups[labels[:-1]][labels[-1:]] = lane
    return groups


def _share_or_count(breakdown: Breakdown, count: int, total: int) -> float | None:
    if not total:
        return None
    return count / total if isinstance(breakdown, Share) else float(count)


def _buckets(breakdown: Breakdown, group: Lanes, windows: int) -> dict[Labels, list[int]]:
    match breakdown:
        case Histogram():
            nothing = [0] * windows
            names = bucket_names(breakdown.bounds)
            return {
                (name,): group[(str(number),)].counts if (str(number),) in group else nothing
                for number, name in enumerate(names)
            }
        case TopK(size):
            return _most_frequent(group, size)
        case _:
            return {labels: lane.counts for labels, lane in group.items()}


def _most_frequent(group: Lanes, size: int) -> dict[Labels, list[int]]:
    ranked = sorted(group, key=lambda labels: (-sum(group[labels].counts), labels))
    buckets = {labels: group[labels].counts for labels in ranked[:size]}
    if ranked[size:]:
        buckets[(OTHER,)] = _sums(group[labels].counts for labels in ranked[size:])
    return buckets


def _sums(columns: Iterable[list[int]]) -> list[int]:
    return [sum(values) for values in zip(*columns, strict=True)]


def bucket_names(bounds: tuple[float, ...]) -> list[str]:
    """How the buckets of a histogram are called: `0`, `1`, `2-3`, `4+` for the whole bounds 0, 1, 3."""
    if all(bound == int(bound) for bound in bounds):
        whole = [int(bound) for bound in bounds]
        first = "0" if whole[0] == 0 else f"0-{whole[0]}" if whole[0] > 0 else f"<={whole[0]}"
        return [first, *(_between(low + 1, high) for low, high in pairwise(whole)), f"{whole[-1] + 1}+"]
    shown: Callable[[float], str] = "{:g}".format
    middle = [f">{shown(low)}<={shown(high)}" for low, high in pairwise(bounds)]
    return [f"<={shown(bounds[0])}", *middle, f">{shown(bounds[-1])}"]


def _between(low: int, high: int) -> str:
    return str(low) if low == high else f"{low}-{high}"
