"""What can go wrong with incidents."""

from __future__ import annotations

from pitwall.core.errors import Conflict, NotFound


class IncidentNotFound(NotFound):
    """There is no incident with this id or number."""

    default_code = "incident.not_found"


class IncidentResolved(Conflict):
    """The incident is over, so nobody can take it."""

    default_code = "incident.resolved"
