"""The slow judge speaks to each product in its own shape, and the locks hold the versions that are named."""

from __future__ import annotations

import json
from typing import Any

import pytest

from benchmarks.bench_eval_peers import DEEPEVAL, RAGAS, Judging
from benchmarks.harness.judge_replies import CLAIMS, reply
from benchmarks.harness.registry import ROOT


def _asked(content: str, **more: Any) -> Any:
    return json.loads(reply({"messages": [{"role": "user", "content": content}], **more}))


def _ragas(data: dict[str, Any]) -> Any:
    return _asked(f"Judge.\nOutput: {{}}\n\ninput: {json.dumps(data)}\nOutput: ")


def test_ragas_is_given_statements_and_a_verdict_on_each() -> None:
    """First those of the answer, then on as many as it asks about."""
    assert _ragas({"question": "q", "answer": "a"}) == {"statements": list(CLAIMS)}
    judged = _ragas({"context": "c", "statements": ["s1", "s2"]})["statements"]
    assert [(one["statement"], one["verdict"]) for one in judged] == [("s1", 1), ("s2", 1)]


@pytest.mark.parametrize(
    ("key", "items"),
    [("truths", 3), ("claims", 3), ("verdicts", 3), ("reason", len("Everything is stated."))],
)
def test_deepeval_is_given_the_key_that_it_names_first(key: str, items: int) -> None:
    """As many verdicts as claims."""
    assert len(_asked(f'Only JSON:\n{{"{key}": [...]}}\n"reason": ...')[key]) == items


def test_question_of_no_product_is_refused() -> None:
    """Rather than answered with something that nobody asked for."""
    with pytest.raises(ValueError, match="no known shape"):
        _asked("Hello?")


@pytest.mark.parametrize("peer", [RAGAS, DEEPEVAL], ids=lambda peer: peer.name)
def test_lock_of_a_peer_holds_the_version_that_figures_name(peer: Judging) -> None:
    """So that no figure is told of another version."""
    lock = (ROOT / "requirements" / "peers" / f"{peer.key}.txt").read_text("utf-8")
    assert f"\n{peer.key}=={peer.version} " in f"\n{lock}"
    assert (ROOT / "benchmarks" / "peers" / f"{peer.key}_faithfulness.py").exists()
