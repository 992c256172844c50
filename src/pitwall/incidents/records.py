"""Writing what became of incidents: rows, timelines and events, in the caller's transaction."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Connection

from pitwall.incidents.book import Changed, News
from pitwall.incidents.repository import Incidents
from pitwall.incidents.types import TOPIC, Incident
from pitwall.kit.durations import format_instant
from pitwall.work.events import EventLog


def write_changed(session: Connection, project_id: str, changed: Sequence[Changed]) -> int:
    """Write incidents that changed and tell of them; returns how many they are."""
    incidents, events = Incidents(session, project_id), EventLog(session, TOPIC)
    for one in changed:
        if one.is_new:
            incidents.add(one.incident)
        else:
            incidents.write(one.incident)
            incidents.write_members(
                one.incident, [one.incident.members[id_] for id_ in sorted(one.alert_ids)]
            )
        incidents.append(one.incident.id, one.entries)
        for news in one.news:
            events.append(project_id, news.at, news_payload(one.incident, news))
    return len(changed)


def news_payload(incident: Incident, news: News) -> dict[str, Any]:
    """The payload of topic `incidents`."""
    return {
        "id": news.id,
        "incident_id": incident.id,
        "kind": news.kind.value,
        "at": format_instant(news.at),
        "by": news.by,
        "number": incident.number,
        "title": {"en": incident.title.en, "ko": incident.title.ko},
        "severity": incident.severity.value,
        "state": incident.state.value,
        "labels": dict(incident.labels),
        "assignee": incident.assignee,
        **news.details,
    }
