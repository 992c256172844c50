"""What can be wrong with prompts."""

from __future__ import annotations

from pitwall.core.errors import InvalidInput, NotFound


class PromptsInvalid(InvalidInput):
    """Prompts cannot take the place of Pitwall's own; `details.problems` has all that is wrong."""

    default_code = "eval_prompts.invalid"


class PromptNotFound(NotFound):
    """There is no prompt of this name, or none of these texts."""

    default_code = "eval_prompts.not_found"
