"""Missed questions as a file."""

from __future__ import annotations

import csv
import json
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, Final

from pitwall.core.errors import InvalidInput

_COLUMNS: Final = ("question", "count", "wordings", "reasons", "first_at", "last_at", "trace_ids", "id")
_FORMULA: Final = ("=", "+", "-", "@", "\t", "\r")


def check_format(path: Path) -> None:
    """Refuse a file of another kind.

    Raises:
        InvalidInput: Its name ends neither in .csv nor in .jsonl.
    """
    if path.suffix.lower() not in (".csv", ".jsonl"):
        raise InvalidInput(
            f"{path.name!r} tells no format.",
            code="missed.unknown_format",
            hint="Let the name end in .csv or .jsonl.",
        )


def write_file(path: Path, questions: Sequence[Mapping[str, Any]]) -> None:
    """Write questions in the form that the name of the file tells."""
    if path.suffix.lower() == ".jsonl":
        lines = (json.dumps(one, ensure_ascii=False) + "\n" for one in questions)
        path.write_text("".join(lines), encoding="utf-8")
        return
    # With a byte order mark, spreadsheets read Korean as it is.
    with path.open("w", encoding="utf-8-sig", newline="") as stream:
        writer = csv.DictWriter(stream, _COLUMNS)
        writer.writeheader()
        writer.writerows(_rows(questions))


def _rows(questions: Sequence[Mapping[str, Any]]) -> Iterator[dict[str, Any]]:
    for one in questions:
        yield {
            **{name: one[name] for name in ("count", "wordings", "first_at", "last_at", "id")},
            "question": _plain(one["question"]),
            "reasons": " ".join(f"{name}={count}" for name, count in sorted(one["reasons"].items())),
            "trace_ids": " ".join(example["trace_id"] for example in one["examples"]),
        }


def _plain(text: str) -> str:
    """A text of users that no spreadsheet takes for a formula."""
    return f"'{text}" if text.startswith(_FORMULA) else text
