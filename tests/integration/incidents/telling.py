"""Putting events of alerts where the evaluator puts them."""

from __future__ import annotations

from collections.abc import Iterable

from pitwall.alerts.repository import Alerts
from pitwall.alerts.types import AlertEvent
from pitwall.stores.state import StateStore


def tell(state: StateStore, *events: AlertEvent, project: str = "default") -> None:
    """Publish events in a transaction of their own."""
    with state.session() as session:
        Alerts(session, project).tell(events)


def tell_each(state: StateStore, events: Iterable[AlertEvent]) -> None:
    """Publish events one after the other."""
    for event in events:
        tell(state, event)
