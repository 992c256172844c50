"""The state store: projects, keys, audit and import positions, on SQLite or PostgreSQL."""

from __future__ import annotations

from pitwall.stores.state.audit import AuditEntry, AuditLog
from pitwall.stores.state.ingest_sources import IngestSource, IngestSources
from pitwall.stores.state.meta import Meta
from pitwall.stores.state.projects import (
    DEFAULT_PROJECT,
    SELF_PROJECT,
    Project,
    Projects,
    check_project_id,
)
from pitwall.stores.state.store import StateStore, StateStoreTooNew, StateUnavailable

__all__ = [
    "DEFAULT_PROJECT",
    "SELF_PROJECT",
    "AuditEntry",
    "AuditLog",
    "IngestSource",
    "IngestSources",
    "Meta",
    "Project",
    "Projects",
    "StateStore",
    "StateStoreTooNew",
    "StateUnavailable",
    "check_project_id",
]
