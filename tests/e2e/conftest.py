"""One running Pitwall and one model simulator per test process; every test has a project of its own."""

from __future__ import annotations

import uuid
from collections.abc import Iterator

import pytest

from tests.e2e.running import Project, RunningPitwall, running_models, running_pitwall


@pytest.fixture(scope="session")
def pitwall_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningPitwall]:
    """A real `pitwall up` with every door open."""
    with running_pitwall(tmp_path_factory.mktemp("pitwall") / "data") as server:
        yield server


@pytest.fixture(scope="session")
def model_url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Address of the simulated model server."""
    with running_models(tmp_path_factory.mktemp("models")) as url:
        yield url


@pytest.fixture
def own_project(pitwall_server: RunningPitwall) -> Project:
    """A project that no other test uses."""
    return pitwall_server.project(f"project-{uuid.uuid4().hex[:12]}")
