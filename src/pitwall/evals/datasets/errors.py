"""What can be wrong with datasets."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from pitwall.core.errors import Conflict, InvalidInput, NotFound, Unavailable
from pitwall.evals.datasets.types import Problem

SHOWN_PROBLEMS = 100
"""So many problems are told one by one, the rest as a number."""


class DatasetNotFound(NotFound):
    """The project has no such dataset or version."""

    default_code = "dataset.not_found"


class DatasetInvalid(InvalidInput):
    """A file is no dataset; `details.problems` has what is wrong with it, place by place."""

    default_code = "dataset.invalid"


class DatasetInUse(Conflict):
    """Runs refer to the dataset, so it stays."""

    default_code = "dataset.in_use"


class DatasetChanged(Conflict):
    """Somebody made a version while another one was made out of the one before."""

    default_code = "dataset.changed"


def invalid(problems: Sequence[Problem], count: int | None = None) -> DatasetInvalid:
    """The error for a file with problems, of which `count` were found and some are listed."""
    total = len(problems) if count is None else count
    more = f" ({total - 1} more in details)" if total > 1 else ""
    return DatasetInvalid(
        f"{problems[0].say().en}{more}",
        hint="Nothing was kept. Correct the file, or leave such examples out with --skip-invalid.",
        details={"problems": [problem_view(one) for one in problems[:SHOWN_PROBLEMS]], "count": total},
    )


def package_missing(package: str, extra: str) -> Unavailable:
    """The error for a format whose package is not installed."""
    return Unavailable(
        f"Files of this format need the package {package}, which is not installed.",
        code="package.missing",
        hint=f'Install it: pip install "pitwall[{extra}]".',
    )


def problem_view(problem: Problem) -> dict[str, Any]:
    """A problem as a JSON object."""
    place, text = problem.place, problem.say()
    return {
        "file": place.file,
        "sheet": place.sheet,
        "line": place.line,
        "row": place.row,
        "example": place.example,
        "field": problem.field,
        "code": problem.code,
        "text": {"en": text.en, "ko": text.ko},
    }
