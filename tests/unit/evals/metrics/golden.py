"""The golden cases of judged metrics, and the judges that answer them."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import yaml

from pitwall.evals.types import Answer, Case, Context, Example
from tests.support.scripted_judge import ScriptedJudge, matrix_judge

GOLDEN: dict[str, list[Any]] = yaml.safe_load(
    (Path(__file__).parents[3] / "data" / "evals" / "golden_claims.yaml").read_text("utf-8")
)


def make_case(
    answer: str | None = "answer",
    contexts: Sequence[str] | None = ("chunk 1",),
    reference: str | None = "reference",
    language: str = "en",
) -> Case:
    chunks = None if contexts is None else tuple(Context(text) for text in contexts)
    return Case(Example("1", "question", language, reference=reference), Answer(answer, chunks))


def names(prefix: str, n: int) -> list[str]:
    return [f"{prefix}{number}" for number in range(1, n + 1)]


def matrix_case(golden: dict[str, Any], language: str = "en") -> Case:
    n_chunks = len(golden["retrieved2response"][0])
    return make_case(contexts=names("chunk ", n_chunks), language=language)


def judge_of(golden: dict[str, Any]) -> ScriptedJudge:
    """A judge that knows a matrix; a supported claim names the first claim of the other side."""
    right, made = golden["answer2response"], golden["response2answer"]
    answer, reference = names("a", len(right)), names("r", len(made))
    support = dict(zip(answer, golden["retrieved2response"], strict=True))
    support |= dict(zip(reference, golden["retrieved2answer"], strict=True))
    matches = {claim: "r1" if cell else None for claim, cell in zip(answer, right, strict=True)}
    matches |= {claim: "a1" if cell else None for claim, cell in zip(reference, made, strict=True)}
    return matrix_judge({"answer": answer, "reference": reference}, support, matches)
