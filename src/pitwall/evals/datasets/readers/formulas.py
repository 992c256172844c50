"""Formulas of a workbook that were saved without their values, as other programs than spreadsheets do."""

from __future__ import annotations

import re
from typing import Any, Final

from pitwall.evals.datasets.errors import DatasetInvalid

_CHUNK: Final = 1 << 20
_LONGEST_CELL: Final = 1 << 15
_NO_VALUE: Final = re.compile(
    rb'<c r="([A-Z]+\d+)"[^>]*>\s*<f[^>]*(?:/>|>[^<]*</f>)\s*(?:<v\s*/>|<v>\s*</v>)?\s*</c>'
)


def refuse_formulas_without_values(sheet: Any, file: str) -> None:
    """Refuse a sheet with such a formula: its cell would count as empty.

    Args:
        sheet: Of openpyxl, opened to be read only.

    Raises:
        DatasetInvalid: There is one; the message names its cell.
    """
    archive, path = sheet.parent._archive, sheet._worksheet_path  # noqa: SLF001 said nowhere else
    with archive.open(path) as part:
        seen = b""
        while chunk := part.read(_CHUNK):
            seen = seen[-_LONGEST_CELL:] + chunk
            found = _NO_VALUE.search(seen) if b"<f" in seen else None
            if found is not None:
                raise DatasetInvalid(
                    f"{file}, sheet {sheet.title}, cell {found[1].decode()}: the formula has no saved value.",
                    code="dataset.formula",
                    hint="Save the file once in a spreadsheet, or write values in place of formulas.",
                )
