"""The wire shapes of snapshots."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from pydantic import BaseModel, Field


class SnapshotText(BaseModel):
    """A sentence in both languages."""

    en: str
    ko: str


class SnapshotDifference(BaseModel):
    """One thing that differs."""

    part: str = Field(description="Such as `dataset`, `judge`, `prompts`, `target`, `git`, `packages`.")
    what: str
    before: Any
    after: Any
    is_known: bool = Field(description="False if only one snapshot tells of it.")
    text: SnapshotText


class SnapshotDifferences(BaseModel):
    """What differs between what two runs ran on."""

    first: str
    second: str
    is_same: bool
    differences: list[SnapshotDifference]


class SnapshotRun(BaseModel):
    """The run that a snapshot is of."""

    id: str
    name: str
    state: str
    where: str
    created_at: datetime
    created_by: str
    started_at: datetime | None
    finished_at: datetime | None
    summary: dict[str, Any] | None


class RunSnapshotView(BaseModel):
    """What is known of what a run ran on; secrets are left out."""

    run: SnapshotRun
    kept: dict[str, Any] | None = Field(
        description="What the run itself kept when it began: dataset, metrics, models, git, packages, "
        "settings, system. Null for a run that kept nothing."
    )
    facts: dict[str, Any] = Field(
        description="What is known of the run now: dataset, metrics with the hashes of their prompts, plan, "
        "models, parameters of its searches, and the command to run it again."
    )
