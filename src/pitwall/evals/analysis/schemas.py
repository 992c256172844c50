"""The wire shapes of analyses."""

from __future__ import annotations

from typing import Any

from pydantic import BaseModel, Field

from pitwall.evals.analysis.types import NodeStatus


class WhyView(BaseModel):
    """A sentence in both languages."""

    en: str
    ko: str


class AnalysedRunView(BaseModel):
    """The run that was analysed."""

    id: str
    name: str
    dataset: str
    dataset_hash: str
    judge: str | None
    cases: int


class TextsView(BaseModel):
    """How many cases had their texts looked into."""

    cases: int
    examined: int
    cut: int = Field(description="Of those examined, how many had texts too long to be read to their end.")


class AnalysisNodeView(BaseModel):
    """A part of an analysis."""

    node_id: str
    status: NodeStatus
    duration_ms: float
    error: str | None = Field(description="What it failed with.")
    why: WhyView | None = Field(description="Why it was skipped.")
    output: dict[str, Any] | None = Field(description="What it says; null unless it is completed.")


class AnalysisView(BaseModel):
    """What a run says beyond its means."""

    pipeline_id: str
    intent: str
    version: int
    run: AnalysedRunView
    texts: TextsView
    duration_ms: float
    nodes: list[AnalysisNodeView]
