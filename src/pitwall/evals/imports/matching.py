"""Which example of a dataset each case of a result file is about. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from pitwall.evals.datasets.errors import DatasetInvalid
from pitwall.evals.imports.types import ForeignCase, ForeignScore
from pitwall.evals.types import Example

_SHOWN = 3


@dataclass(frozen=True, slots=True)
class Matched:
    """The scores of an example.

    Attributes:
        position: Of the example in its version.
    """

    position: int
    example_id: str
    group: str | None
    scores: Sequence[ForeignScore]


def match_cases(
    cases: Sequence[ForeignCase], examples: Iterable[tuple[int, Example]], dataset: str
) -> list[Matched]:
    """Find the example of each case, by its id or else by its question; in the order of the dataset.

    Raises:
        DatasetInvalid: A case is about no example, or two are about the same one.
    """
    by_id = {case.example_id: case for case in cases if case.example_id is not None}
    by_question = {case.question: case for case in cases if case.example_id is None}
    found: list[Matched] = []
    matched: set[int] = set()
    for position, example in examples:
        case = by_id.get(example.id) or by_question.get(example.question)
        if case is not None and id(case) not in matched:
            matched.add(id(case))
            found.append(Matched(position, example.id, example.group, case.scores))
    missing = [case for case in cases if id(case) not in matched]
    if missing:
        raise _no_such_examples(missing, dataset)
    return found


def _no_such_examples(missing: Sequence[ForeignCase], dataset: str) -> DatasetInvalid:
    names = ", ".join(repr(case.example_id or case.question) for case in missing[:_SHOWN])
    more = f" and {len(missing) - _SHOWN} more" if len(missing) > _SHOWN else ""
    return DatasetInvalid(
        f"Dataset {dataset!r} has no example {names}{more}, or a second case is about it.",
        code="eval_import.no_such_example",
        hint="Name the dataset and version that was judged, as --dataset NAME@VERSION.",
        details={"missing": [case.example_id or case.question for case in missing[:100]]},
    )
