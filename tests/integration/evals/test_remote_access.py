"""Commands say the same of a server as of the state store itself."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from pitwall.access.client import ApiClient
from pitwall.access.service import AccessService
from pitwall.core.errors import NotFound
from pitwall.evals.comparison.access import RemoteComparisons
from pitwall.evals.comparison.endpoints import comparison_router
from pitwall.evals.comparison.local import LocalComparisons
from pitwall.evals.comparison.service import Comparisons
from pitwall.evals.datasets.service import Datasets
from pitwall.evals.runs.detail import RunDetails
from pitwall.evals.runs.endpoints import RunDesk, eval_runs_router
from pitwall.evals.runs.preparing import RunPreparer
from pitwall.evals.runs.reading import RunReader
from pitwall.evals.runs.service import EvalRuns
from pitwall.evals.trackers.service import Trackers
from pitwall.evals.trust.access import RemoteTrust
from pitwall.evals.trust.endpoints import trust_router
from pitwall.evals.trust.local import LocalTrust
from pitwall.evals.trust.service import Trust
from pitwall.kit.clock import ManualClock
from pitwall.server.app import WebParts, create_app
from pitwall.settings.tracker_groups import TrackersSettings
from pitwall.stores.state import StateStore
from tests.support.in_process import InProcess
from tests.support.stored_eval_runs import store_run

BEFORE = [0.9, 0.8, 0.7, 0.6, 0.5, 0.4, 0.95, 0.85]
AFTER = [value - 0.05 - 0.005 * place for place, value in enumerate(BEFORE)]
CLOCK = ManualClock()


@pytest.fixture
def store(tmp_path: Path) -> Iterator[StateStore]:
    store = StateStore.in_directory(tmp_path, clock=CLOCK).open()
    yield store
    store.close()


@pytest.fixture
def client(store: StateStore) -> Iterator[ApiClient]:
    def prepares_nothing() -> RunPreparer:
        raise AssertionError("no run is begun here")

    reader = RunReader(store, Datasets(store, CLOCK))
    trackers = Trackers(state=store, clock=CLOCK, reader=reader, settings=TrackersSettings())
    desk = RunDesk(
        EvalRuns(store, CLOCK),
        reader,
        prepares_nothing,
        trackers,
        CLOCK,
        lambda: None,
        RunDetails(store, CLOCK),
    )
    parts = WebParts(
        access=AccessService(store, CLOCK, allow_anonymous=True),
        version="0",
        is_started=lambda: True,
        routers=[
            comparison_router(Comparisons(store, CLOCK)),
            trust_router(Trust(store, CLOCK)),
            eval_runs_router(desk),
        ],
    )
    with ApiClient("http://127.0.0.1", transport=InProcess(create_app(parts))) as client:
        yield client


@pytest.fixture
def pair(store: StateStore) -> tuple[str, str]:
    return store_run(store, {"m": BEFORE}), store_run(store, {"m": AFTER})


def test_comparison_and_gate_are_the_same(
    client: ApiClient, store: StateStore, pair: tuple[str, str]
) -> None:
    """Digit by digit, whoever reads the runs."""
    remote, local = RemoteComparisons(client, None), LocalComparisons(store, CLOCK, None)
    query = {"a": pair[0], "b": pair[1], "metric": ["m"], "margin": ["0.01", "m=0.02"], "slices": True}
    assert remote.compare(query) == local.compare(query)
    gate = {"run": pair[1], "against": pair[0], "margins": {"m": 0.01}}
    assert remote.gate(gate) == local.gate(gate)


def test_baseline_is_set_by_the_beginning_of_an_id(
    client: ApiClient, store: StateStore, pair: tuple[str, str]
) -> None:
    """The dataset is the run's; a run that is not there is told."""
    remote, local = RemoteComparisons(client, None), LocalComparisons(store, CLOCK, None)
    assert remote.set_baseline(pair[0][:-3], "main")["run_id"] == pair[0]
    assert remote.baselines("faq") == local.baselines("faq")
    with pytest.raises(NotFound):
        remote.set_baseline("run_00000000", "main")


def test_labels_and_trust_are_the_same(client: ApiClient, store: StateStore, pair: tuple[str, str]) -> None:
    """Labels that came through the API are found in the store."""
    remote, local = RemoteTrust(client, None), LocalTrust(store, CLOCK, None)
    labels = [{"example_id": f"c{case}", "metric": "m", "value": float(case < 4)} for case in range(8)]
    assert remote.add({"run": pair[0], "labels": labels})["added"] == 8
    query = {"dataset": "faq", "metric": "m", "limit": 5}
    assert remote.list(query) == local.list(query)
    assert remote.measure(pair[0], keep=True) == local.measure(pair[0], keep=False)
