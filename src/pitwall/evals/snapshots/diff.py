"""What differs between two snapshots, part by part and in the order of what it may do to scores. Pure."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final

from pitwall.evals.snapshots.diff_words import (
    ADDED,
    BOTH_DIRTY,
    CHANGED,
    PART_TITLES,
    REMOVED,
    WEIGHTS,
    label_of,
    say_change,
    say_unknown,
)
from pitwall.evals.snapshots.parts import DIGEST, DIRTY, PROMPTS, READERS, Json, Part, Reader
from pitwall.kit.i18n import Text

_UNKNOWABLE: Final = frozenset(
    (
        "the judge digest",
        "the embedding model digest",
        "the model of the target digest",
        "the version of the dataset",
        "the number of examples",
        "the commit",
    )
)
"""What a snapshot may not have found out; its absence is no value."""


@dataclass(frozen=True, slots=True)
class Difference:
    """One thing that differs.

    Attributes:
        is_known: False if only one snapshot tells of it.
    """

    part: Part
    what: str
    before: Any
    after: Any
    text: Text
    is_known: bool = True


def compare(first: Json, second: Json) -> list[Difference]:
    """Return what differs between the data of two snapshots."""
    return [one for part, read in READERS.items() for one in _compare_part(part, read, first, second)]


def _compare_part(part: Part, read: Reader, first: Json, second: Json) -> Iterator[Difference]:
    before, after = read(first), read(second)
    if before is None and after is None:
        return
    if before is None or after is None:
        yield _unknown(part, PART_TITLES[part], before, after)
        return
    names = [*before, *after] if part is not Part.PROMPTS else [one for one in before if one in after]
    for what in dict.fromkeys(names):
        old, new = before.get(what), after.get(what)
        if old != new:
            yield _difference(part, what, old, new, is_same=before.get(_bare(what)) == after.get(_bare(what)))
    if part is Part.GIT and before == after and before[DIRTY]:
        yield Difference(part, DIRTY, True, True, BOTH_DIRTY, is_known=False)


def _difference(part: Part, what: str, old: Any, new: Any, *, is_same: bool) -> Difference:
    """How a value changed.

    Args:
        is_same: What has the digest has the same name in both.
    """
    label = label_of(what)
    is_told = old is not None and new is not None
    if not is_told and (part is Part.SYSTEM or what in _UNKNOWABLE or what.startswith(PROMPTS)):
        return _unknown(part, label, old, new)
    template = ADDED if old is None else REMOVED if new is None else CHANGED
    if is_told and what.endswith(DIGEST) and is_same:
        template, label = WEIGHTS, label_of(_bare(what))
    return Difference(part, what, old, new, say_change(template, label, old, new))


def _unknown(part: Part, what: Text, before: Any, after: Any) -> Difference:
    text = say_unknown(what, in_first=before is not None)
    return Difference(part, what.en, before, after, text, is_known=False)


def _bare(what: str) -> str:
    return what.removesuffix(DIGEST)
