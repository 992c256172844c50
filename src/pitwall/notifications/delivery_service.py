"""The log of deliveries, and announcements that are no alerts."""

from __future__ import annotations

from collections.abc import Collection

from pitwall.kit.paging import Page
from pitwall.notifications.announcing import Announcement, announce
from pitwall.notifications.delivery_types import Delivery, DeliveryState
from pitwall.notifications.errors import DeliveryNotFound
from pitwall.notifications.notifier import Notifier
from pitwall.notifications.outbox import Outbox
from pitwall.notifications.positions import position, read_position
from pitwall.notifications.recording import Desk

MAX_PAGE = 500
_CURSOR = "deliveries.newest"


class DeliveryService:
    """Looks at deliveries, and makes those that tell of no alert; calls block."""

    def __init__(self, desk: Desk, notifier: Notifier) -> None:
        self._desk = desk
        self._state = desk.state
        self._notifier = notifier

    def announce(self, project_id: str, announcement: Announcement) -> list[str]:
        """Tell people something other than an alert; returns the channels that its labels lead to."""
        with self._state.session() as connection:
            situation = self._notifier.situation(connection, project_id)
            channels = announce(connection, situation, announcement, self._desk.clock.now())
        self._desk.changed(project_id)
        return channels

    def list(
        self,
        project_id: str,
        *,
        channel: str | None = None,
        states: Collection[DeliveryState] = (),
        cursor: str | None = None,
        limit: int = 50,
    ) -> Page[Delivery]:
        """Return a page of deliveries, newest first.

        Raises:
            InvalidInput: The cursor is not one of this list.
        """
        limit = min(limit, MAX_PAGE)
        before = read_position(_CURSOR, cursor)
        with self._state.session(read_only=True) as connection:
            found = Outbox(connection).list(
                project_id, channel=channel, states=states, limit=limit + 1, before=before
            )
        page = found[:limit]
        last = page[-1] if len(found) > limit else None
        return Page(page, None if last is None else position(_CURSOR, last.created_at, last.id))

    def get(self, project_id: str, delivery_id: str) -> Delivery:
        """Return one delivery.

        Raises:
            DeliveryNotFound: The project has none of that id.
        """
        with self._state.session(read_only=True) as connection:
            delivery = Outbox(connection).find(project_id, delivery_id)
        if delivery is None:
            raise DeliveryNotFound(
                f"There is no delivery {delivery_id!r}.", hint="See `pitwall notifications deliveries`."
            )
        return delivery
