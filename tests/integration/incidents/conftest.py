"""State stores of both kinds, and events of alerts in them."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from pitwall.kit.clock import ManualClock
from pitwall.stores.state import StateStore
from tests.integration.state.conftest import any_store, postgres_url, state_clock
from tests.unit.incidents.events import NOON

__all__ = ["any_store", "postgres_url", "state_clock"]


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock(NOON)


@pytest.fixture
def store(tmp_path: Path, clock: ManualClock) -> Iterator[StateStore]:
    store = StateStore.in_directory(tmp_path, clock=clock).open()
    yield store
    store.close()
