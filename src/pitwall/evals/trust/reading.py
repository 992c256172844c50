"""Labels from files: CSV and JSON, under the names that people give to columns."""

from __future__ import annotations

import csv
import io
import json
import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from pitwall.evals.trust.errors import LabelsInvalid
from pitwall.evals.trust.types import NewLabel

_NAMES: Final = {
    "example_id": ("id", "example_id", "case_id", "test_case_id"),
    "value": ("label", "value", "passed", "score", "rating", "human", "gold", "라벨", "평가"),
    "metric": ("metric", "메트릭"),
    "rater": ("rater", "rater_id", "annotator", "labeler", "labeller", "평가자"),
    "comment": ("comment", "note", "reason", "의견", "메모"),
}
_WORDS: Final = {
    **dict.fromkeys(("pass", "passed", "yes", "y", "true", "good", "ok", "correct", "supported", "up"), 1.0),
    **dict.fromkeys(("통과", "예", "맞음", "정답", "좋음", "적합"), 1.0),
    **dict.fromkeys(("fail", "failed", "no", "n", "false", "bad", "wrong", "incorrect", "unsupported"), 0.0),
    **dict.fromkeys(("down", "실패", "아니오", "틀림", "오답", "나쁨", "부적합"), 0.0),
}
_SHOWN: Final = 5


class InvalidScale(ValueError):
    """The text is no scale."""


@dataclass(frozen=True, slots=True)
class Scale:
    """What the numbers of a file mean: the lowest is as bad as can be, the highest as good as can be."""

    lowest: float = 0.0
    highest: float = 1.0

    @classmethod
    def parse(cls, text: str) -> Scale:
        """Read `1-5`.

        Raises:
            InvalidScale: It is not two numbers, the lower one first.
        """
        low, _, high = text.partition("-")
        try:
            scale = cls(float(low), float(high))
        except ValueError:
            raise InvalidScale(text) from None
        if not scale.lowest < scale.highest < math.inf:
            raise InvalidScale(text)
        return scale

    def place(self, number: float) -> float:
        """Where a number stands between 0 and 1.

        Raises:
            ValueError: Outside of the scale.
        """
        if not self.lowest <= number <= self.highest:
            raise ValueError(f"{number:g} is outside of {self.lowest:g}-{self.highest:g}")
        return (number - self.lowest) / (self.highest - self.lowest)


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadOptions:
    """How a file of labels is to be read.

    Attributes:
        metric: Of labels that do not say theirs.
        rater: Of labels that do not say theirs.
    """

    metric: str | None = None
    rater: str | None = None
    scale: Scale = Scale()


def read_labels(path: Path, options: ReadOptions) -> list[NewLabel]:
    """Read a file of labels, CSV or JSON lines or a JSON list.

    Raises:
        LabelsInvalid: A line is no label; the message names the first ones.
    """
    labels, problems = [], []
    for place, record in _records(path):
        try:
            labels.append(_label(record, options))
        except ValueError as error:
            problems.append(f"{place}: {error}")
    if problems:
        more = f" and {len(problems) - _SHOWN} more" if len(problems) > _SHOWN else ""
        raise LabelsInvalid(
            f"{path.name} has lines that are no labels: {'; '.join(problems[:_SHOWN])}{more}.",
            hint="Each needs an id and a label (pass or fail, or a number on --scale), and a metric here or "
            "with --metric.",
        )
    if not labels:
        raise LabelsInvalid(
            f"{path.name} has no labels.", hint="Its columns should be id, label, metric, rater."
        )
    return labels


def _records(path: Path) -> Iterator[tuple[str, Mapping[str, Any]]]:
    try:
        text = path.read_text("utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise LabelsInvalid(f"{path} cannot be read: {error}.", hint="Give a UTF-8 text file.") from error
    if path.suffix.lower() == ".csv":
        rows: Iterable[Any] = csv.DictReader(io.StringIO(text))
        yield from ((f"row {number}", row) for number, row in enumerate(rows, 2))
        return
    for number, record in _json_records(path, text):
        yield f"line {number}", record if isinstance(record, Mapping) else {}


def _json_records(path: Path, text: str) -> Iterator[tuple[int, Any]]:
    try:
        if text.lstrip().startswith("["):
            yield from enumerate(json.loads(text), 1)
            return
        for number, line in enumerate(text.splitlines(), 1):
            if line.strip():
                yield number, json.loads(line)
    except ValueError as error:
        raise LabelsInvalid(
            f"{path.name} is no JSON: {error}.", hint="Give a CSV file, or one JSON object in each line."
        ) from error


def _label(record: Mapping[str, Any], options: ReadOptions) -> NewLabel:
    found = {field: _first(record, names) for field, names in _NAMES.items()}
    if found["example_id"] is None:
        raise ValueError("no id")
    if found["value"] is None:
        raise ValueError("no label")
    metric = found["metric"] or options.metric
    if metric is None:
        raise ValueError("no metric")
    return NewLabel(
        example_id=str(found["example_id"]),
        metric=str(metric),
        value=_value(found["value"], options.scale),
        rater=_text(found["rater"]) or options.rater,
        comment=_text(found["comment"]),
    )


def _first(record: Mapping[str, Any], names: Sequence[str]) -> Any:
    """The value of the first name that is there and not empty."""
    lowered = {str(key).strip().lower(): value for key, value in record.items()}
    for name in names:
        value = lowered.get(name)
        if value is not None and str(value).strip():
            return value.strip() if isinstance(value, str) else value
    return None


def _text(value: Any) -> str | None:
    return None if value is None else str(value)


def _value(value: Any, scale: Scale) -> float:
    if isinstance(value, bool):
        return float(value)
    word = _WORDS.get(str(value).lower())
    if word is not None:
        return word
    try:
        number = float(value)
    except (TypeError, ValueError):
        raise ValueError(f"{value!r} is no label") from None
    return scale.place(number)
