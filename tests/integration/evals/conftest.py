"""State stores of both kinds for evaluations."""

from __future__ import annotations

from tests.integration.state.conftest import any_store, postgres_url, state_clock  # noqa: F401
