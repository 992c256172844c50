"""What can go wrong with targets."""

from __future__ import annotations

from pitwall.core.errors import Conflict, InvalidInput, NotFound


class TargetInvalid(InvalidInput):
    """A target cannot be scraped as it is written."""

    default_code = "scrape.target_invalid"


class TargetNotFound(NotFound):
    """There is no target of this name."""

    default_code = "scrape.target_not_found"


class TargetFromSettings(Conflict):
    """The settings name this target; only they can change it."""

    default_code = "scrape.target_from_settings"
