"""A port takes connections."""

from __future__ import annotations

import socket
from urllib.parse import urlsplit

from pitwall.probes.findings import up
from pitwall.probes.types import Outcome, TcpProbe


def ask_tcp(probe: TcpProbe) -> Outcome:
    """Connect once; see `kinds.ask`."""
    parts = urlsplit(probe.target)
    with socket.create_connection((str(parts.hostname), parts.port), probe.timeout_seconds):
        return up()
