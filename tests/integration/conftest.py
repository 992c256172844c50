"""Servers that do not outlive their test."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.integration.server.processes import MakeServer, Server


@pytest.fixture
def make_server(tmp_path: Path) -> Iterator[MakeServer]:
    """Return a factory of servers on one data directory; none survives the test."""
    servers: list[Server] = []

    def make(*arguments: str, data_dir: Path = tmp_path / "data", **options: object) -> Server:
        server = Server(data_dir, arguments=arguments, **options)  # type: ignore[arg-type]
        servers.append(server)
        return server

    yield make
    for server in servers:
        if server.process is not None and server.process.poll() is None:
            server.process.kill()
            server.process.communicate()
