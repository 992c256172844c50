"""A run as an Excel workbook: what it says, and a sheet of its cases."""

from __future__ import annotations

import io
from collections.abc import Iterable, Mapping
from typing import Any

from openpyxl import Workbook
from openpyxl.cell import WriteOnlyCell
from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE
from openpyxl.styles import Font

from pitwall.evals.runs.exporting.tables import harmless, heading, row
from pitwall.evals.runs.reading import JudgedCase
from pitwall.evals.runs.results_table import verdict_lines
from pitwall.evals.runs.types import EvalRun
from pitwall.kit.i18n import Language

_LONGEST_CELL = 32_767
_SUMMARY = (
    "metric identity n_scored n_total mean low high method pass_rate pass_low pass_high threshold direction "
    "unit"
).split()


def workbook(view: Mapping[str, Any], run: EvalRun, cases: Iterable[JudgedCase], language: Language) -> bytes:
    """Return the workbook; rows go to it one by one, so that many cases need little memory."""
    book = Workbook(write_only=True)
    _write_summary(book, view, language)
    sheet = book.create_sheet("cases")
    sheet.append([_bold(sheet, title) for title in heading(run)])
    for case in cases:
        sheet.append([_cell(value) for value in row(run, case)])
    buffer = io.BytesIO()
    book.save(buffer)
    return buffer.getvalue()


def _write_summary(book: Workbook, view: Mapping[str, Any], language: Language) -> None:
    sheet = book.create_sheet("summary")
    facts = ("id", "name", "dataset", "dataset_hash", "state", "started_at", "finished_at")
    for name in facts:
        sheet.append([_bold(sheet, name), _cell(view[name])])
    sheet.append([])
    summary = view["summary"]
    if summary is not None:
        sheet.append([_bold(sheet, title) for title in _SUMMARY])
        for name, metric in summary["metrics"].items():
            values = {**metric, "metric": name}
            sheet.append([_cell(values[title]) for title in _SUMMARY])
        sheet.append([])
    for line in verdict_lines(view, language):
        sheet.append([_cell(line)])


def _bold(sheet: Any, text: str) -> Any:
    cell = WriteOnlyCell(sheet, value=text)
    cell.font = Font(bold=True)
    return cell


def _cell(value: Any) -> Any:
    if not isinstance(value, str):
        return value
    return harmless(ILLEGAL_CHARACTERS_RE.sub("", value))[:_LONGEST_CELL]
