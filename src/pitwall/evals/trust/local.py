"""Labels and calibrations in the state store itself, for when no server runs."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from pydantic import ValidationError

from pitwall.access.authenticators import LOCAL_OPERATOR
from pitwall.evals.trust.errors import LabelsInvalid
from pitwall.evals.trust.schemas import AddedView, CaseLabelsBody, LabelPage, TrustView
from pitwall.evals.trust.service import Trust
from pitwall.evals.trust.types import LabelQuery
from pitwall.kit.clock import Clock
from pitwall.stores.state import StateStore

Json = dict[str, Any]


class LocalTrust:
    """Labels in the state store; whoever may write to it is the operator."""

    def __init__(self, state: StateStore, clock: Clock, project: str | None) -> None:
        self._trust = Trust(state, clock)
        self._by = LOCAL_OPERATOR.on_project(project)

    def add(self, body: Mapping[str, Any]) -> Json:
        """Keep labels."""
        try:
            read = CaseLabelsBody.model_validate(body)
        except ValidationError as error:
            first = error.errors()[0]
            place = ".".join(map(str, first["loc"]))
            raise LabelsInvalid(f"{place} is {first['input']!r}: {first['msg']}.") from error
        return AddedView.of(self._trust.add(read.batch(), by=self._by)).model_dump(mode="json")

    def list(self, query: Mapping[str, Any]) -> Json:
        """Return labels."""
        wanted = LabelQuery(
            dataset=query["dataset"],
            metric=query.get("metric"),
            example_id=query.get("example"),
            limit=query.get("limit") or 100,
        )
        page = self._trust.list(self._by.project_id, wanted, query.get("cursor"))
        return LabelPage.of(page.items, page.next_cursor).model_dump(mode="json")

    def measure(self, run_id: str, *, keep: bool) -> Json:
        """Hold a run against labels."""
        found = self._trust.measure(self._by.project_id, run_id)
        view = TrustView.of(found)
        if keep:
            self._trust.keep(found, view.by_metric(), by=self._by)
        return view.model_dump(mode="json")
