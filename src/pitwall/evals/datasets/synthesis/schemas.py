"""The wire shapes of synthesis."""

from __future__ import annotations

from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from pitwall.evals.datasets.schemas import ImportedDataset
from pitwall.evals.datasets.synthesis.types import QuestionKind, SynthesisPlan

Text = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1)]


class _Body(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class DocumentBody(_Body):
    """A text that questions are to be about."""

    name: Annotated[Text, Field(max_length=300)]
    text: Text


class SynthesisBody(_Body):
    """What questions to make of which documents."""

    profile: str = Field(description="Whose model is asked.")
    name: str = Field(description="Of the dataset.")
    documents: Annotated[list[DocumentBody], Field(min_length=1, max_length=1000)]
    count: Annotated[int, Field(ge=1, le=500, description="Questions at most.")] = 50
    per_passage: Annotated[int, Field(ge=1, le=10, description="Questions of a passage.")] = 2
    types: list[QuestionKind] = Field(default=list(QuestionKind), description="Of questions.")
    seed: int = Field(default=0, description="In which order passages are asked.")
    max_calls: Annotated[int | None, Field(ge=1, description="Calls to the model at most.")] = None

    def plan(self) -> SynthesisPlan:
        """Return what is to be made."""
        return SynthesisPlan(
            count=self.count, per_passage=self.per_passage, kinds=tuple(self.types), seed=self.seed
        )


class SynthesisCountsView(BaseModel):
    """What came of it."""

    asked: int = Field(description="Passages that the model was asked about.")
    offered: int = Field(description="Questions that it gave.")
    kept: int
    dropped: dict[str, int] = Field(description="Why others did not become examples.")
    failed: dict[str, int] = Field(description="Passages about which nothing came, by kind of failure.")


class SynthesizedDataset(ImportedDataset):
    """A dataset that was made of documents."""

    counts: SynthesisCountsView
