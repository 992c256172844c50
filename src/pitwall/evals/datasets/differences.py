"""What changed from one version to another."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from pitwall.evals.datasets.types import DatasetVersion


@dataclass(frozen=True, slots=True)
class Difference:
    """Ids of examples that came, went, or stand for something else now, in the order of their version."""

    before: DatasetVersion
    after: DatasetVersion
    added: tuple[str, ...]
    removed: tuple[str, ...]
    changed: tuple[str, ...]
    equal_count: int


def compare(
    before: DatasetVersion,
    after: DatasetVersion,
    hashes_before: Mapping[str, str],
    hashes_after: Mapping[str, str],
) -> Difference:
    """Compare the hashes of examples by their ids."""
    shared = [id_ for id_ in hashes_after if id_ in hashes_before]
    changed = tuple(id_ for id_ in shared if hashes_before[id_] != hashes_after[id_])
    return Difference(
        before,
        after,
        added=tuple(id_ for id_ in hashes_after if id_ not in hashes_before),
        removed=tuple(id_ for id_ in hashes_before if id_ not in hashes_after),
        changed=changed,
        equal_count=len(shared) - len(changed),
    )
