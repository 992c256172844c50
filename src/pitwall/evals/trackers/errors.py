"""What can go wrong with a tracker: before anything is sent, and while it is."""

from __future__ import annotations

from pitwall.core.errors import Conflict, InvalidInput


class TrackerNotConfigured(InvalidInput):
    """The settings do not say where the tracker is, or lack what it asks for."""

    default_code = "eval_tracker.not_configured"


class RunNotOver(Conflict):
    """The run waits or is under way; it can be sent once it is over."""

    default_code = "eval_tracker.run_not_over"


class AlreadySending(Conflict):
    """The run is being sent to the tracker."""

    default_code = "eval_tracker.already_sending"


class TrackerFailed(Exception):
    """The tracker does not take anything; the words say what to do about it."""


class Refused(Exception):
    """The tracker does not take this one thing; others it may."""
