"""A project on a store of each kind."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from pitwall.stores.state import StateStore
from tests.support.eval_runs import Lab


@pytest.fixture
def lab(tmp_path: Path) -> Iterator[Lab]:
    """A project on SQLite."""
    store = StateStore.in_directory(tmp_path).open()
    yield Lab(store)
    store.close()


@pytest.fixture
def any_lab(any_store: StateStore) -> Lab:
    """A project on a store of each kind."""
    return Lab(any_store)
