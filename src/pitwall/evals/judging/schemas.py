"""The wire shapes of prompts."""

from __future__ import annotations

from typing import Any

from pydantic import BaseModel, Field


class EvalPromptView(BaseModel):
    """One of Pitwall's own prompts."""

    name: str
    version: int
    digest: str = Field(description="Hash of its texts, as it stands in the identity of scores.")
    is_replaceable: bool = Field(
        description="Whether a run may bring its own; not so what is said with all of them."
    )
    places: list[str] = Field(description="What is filled in in `user`; an own prompt has all of them.")
    metrics: list[str] = Field(description="Metrics that ask with it.")


class EvalPromptDetail(EvalPromptView):
    """One of Pitwall's own prompts with its texts."""

    content: dict[str, Any] = Field(description="As `prompts` of a new run takes it below its name.")
    yaml: str = Field(description="The same as a file that `--prompts` takes.")


class EvalPromptList(BaseModel):
    """Pitwall's own prompts."""

    prompts: list[EvalPromptView]
