"""What can go wrong with notifications."""

from __future__ import annotations

from pitwall.core.errors import Conflict, InvalidInput, NotFound


class MatcherInvalid(InvalidInput):
    """A condition on labels cannot be understood."""

    default_code = "notification.matcher_invalid"


class ChannelInvalid(InvalidInput):
    """A channel cannot be used as it is written."""

    default_code = "notification.channel_invalid"


class ChannelNotFound(NotFound):
    """There is no channel of this name."""

    default_code = "notification.channel_not_found"


class ChannelInUse(Conflict):
    """A route or another channel leads to the channel, so it cannot be deleted."""

    default_code = "notification.channel_in_use"


class RoutesInvalid(InvalidInput):
    """The routing tree cannot be used as it is written; `details.problems` names every place."""

    default_code = "notification.routes_invalid"


class RoutesChanged(Conflict):
    """Somebody else saved the routing tree in the meantime."""

    default_code = "notification.routes_changed"


class SilenceInvalid(InvalidInput):
    """A silence cannot be made as it is written."""

    default_code = "notification.silence_invalid"


class SilenceNotFound(NotFound):
    """There is no silence of this id."""

    default_code = "notification.silence_not_found"


class MaintenanceInvalid(InvalidInput):
    """A maintenance window cannot be used as it is written."""

    default_code = "notification.maintenance_invalid"


class MaintenanceNotFound(NotFound):
    """There is no maintenance window of this name."""

    default_code = "notification.maintenance_not_found"


class DeliveryNotFound(NotFound):
    """There is no delivery of this id."""

    default_code = "notification.delivery_not_found"
