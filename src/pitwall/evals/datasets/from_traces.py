"""Datasets out of production: traces that a filter finds, or that an incident shows as examples."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from pitwall.access.types import Principal, require
from pitwall.core.errors import NotFound
from pitwall.core.vocabulary import Scope
from pitwall.evals.datasets.appending import Appended, append
from pitwall.evals.datasets.choosing_traces import (
    Chosen,
    TraceChoice,
    Unit,
    choose,
    read_choice,
    traces_of_session,
)
from pitwall.evals.datasets.errors import DatasetInvalid
from pitwall.evals.datasets.names import check_name
from pitwall.evals.datasets.service import Datasets
from pitwall.evals.datasets.traced_conversations import NO_SESSION, conversation_example
from pitwall.evals.datasets.traced_examples import trace_example
from pitwall.evals.types import Example
from pitwall.incidents.service import IncidentDesk
from pitwall.traces.opening import MAX_PAGE_SPANS, OpenQuery
from pitwall.traces.service import Traces
from pitwall.traces.types import Selection

GONE = "gone"


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
        """Add traces, or sessions as conversations, to a dataset, which is made if there is none.

        Raises:
            NotPermitted: The caller may not act.
            InvalidInput: A filter or a time cannot be understood.
            DatasetInvalid: Nothing matched, and there is no such dataset.
        """
        require(by, Scope.ACT)
        check_name(name)
        selection = read_choice(choice, by.project_id, self._traces)
        chosen = choose(self._traces, selection, choice)
        by_session = choice.by is Unit.SESSION
        source = {
            "kind": "traces",
            "filters": list(choice.filters),
            "text": choice.text,
            "since": choice.since,
            "until": choice.until,
            "limit": choice.limit,
            "sample": choice.sample,
            "seed": choice.seed if choice.sample is not None else None,
            "is_cut": chosen.is_cut,
            **({"by": choice.by.value, "turns": choice.turns} if by_session else {}),
        }
        candidates = (
            self._conversations(selection, chosen, choice.turns)
            if by_session
            else self._examples(by.project_id, chosen.ids)
        )
        return append(self._datasets, name, candidates, source, by=by, is_distinct=choice.is_distinct)

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

    def from_ids(self, name: str, ids: Sequence[str], source: dict[str, Any], *, by: Principal) -> Appended:
        """Add traces that somebody chose, equal questions once.

        Args:
            source: What tells later why they were chosen.

        Raises:
            NotPermitted: The caller may not act.
            DatasetInvalid: Nothing of them can be added to a new dataset.
        """
        require(by, Scope.ACT)
        check_name(name)
        return append(self._datasets, name, self._examples(by.project_id, ids), source, by=by)

    def _conversations(self, selection: Selection, chosen: Chosen, turns: int) -> Iterator[Example | str]:
        yield from [NO_SESSION] * chosen.without_session
        for session_id in chosen.ids:
            ids, is_cut = traces_of_session(self._traces, session_id, selection, turns)
            told = list(self._examples(selection.project, ids))
            yield conversation_example(session_id, told, is_cut=is_cut)

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
