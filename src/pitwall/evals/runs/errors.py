"""What can be wrong with runs."""

from __future__ import annotations

from pitwall.core.errors import Conflict, InvalidInput, NotFound


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
