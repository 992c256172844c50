"""What can go wrong with alert rules and alerts."""

from __future__ import annotations

from pitwall.core.errors import Conflict, InvalidInput, NotFound


class RuleInvalid(InvalidInput):
    """An alert rule cannot be evaluated as it is written; `details.problems` names every place."""

    default_code = "alert_rule.invalid"


class RulePackInvalid(InvalidInput):
    """A pack's alert rules cannot be loaded; every problem is listed with its file and line."""

    default_code = "alert_rule.pack_invalid"


class RuleNotFound(NotFound):
    """There is no alert rule of this name."""

    default_code = "alert_rule.not_found"


class RuleChanged(Conflict):
    """Somebody else saved the alert rule in the meantime."""

    default_code = "alert_rule.changed"


class AlertNotFound(NotFound):
    """There is no alert of this id."""

    default_code = "alert.not_found"


class RuleTestInvalid(InvalidInput):
    """A file of rule tests cannot be understood; every problem is listed with its line."""

    default_code = "alert_test.invalid"
