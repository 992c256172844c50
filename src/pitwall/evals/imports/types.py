"""Results of another tool as values."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum

from pitwall.evals.datasets.types import Place
from pitwall.evals.types import Example


class Tool(StrEnum):
    """Whose result file it is."""

    EVALVAULT = "evalvault"
    RAGAS = "ragas"
    DEEPEVAL = "deepeval"
    OTHER = "other"
    """A table with a column for each metric."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ForeignScore:
    """What another tool says of a case.

    Attributes:
        value: None if it has none; that is no 0.
        passed: What the tool says, which tells which way the metric is better.
        judge: The model that judged.
        error: Why it could not be judged.
    """

    metric: str
    value: float | None
    threshold: float | None = None
    passed: bool | None = None
    explanation: str | None = None
    judge: str | None = None
    error: str | None = None


@dataclass(frozen=True, slots=True)
class ForeignCase:
    """A case of a result file.

    Attributes:
        example_id: Of the example it is about; None if the file does not say it.
        question: None if the file does not say it.
        example: None where a stored dataset has the examples.
    """

    place: Place
    example_id: str | None
    question: str | None
    example: Example | None
    scores: Sequence[ForeignScore]


@dataclass(frozen=True, slots=True)
class ForeignResults:
    """A result file, read.

    Attributes:
        name: What it calls the dataset.
        left_out: Columns of numbers that were not taken for metrics.
    """

    tool: Tool
    name: str | None
    cases: Sequence[ForeignCase]
    left_out: Sequence[str] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class ImportOptions:
    """How a result file becomes a run.

    Attributes:
        file_format: Of the file; None finds out.
        tool: None finds out.
        dataset: A stored one whose examples the scores are of, as `name` or `name@version`; None makes one of
            the questions in the file.
        name: Of the run; None takes the file's.
        metrics: Columns to take for metrics besides those that are known.
        thresholds: By metric, instead of what the file says.
    """

    file_format: str | None = None
    tool: Tool | None = None
    dataset: str | None = None
    name: str | None = None
    metrics: Sequence[str] = ()
    thresholds: Mapping[str, float] = field(default_factory=dict)
