"""Datasets as values: versions, where they came from, and what was wrong with a file."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from pitwall.kit.i18n import Text


@dataclass(frozen=True, slots=True, kw_only=True)
class Dataset:
    """A named, versioned collection of examples.

    Attributes:
        version_count: How many versions it has, at least one.
        latest: The newest of them.
    """

    id: str
    name: str
    created_at: datetime
    created_by: str
    version_count: int
    latest: DatasetVersion


@dataclass(frozen=True, slots=True, kw_only=True)
class DatasetVersion:
    """What a dataset was at one time; it never changes.

    Attributes:
        number: Counts the versions of a dataset, from 1.
        content_hash: Of the examples, whatever their order and the name of the dataset.
        label: What the file calls its version, such as `1.0.0`.
        thresholds: By metric, what the dataset says a case passes at.
        facts: How many examples have each field, and each language.
        source: Where the examples came from.
    """

    id: str
    dataset_id: str
    number: int
    content_hash: str
    label: str | None
    thresholds: Mapping[str, float]
    example_count: int
    facts: Facts
    source: Mapping[str, Any]
    created_at: datetime
    created_by: str


@dataclass(frozen=True, slots=True)
class Facts:
    """What the examples of a version have.

    Attributes:
        fields: Number of examples by field, such as `reference`; a field that none has is missing.
        languages: Number of examples by language.
    """

    fields: Mapping[str, int] = field(default_factory=dict)
    languages: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Place:
    """Where something stands in a file.

    Attributes:
        line: In a text file, from 1.
        row: In a sheet or a Parquet file, from 1; the heading of a sheet is a row too.
        example: Which example of the file, from 1.
    """

    file: str
    line: int | None = None
    row: int | None = None
    sheet: str | None = None
    example: int | None = None

    def say(self) -> Text:
        """The place as people read it."""
        english, korean = [self.file], [self.file]
        for word, its_korean, value in (
            ("sheet", "시트", self.sheet),
            ("line", "줄", self.line),
            ("row", "행", self.row),
            ("example", "예제", self.example),
        ):
            if value is not None:
                english.append(f"{word} {value}")
                korean.append(f"{its_korean} {value}")
        return Text(", ".join(english), ", ".join(korean))


@dataclass(frozen=True, slots=True)
class Problem:
    """Why a record is no example.

    Attributes:
        code: Short name of what is wrong, such as `missing_question`.
        field: Which field, if it is about one.
        text: What is wrong, and the way out.
    """

    place: Place
    code: str
    text: Text
    field: str | None = None

    def say(self) -> Text:
        """Place, field and what is wrong, in one line."""
        place = self.place.say()
        where = "" if self.field is None else f", {self.field}"
        return Text(f"{place.en}{where}: {self.text.en}", f"{place.ko}{where}: {self.text.ko}")


@dataclass(frozen=True, slots=True)
class Record:
    """What a file says of one example, under the file's own names."""

    place: Place
    values: Mapping[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadOptions:
    """How a file is to be read.

    Attributes:
        file_format: `json`, `jsonl`, `csv`, `xlsx`, `parquet`; None finds out.
        encoding: Of a text file; None finds out.
        language: Of examples that do not say theirs; None finds it from the text.
        separator: Between contexts in a cell that holds no JSON list; empty for a single context.
        sheet: Of a workbook; None takes the first that has a question column.
        columns: Names in the file by field, instead of all names that are known; empty for none.
        skip_invalid: Leave out what is no example instead of refusing the file.
    """

    file_format: str | None = None
    encoding: str | None = None
    language: str | None = None
    separator: str = "|"
    sheet: str | None = None
    columns: Mapping[str, str] = field(default_factory=dict)
    skip_invalid: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Imported:
    """What became of an import.

    Attributes:
        is_new: False if the dataset has a version with these examples already.
        skipped: What was left out, the first ones in full.
        skipped_count: How many were left out.
    """

    dataset: Dataset
    version: DatasetVersion
    is_new: bool
    skipped: tuple[Problem, ...] = ()
    skipped_count: int = 0
