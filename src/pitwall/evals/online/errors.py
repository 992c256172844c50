"""What can be wrong with evaluating live traffic."""

from __future__ import annotations

from pitwall.core.errors import InvalidInput, NotFound


class OnlineRuleInvalid(InvalidInput):
    """A rule cannot score live traces as it is written."""

    default_code = "online_rule.invalid"


class OnlineRuleNotFound(NotFound):
    """The project has no rule of this name."""

    default_code = "online_rule.not_found"
