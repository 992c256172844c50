"""Which channels a project has: that of the settings and the team's; secrets are looked up when needed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from urllib.parse import urlsplit

from sqlalchemy import Connection

from pitwall.kit.i18n import Language
from pitwall.notifications.repository import Channels
from pitwall.notifications.types import DEFAULT_CHANNEL, Channel, ChannelKind, Origin
from pitwall.settings.secrets import HIDDEN, SCHEME, resolve_reference

_SLACK_HOST = "hooks.slack.com"


@dataclass(frozen=True, slots=True)
class ChannelBook:
    """Knows the channels of every project.

    Attributes:
        standing: The channel of the settings, which every project has; None without one.
        language: What a message is written in where neither its channel nor its route says.
        environ: Where `secret://env/` references look.
    """

    standing: Channel | None = None
    language: Language = Language.ENGLISH
    environ: Mapping[str, str] = field(default_factory=dict, repr=False)

    def of(self, connection: Connection, project_id: str) -> dict[str, Channel]:
        """Return the channels of a project by name; a team's own wins over that of the settings."""
        own = Channels(connection, project_id).list()
        return own if self.standing is None else {self.standing.name: self.standing, **own}

    def resolve(self, secret: str) -> str:
        """Return an address or a secret in clear.

        Raises:
            ValueError: It is a reference to something that is not there; the message does not hold it.
        """
        return resolve_reference(secret, self.environ) if secret.startswith(SCHEME) else secret


def standing_channel(url: str | None, secret: str | None) -> Channel | None:
    """The channel of the settings: Slack's form for an address of Slack, else a webhook."""
    if url is None:
        return None
    kind = ChannelKind.SLACK if host_of(url) == _SLACK_HOST else ChannelKind.WEBHOOK
    return Channel(name=DEFAULT_CHANNEL, kind=kind, url=url, secret=secret, origin=Origin.SETTINGS)


def host_of(url: str) -> str | None:
    """The host of an address; None if it has none or is no address."""
    try:
        return urlsplit(url).hostname
    except ValueError:
        return None


def shown_url(channel: Channel) -> str:
    """What may be shown of an address: a reference as it is, else scheme and host; never a token."""
    if channel.url.startswith(SCHEME):
        return channel.url
    scheme, separator, rest = channel.url.partition("://")
    if not separator:
        return HIDDEN
    if scheme not in ("http", "https"):
        return f"{scheme}://{HIDDEN}"
    host = rest.partition("/")[0].rpartition("@")[2]
    return f"{scheme}://{host}/{HIDDEN}"


def without_secrets(channel: Channel) -> Channel:
    """The channel with nothing in it that must not be shown."""
    return replace(channel, url=shown_url(channel), secret=None if channel.secret is None else HIDDEN)
