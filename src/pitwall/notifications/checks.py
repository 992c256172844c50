"""What a channel has to be before it is saved."""

from __future__ import annotations

from collections.abc import Mapping

from pitwall.notifications.channels import host_of
from pitwall.notifications.errors import ChannelInvalid
from pitwall.notifications.templates import check_template
from pitwall.notifications.transports import is_known_to_apprise
from pitwall.notifications.types import Channel, ChannelKind
from pitwall.settings.secrets import SCHEME


def check_channel(channel: Channel, others: Mapping[str, Channel]) -> None:
    """Refuse a channel that could never deliver.

    Args:
        others: The channels of the project by name.

    Raises:
        ChannelInvalid: Its address, template or second channel cannot be.
    """
    check_template(channel.template)
    _check_url(channel)
    _check_fallback(channel, others)


def _check_url(channel: Channel) -> None:
    if channel.url.startswith(SCHEME):
        _check_reference(channel.url)
        return
    if channel.kind is ChannelKind.APPRISE:
        if not is_known_to_apprise(channel.url):
            raise ChannelInvalid(
                f"Apprise does not understand the address of channel {channel.name!r}.",
                hint="Write it as Apprise does, such as slack://… or mailto://…; for https:// take webhook.",
            )
        return
    if not channel.url.lower().startswith(("http://", "https://")) or not host_of(channel.url):
        raise ChannelInvalid(
            f"The address of channel {channel.name!r} is no http:// or https:// address.",
            hint="For e-mail, Teams, Discord and others take the kind apprise.",
        )


def _check_reference(reference: str) -> None:
    kind, _, name = reference.removeprefix(SCHEME).partition("/")
    if kind not in ("env", "file") or not name:
        raise ChannelInvalid(
            f"{reference!r} is no secret reference.", hint="Use secret://env/NAME or secret://file/PATH."
        )


def _check_fallback(channel: Channel, others: Mapping[str, Channel]) -> None:
    seen, name = {channel.name}, channel.fallback
    while name is not None:
        if name in seen:
            raise ChannelInvalid(f"Channel {channel.name!r} would stand in for itself, by way of {name!r}.")
        if name not in others:
            raise ChannelInvalid(
                f"There is no channel {name!r} to take over.",
                hint="See `pitwall notifications channels list`.",
            )
        seen.add(name)
        name = others[name].fallback
