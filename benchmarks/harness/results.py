"""What a benchmark says: figures with their bars, kept as JSON and shown as a table."""

from __future__ import annotations

import json
import os
from collections.abc import Iterable
from dataclasses import asdict, dataclass, field
from enum import StrEnum
from pathlib import Path
from typing import Any


class Verdict(StrEnum):
    """How a figure stands to its bar."""

    OK = "ok"
    MISSED = "missed"
    NO_BAR = "-"
    NOT_MEASURED = "not measured"


@dataclass(frozen=True, slots=True)
class Bar:
    """A limit that a figure should keep, in the figure's unit."""

    limit: float
    is_minimum: bool

    def __str__(self) -> str:
        return f"{'>=' if self.is_minimum else '<='} {format_number(self.limit)}"

    def is_kept_by(self, value: float) -> bool:
        """Tell whether a value keeps the limit."""
        return value >= self.limit if self.is_minimum else value <= self.limit


def at_least(limit: float) -> Bar:
    """Make a bar that larger values keep."""
    return Bar(limit, is_minimum=True)


def at_most(limit: float) -> Bar:
    """Make a bar that smaller values keep."""
    return Bar(limit, is_minimum=False)


@dataclass(frozen=True, slots=True)
class Figure:
    """One measured number.

    Attributes:
        claim: What the number is.
        size: At which size it was measured.
        value: None if it could not be measured; `note` then says why.
        bar: None for a number that is only told.
    """

    claim: str
    size: str
    unit: str
    value: float | None
    bar: Bar | None = None
    note: str = ""

    @property
    def verdict(self) -> Verdict:
        """Compare with the bar."""
        if self.value is None:
            return Verdict.NOT_MEASURED
        if self.bar is None:
            return Verdict.NO_BAR
        return Verdict.OK if self.bar.is_kept_by(self.value) else Verdict.MISSED


@dataclass(frozen=True, slots=True)
class StepRecord:
    """One step that was run.

    Attributes:
        commit: Of the measured code; ends in `+` if there were changes on top of it.
        is_quick: Smaller than its claims ask for: its verdicts prove nothing.
        load_before: Load average over one minute just before; above 1, others used the machine too.
        error: Why the step could not be finished; empty if it was.
    """

    step: str
    commit: str
    started_at: str
    seconds: float
    is_quick: bool
    load_before: float
    figures: list[Figure] = field(default_factory=list)
    error: str = ""


@dataclass(slots=True)
class Report:
    """Every step's latest record, and the machine they ran on."""

    machine: dict[str, str]
    steps: dict[str, StepRecord] = field(default_factory=dict)

    def add(self, record: StepRecord) -> None:
        """Put in a record, in place of an earlier one of the same step."""
        self.steps[record.step] = record

    def save(self, path: Path) -> None:
        """Write the report so that a reader never sees half of it."""
        steps = [_to_json(record) for record in self.steps.values()]
        path.parent.mkdir(parents=True, exist_ok=True)
        unfinished = path.with_suffix(f".{os.getpid()}.part")
        unfinished.write_text(json.dumps({"machine": self.machine, "steps": steps}, indent=1) + "\n")
        unfinished.replace(path)

    def load(self, path: Path) -> None:
        """Take over the records of an earlier run; a missing file has none."""
        if path.exists():
            for step in json.loads(path.read_text())["steps"]:
                self.add(_from_json(step))


def _to_json(record: StepRecord) -> dict[str, Any]:
    written = asdict(record)
    for figure, row in zip(record.figures, written["figures"], strict=True):
        row["verdict"] = figure.verdict.value
    return written


def _from_json(step: dict[str, Any]) -> StepRecord:
    figures = []
    for row in step["figures"]:
        kept = {key: value for key, value in row.items() if key != "verdict"}
        figures.append(Figure(**kept | {"bar": None if row["bar"] is None else Bar(**row["bar"])}))
    return StepRecord(**step | {"figures": figures})


def format_number(value: float) -> str:
    """Write a number with three significant digits or all digits before the point."""
    if value == int(value) and abs(value) < 1e15:
        return f"{int(value):,}"
    return f"{value:,.0f}" if abs(value) >= 1000 else f"{value:.3g}"


_COLUMNS = ("claim", "size", "bar", "measured", "verdict")
_MAX_WIDTHS = (64, 46, 20, 24, 14)


def render(records: Iterable[StepRecord]) -> str:
    """Lay out the records as a table; verdicts of quick steps stand in brackets."""
    records = list(records)
    rows = [_cells(record, figure) for record in records for figure in record.figures]
    widths = [
        min(limit, max([len(title), *(len(row[index]) for row in rows)]))
        for index, (title, limit) in enumerate(zip(_COLUMNS, _MAX_WIDTHS, strict=True))
    ]
    lines = [_line(_COLUMNS, widths)]
    for record in records:
        lines.append(_headline(record))
        for figure in record.figures:
            lines.append(_line(_cells(record, figure), widths))
            if figure.note:
                lines.append(f"      {figure.note}")
        if record.error:
            lines.append(f"  not finished: {record.error}")
    if any(record.is_quick for record in records):
        lines.append("\nVerdicts in brackets: smaller than the claim's size, so they prove nothing.")
    return "\n".join(lines)


def _headline(record: StepRecord) -> str:
    return (
        f"\n{record.step}  ({record.started_at}, {record.seconds:.0f} s, {record.commit}, "
        f"load before {record.load_before:.1f})"
    )


def _cells(record: StepRecord, figure: Figure) -> tuple[str, ...]:
    measured = "" if figure.value is None else f"{format_number(figure.value)} {figure.unit}"
    bar = "" if figure.bar is None else f"{figure.bar} {figure.unit}"
    has_verdict = figure.verdict in (Verdict.OK, Verdict.MISSED)
    verdict = f"({figure.verdict})" if record.is_quick and has_verdict else str(figure.verdict)
    return figure.claim, figure.size, bar, measured, verdict


def _line(cells: Iterable[str], widths: list[int]) -> str:
    return "  " + "  ".join(cell.ljust(width) for cell, width in zip(cells, widths, strict=True)).rstrip()
