"""Changes as values: deploys, pinned models, prompts, settings, indexes and notes that somebody told of."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from pitwall.kit.durations import format_instant
from pitwall.traces.changes import Change

TOPIC = "changes"
"""Topic of what is told of in the event log."""


class ToldKind(StrEnum):
    """What was changed."""

    DEPLOY = "deploy"
    MODEL = "model"
    PROMPT = "prompt"
    CONFIG = "config"
    INDEX = "index"
    ROUTE = "route"
    RUNBOOK = "runbook"
    NOTE = "note"


@dataclass(frozen=True, slots=True, kw_only=True)
class ChangeFacts:
    """What somebody tells of a change.

    Attributes:
        before: The old value, such as a version; None if it is not said.
        after: The new one.
        link: Where more of it can be read.
    """

    kind: ToldKind
    title: str
    environment: str | None = None
    service: str | None = None
    before: str | None = None
    after: str | None = None
    link: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class NewChange:
    """A change to keep.

    Attributes:
        at: When it was made; None for now.
        idempotency_key: Names the change for whoever tells of it, so that a repeated request adds nothing.
    """

    facts: ChangeFacts
    at: datetime | None = None
    idempotency_key: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ToldChange:
    """A change that somebody told of."""

    id: str
    at: datetime
    facts: ChangeFacts
    by: str
    recorded_at: datetime
    idempotency_key: str | None = None

    def payload(self) -> dict[str, Any]:
        """The payload of topic `changes`."""
        facts = self.facts
        return {
            "id": self.id,
            "at": format_instant(self.at),
            "kind": facts.kind.value,
            "title": facts.title,
            "environment": facts.environment,
            "service": facts.service,
            "before": facts.before,
            "after": facts.after,
            "link": facts.link,
            "by": self.by,
        }


@dataclass(frozen=True, slots=True)
class ListedChange:
    """A change in a list: one that was told of, or one that telemetry shows for the first time."""

    at_nano: int
    change: ToldChange | Change


@dataclass(frozen=True, slots=True, kw_only=True)
class ChangeQuery:
    """Changes of a project in `[since, until)`; `cursor` is where the next page begins."""

    project_id: str
    since: datetime
    until: datetime
    limit: int = 100
    cursor: str | None = None
