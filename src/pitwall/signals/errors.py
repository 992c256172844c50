"""What can go wrong between a question about a signal and its answer."""

from __future__ import annotations

from typing import Any

from pitwall.core.errors import InvalidInput, NotFound


class ExpressionInvalid(InvalidInput):
    """A condition or a value expression cannot be understood; the message marks the place."""

    default_code = "signal.expression_invalid"


class CatalogueInvalid(InvalidInput):
    """A pack's signals cannot be loaded; every problem is listed with its file and line."""

    default_code = "signal.catalogue_invalid"


class UnknownSignal(NotFound):
    """No signal of that name is in the catalogue."""

    default_code = "signal.not_found"

    def __init__(self, message: str, *, hint: str = "", **options: Any) -> None:
        super().__init__(message, hint=f"{hint} List them with `pitwall signals list`.".strip(), **options)


class QuestionInvalid(InvalidInput):
    """A question asks for windows, labels or a size that a signal cannot answer."""

    default_code = "signal.question_invalid"
