"""What is published of alerts, incidents and changes is told to those who listen to the project."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from pitwall.kit.clock import ManualClock
from pitwall.live.news import MAX_EVENTS, NewsFinder
from pitwall.live.types import News
from pitwall.live.wire import news_event
from pitwall.stores.state import StateStore
from pitwall.work.events import EventLog


@pytest.fixture
def state(tmp_path: Path) -> Iterator[StateStore]:
    store = StateStore.in_directory(tmp_path).open()
    yield store
    store.close()


def _publish(state: StateStore, topic: str, *ids: str, project: str = "default") -> None:
    with state.session() as session:
        for id_ in ids:
            EventLog(session, topic).append(project, ManualClock().now(), {"id": id_})


def _ids(news: News) -> list[str]:
    return [payload["id"] for payload in news.payloads]


def test_only_what_is_published_after_the_first_look_is_news(state: StateStore) -> None:
    """Each event once, by topic, of the project alone."""
    _publish(state, "incidents", "old")
    finder = NewsFinder(state, "default")
    assert finder.look() == []
    _publish(state, "incidents", "a", "b")
    _publish(state, "alerts", "c")
    _publish(state, "changes", "d", project="_pitwall")
    _publish(state, "other", "e")
    alert, incident = finder.look()
    assert (alert.name, _ids(alert)) == ("alert", ["c"])
    assert (incident.name, _ids(incident), incident.has_more) == ("incident", ["a", "b"], False)
    assert finder.look() == []


def test_flood_is_told_in_part(state: StateStore) -> None:
    """The last events, and that there were more."""
    finder = NewsFinder(state, "default")
    finder.look()
    _publish(state, "alerts", *map(str, range(MAX_EVENTS + 5)))
    (news,) = finder.look()
    assert (_ids(news)[-1], len(news.payloads), news.has_more) == ("24", MAX_EVENTS, True)
    assert news_event(news).startswith(b'event: alert\ndata: {"events":[{"id":"5"}')
