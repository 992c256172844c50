"""The formats that a run can be written in."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from pitwall.core.errors import InvalidInput
from pitwall.evals.runs.exporting.tables import csv_lines
from pitwall.evals.runs.exporting.texts import json_chunks, jsonl_lines
from pitwall.evals.runs.reading import RunReader
from pitwall.evals.runs.types import EvalRun
from pitwall.kit.i18n import Language

FORMATS: Final = {
    "json": "application/json",
    "jsonl": "application/x-ndjson",
    "csv": "text/csv; charset=utf-8",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "md": "text/markdown; charset=utf-8",
    "html": "text/html; charset=utf-8",
}


@dataclass(frozen=True, slots=True)
class ExportedFile:
    """A file that is being written.

    Attributes:
        chunks: Its bytes, in order; read once.
    """

    name: str
    media_type: str
    chunks: Iterable[bytes]


def export_run(
    reader: RunReader, run: EvalRun, view: Mapping[str, Any], file_format: str, language: Language
) -> ExportedFile:
    """Write a run as a file; texts for people are in a language.

    Args:
        view: The run as `run_detail` writes it.

    Raises:
        InvalidInput: There is no such format.
    """
    if file_format not in FORMATS:
        raise InvalidInput(
            f"A run cannot be written as {file_format!r}.",
            code="eval_run.format_unknown",
            hint=f"Formats are {', '.join(FORMATS)}.",
        )
    chunks = _chunks(reader, run, view, file_format, language)
    return ExportedFile(f"{run.id}.{file_format}", FORMATS[file_format], chunks)


def _chunks(
    reader: RunReader, run: EvalRun, view: Mapping[str, Any], file_format: str, language: Language
) -> Iterable[bytes]:
    match file_format:
        case "json":
            return json_chunks(view, reader.all_cases(run, with_content=True))
        case "jsonl":
            return jsonl_lines(view, reader.all_cases(run, with_content=True))
        case "csv":
            return csv_lines(run, reader.all_cases(run, with_content=False))
        case "xlsx":
            from pitwall.evals.runs.exporting.workbook import workbook  # openpyxl takes a while to import

            return [workbook(view, run, reader.all_cases(run, with_content=False), language)]
        case "md":
            from pitwall.evals.runs.exporting.report import markdown

            return [markdown(view, reader, run, language).encode()]
        case _:
            from pitwall.evals.runs.exporting.page import html

            return [html(view, reader, run, language).encode()]
