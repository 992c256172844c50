"""What can be wrong with anchors."""

from __future__ import annotations

from pitwall.core.errors import InvalidInput, NotFound


class AnchorsNotFound(NotFound):
    """The project has no such anchors."""

    default_code = "eval_anchors.not_found"


class AnchorsInvalid(InvalidInput):
    """The anchors cannot be set as they were asked for."""

    default_code = "eval_anchors.invalid"
