"""All SQL about the links of runs to trackers."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, RowMapping, and_, or_, select, update

from pitwall.evals.runs.journal import is_known_dead
from pitwall.evals.runs.types import RunState, Where
from pitwall.evals.trackers.types import (
    SENDER_IS_GONE_AFTER,
    LinkState,
    Report,
    TrackerLink,
    TrackerName,
)
from pitwall.stores.state.tables import eval_runs, eval_tracker_links
from pitwall.stores.state.upserts import insert_or_replace

READY = (RunState.FINISHED, RunState.STOPPED)
"""What a run is when it is sent by itself: it has come to an end with something to show."""


class TrackerLinks:
    """Links of runs to trackers, within the caller's transaction."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def put(self, links: Sequence[TrackerLink]) -> None:
        """Keep links in place of those of the same run and tracker."""
        if links:
            insert_or_replace(self._connection, eval_tracker_links, [_row(link) for link in links])

    def of_run(self, run_id: str) -> list[TrackerLink]:
        """Return the links of a run, by name."""
        query = select(eval_tracker_links).where(eval_tracker_links.c.run_id == run_id)
        rows = self._connection.execute(query.order_by(eval_tracker_links.c.tracker))
        return [_link(row) for row in rows.mappings()]

    def seen_at(self, run_id: str, now: datetime) -> list[TrackerLink]:
        """Return the links of a run as they stand to who looks: none is on its way without a process."""
        return [_seen(link, now) for link in self.of_run(run_id)]

    def due(self, where: Where, now: datetime, *, limit: int) -> list[TrackerLink]:
        """Return links whose runs are over and that wait, or were sent before their run went on."""
        links = eval_tracker_links.c
        query = (
            select(eval_tracker_links)
            .join(eval_runs, eval_runs.c.id == links.run_id)
            .where(
                links.where == where.value,
                eval_runs.c.state.in_([state.value for state in READY]),
                or_(
                    links.state.in_([LinkState.WAITING.value, LinkState.SENDING.value]),
                    links.started_at < eval_runs.c.finished_at,
                ),
            )
            .order_by(links.asked_at)
            .limit(limit)
        )
        found = [_link(row) for row in self._connection.execute(query).mappings()]
        return [link for link in found if not is_on_its_way(link, now)]

    def claim(self, link: TrackerLink, holder: str, now: datetime) -> TrackerLink | None:
        """Take a link to send it; None while another process does."""
        links = eval_tracker_links.c
        is_free = links.state != LinkState.SENDING.value
        if link.state is LinkState.SENDING and not is_on_its_way(link, now):
            is_free = or_(is_free, links.holder == link.holder)
        taken = replace(link, state=LinkState.SENDING, holder=holder, started_at=now, reason=None)
        change = update(eval_tracker_links).where(_is(link), is_free).values(**_row(taken))
        return taken if self._connection.execute(change).rowcount else None

    def note(self, link: TrackerLink) -> None:
        """Write how the sending of a claimed link stands; one that another process has by now is left."""
        mine = and_(_is(link), eval_tracker_links.c.holder == link.holder)
        self._connection.execute(update(eval_tracker_links).where(mine).values(**_row(link)))


def is_on_its_way(link: TrackerLink, now: datetime) -> bool:
    """Whether a process is sending it, as far as anybody can tell."""
    if link.state is not LinkState.SENDING or is_known_dead(link.holder):
        return False
    return link.started_at is not None and link.started_at > now - SENDER_IS_GONE_AFTER


def _seen(link: TrackerLink, now: datetime) -> TrackerLink:
    if link.state is not LinkState.SENDING or is_on_its_way(link, now):
        return link
    if link.where is Where.SERVER:  # its job begins anew
        return replace(link, state=LinkState.WAITING)
    return replace(link, state=LinkState.FAILED, reason="The process that was sending it ended.")


def came_to(link: TrackerLink, report: Report, state: LinkState, **values: Any) -> TrackerLink:
    """The link with what has arrived."""
    return replace(
        link,
        state=state,
        url=report.url or link.url,
        cases=report.cases,
        cases_sent=report.cases_sent,
        scores_sent=report.scores_sent,
        **values,
    )


def _is(link: TrackerLink) -> Any:
    links = eval_tracker_links.c
    return and_(links.run_id == link.run_id, links.tracker == link.tracker.value)


def _row(link: TrackerLink) -> dict[str, Any]:
    return {
        "run_id": link.run_id,
        "tracker": link.tracker.value,
        "project_id": link.project_id,
        "where": link.where.value,
        "state": link.state.value,
        "asked_at": link.asked_at,
        "asked_by": link.asked_by,
        "holder": link.holder,
        "started_at": link.started_at,
        "sent_at": link.sent_at,
        "url": link.url,
        "cases": link.cases,
        "cases_sent": link.cases_sent,
        "scores_sent": link.scores_sent,
        "reason": link.reason,
    }


def _link(row: RowMapping) -> TrackerLink:
    values = {
        **row,
        "tracker": TrackerName(row["tracker"]),
        "where": Where(row["where"]),
        "state": LinkState(row["state"]),
    }
    return TrackerLink(**values)
