"""Rows and columns of the tables that `pitwall signals` prints."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict
from itertools import groupby
from typing import TYPE_CHECKING, Any

from pitwall.kit.cli_output import Column, show_value
from pitwall.kit.i18n import Language
from pitwall.kit.sparkline import sparkline
from pitwall.signals.render import show_number

if TYPE_CHECKING:
    from pitwall.signals.jsonl import JsonlWindow

Rows = list[dict[str, Any]]

FACT_COLUMNS = [Column("fact", "signal"), Column("value", "", wrap=True)]
# What a narrow terminal can do without gives way; names, values, counts and bands stay whole.
CURRENT_COLUMNS = [
    Column("name", "name"),
    Column("title", "title", gives_way=2),
    Column("labels", "labels", show=show_value, gives_way=1),
    Column("value", "value", "right"),
    Column("count", "count", "right"),
    Column("band", "band"),
    Column("history", "last hour", gives_way=3),
]


def signal_facts(signal: Mapping[str, Any], language: Language) -> Rows:
    """What one signal means, a fact per row."""
    bands = signal["bands"]
    facts = {
        "name": signal["name"],
        "title": signal["title"][language.value],
        "description": signal["description"][language.value],
        "over": signal["over"],
        "value": signal["value"],
        "per_seconds": signal["per_seconds"],
        "by": signal["by"],
        "unit": signal["unit"],
        "better": signal["better"],
        "normal": bands["normal"],
        "warning": bands["warning"],
        "critical": bands["critical"],
        "min_count": bands["min_count"],
    }
    return [{"fact": fact, "value": value} for fact, value in facts.items()]


def flat_rows(results: Sequence[Mapping[str, Any]]) -> Rows:
    """Every row of several answers with the name of its signal."""
    return [
        {"name": result["name"], "unit": result["unit"], **row}
        for result in results
        for row in result["rows"]
    ]


def current_rows(
    results: Sequence[Mapping[str, Any]], history: Sequence[Mapping[str, Any]], titles: Mapping[str, str]
) -> Rows:
    """One row per series: its current value and the sparkline of the last hour."""
    lines: defaultdict[tuple[str, ...], list[float | None]] = defaultdict(list)
    for row in flat_rows(history):
        lines[(row["name"], *row["labels"].values())].append(row["value"])
    return [
        {
            "name": result["name"],
            "title": titles[result["name"]],
            "labels": row["labels"] or None,
            "value": None if row["value"] is None else show_number(row["value"], result["unit"]),
            "count": row["count"],
            "band": row["band"],
            "history": sparkline(lines[(result["name"], *row["labels"].values())]),
        }
        for result in results
        for row in result["rows"]
    ]


def row_columns(answer: Mapping[str, Any]) -> list[Column]:
    """Columns of the rows of one answer."""
    unit = answer["unit"]
    return [
        Column("labels", "labels", show=lambda labels: show_value(labels) if labels else ""),
        Column("start", "start"),
        Column("end", "end"),
        Column("value", "value", "right", show=lambda value: show_number(value, unit)),
        Column("count", "count", "right"),
        Column("band", "band"),
        Column("complete", "complete"),
    ]


def by_series(rows: Rows) -> Iterator[tuple[str, Rows]]:
    """Rows of one answer by their labels; rows of a series stand together."""
    for labels, series in groupby(rows, key=lambda row: row["labels"]):
        yield (show_value(labels) if labels else ""), list(series)


def window_row(window: JsonlWindow) -> dict[str, Any]:
    """A window of files as a row."""
    row = asdict(window)
    return {**row.pop("labels"), **row}


def window_columns(fields: Sequence[str]) -> list[Column]:
    """Columns of windows of files."""
    return [
        *(Column(field, field) for field in fields),
        Column("start", "start"),
        Column("end", "end"),
        Column("count", "calls", "right"),
        Column("success_rate", "success", "right", show=lambda value: show_number(value, "ratio")),
        Column("p95_latency_ms", "p95", "right", show=lambda value: show_number(value, "ms")),
        Column("prompt_tokens", "prompt tokens", "right"),
        Column("completion_tokens", "completion tokens", "right"),
    ]
