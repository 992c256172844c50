"""What can be wrong with comparisons."""

from __future__ import annotations

from pitwall.core.errors import Conflict, InvalidInput, NotFound


class BaselineNotFound(NotFound):
    """The dataset has no such baseline."""

    default_code = "eval_baseline.not_found"


class BaselineUnfinished(Conflict):
    """A run that did not judge all of its cases cannot be a baseline."""

    default_code = "eval_baseline.unfinished"


class NotComparable(Conflict):
    """The runs were not measured by the same ruler, and a strict comparison was asked for."""

    default_code = "eval_comparison.not_comparable"


class ComparisonInvalid(InvalidInput):
    """The runs cannot be compared in this way."""

    default_code = "eval_comparison.invalid"
