"""State stores of both kinds, and one behind an application that lets everybody in."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from pitwall.access.service import AccessService
from pitwall.kit.clock import ManualClock
from pitwall.stores.state import StateStore
from tests.integration.state.conftest import any_store, postgres_url, state_clock

__all__ = ["any_store", "postgres_url", "state_clock"]


@pytest.fixture
def store(tmp_path: Path) -> Iterator[StateStore]:
    store = StateStore.in_directory(tmp_path / "state").open()
    yield store
    store.close()


@pytest.fixture
def access(store: StateStore) -> AccessService:
    return AccessService(store, ManualClock(), allow_anonymous=True)
