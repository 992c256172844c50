"""Comparisons in the state store itself, for when no server runs; answers are in the API's shape."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError

from pitwall.access.authenticators import LOCAL_OPERATOR
from pitwall.evals.comparison.errors import ComparisonInvalid
from pitwall.evals.comparison.schemas import (
    BaselineBody,
    BaselineList,
    BaselineView,
    CompareQuery,
    ComparisonView,
    GateBody,
    GateView,
)
from pitwall.evals.comparison.service import Comparisons
from pitwall.kit.clock import Clock
from pitwall.stores.state import StateStore

Json = dict[str, Any]
Model = TypeVar("Model", bound=BaseModel)


class LocalComparisons:
    """Comparisons in the state store; whoever may write to it is the operator."""

    def __init__(self, state: StateStore, clock: Clock, project: str | None) -> None:
        self._comparisons = Comparisons(state, clock)
        self._by = LOCAL_OPERATOR.on_project(project)

    def compare(self, query: Mapping[str, Any]) -> Json:
        """Compare two runs."""
        request = _read(CompareQuery, query).request()
        return _written(ComparisonView.of(self._comparisons.compare(self._by.project_id, request)))

    def gate(self, body: Mapping[str, Any]) -> Json:
        """Judge a run."""
        request = _read(GateBody, body).request()
        return _written(GateView.of(self._comparisons.gate(self._by.project_id, request)))

    def baselines(self, dataset: str) -> Json:
        """Return the baselines of a dataset."""
        return _written(BaselineList.of(self._comparisons.baselines(self._by.project_id, dataset)))

    def set_baseline(self, run_id: str, name: str) -> Json:
        """Make a run a baseline of its dataset."""
        body = _read(BaselineBody, {"run": run_id, "name": name})
        found = self._comparisons.set_baseline(body.run, body.name, by=self._by)
        return _written(BaselineView.model_validate(found))


def _written(view: BaseModel) -> Json:
    return view.model_dump(mode="json")


def _read(model: type[Model], values: Mapping[str, Any]) -> Model:
    try:
        return model.model_validate({name: value for name, value in values.items() if value is not None})
    except ValidationError as error:
        first = error.errors()[0]
        place = ".".join(map(str, first["loc"]))
        raise ComparisonInvalid(f"{place} is {first['input']!r}: {first['msg']}.") from error
