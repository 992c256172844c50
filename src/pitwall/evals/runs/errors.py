"""What can be wrong with runs."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from pitwall.core.errors import Conflict, InvalidInput, NotFound
from pitwall.kit.i18n import Language, Text


def problem_at(where: str, what: Text, **values: Any) -> dict[str, Any]:
    """Say what is wrong with one member of a request, such as `budget.max_calls`, for `details.errors`."""
    text = {language.value: what.say(language, **values) for language in Language}
    return {"where": where, "message": text[Language.ENGLISH], "text": text}


class RunNotFound(NotFound):
    """There is no such run in the project."""

    default_code = "eval_run.not_found"


class RunIsHeld(Conflict):
    """Another process works on the run."""

    default_code = "eval_run.held"


class RunLost(Conflict):
    """Another process went on with the run, because this one had been silent for too long."""

    default_code = "eval_run.lost"


class RunIsOver(Conflict):
    """There is nothing left to do in the run."""

    default_code = "eval_run.is_over"


class PlanInvalid(InvalidInput):
    """A run cannot be made of what was asked for."""

    default_code = "eval_plan.invalid"


class TargetInvalid(InvalidInput):
    """Answers cannot be asked for in this way."""

    default_code = "eval_target.invalid"

    @classmethod
    def at(cls, where: str, what: Text, *, hint: str, **values: Any) -> TargetInvalid:
        """Return the error about one member of a target, such as `url`."""
        problem: Mapping[str, Any] = problem_at(f"target.{where}", what, **values)
        return cls(problem["message"], hint=hint, details={"errors": [problem]})
