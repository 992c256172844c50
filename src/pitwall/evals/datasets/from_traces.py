"""Datasets out of production: traces that a filter finds, or that an incident shows as examples."""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from pitwall.access.types import Principal, require
from pitwall.core.errors import NotFound
from pitwall.core.vocabulary import Scope
from pitwall.evals.datasets.appending import Appended, append
from pitwall.evals.datasets.errors import DatasetInvalid
from pitwall.evals.datasets.names import check_name
from pitwall.evals.datasets.service import Datasets
from pitwall.evals.datasets.traced_examples import trace_example
from pitwall.evals.types import Example
from pitwall.incidents.service import IncidentDesk
from pitwall.traces.opening import MAX_PAGE_SPANS, OpenQuery
from pitwall.traces.service import Traces
from pitwall.traces.types import ListQuery
from pitwall.traces.wire import MAX_ROWS, read_filters, read_selection

MAX_LOOKED_AT = 20_000
"""Traces among which a sample is drawn, the newest that match."""
GONE = "gone"


@dataclass(frozen=True, slots=True, kw_only=True)
class TraceChoice:
    """Which traces become examples.

    Attributes:
        filters: As `column:operator:value`; all hold for the same span.
        text: In the input or output of a span.
        limit: Traces at most, the newest.
        sample: Draw so many at random instead of taking the newest; None for the newest.
        seed: Of the drawing: the same traces give the same sample.
        is_distinct: Take equal questions once.
    """

    filters: Sequence[str] = ()
    text: str | None = None
    since: str | None = None
    until: str | None = None
    limit: int = 200
    sample: int | None = None
    seed: int = 0
    is_distinct: bool = True


class ProductionExamples:
    """Makes datasets of what happened in production; calls block.

    Args:
        datasets: Where they go.
        traces: Where they come from.
        incidents: Who knows the traces that stand for an incident.
    """

    def __init__(self, datasets: Datasets, traces: Traces, incidents: IncidentDesk) -> None:
        self._datasets = datasets
        self._traces = traces
        self._incidents = incidents

    def from_traces(self, name: str, choice: TraceChoice, *, by: Principal) -> Appended:
        """Add traces to a dataset, which is made if there is none.

        Raises:
            NotPermitted: The caller may not act.
            InvalidInput: A filter or a time cannot be understood.
            DatasetInvalid: Nothing matched, and there is no such dataset.
        """
        require(by, Scope.ACT)
        check_name(name)
        ids, is_cut = self._choose(choice, by.project_id)
        source = {
            "kind": "traces",
            "filters": list(choice.filters),
            "text": choice.text,
            "since": choice.since,
            "until": choice.until,
            "limit": choice.limit,
            "sample": choice.sample,
            "seed": choice.seed if choice.sample is not None else None,
            "is_cut": is_cut,
        }
        return append(
            self._datasets,
            name,
            self._examples(by.project_id, ids),
            source,
            by=by,
            is_distinct=choice.is_distinct,
        )

    def from_incident(self, name: str, incident: str, *, by: Principal) -> Appended:
        """Add the traces that stand for an incident.

        Raises:
            NotPermitted: The caller may not act.
            IncidentNotFound: The project has no such incident.
            DatasetInvalid: No trace stands for it, or nothing of them can be added to a new dataset.
        """
        require(by, Scope.ACT)
        check_name(name)
        whole = self._incidents.get(by.project_id, incident)
        ids = _example_ids(whole.explanation or {})
        if not ids:
            raise DatasetInvalid(
                f"No traces stand for incident {whole.incident.number}.",
                code="dataset.empty",
                hint="Its explanation names them once it is there; or choose traces of its time by filter.",
            )
        number = whole.incident.number
        source = {"kind": "incident", "incident_id": whole.incident.id, "number": number, "traces": ids}
        return append(self._datasets, name, self._examples(by.project_id, ids), source, by=by)

    def _choose(self, choice: TraceChoice, project: str) -> tuple[list[str], bool]:
        """Ids of traces, newest first, and whether more match than were looked at."""
        now = self._traces.clock.now()
        selection = read_selection(
            project,
            filters=read_filters(choice.filters, now=now),
            text=choice.text,
            since=choice.since,
            until=choice.until,
            now=now,
        )
        wanted = choice.limit if choice.sample is None else MAX_LOOKED_AT
        ids: list[str] = []
        cursor: str | None = None
        while len(ids) < wanted:
            size = min(MAX_ROWS, wanted - len(ids))
            page = self._traces.list_traces(ListQuery(selection=selection, limit=size, cursor=cursor))
            ids += [row.trace_id for row in page.items]
            cursor = page.next_cursor
            if cursor is None:
                break
        if choice.sample is None or choice.sample >= len(ids):
            return ids, cursor is not None
        chosen = sorted(random.Random(choice.seed).sample(range(len(ids)), choice.sample))
        return [ids[at] for at in chosen], cursor is not None

    def _examples(self, project: str, ids: Sequence[str]) -> Iterator[Example | str]:
        for trace_id in ids:
            query = OpenQuery(project=project, trace_id=trace_id, limit=MAX_PAGE_SPANS)
            try:
                yield trace_example(self._traces.open_trace(query))
            except NotFound:
                yield GONE


def _example_ids(explanation: Any) -> list[str]:
    """Traces of an explanation and of what contributed to it, each once."""
    places = [explanation, *explanation.get("contributions", ())]
    return list(dict.fromkeys(id_ for place in places for id_ in place.get("example_trace_ids", ())))
