"""What can be wrong with evaluating live traffic."""

from __future__ import annotations

from pitwall.core.errors import Conflict, InvalidInput, NotFound


class OnlineRuleInvalid(InvalidInput):
    """A rule cannot score live traces as it is written."""

    default_code = "online_rule.invalid"


class OnlineRuleNotFound(NotFound):
    """The project has no rule of this name."""

    default_code = "online_rule.not_found"


class OnlineRulePackInvalid(InvalidInput):
    """The online rules of a pack cannot be loaded; every problem has its file and line."""

    default_code = "online_rule.pack_invalid"


class OnlineRuleFromPack(Conflict):
    """The rule comes with a pack: change its file, or pause it."""

    default_code = "online_rule.from_pack"
