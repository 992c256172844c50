"""What can go wrong with boards."""

from __future__ import annotations

from pitwall.core.errors import Conflict, InvalidInput, NotFound


class BoardInvalid(InvalidInput):
    """A board cannot be shown as it is written; `details.problems` names every place."""

    default_code = "board.invalid"


class BoardPackInvalid(InvalidInput):
    """A pack's boards cannot be loaded; every problem is listed with its file and line."""

    default_code = "board.pack_invalid"


class BoardNotFound(NotFound):
    """There is no board of this name."""

    default_code = "board.not_found"


class BoardChanged(Conflict):
    """Somebody else saved the board in the meantime."""

    default_code = "board.changed"
