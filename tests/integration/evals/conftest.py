"""State stores of both kinds."""

from __future__ import annotations

from tests.integration.state.conftest import any_store, postgres_url, state_clock

__all__ = ["any_store", "postgres_url", "state_clock"]
