"""What can be wrong with labels."""

from __future__ import annotations

from pitwall.core.errors import InvalidInput


class LabelsInvalid(InvalidInput):
    """The labels cannot be read, or are not about anything that is there."""

    default_code = "eval_labels.invalid"
