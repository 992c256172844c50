"""Which channels a project has, how they do, and what people change about them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime

from pitwall.access.types import Principal, require
from pitwall.core.errors import Conflict
from pitwall.core.vocabulary import Scope
from pitwall.kit.ids import new_id
from pitwall.notifications.channels import ChannelBook, shown_url
from pitwall.notifications.checks import check_channel
from pitwall.notifications.composer import Composer
from pitwall.notifications.delivery_types import (
    Attempt,
    ChannelCondition,
    Delivery,
    DeliveryKind,
    DeliveryState,
)
from pitwall.notifications.errors import ChannelInUse, ChannelInvalid, ChannelNotFound
from pitwall.notifications.outbox import Outbox
from pitwall.notifications.recording import Change, Desk
from pitwall.notifications.repository import Channels, Routes
from pitwall.notifications.transports import OutcomeKind
from pitwall.notifications.types import Channel, Origin, Route
from pitwall.notifications.wire import channel_content

MAX_CHANNELS = 100


@dataclass(frozen=True, slots=True)
class ChannelState:
    """A channel and how it does; None if it was never used."""

    channel: Channel
    condition: ChannelCondition | None


class ChannelService:
    """Looks at channels, changes and tests them; calls block."""

    def __init__(self, desk: Desk, book: ChannelBook, composer: Composer) -> None:
        self._desk = desk
        self._book = book
        self._composer = composer

    def list(self, project_id: str) -> list[ChannelState]:
        """Return the channels of a project by name."""
        with self._desk.state.session(read_only=True) as connection:
            channels = self._book.of(connection, project_id)
            conditions = Outbox(connection).conditions(project_id)
        return [ChannelState(channels[name], conditions.get(name)) for name in sorted(channels)]

    def get(self, project_id: str, name: str) -> ChannelState:
        """Return one channel.

        Raises:
            ChannelNotFound: The project has none of that name.
        """
        found = next((one for one in self.list(project_id) if one.channel.name == name), None)
        if found is None:
            raise _not_found(name)
        return found

    def save(self, wanted: Channel, *, by: Principal, keeps_url: bool, keeps_secret: bool) -> ChannelState:
        """Save a channel of the team; one of the settings gets the team's version.

        Args:
            wanted: What it is to be.
            keeps_url: Whether the stored address stays, whatever `wanted` has.
            keeps_secret: The same of the secret.

        Raises:
            NotPermitted: The caller may not act.
            ChannelInvalid: It could never deliver, or a new one has no address.
        """
        with self._desk.change("channel.saved", f"channel:{wanted.name}", by) as change:
            others = self._book.of(change.connection, change.project_id)
            channel = _stamped(wanted, others.get(wanted.name), change, keeps_url, keeps_secret)
            check_channel(channel, {**others, channel.name: channel})
            own = Channels(change.connection, change.project_id)
            if channel.name not in others and len(others) >= MAX_CHANNELS:
                raise ChannelInvalid(
                    f"A project has at most {MAX_CHANNELS} channels.", hint="Delete one that nobody uses."
                )
            own.write(channel)
            change.details.update({**channel_content(channel), "url": shown_url(channel)})
            condition = Outbox(change.connection).conditions(change.project_id).get(channel.name)
        return ChannelState(channel, condition)

    def delete(self, name: str, *, by: Principal) -> Channel:
        """Forget a channel; what is still to be delivered to it fails.

        Raises:
            NotPermitted: The caller may not act.
            ChannelNotFound: The project has none of that name.
            Conflict: It comes from the settings.
            ChannelInUse: A route or another channel leads to it.
        """
        with self._desk.change("channel.deleted", f"channel:{name}", by) as change:
            own = Channels(change.connection, change.project_id)
            channel = own.list().get(name)
            if channel is None:
                raise self._undeletable(change, name)
            self._check_unused(change, name)
            own.remove(name)
        return channel

    def test(self, name: str, *, by: Principal) -> Delivery:
        """Send a test through a channel now; returns what became of it, which the log keeps.

        Raises:
            NotPermitted: The caller may not act.
            ChannelNotFound: The project has none of that name.
        """
        require(by, Scope.ACT)
        channel = self.get(by.project_id, name).channel
        now = self._desk.clock.now()
        delivery = _test_delivery(name, by, now)
        begun = self._desk.clock.monotonic()
        message, outcome = self._composer.deliver(delivery, channel)
        took_ms = round((self._desk.clock.monotonic() - begun) * 1000, 1)
        is_delivered = outcome.kind is OutcomeKind.DELIVERED
        tested = replace(
            delivery,
            message=message,
            state=DeliveryState.DELIVERED if is_delivered else DeliveryState.FAILED,
            attempts=(Attempt(now, outcome.kind.value, took_ms, outcome.status, outcome.error),),
            finished_at=self._desk.clock.now(),
            error=outcome.error,
        )
        details = {"delivered": is_delivered, "error": outcome.error}
        with self._desk.change("channel.tested", f"channel:{name}", by, details) as change:
            outbox = Outbox(change.connection)
            outbox.add(tested)
            if is_delivered:
                self._note_well(outbox, change, channel)
        return tested

    def _note_well(self, outbox: Outbox, change: Change, channel: Channel) -> None:
        """A channel that took a test is well: what waits for it need not wait any more."""
        before = outbox.condition(change.project_id, channel.name, burst=channel.rate.burst, now=change.at)
        well = replace(
            before, failures=0, error=None, failing_since=None, paused_until=None, delivered_at=change.at
        )
        outbox.write_condition(change.project_id, well)

    def _undeletable(self, change: Change, name: str) -> ChannelNotFound | Conflict:
        if name not in self._book.of(change.connection, change.project_id):
            return _not_found(name)
        return Conflict(
            f"Channel {name!r} comes from the setting alert_webhook_url.",
            code="notification.channel_of_settings",
            hint="Take it out of the settings, or save a channel of that name with is_enabled: false.",
        )

    def _check_unused(self, change: Change, name: str) -> None:
        routing, _, _ = Routes(change.connection, change.project_id).get()
        stays = self._book.standing is not None and self._book.standing.name == name
        is_routed = routing.root is not None and _leads_to(routing.root, name) and not stays
        channels: Mapping[str, Channel] = self._book.of(change.connection, change.project_id)
        users = [one.name for one in channels.values() if one.fallback == name]
        if is_routed or users:
            what = "the routing tree leads to it" if is_routed else f"it stands in for {', '.join(users)}"
            raise ChannelInUse(
                f"Channel {name!r} cannot be deleted: {what}.", hint="Change that first, or switch it off."
            )


def _stamped(
    wanted: Channel, before: Channel | None, change: Change, keeps_url: bool, keeps_secret: bool
) -> Channel:
    if keeps_url and before is None:
        raise ChannelInvalid(f"Channel {wanted.name!r} is new and needs an address (url).")
    if before is not None and keeps_url:
        wanted = replace(wanted, url=before.url)
    if before is not None and keeps_secret:
        wanted = replace(wanted, secret=before.secret)
    return replace(wanted, origin=Origin.TEAM, updated_at=change.at, updated_by=change.actor)


def _test_delivery(channel: str, by: Principal, now: datetime) -> Delivery:
    return Delivery(
        id=new_id(),
        project_id=by.project_id,
        channel=channel,
        kind=DeliveryKind.TEST,
        reason="test",
        group_id=None,
        payload={"by": by.actor, "language": None},
        state=DeliveryState.SENDING,
        created_at=now,
        due_at=now,
    )


def _leads_to(route: Route, name: str) -> bool:
    return name in (route.receivers or ()) or any(_leads_to(child, name) for child in route.routes)


def _not_found(name: str) -> ChannelNotFound:
    return ChannelNotFound(
        f"There is no channel {name!r}.", hint="See `pitwall notifications channels list`."
    )
