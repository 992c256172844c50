"""A saved view as a value."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class NewView:
    """What somebody wants to keep: the query of a page's address, by parameter."""

    name: str
    page: str
    query: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class SavedView:
    """A view that is kept."""

    id: str
    name: str
    page: str
    query: Mapping[str, str]
    created_at: datetime
    created_by: str
