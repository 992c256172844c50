"""`/api/v1/notifications`: looking with the scope read, changing and testing with act."""

from __future__ import annotations

import re
from typing import Annotated

from fastapi import APIRouter, Query

from pitwall.access.dependencies import requires
from pitwall.access.types import Principal
from pitwall.core.vocabulary import Scope
from pitwall.notifications.delivery_types import DeliveryState
from pitwall.notifications.errors import ChannelInvalid, MaintenanceInvalid
from pitwall.notifications.reading import routing_of
from pitwall.notifications.schemas import (
    ChannelBody,
    ChannelList,
    ChannelView,
    DeliveryPage,
    LabelsBody,
    MaintenanceBody,
    MaintenanceList,
    MaintenanceView,
    RoutingSave,
    RoutingView,
    RoutingYaml,
    RoutingYamlSave,
    SilenceBody,
    SilenceList,
    SilenceView,
    WaysView,
    WholeDeliveryView,
)
from pitwall.notifications.service import Notifications
from pitwall.notifications.views import (
    channel_of,
    channel_view,
    delivery_view,
    routing_state_view,
    silence_end,
    silence_view,
    trial_view,
    whole_delivery_view,
    window_of,
    window_view,
)
from pitwall.notifications.wire import read_matchers

Reader = Annotated[Principal, requires(Scope.READ)]
Operator = Annotated[Principal, requires(Scope.ACT)]
Limit = Annotated[int, Query(ge=1, le=500)]
OnlyOpen = Annotated[bool, Query(alias="open", description="Only those that are not over.")]
States = Annotated[list[DeliveryState] | None, Query(description="Only in one of these states.")]
_NAME = re.compile(r"[a-z0-9][a-z0-9_-]{0,63}")


def notifications_router(notifications: Notifications) -> APIRouter:
    """Return the endpoints of notifications; they run on worker threads."""
    router = APIRouter(prefix="/api/v1/notifications", tags=["notifications"])
    _add_channels(router, notifications)
    _add_routes(router, notifications)
    _add_silences(router, notifications)
    _add_maintenance(router, notifications)
    _add_deliveries(router, notifications)
    return router


def _add_channels(router: APIRouter, notifications: Notifications) -> None:
    channels = notifications.channels

    @router.get("/channels", summary="List channels")
    def list_channels(principal: Reader) -> ChannelList:
        """Return the channels of the settings and of the team, and how each one does."""
        return ChannelList(channels=[channel_view(one) for one in channels.list(principal.project_id)])

    @router.get("/channels/{name}", summary="Show a channel")
    def get_channel(principal: Reader, name: str) -> ChannelView:
        """Return one channel, without its address and its secret."""
        return channel_view(channels.get(principal.project_id, name))

    @router.put("/channels/{name}", summary="Save a channel")
    def save_channel(principal: Operator, name: str, body: ChannelBody) -> ChannelView:
        """Make or change a channel. An address or secret that is left out stays as it is."""
        _check_name(name, ChannelInvalid)
        saved = channels.save(
            channel_of(name, body),
            by=principal,
            keeps_url=body.url is None,
            keeps_secret=body.secret is None,
        )
        return channel_view(saved)

    @router.delete("/channels/{name}", status_code=204, summary="Delete a channel")
    def delete_channel(principal: Operator, name: str) -> None:
        """Forget a channel; 409 while a route or another channel leads to it."""
        channels.delete(name, by=principal)

    @router.post("/channels/{name}/test", summary="Send a test")
    def test_channel(principal: Operator, name: str) -> WholeDeliveryView:
        """Send a test through a channel now; the answer says what became of it."""
        return whole_delivery_view(channels.test(name, by=principal))


def _add_routes(router: APIRouter, notifications: Notifications) -> None:
    routes = notifications.routes

    @router.get("/routes", summary="Show the routing tree")
    def get_routes(principal: Reader) -> RoutingView:
        """Return where alerts lead, and which keep quiet while others are active."""
        return routing_state_view(routes.get(principal.project_id))

    @router.put("/routes", summary="Save the routing tree")
    def save_routes(principal: Operator, body: RoutingSave) -> RoutingView:
        """Save the tree; with `revision`, 409 if somebody else saved it in the meantime."""
        return routing_state_view(routes.save(routing_of(body), by=principal, revision=body.revision))

    @router.get("/routes/yaml", summary="Show the routing tree as YAML")
    def get_routes_yaml(principal: Reader) -> RoutingYaml:
        """Return the tree as it can be saved again."""
        return RoutingYaml(yaml=routes.yaml(principal.project_id))

    @router.put("/routes/yaml", summary="Save the routing tree from YAML")
    def save_routes_yaml(principal: Operator, body: RoutingYamlSave) -> RoutingView:
        """Save the tree that a text describes; what is wrong is told with its line."""
        return routing_state_view(routes.save_yaml(body.yaml, by=principal, revision=body.revision))

    @router.post("/routes/test", summary="Try the routing tree")
    def try_routes(principal: Reader, body: LabelsBody) -> WaysView:
        """Return where an alert with these labels would lead now; nothing is sent."""
        return trial_view(routes.trial(principal.project_id, body.labels))


def _add_silences(router: APIRouter, notifications: Notifications) -> None:
    silences = notifications.silences

    @router.get("/silences", summary="List silences")
    def list_silences(
        principal: Reader, is_open: OnlyOpen = False, cursor: str | None = None, limit: Limit = 100
    ) -> SilenceList:
        """Return silences, the one that ends last first, and how many alerts each keeps quiet."""
        page = silences.list(principal.project_id, is_open=is_open, cursor=cursor, limit=limit)
        now = silences.now()
        return SilenceList(
            silences=[silence_view(one, alerts, now) for one, alerts in page.items],
            next_cursor=page.next_cursor,
        )

    @router.post("/silences", status_code=201, summary="Make a silence")
    def add_silence(principal: Operator, body: SilenceBody) -> SilenceView:
        """Tell nobody of the alerts that match until the end; their state is seen all the same."""
        silence = silences.add(
            read_matchers(body.matchers),
            body.reason,
            starts_at=body.starts_at,
            ends_at=silence_end(body),
            by=principal,
        )
        alerts = silences.quieted(principal.project_id, silence)
        return silence_view(silence, alerts, silences.now())

    @router.delete("/silences/{silence_id}", summary="End a silence")
    def end_silence(principal: Operator, silence_id: str) -> SilenceView:
        """End a silence now; what is still active is told of at once."""
        return silence_view(silences.end(silence_id, by=principal), 0, silences.now())


def _add_maintenance(router: APIRouter, notifications: Notifications) -> None:
    maintenance = notifications.maintenance

    @router.get("/maintenance", summary="List maintenance windows")
    def list_maintenance(principal: Reader) -> MaintenanceList:
        """Return the windows in which nobody is told, and whether each is open now."""
        now = maintenance.now()
        found = maintenance.list(principal.project_id)
        return MaintenanceList(maintenance=[window_view(window, now) for window in found])

    @router.get("/maintenance/{name}", summary="Show a maintenance window")
    def get_maintenance(principal: Reader, name: str) -> MaintenanceView:
        """Return one window."""
        return window_view(maintenance.get(principal.project_id, name), maintenance.now())

    @router.put("/maintenance/{name}", summary="Save a maintenance window")
    def save_maintenance(principal: Operator, name: str, body: MaintenanceBody) -> MaintenanceView:
        """Make or change a window: once, or every week by the clocks of a time zone."""
        _check_name(name, MaintenanceInvalid)
        now = maintenance.now()
        window = window_of(name, body, now=now, by=principal.actor)
        return window_view(maintenance.save(window, by=principal), now)

    @router.delete("/maintenance/{name}", status_code=204, summary="Delete a maintenance window")
    def delete_maintenance(principal: Operator, name: str) -> None:
        """Forget a window; what is still active is told of at once."""
        maintenance.delete(name, by=principal)


def _add_deliveries(router: APIRouter, notifications: Notifications) -> None:
    deliveries = notifications.deliveries

    @router.get("/deliveries", summary="List deliveries")
    def list_deliveries(
        principal: Reader,
        channel: str | None = None,
        state: States = None,
        cursor: str | None = None,
        limit: Limit = 50,
    ) -> DeliveryPage:
        """Return what was sent and what became of it, newest first, with every attempt."""
        page = deliveries.list(
            principal.project_id, channel=channel, states=state or (), cursor=cursor, limit=limit
        )
        return DeliveryPage(
            deliveries=[delivery_view(one) for one in page.items], next_cursor=page.next_cursor
        )

    @router.get("/deliveries/{delivery_id}", summary="Show a delivery")
    def get_delivery(principal: Reader, delivery_id: str) -> WholeDeliveryView:
        """Return one delivery with what it says."""
        return whole_delivery_view(deliveries.get(principal.project_id, delivery_id))


def _check_name(name: str, error: type[ChannelInvalid | MaintenanceInvalid]) -> None:
    if not _NAME.fullmatch(name):
        raise error(
            f"{name!r} is no name.",
            hint="Use 1 to 64 of a-z, 0-9, - and _, beginning with a letter or digit.",
        )
