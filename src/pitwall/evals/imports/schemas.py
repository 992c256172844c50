"""The wire shape of an imported run."""

from __future__ import annotations

from pydantic import Field

from pitwall.evals.runs.schemas import EvalRunView


class ImportedRunView(EvalRunView):
    """A run that was made of a result file."""

    left_out: list[str] = Field(description="Columns of numbers that were not taken for metrics.")
