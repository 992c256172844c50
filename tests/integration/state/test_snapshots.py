"""What a run keeps when it begins, the same on SQLite and PostgreSQL."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from structlog.testing import capture_logs

from pitwall.access.authenticators import LOCAL_OPERATOR
from pitwall.evals.datasets.service import Datasets
from pitwall.evals.datasets.staging import NewVersion
from pitwall.evals.metrics.registry import identity, load
from pitwall.evals.runs.bench import Bench, work_on
from pitwall.evals.runs.errors import PlanInvalid
from pitwall.evals.runs.judging import Judges
from pitwall.evals.runs.repository import Runs
from pitwall.evals.runs.types import EvalRun, JudgeFacts, Plan, PlannedMetric, RunState, Where
from pitwall.evals.snapshots.keeping import SnapshotKeeper
from pitwall.evals.types import Answer, Example
from pitwall.kit.clock import ManualClock
from pitwall.kit.hashing import content_hash
from pitwall.settings import LoadedSettings
from pitwall.settings import load as load_settings
from pitwall.stores.state import StateStore
from tests.support.eval_runs import write_models

HOLDER = "host:1:x"
MINE = """
from pitwall.evals.metrics.types import CodeMetric, Family, MetricSpec
from pitwall.evals.types import Score, ScoreStatus
from pitwall.kit.i18n import Text

NAME = Text("mine", "mine")
SPEC = MetricSpec("mine", 1, Family.TEXT, NAME, NAME)
METRICS = (CodeMetric(SPEC, lambda case: Score("mine", ScoreStatus.SCORED, 1.0)),)
"""


@pytest.fixture
def datasets(any_store: StateStore, state_clock: ManualClock) -> Datasets:
    return Datasets(any_store, state_clock)


@pytest.fixture
def run(any_store: StateStore, state_clock: ManualClock, datasets: Datasets) -> EvalRun:
    """A run of one case that this process holds."""
    example = Example(id="a", question="?", reference="x", answer=Answer(text="x"))
    version = datasets.add("qa", [example], NewVersion(source={"kind": "test"}), by=LOCAL_OPERATOR).version
    metric = load().find("exact_match")
    added = EvalRun(
        id="run_1",
        project_id="default",
        name="qa",
        dataset="qa",
        dataset_version_id=version.id,
        dataset_hash=version.content_hash,
        state=RunState.QUEUED,
        where=Where.CLI,
        plan=Plan(metrics=(PlannedMetric("exact_match", 1, identity(metric), 0.5, None),), available=1),
        created_at=state_clock.now(),
        created_by="me",
    )
    with any_store.session() as session:
        runs = Runs(session, "default")
        runs.add(added)
        assert runs.claim(added.id, HOLDER, state_clock.now())
        return runs.get(added.id)


def make_keeper(store: StateStore, clock: ManualClock, directory: Path, **flags: object) -> SnapshotKeeper:
    """A keeper with settings of which one is a path."""
    loaded = load_settings(environ={}, flags={"data_dir": directory, **flags})
    return SnapshotKeeper(
        state=store,
        clock=clock,
        registry=load([directory / "mine.py"] if (directory / "mine.py").exists() else ()),
        loaded=loaded,
        directory=directory,
        environ={},
        describe_models=Judges(loaded.settings, {}, store, clock).describe,
    )


def kept(store: StateStore) -> EvalRun:
    with store.session(read_only=True) as session:
        return Runs(session, "default").get("run_1")


def test_snapshot_is_kept_with_the_run(
    any_store: StateStore, state_clock: ManualClock, run: EvalRun, tmp_path: Path
) -> None:
    """Dataset, metrics and what the process runs on, readable again as JSON."""
    make_keeper(any_store, state_clock, tmp_path)(run)
    snapshot = kept(any_store).snapshot
    assert (snapshot["dataset"]["version"], snapshot["metrics"][0]["prompts"]) == (1, {})
    assert snapshot["settings"] == [
        {"setting": "data_dir", "value": str(tmp_path), "source": "flag", "place": "data_dir"}
    ]
    assert snapshot["taken_at"] == "2026-01-01T00:00:00Z"


def test_snapshot_says_how_models_are_asked_and_where_metrics_come_from(
    any_store: StateStore, state_clock: ManualClock, run: EvalRun, tmp_path: Path
) -> None:
    """Parameters and options of the profile without its key; a metric's file with a hash of what it says."""
    models = write_models(tmp_path, "http://127.0.0.1:9/v1", api_key="k-1", options={"top_p": 0.5})
    (tmp_path / "mine.py").write_text(MINE)
    planned = PlannedMetric("mine", 1, "mine@1", 0.5, None)
    plan = replace(run.plan, metrics=(planned,), profile="judge", judge=JudgeFacts("judge", "openai"))
    make_keeper(any_store, state_clock, tmp_path, **{"models.file": models})(replace(run, plan=plan))
    snapshot = kept(any_store).snapshot
    judge = snapshot["model_config"]["options"]["judge"]
    assert (judge["temperature"], judge["max_tokens"], judge["options"]) == (0.0, 2048, {"top_p": 0.5})
    assert "k-1" not in str(snapshot)
    assert snapshot["metrics"][0]["source"] == {
        "file": str(tmp_path / "mine.py"),
        "hash": content_hash(MINE),
    }
    assert f"--metric-file {tmp_path / 'mine.py'}" in snapshot["command"]


async def test_run_is_not_gone_on_with_by_a_judge_that_is_asked_otherwise(
    any_store: StateStore, state_clock: ManualClock, run: EvalRun, tmp_path: Path
) -> None:
    """Another temperature is another ruler, under the same name."""

    def judges(**fields: object) -> Judges:
        file = write_models(tmp_path, "http://127.0.0.1:9/v1", **fields)
        return Judges(
            load_settings(environ={}, flags={"models.file": file}).settings, {}, any_store, state_clock
        )

    facts = judges(options={"top_p": 0.5}).facts("judge").judge
    begun = replace(run, plan=replace(run.plan, profile="judge", judge=facts))
    async with judges(options={"top_p": 0.5}).open(begun) as judge:
        assert judge is not None
    with pytest.raises(PlanInvalid, match="other parameters by now: temperature, options"):
        async with judges(temperature=0.7).open(begun):
            pass


async def test_run_takes_its_snapshot_before_it_judges(
    any_store: StateStore, state_clock: ManualClock, datasets: Datasets, run: EvalRun, tmp_path: Path
) -> None:
    """Once: a run that goes on keeps the one it was begun with."""
    taken: list[str] = []
    keep = make_keeper(any_store, state_clock, tmp_path)

    def note(one: EvalRun) -> None:
        taken.append(one.id)
        keep(one)

    bench = make_bench(any_store, state_clock, datasets, note)
    assert (await work_on(bench, run)).state is RunState.FINISHED
    assert taken == ["run_1"]
    with any_store.session() as session:
        runs = Runs(session, "default")
        assert runs.claim("run_1", HOLDER, state_clock.now())
        again = runs.get("run_1")
    await work_on(bench, again)
    assert taken == ["run_1"]


def make_bench(store: StateStore, clock: ManualClock, datasets: Datasets, note: object) -> Bench:
    """What a run without a judge works with."""
    judges = Judges(load_settings(environ={}).settings, {}, store, clock)
    return Bench(
        state=store,
        clock=clock,
        datasets=datasets,
        registry=load(),
        open_judge=judges.open,
        environ={},
        note_start=note,  # type: ignore[arg-type]
    )


def test_run_that_another_process_has_is_left_alone(
    any_store: StateStore, state_clock: ManualClock, run: EvalRun, tmp_path: Path
) -> None:
    """Only who holds a run says what it runs on."""
    make_keeper(any_store, state_clock, tmp_path)(replace(run, holder="host:2:y"))
    assert kept(any_store).snapshot is None


def test_snapshot_that_fails_does_not_fail_the_run(
    any_store: StateStore,
    state_clock: ManualClock,
    run: EvalRun,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Whatever goes wrong is logged, and the run goes on."""

    def broken(*_: object, **__: object) -> None:
        raise OSError("no disk")

    monkeypatch.setattr("pitwall.evals.snapshots.keeping.take_snapshot", broken)
    with capture_logs() as logs:
        make_keeper(any_store, state_clock, tmp_path)(run)
    assert [one["event"] for one in logs] == ["eval_run.snapshot_failed"]
    assert kept(any_store).snapshot is None


def test_settings_of_unknown_origin_are_told_as_such(
    any_store: StateStore, state_clock: ManualClock, run: EvalRun, tmp_path: Path
) -> None:
    """A server knows its settings and not who gave them; defaults are left out all the same."""
    keeper = make_keeper(any_store, state_clock, tmp_path, **{"server.port": 9000})
    bare = LoadedSettings(keeper.loaded.settings, {}, None)
    replace(keeper, loaded=bare)(run)
    found = {one["setting"]: one["source"] for one in kept(any_store).snapshot["settings"]}
    assert found == {"data_dir": "unknown", "server.port": "unknown"}
