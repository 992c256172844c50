"""A judge on HTTP, and state stores of both kinds."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.integration.state.conftest import any_store, postgres_url, state_clock  # noqa: F401
from tests.support.judge_server import JudgeServer, running_judge


@pytest.fixture
def judge() -> Iterator[JudgeServer]:
    """A server that says `yes` of every item."""
    with running_judge() as server:
        yield server
