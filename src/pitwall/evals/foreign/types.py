"""Results of another tool as values, before they become a run."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from pitwall.core.errors import InvalidInput


class Origin(StrEnum):
    """Whose results they are."""

    RAGAS = "ragas"
    DEEPEVAL = "deepeval"
    EVALVAULT = "evalvault"
    PROMPTFOO = "promptfoo"


class ResultsInvalid(InvalidInput):
    """A file has no results that can be taken in."""

    default_code = "eval_results.invalid"


@dataclass(frozen=True, slots=True)
class ForeignScore:
    """What a metric of the other tool said of a case.

    Attributes:
        value: None where it gave no number; `error` may say why.
    """

    metric: str
    value: float | None
    explanation: str | None = None
    threshold: float | None = None
    error: str | None = None


@dataclass(frozen=True, slots=True)
class ForeignCase:
    """A case as the file says it, by names of its own, with its scores."""

    values: Mapping[str, Any]
    scores: Sequence[ForeignScore]


@dataclass(frozen=True, slots=True, kw_only=True)
class ForeignRun:
    """A file of results.

    Attributes:
        judge: The model that judged, if the file names one.
    """

    origin: Origin
    cases: Sequence[ForeignCase]
    name: str | None = None
    judge: str | None = None
    thresholds: Mapping[str, float] = field(default_factory=dict)
