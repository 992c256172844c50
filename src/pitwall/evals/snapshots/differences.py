"""The written form of what differs between two snapshots; commands need nothing of a server for it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from pitwall.evals.snapshots.diff import Difference

Json = dict[str, Any]


def differences_view(first: str, second: str, found: Sequence[Difference]) -> Json:
    """What differs between two snapshots, in the API's shape.

    Args:
        first: What the first one is called: a run or a file.
    """
    rows = [
        {
            "part": one.part.value,
            "what": one.what,
            "before": one.before,
            "after": one.after,
            "is_known": one.is_known,
            "text": {"en": one.text.en, "ko": one.text.ko},
        }
        for one in found
    ]
    return {"first": first, "second": second, "is_same": not found, "differences": rows}
