"""What differs between two snapshots, told in sentences of both languages."""

from __future__ import annotations

import copy
from collections.abc import Callable
from typing import Any

import pytest

from pitwall.evals.snapshots.diff import Difference, compare
from pitwall.evals.snapshots.parts import Part

Change = Callable[[dict[str, Any]], None]


def make_snapshot() -> dict[str, Any]:
    """The data of a snapshot."""
    return {
        "dataset": {"name": "qa", "version": 3, "label": None, "content_hash": "ab" * 16, "examples": 100},
        "metrics": [
            {
                "name": "faithfulness",
                "identity": "faithfulness@1",
                "threshold": 0.8,
                "prompts": {"decompose": "aa11"},
            },
            {
                "name": "mine",
                "identity": "mine@1",
                "threshold": None,
                "prompts": None,
                "source": {"hash": "aa"},
            },
        ],
        "plan": {"mode": "full", "limit": None, "seed": 7, "repeats": 1, "budget": {"max_calls": 5}},
        "models": {
            "judge": {
                "model": "qwen2.5:7b",
                "api": "ollama",
                "digest": "cd" * 32,
                "embedding_model": None,
                "embedding_digest": None,
                "temperature": 0.0,
            },
            "target": {"kind": "stored", "url": None, "function": None, "model": None, "digest": None},
        },
        "retrievers": [
            {"from": "spans", "stage": "retriever", "name": "search", "uses": 9, "parameters": {"top_k": 3}}
        ],
        "git": {"commit": "ef" * 20, "branch": "main", "is_dirty": False, "changed_files": 0},
        "pitwall": "0.1.0",
        "packages": {"pydantic": "2.12.0", "gone": "1.0"},
        "settings": [{"setting": "server.port", "value": 8400, "source": "file", "place": "pitwall.yaml:3"}],
        "python": {"version": "3.11.7"},
        "system": {"os": "Linux", "cpu": None},
        "command": "pitwall eval run qa@3",
        "taken_at": "2026-11-28T09:00:00Z",
    }


def differences(change: Change) -> list[Difference]:
    """What a change of the second snapshot amounts to."""
    second = copy.deepcopy(make_snapshot())
    change(second)
    return compare(make_snapshot(), second)


def setter(path: str, value: Any) -> Change:
    """A change of one value."""

    def change(snapshot: dict[str, Any]) -> None:
        *groups, name = path.split(".")
        place: Any = snapshot
        for group in groups:
            place = place[int(group)] if isinstance(place, list) else place[group]
        place[name] = value

    return change


def test_equal_snapshots_do_not_differ() -> None:
    """When and by which command they were taken is no difference; nor is a budget."""
    for path, value in (("taken_at", "later"), ("command", "x"), ("plan.budget.max_calls", 9)):
        assert differences(setter(path, value)) == []


@pytest.mark.parametrize(
    ("path", "value", "part", "english"),
    [
        (
            "dataset.content_hash",
            "01" * 16,
            Part.DATASET,
            "The content of the dataset went from abababababab to 010101010101.",
        ),
        ("models.judge.model", "gpt-4o", Part.JUDGE, "The judge went from qwen2.5:7b to gpt-4o."),
        (
            "models.judge.digest",
            "99" * 32,
            Part.JUDGE,
            (
                "The judge has the same name and other weights: its digest went "
                f"from {'cd' * 6} to {'99' * 6}."
            ),
        ),
        (
            "metrics.0.prompts",
            {"decompose": "bb22"},
            Part.PROMPTS,
            "The prompts of faithfulness went from decompose aa11 to decompose bb22.",
        ),
        (
            "models.judge.temperature",
            0.7,
            Part.JUDGE,
            "The temperature of the judge went from 0.0 to 0.7.",
        ),
        ("metrics.1.source", {"hash": "bb"}, Part.METRICS, "The code of mine went from aa to bb."),
        (
            "metrics.0.identity",
            "faithfulness@2",
            Part.METRICS,
            "The metric faithfulness went from faithfulness@1 to faithfulness@2.",
        ),
        ("metrics.0.threshold", 0.7, Part.METRICS, "The threshold of faithfulness went from 0.8 to 0.7."),
        ("models.target.kind", "http", Part.TARGET, "The kind of target went from stored to http."),
        (
            "models.target.model",
            "llama",
            Part.TARGET,
            "The model of the target is new in the second: llama.",
        ),
        (
            "retrievers.0.parameters",
            {"top_k": 5},
            Part.RETRIEVERS,
            "retriever search top_k went from 3 to 5.",
        ),
        ("plan.seed", 8, Part.PLAN, "The seed went from 7 to 8."),
        ("plan.limit", 50, Part.PLAN, "The limit of cases is new in the second: 50."),
        (
            "git.commit",
            "12" * 20,
            Part.GIT,
            "The commit went from efefefefefef to 121212121212.",
        ),
        ("pitwall", "0.2.0", Part.PITWALL, "Pitwall went from 0.1.0 to 0.2.0."),
        ("packages.pydantic", "2.13.0", Part.PACKAGES, "pydantic went from 2.12.0 to 2.13.0."),
        ("packages.new", "1.0", Part.PACKAGES, "new is new in the second: 1.0."),
        ("settings.0.value", 9000, Part.SETTINGS, "server.port went from 8400 to 9000."),
        ("python.version", "3.12.0", Part.PYTHON, "The Python version went from 3.11.7 to 3.12.0."),
    ],
)
def test_a_change_is_one_sentence(path: str, value: Any, part: Part, english: str) -> None:
    """Part, what changed, from what to what."""
    (found,) = differences(setter(path, value))
    assert (found.part, found.text.en, found.is_known) == (part, english, True)
    assert any("가" <= letter <= "힣" for letter in found.text.ko)


def test_what_is_gone_is_told() -> None:
    """A package that only the first has."""

    def change(snapshot: dict[str, Any]) -> None:
        del snapshot["packages"]["gone"]

    (found,) = differences(change)
    assert found.text.en == "gone is only in the first: 1.0."
    assert found.text.ko == "gone: 첫 번째에만 있습니다(1.0)."


@pytest.mark.parametrize(
    ("path", "part"),
    [
        ("git", Part.GIT),
        ("packages", Part.PACKAGES),
        ("models.judge.digest", Part.JUDGE),
        ("metrics.0.prompts", Part.PROMPTS),
        ("dataset.version", Part.DATASET),
    ],
)
def test_what_only_one_tells_is_not_called_a_change(path: str, part: Part) -> None:
    """A snapshot that does not say something does not say that it changed."""
    (found,) = differences(setter(path, None))
    assert (found.part, found.is_known) == (part, False)
    assert "Only the first snapshot tells" in found.text.en
    assert "첫 번째 스냅샷에만" in found.text.ko


def test_prompts_of_a_new_metric_are_no_change_of_their_own() -> None:
    """A metric that only one run has is told once."""

    def change(snapshot: dict[str, Any]) -> None:
        added = {"name": "new", "identity": "new@1", "threshold": None, "prompts": {"x": "1"}}
        snapshot["metrics"].append(added)

    assert [one.text.en for one in differences(change)] == ["The metric new is new in the second: new@1."]


def test_judge_that_is_gone_is_a_change() -> None:
    """A run without a judge has none; that is known."""
    found = {one.what: one for one in differences(setter("models.judge", None))}
    assert found["the judge"].text.en == "The judge is only in the first: qwen2.5:7b."


def test_equal_commits_of_dirty_trees_prove_nothing() -> None:
    """Both had uncommitted changes: the code may differ."""
    first = make_snapshot()
    first["git"]["is_dirty"] = True
    (found,) = compare(first, copy.deepcopy(first))
    assert (found.part, found.is_known) == (Part.GIT, False)


def test_parts_come_in_the_order_of_what_they_may_do() -> None:
    """What changes scores most comes first."""

    def change(snapshot: dict[str, Any]) -> None:
        snapshot["system"]["os"] = "Darwin"
        snapshot["git"]["branch"] = "x"
        snapshot["dataset"]["version"] = 4
        snapshot["models"]["judge"]["model"] = "x"

    assert [one.part for one in differences(change)] == [Part.DATASET, Part.JUDGE, Part.GIT, Part.SYSTEM]
