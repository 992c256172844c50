"""What can be wrong with stage events."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from pitwall.core.errors import InvalidInput, NotFound
from pitwall.evals.stages.types import EventProblem

SHOWN_PROBLEMS = 100
"""So many problems are told one by one, the rest as a number."""


class StageEventsInvalid(InvalidInput):
    """Something is no stage event; `details.problems` has what is wrong, place by place."""

    default_code = "stage.invalid"


class StageRunNotFound(NotFound):
    """No stage event and no span of the project belongs to the run."""

    default_code = "stage.run_not_found"


class StageGuideInvalid(InvalidInput):
    """The rules of a stage guide cannot be used; the message names file and line."""

    default_code = "stage.guide_invalid"


def events_invalid(problems: Sequence[EventProblem], count: int | None = None) -> StageEventsInvalid:
    """The error for events with problems, of which `count` were found and some are listed."""
    total = len(problems) if count is None else count
    more = f" ({total - 1} more in details)" if total > 1 else ""
    return StageEventsInvalid(
        f"{problems[0].say().en}{more}",
        hint="Nothing was kept. Correct the events, or leave such out with --skip-invalid.",
        details={"problems": [problem_view(one) for one in problems[:SHOWN_PROBLEMS]], "count": total},
    )


def problem_view(problem: EventProblem) -> dict[str, Any]:
    """A problem as a JSON object."""
    text = problem.say()
    return {
        "file": problem.file,
        "line": problem.line,
        "event": problem.index + 1,
        "field": problem.field,
        "code": problem.code,
        "text": {"en": text.en, "ko": text.ko},
    }
