"""What the API and the command line ask of runs, from their parameters."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from pitwall.evals.runs.types import CaseFilter, CaseQuery, Mode, RunQuery, RunState

DEFAULT_LIMIT = 50


def run_query(values: Mapping[str, Any]) -> RunQuery:
    """The query of `dataset`, `state`, `mode`, `text` and `limit`, which have been checked."""
    state, mode = values.get("state"), values.get("mode")
    return RunQuery(
        dataset=values.get("dataset"),
        state=None if state is None else RunState(state),
        mode=None if mode is None else Mode(mode),
        text=values.get("text"),
        limit=values.get("limit") or DEFAULT_LIMIT,
    )


def case_query(values: Mapping[str, Any]) -> CaseQuery:
    """The query of `status`, `metric`, `order` and `limit`, which have been checked."""
    return CaseQuery(
        filter=CaseFilter(values.get("status") or CaseFilter.ALL),
        metric=values.get("metric"),
        worst_first=values.get("order") == "worst",
        limit=values.get("limit") or DEFAULT_LIMIT,
    )
