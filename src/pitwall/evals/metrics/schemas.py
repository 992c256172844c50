"""The wire shapes of metrics."""

from __future__ import annotations

from typing import Self

from pydantic import BaseModel, Field

from pitwall.evals.metrics.registry import Registry
from pitwall.evals.metrics.types import Family, Needs, Per
from pitwall.evals.metrics.wire import registry_view
from pitwall.evals.types import Direction


class EvalMetricOptionView(BaseModel):
    """Something that can be set on a metric."""

    name: str
    description: dict[str, str] = Field(description="By language, `en` and `ko`.")
    default: str | None = Field(description="As it would be written; null for one that must be given.")


class EvalMetricView(BaseModel):
    """A metric."""

    name: str
    version: int = Field(description="Grows whenever the same case may get another value.")
    identity: str = Field(description="What its scores are scores of; others do not compare.")
    family: Family
    title: dict[str, str] = Field(description="By language, `en` and `ko`.")
    description: dict[str, str] = Field(description="What it measures, and what it does not say.")
    direction: Direction
    lowest: float | None = Field(description="Smallest possible value; null for no bound.")
    highest: float | None = Field(description="Largest possible value; null for no bound.")
    unit: str
    threshold: float | None = Field(
        description="What a case passes at; null if nobody passes or fails by it."
    )
    needs: list[Needs] = Field(description="What a case must have, else it is not applicable.")
    calls: int = Field(description="Calls of the judge at most; 0 needs no model.")
    calls_per: Per = Field(description="What they are for: a case, or each turn of a conversation.")
    needs_embeddings: bool
    requires_extra: str | None = Field(description="The extra of Pitwall that it needs.")
    options: list[EvalMetricOptionView]
    source: str | None = Field(description="The package or file that it comes from; null for Pitwall's own.")


class EvalMetricProblemView(BaseModel):
    """A metric of a package that cannot be used."""

    source: str
    why: str


class EvalMetricList(BaseModel):
    """All metrics that the server knows."""

    metrics: list[EvalMetricView]
    problems: list[EvalMetricProblemView]
    presets: dict[str, list[str]] = Field(description="Names of metrics by the name of the set.")
    modes: dict[str, list[str] | None] = Field(
        description="Metrics of a mode; null where it leaves them open."
    )

    @classmethod
    def of(cls, registry: Registry) -> Self:
        """Return the view of a registry."""
        return cls.model_validate(registry_view(registry))
