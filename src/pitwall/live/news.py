"""What has newly been published of alerts, incidents and changes."""

from __future__ import annotations

from typing import Final

from pitwall.live.types import News
from pitwall.stores.state import StateStore
from pitwall.work.events import EventLog

NAMES: Final = {"alerts": "alert", "incidents": "incident", "changes": "change"}
"""Names of live events by the topics whose events they tell."""
MAX_EVENTS: Final = 20


class NewsFinder:
    """Finds what has been published since it last looked, whichever process did it; calls block.

    Args:
        state: Has the event log.
        project: The only project that is read.
    """

    def __init__(self, state: StateStore, project: str) -> None:
        self._state = state
        self._project = project
        self._seen: dict[str, int] | None = None

    def look(self) -> list[News]:
        """Return what is new of each topic, at most the last `MAX_EVENTS` events; the first look only begins.

        Raises:
            StateUnavailable: The state store does not answer; the next look tells what this one could not.
        """
        with self._state.session(read_only=True) as session:
            newest = {topic: EventLog(session, topic).newest() for topic in NAMES}
            seen, self._seen = self._seen, newest
            if seen is None:
                return []
            return [
                news
                for topic, name in NAMES.items()
                if newest[topic] > seen[topic]
                and (news := self._news(EventLog(session, topic), name, seen[topic])).payloads
            ]

    def _news(self, events: EventLog, name: str, seen: int) -> News:
        found = events.latest(self._project, after=seen, limit=MAX_EVENTS + 1)
        return News(name, [event.payload for event in found[-MAX_EVENTS:]], len(found) > MAX_EVENTS)
