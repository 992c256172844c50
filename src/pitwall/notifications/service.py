"""What people do with notifications: one object for each noun, over the same store."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from pitwall.kit.clock import Clock
from pitwall.notifications.channel_service import ChannelService
from pitwall.notifications.channels import ChannelBook
from pitwall.notifications.composer import Composer
from pitwall.notifications.delivery_service import DeliveryService
from pitwall.notifications.maintenance_service import MaintenanceService
from pitwall.notifications.notifier import Notifier
from pitwall.notifications.recording import Desk
from pitwall.notifications.route_service import RouteService
from pitwall.notifications.silence_service import SilenceService
from pitwall.stores.state import StateStore


@dataclass(frozen=True, slots=True)
class Notifications:
    """Channels, routes, silences, maintenance windows and deliveries; calls block."""

    channels: ChannelService
    routes: RouteService
    silences: SilenceService
    maintenance: MaintenanceService
    deliveries: DeliveryService

    def quiet(self, project_id: str) -> dict[str, dict[str, Any]]:
        """Why nobody is told of active alerts: `silenced_by`, `inhibited_by` and `muted_by` by alert id."""
        suppressed = self.routes.suppressed(project_id)
        silences = self.silences.open(project_id) if suppressed else {}
        return {
            alert_id: {
                "silenced_by": [
                    {"id": one, "reason": silences[one].reason, "until": silences[one].ends_at}
                    for one in suppression.silenced_by
                    if one in silences
                ],
                "inhibited_by": list(suppression.inhibited_by),
                "muted_by": list(suppression.muted_by),
            }
            for alert_id, suppression in suppressed.items()
        }


def make_notifications(
    state: StateStore,
    clock: Clock,
    *,
    book: ChannelBook,
    notifier: Notifier,
    composer: Composer,
    wake: Callable[[], None],
) -> Notifications:
    """Put the services together.

    Args:
        wake: Lets what changed take effect at once.
    """

    def changed(project_id: str) -> None:
        notifier.look_again(project_id)
        wake()

    desk = Desk(state, clock, changed)
    return Notifications(
        channels=ChannelService(desk, book, composer),
        routes=RouteService(desk, book, notifier),
        silences=SilenceService(desk),
        maintenance=MaintenanceService(desk),
        deliveries=DeliveryService(desk, notifier),
    )
