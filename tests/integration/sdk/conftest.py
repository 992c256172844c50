"""A receiver, and clients that are shut down afterwards."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Protocol

import pytest

import pitwall
from pitwall.sdk import Client
from tests.integration.sdk.receiver import Receiver


class StartClient(Protocol):
    """`init` with the receiver's address."""

    def __call__(self, **arguments: Any) -> Client: ...


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    server = Receiver()
    yield server
    server.close()


@pytest.fixture
def start_client(receiver: Receiver) -> Iterator[StartClient]:
    """Start a client that sends to the receiver."""

    def start(**arguments: Any) -> Client:
        return pitwall.init(**{"service": "test", "endpoint": receiver.endpoint, **arguments})

    yield start
    client = pitwall.current_client()
    if client is not None:
        client.shutdown(0.2)
