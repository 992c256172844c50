"""What a snapshot holds: enough to run a run again."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import httpx
import pytest

from pitwall import __version__
from pitwall.evals.datasets.types import DatasetVersion, Facts
from pitwall.evals.metrics.types import Family, MetricSpec
from pitwall.evals.retrievers.types import RetrieverKind, RetrieverPlan
from pitwall.evals.runs.types import (
    EvalRun,
    JudgeFacts,
    Mode,
    Plan,
    PlannedMetric,
    RunBudget,
    RunState,
    ThresholdFrom,
    Where,
)
from pitwall.evals.snapshots.again import command_again
from pitwall.evals.snapshots.digests import ollama_digests
from pitwall.evals.snapshots.surroundings import (
    installed_packages,
    own_variables,
    parse_git,
    read_git,
    system_facts,
)
from pitwall.evals.snapshots.taking import Subject, digest_of, take_snapshot
from pitwall.kit.i18n import Text
from pitwall.settings import load

NOW = datetime(2026, 11, 28, 9, tzinfo=UTC)
NOTHING = Text("", "")
PLAN = Plan(
    metrics=(
        PlannedMetric("faithfulness", 1, "faithfulness@1:judge=qwen", 0.8, ThresholdFrom.FLAG),
        PlannedMetric("f1_score", 1, "f1_score@1", 0.7, ThresholdFrom.DEFAULT),
    ),
    profile="dev",
    judge=JudgeFacts("qwen2.5:7b", "ollama", "http://127.0.0.1:11434", "bge-m3"),
    limit=50,
    seed=7,
)
RUN = EvalRun(
    id="run_1",
    project_id="default",
    name="qa",
    dataset="qa",
    dataset_version_id="v3",
    dataset_hash="ab" * 16,
    state=RunState.FINISHED,
    where=Where.CLI,
    plan=PLAN,
    created_at=NOW,
    created_by="me",
)
VERSION = DatasetVersion(
    id="v3",
    dataset_id="d",
    number=3,
    content_hash="ab" * 16,
    label="1.0",
    thresholds={},
    example_count=100,
    facts=Facts(),
    source={},
    created_at=NOW,
    created_by="me",
)
SPEC = MetricSpec("faithfulness", 1, Family.GROUNDING, NOTHING, NOTHING, prompts=(("decompose", "ab12cd34"),))
DIGESTS = {"qwen2.5:7b": "sha-judge", "bge-m3:latest": "sha-embed"}


def take(directory: Path, environ: dict[str, str] | None = None, **changes: Any) -> dict[str, Any]:
    """A snapshot of the run, taken in a directory."""
    environ = environ or {}
    subject = Subject(
        run=replace(RUN, plan=replace(PLAN, **changes)),
        version=VERSION,
        specs={"faithfulness": SPEC},
        digests=DIGESTS,
    )
    loaded = load(environ=environ, flags={"server.port": 9000, "data_dir": directory})
    return take_snapshot(subject, loaded, now=NOW, directory=directory, environ=environ)


def git(directory: Path, *arguments: str) -> str:
    """Run git as nobody in particular."""
    command = ["git", "-c", "user.name=a", "-c", "user.email=a@example.com", *arguments]
    return subprocess.run(command, cwd=directory, check=True, capture_output=True, text=True).stdout.strip()


def test_everything_that_decides_is_there(tmp_path: Path) -> None:
    """Dataset by content, metrics by identity and prompts, models by digest, packages, settings, system."""
    taken = take(tmp_path)
    assert taken["dataset"] == {
        "name": "qa",
        "version": 3,
        "label": "1.0",
        "content_hash": "ab" * 16,
        "examples": 100,
    }
    assert taken["metrics"][0] == {
        "name": "faithfulness",
        "identity": "faithfulness@1:judge=qwen",
        "threshold": 0.8,
        "prompts": {"decompose": "ab12cd34"},
        "source": None,
    }
    assert taken["metrics"][1]["prompts"] is None
    judge = taken["models"]["judge"]
    assert (judge["model"], judge["digest"], judge["embedding_digest"]) == (
        "qwen2.5:7b",
        "sha-judge",
        "sha-embed",
    )
    assert (taken["form"], taken["taken_at"], taken["pitwall"]) == (1, "2026-11-28T09:00:00Z", __version__)
    assert taken["packages"]["pydantic"].count(".") == 2
    assert taken["python"]["version"] == ".".join(map(str, sys.version_info[:3]))
    assert {"setting": "server.port", "value": 9000, "source": "flag", "place": "server.port"} in taken[
        "settings"
    ]
    assert taken["system"]["memory_bytes"] > 1 << 28
    assert taken["git"] is None
    json.dumps(taken, allow_nan=False)


def test_commit_and_uncommitted_changes(tmp_path: Path) -> None:
    """The commit of the working directory, also from inside of it; a changed file makes it dirty."""
    git(tmp_path, "init", "-q", "-b", "main")
    assert read_git(tmp_path, os.environ) == parse_git("# branch.oid (initial)\n# branch.head main")
    (tmp_path / "a.txt").write_text("1")
    (tmp_path / "inside").mkdir()
    git(tmp_path, "add", "a.txt")
    git(tmp_path, "commit", "-q", "-m", "one")
    clean = take(tmp_path / "inside")["git"]
    assert clean == {
        "commit": git(tmp_path, "rev-parse", "HEAD"),
        "branch": "main",
        "is_dirty": False,
        "changed_files": 0,
    }
    (tmp_path / "a.txt").write_text("2")
    assert (take(tmp_path)["git"]["is_dirty"], take(tmp_path)["git"]["changed_files"]) == (True, 1)


def test_no_git_is_no_commit(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Without git on the path nothing is said of it."""
    monkeypatch.setenv("PATH", str(tmp_path))
    assert read_git(tmp_path, os.environ) is None


def test_secrets_of_settings_and_environment_are_left_out(tmp_path: Path) -> None:
    """A secret setting is hidden wherever it stands; so is a value that looks like one."""
    environ = {
        "PITWALL_ALERT_WEBHOOK_URL": "https://hooks.example.com/T0/B0/verysecret",
        "PITWALL_TELEMETRY_STORE__URL": "clickhouse://me:hunter2@db:8443/pitwall",
        "PITWALL_FOO_TOKEN": "hunter2",
        "PITWALL_LANG": "ko",
        "HOME": "/root",
    }
    taken = take(tmp_path, environ)
    written = json.dumps(taken)
    assert "verysecret" not in written
    assert "hunter2" not in written
    assert taken["environment"]["PITWALL_LANG"] == "ko"
    assert "HOME" not in taken["environment"]
    assert taken["redacted"] >= 1


def test_packages_by_the_names_of_folders(tmp_path: Path) -> None:
    """Names in one spelling, the first place that Python looks in wins; anything else is no package."""
    first, second = tmp_path / "a", tmp_path / "b"
    for name in ("a/Foo_Bar-1.2.dist-info", "a/x-2.0-py3.11.egg-info", "a/foo", "b/foo.bar-9.dist-info"):
        (tmp_path / name).mkdir(parents=True)
    assert installed_packages([str(first), str(second), str(tmp_path / "none")]) == {
        "foo-bar": "1.2",
        "x": "2.0",
    }


def test_packages_agree_with_pythons_own_list() -> None:
    """Every package that Python knows, with its version."""
    from importlib.metadata import version

    found = installed_packages()
    for name in ("pydantic", "sqlalchemy", "opentelemetry-sdk", "pytest-asyncio", "backports-zstd"):
        assert found[name] == version(name)


def test_taking_is_cheap(tmp_path: Path) -> None:
    """A run can afford it at its start: well below a second, without importing anything heavy."""
    take(tmp_path)
    begin = time.process_time()
    take(tmp_path)
    assert time.process_time() - begin < 0.5


def test_surroundings_are_plain() -> None:
    """Only Pitwall's own variables and those it knows under other names; what is unknown is null."""
    assert own_variables({"PATH": "x", "TRACE_DIR": "/t", "PITWALL_URL": "u"}) == {
        "PITWALL_URL": "u",
        "TRACE_DIR": "/t",
    }
    assert set(system_facts()) == {"os", "release", "machine", "cpu", "cpu_count", "memory_bytes", "gpus"}


def test_command_to_run_it_again() -> None:
    """What was asked for stands in it; what is the default does not."""
    assert command_again(RUN, 3) == (
        "pitwall eval run qa@3 --metrics faithfulness,f1_score --threshold faithfulness=0.8 --profile dev "
        "--limit 50 --seed 7"
    )


def test_command_of_a_run_against_an_address() -> None:
    """Target, header reference and budget; quoted for a shell."""
    target = {
        "kind": "http",
        "url": "http://127.0.0.1:8000/ask",
        "body": {"q": "{question}"},
        "headers": {"Authorization": "Bearer secret://env/KEY"},
        "answer": "answer",
        "contexts": "sources",
        "timeout_seconds": 60.0,
        "tool_calls": "steps",
        "retries": 0,
        "concurrency": 8,
    }
    plan = replace(
        PLAN, mode=Mode.SIMPLE, target=target, budget=RunBudget(max_cost_usd=1.5), limit=None, seed=None
    )
    plan = replace(plan, is_fresh=True)
    assert command_again(replace(RUN, plan=plan), None) == (
        "pitwall eval run qa --mode simple --threshold faithfulness=0.8 --profile dev --fresh "
        """--target http://127.0.0.1:8000/ask --target-body '{"q": "{question}"}' """
        "--target-header 'Authorization=Bearer secret://env/KEY' --target-contexts sources "
        "--target-tool-calls steps --target-retries 0 --max-cost 1.5"
    )


def test_retriever_of_a_plan_is_told_and_asked_for_again(tmp_path: Path) -> None:
    """Which documents by their hash, not where they lie; the command says where, and every setting."""
    retriever = RetrieverPlan(
        kind=RetrieverKind.HYBRID,
        path="/data/my docs",
        documents_hash="ab12",
        documents=3,
        passages=9,
        passage_tokens=300,
        top_k=4,
        chunk_size=800,
        chunk_overlap=0,
        replaces=True,
    )
    taken = take(tmp_path, target={"kind": "stored", "retriever": retriever.json()})
    (told,) = taken["retrievers"]
    assert told["parameters"] == {
        "kind": "hybrid",
        "documents_hash": "ab12",
        "documents": 3,
        "passages": 9,
        "top_k": 4,
        "chunk_size": 800,
        "chunk_overlap": 0,
        "replaces": True,
        "version": 1,
        "embedding_model": "bge-m3",
    }
    assert (
        "--retriever hybrid --retriever-docs '/data/my docs' --retriever-top-k 4 --chunk-size 800 "
        "--chunk-overlap 0 --replace-contexts"
    ) in taken["command"]


@pytest.mark.parametrize(
    ("answer", "expected"),
    [
        (
            httpx.Response(200, json={"models": [{"name": "a:7b", "digest": "d1"}, {"name": "b"}]}),
            {"a:7b": "d1"},
        ),
        (httpx.Response(200, json=[]), {}),
        (httpx.Response(200, text="hello"), {}),
        (httpx.Response(404), {}),
    ],
)
def test_digests_of_ollama(answer: httpx.Response, expected: dict[str, str]) -> None:
    """What an Ollama says; whatever else answers knows none."""
    asked = []

    def handle(request: httpx.Request) -> httpx.Response:
        asked.append(str(request.url))
        return answer

    assert ollama_digests("http://127.0.0.1:11434/v1", transport=httpx.MockTransport(handle)) == expected
    assert asked == ["http://127.0.0.1:11434/api/tags"]


def test_model_without_a_tag_is_the_latest() -> None:
    """As Ollama itself reads names; an unknown one has no digest."""
    assert digest_of("bge-m3", DIGESTS) == "sha-embed"
    assert digest_of("other", DIGESTS) is None
    assert digest_of(None, DIGESTS) is None
