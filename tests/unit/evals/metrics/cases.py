"""Cases for tests of metrics, each with only what the test is about."""

from __future__ import annotations

from typing import Any

from pitwall.evals.metrics.registry import Registry, built_in
from pitwall.evals.metrics.scoring import score_case
from pitwall.evals.types import Answer, Case, Context, Example, Score


def make_case(
    answer: str | None = None,
    reference: str | None = None,
    *,
    contexts: list[str] | None = None,
    question: str = "q",
    language: str = "en",
    example: dict[str, Any] | None = None,
    **answered: Any,
) -> Case:
    """Return a case; `example` and the further names go into the example and the answer as they are."""
    if contexts is not None:
        answered["contexts"] = tuple(Context(text) for text in contexts)
    return Case(
        Example("1", question, language=language, reference=reference, **(example or {})),
        Answer(answer, **answered),
    )


OWN = Registry(built_in(), {}, ())


async def score(name: str, case: Case) -> Score:
    """Judge a case by a metric as it would be asked for."""
    return await score_case(OWN.find(name), case)


async def value_of(name: str, case: Case) -> float:
    """The value of a metric; fails if there is none."""
    found = await score(name, case)
    assert found.value is not None, found
    return found.value
