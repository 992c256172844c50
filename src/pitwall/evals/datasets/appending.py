"""Examples that are added to what a dataset has: a version that holds both."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any

from pitwall.access.types import Principal
from pitwall.evals.datasets.errors import DatasetChanged, DatasetInvalid, DatasetNotFound
from pitwall.evals.datasets.service import Datasets
from pitwall.evals.datasets.staging import NewVersion
from pitwall.evals.datasets.types import Dataset, DatasetVersion
from pitwall.evals.types import Example

_TRIES = 3


@dataclass(slots=True)
class Counts:
    """What became of candidates.

    Attributes:
        considered: How many there were.
        added: How many became examples.
        left_out: Why others did not: by reason, how many.
    """

    considered: int = 0
    added: int = 0
    left_out: dict[str, int] = field(default_factory=dict)

    def leave_out(self, reason: str) -> None:
        """Count one that did not become an example."""
        self.left_out[reason] = self.left_out.get(reason, 0) + 1


@dataclass(frozen=True, slots=True)
class Appended:
    """A dataset with what was added to it; `is_new` is false if nothing was."""

    dataset: Dataset
    version: DatasetVersion
    is_new: bool
    counts: Counts


def append(
    datasets: Datasets,
    name: str,
    candidates: Iterable[Example | str],
    source: dict[str, Any],
    *,
    by: Principal,
    is_distinct: bool = True,
) -> Appended:
    """Add examples to a dataset, which is made if there is none.

    Args:
        candidates: Examples, or why something did not become one.
        source: Where they come from.
        is_distinct: Leave out a question that the dataset has already, but for case and blanks.

    Raises:
        NotPermitted: The caller may not act.
        DatasetInvalid: Nothing can be added, and there is no such dataset.
    """
    found = list(candidates)
    for _ in range(_TRIES - 1):
        try:
            return _append_once(datasets, name, found, source, by, is_distinct)
        except DatasetChanged:
            continue
    return _append_once(datasets, name, found, source, by, is_distinct)


def _append_once(
    datasets: Datasets,
    name: str,
    found: list[Example | str],
    source: dict[str, Any],
    by: Principal,
    is_distinct: bool,
) -> Appended:
    before = _newest(datasets, name, by)
    counts = Counts()
    ids, questions = _known(datasets, before, by)
    new = list(_fitting(found, counts, ids, questions if is_distinct else None))
    counts.added = len(new)
    if not new:
        if before is None:
            raise _nothing(name, counts)
        return Appended(*before, False, counts)
    version = None if before is None else before[1]
    thresholds = None if version is None else dict(version.thresholds)
    told = {**source, "considered": counts.considered, "added": counts.added, "left_out": counts.left_out}
    made = datasets.add(
        name,
        _both(datasets, version, new, by),
        NewVersion(thresholds=thresholds, source=told),
        by=by,
        based_on=version,
    )
    return Appended(made.dataset, made.version, made.is_new, counts)


def _newest(datasets: Datasets, name: str, by: Principal) -> tuple[Dataset, DatasetVersion] | None:
    try:
        return datasets.get(by.project_id, name)
    except DatasetNotFound:
        return None


def _known(
    datasets: Datasets, before: tuple[Dataset, DatasetVersion] | None, by: Principal
) -> tuple[set[str], set[str]]:
    ids: set[str] = set()
    questions: set[str] = set()
    if before is not None:
        for _, example in datasets.iterate(by.project_id, before[1].id):
            ids.add(example.id)
            questions.add(_asked(example))
    return ids, questions


def _fitting(
    found: Iterable[Example | str], counts: Counts, ids: set[str], questions: set[str] | None
) -> Iterator[Example]:
    for candidate in found:
        counts.considered += 1
        if isinstance(candidate, str):
            counts.leave_out(candidate)
        elif candidate.id in ids:
            counts.leave_out("known")
        elif questions is not None and _asked(candidate) in questions:
            counts.leave_out("same_question")
        else:
            ids.add(candidate.id)
            if questions is not None:
                questions.add(_asked(candidate))
            yield candidate


def _asked(example: Example) -> str:
    """What was asked: of a conversation all of it, for many end alike."""
    turns = () if example.answer is None else example.answer.turns
    return same_question("\n".join(turn.question for turn in turns) or example.question)


def same_question(text: str) -> str:
    """What questions have in common that differ in blanks, case or the width of letters only."""
    return " ".join(unicodedata.normalize("NFKC", text).casefold().split())


def _both(
    datasets: Datasets, version: DatasetVersion | None, new: list[Example], by: Principal
) -> Iterator[Example]:
    if version is not None:
        for _, example in datasets.iterate(by.project_id, version.id):
            yield example
    yield from new


def _nothing(name: str, counts: Counts) -> DatasetInvalid:
    why = ", ".join(f"{reason}: {count}" for reason, count in counts.left_out.items()) or "none matched"
    return DatasetInvalid(
        f"Nothing can be put into a new dataset {name!r} ({why}).",
        code="dataset.empty",
        hint="Widen the time range or the filters.",
        details={"considered": counts.considered, "left_out": counts.left_out},
    )
