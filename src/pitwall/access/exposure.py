"""Whether a server may listen where it is told to, given who could then come in."""

from __future__ import annotations

from pitwall.core.errors import InvalidInput
from pitwall.settings.production import is_loopback_host


class UnsafeBinding(InvalidInput):
    """The server would be open to callers that nobody let in."""

    default_code = "access.unsafe_binding"


def check_exposure(host: str, *, has_keys: bool) -> None:
    """Refuse to listen where a stranger could call while there is no API key.

    Args:
        host: Address to listen on.
        has_keys: Whether any API key opens anything now.

    Raises:
        UnsafeBinding: With the reason and the command that makes a key.
    """
    if has_keys or is_loopback_host(host):
        return
    raise UnsafeBinding(
        f"Listening on {host} would let in anyone who reaches this machine: there is no API key yet.",
        hint="Make one first with `pitwall keys create --name operator --scopes ingest,read,act`,"
        " or listen on 127.0.0.1.",
        details={"host": host},
    )
