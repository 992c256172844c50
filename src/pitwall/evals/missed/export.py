"""Missed questions as a file."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, Final

from pitwall.core.errors import InvalidInput

MEDIA_TYPES: Final = {"csv": "text/csv; charset=utf-8", "jsonl": "application/x-ndjson"}
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
    path.write_bytes(encode(questions, path.suffix.lower().removeprefix(".")))


def encode(questions: Sequence[Mapping[str, Any]], form: str) -> bytes:
    """Return questions as a file, one of each line.

    Args:
        questions: As the API tells them.
        form: `csv` or `jsonl`.
    """
    if form == "jsonl":
        lines = (json.dumps(one, ensure_ascii=False) + "\n" for one in questions)
        return "".join(lines).encode()
    text = io.StringIO(newline="")
    writer = csv.DictWriter(text, _COLUMNS)
    writer.writeheader()
    writer.writerows(_rows(questions))
    # With a byte order mark, spreadsheets read Korean as it is.
    return text.getvalue().encode("utf-8-sig")


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
