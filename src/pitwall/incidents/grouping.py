"""Which incident an alert belongs to; pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from pitwall.alerts.types import AlertEvent, EventKind
from pitwall.incidents.types import Grouping, Incident

STARTS = frozenset({EventKind.FIRED, EventKind.ESCALATED, EventKind.NO_DATA, EventKind.ERROR})
"""What makes an alert a matter for people; everything else goes on in an incident that is there.

That data is missing or a rule fails is told only where the rule asks for it.
"""


def find_place(
    grouping: Grouping, unresolved: Iterable[Incident], holder: Incident | None, event: AlertEvent
) -> Incident | None:
    """Return the incident that an event belongs to as it stands, resolved or not; None if it needs a new one.

    The incident that has the alert and is not resolved comes first, then one whose labels agree and in which
    an alert fired a short while ago, then the one that has the alert and was resolved a short while ago.

    Args:
        grouping: The rule.
        unresolved: Incidents of the project that are not over.
        holder: The incident that has the alert, the last one if there are several; None if none has.
        event: What happened to the alert.
    """
    if holder is not None and (not holder.is_resolved or event.kind not in STARTS):
        return holder
    near = [one for one in unresolved if _is_near(grouping, one, event) and _agrees(grouping, one, event)]
    if near:
        return max(near, key=lambda one: (one.last_fired_at, one.number))
    if holder is not None and holder.resolved_at is not None:
        return holder if event.at <= holder.resolved_at + grouping.reopen_within else None
    return None


def all_labels(event: AlertEvent) -> dict[str, str]:
    """An alert's own labels and those that its rule adds."""
    return {**event.facts.rule_labels, **event.labels}


def shared(one: Mapping[str, str], other: Mapping[str, str]) -> dict[str, str]:
    """Labels that two sets have in common with the same value."""
    return {name: value for name, value in one.items() if other.get(name) == value}


def _is_near(grouping: Grouping, incident: Incident, event: AlertEvent) -> bool:
    return event.at <= incident.last_fired_at + grouping.join_within


def _agrees(grouping: Grouping, incident: Incident, event: AlertEvent) -> bool:
    """Whether the labels of an alert and of an incident say that they belong together.

    Labels that the rule groups by decide if both have one. If not, all other labels that both have must be
    equal, and there must be one; alerts of the whole project, without any label, belong together too.
    """
    theirs, mine = incident.group_labels, all_labels(event)
    keys = [name for name in grouping.by if name in theirs and name in mine]
    if keys:
        return all(theirs[name] == mine[name] for name in keys)
    names = incident.labels.keys() & event.labels.keys()
    if names:
        return all(incident.labels[name] == event.labels[name] for name in names)
    return not incident.labels and not event.labels
