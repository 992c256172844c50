"""A run as a table: a row for each case, columns for each metric."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from pitwall.evals.runs.reading import JudgedCase
from pitwall.evals.runs.types import EvalRun, StoredScore
from pitwall.evals.runs.wire import trace_of

_FACTS = ("position", "example_id", "language", "group", "trace_id", "passed")
_TEXTS = ("question", "answer", "reference", "contexts")
_BYTE_ORDER_MARK = "\ufeff"
# What a spreadsheet would take for a formula.
_FORMULA = ("=", "+", "-", "@", "\t", "\r")


def heading(run: EvalRun) -> list[str]:
    """The titles of the columns: `faithfulness`, `faithfulness.status`, `faithfulness.reason`, ..."""
    metrics = [
        title
        for metric in run.plan.metrics
        for title in (metric.name, f"{metric.name}.status", f"{metric.name}.reason")
    ]
    return [*_FACTS, *metrics, *_TEXTS]


def row(run: EvalRun, case: JudgedCase) -> list[Any]:
    """A case as a row; with repetitions the value is their mean. An absent value stays empty."""
    example, answer = case.example, case.answer
    facts = [
        case.position,
        case.example_id,
        None if example is None else example.language,
        None if example is None else example.group,
        trace_of(case),
        case.passed,
    ]
    metrics = [cell for metric in run.plan.metrics for cell in _cells(case.scores, metric.name)]
    contexts = None if answer is None or answer.contexts is None else answer.contexts
    texts = [
        None if example is None else example.question,
        None if answer is None else answer.text,
        None if example is None else example.reference,
        None if contexts is None else "\n\n".join(one.text for one in contexts),
    ]
    return [*facts, *metrics, *texts]


def csv_lines(run: EvalRun, cases: Iterable[JudgedCase]) -> Iterator[bytes]:
    """Yield a CSV file, with the mark by which spreadsheets recognise UTF-8."""
    yield (_BYTE_ORDER_MARK + _line(heading(run))).encode()
    for case in cases:
        yield _line([harmless(cell) for cell in row(run, case)]).encode()


def harmless(cell: Any) -> Any:
    """A text that a spreadsheet does not take for a formula."""
    return f"'{cell}" if isinstance(cell, str) and cell.startswith(_FORMULA) else cell


def _cells(scores: Sequence[StoredScore], metric: str) -> list[Any]:
    mine = [score for score in scores if score.metric == metric]
    if not mine:
        return [None, None, None]
    values = [score.value for score in mine if score.value is not None]
    if values:
        return [sum(values) / len(values), "scored", None]
    return [None, mine[0].status.value, mine[0].reason]


def _line(cells: Sequence[Any]) -> str:
    buffer = io.StringIO()
    csv.writer(buffer).writerow("" if cell is None else cell for cell in cells)
    return buffer.getvalue()
