"""Pairing two lists so that the sum of the pairs' weights is largest."""

from __future__ import annotations

import math
from collections.abc import Sequence


def best_pairs(weights: Sequence[Sequence[float]]) -> list[tuple[int, int]]:
    """Return pairs (row, column), as many as the shorter side has, of the largest total weight.

    Source: the Hungarian method with potentials, Jonker and Volgenant 1987; rows are added one by one along
    shortest augmenting paths.
    """
    rows, columns = len(weights), len(weights[0]) if weights else 0
    if rows > columns:
        turned = best_pairs([[weights[row][column] for row in range(rows)] for column in range(columns)])
        return sorted((row, column) for column, row in turned)
    row_of = [-1] * columns
    row_price, column_price = [0.0] * rows, [0.0] * columns
    for row in range(rows):
        _add_row(row, weights, row_of, row_price, column_price)
    return sorted((row, column) for column, row in enumerate(row_of) if row >= 0)


def _add_row(
    row: int,
    weights: Sequence[Sequence[float]],
    row_of: list[int],
    row_price: list[float],
    column_price: list[float],
) -> None:
    columns = len(row_of)
    distance, before = [math.inf] * columns, [-1] * columns
    done = [False] * columns
    current, current_row, reached = -1, row, 0.0
    while current_row >= 0:
        for column in range(columns):
            if done[column]:
                continue
            cost = -weights[current_row][column] - row_price[current_row] - column_price[column]
            if reached + cost < distance[column]:
                distance[column], before[column] = reached + cost, current
        current = min((column for column in range(columns) if not done[column]), key=distance.__getitem__)
        reached = distance[current]
        done[current] = True
        current_row = row_of[current]
    row_price[row] += reached
    for column in range(columns):
        if done[column] and row_of[column] >= 0:
            row_price[row_of[column]] += reached - distance[column]
        if done[column]:
            column_price[column] -= reached - distance[column]
    while current >= 0:
        previous = before[current]
        row_of[current] = row_of[previous] if previous >= 0 else row
        current = previous
