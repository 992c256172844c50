"""From what is known of alerts to what channels are to be told now: route, group, mute, inhibit, silence,
dedup. Pure; the outbox is written by who calls it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Final

from pitwall.notifications.dedup import Decision, Present, decide
from pitwall.notifications.routing import all_ways, default_route, find_ways, group_labels
from pitwall.notifications.suppression import Quiet, find_suppressed
from pitwall.notifications.types import (
    Channel,
    Group,
    KnownAlert,
    Notice,
    Reason,
    Route,
    Routing,
    Standing,
    Suppression,
    Way,
)

_QUIET_CHECK: Final = timedelta(seconds=15)
"""How often it is looked whether what keeps people from being told is over."""


@dataclass(frozen=True, slots=True)
class Situation:
    """Everything about one project that decides who is told what.

    Attributes:
        alerts: By id; those that are over as long as somebody has to be told so.
        groups: By id.
        channels: By name.
    """

    project_id: str
    alerts: Mapping[str, KnownAlert]
    groups: Mapping[str, Group]
    routing: Routing
    channels: Mapping[str, Channel]
    quiet: Quiet = field(default_factory=Quiet)

    @property
    def root(self) -> Route:
        """The tree in force."""
        return self.routing.root or default_route(self.channels.values())


@dataclass(frozen=True, slots=True)
class Plan:
    """What to do.

    Attributes:
        notices: For the outbox.
        groups: Groups to keep, where they changed.
        finished: Ids of groups to forget.
        suppressed: Alerts that nobody is told of, by id.
        look_again_at: When something may be due although nothing happens.
    """

    notices: Sequence[Notice]
    groups: Sequence[Group]
    finished: Sequence[str]
    suppressed: Mapping[str, Suppression]
    look_again_at: datetime | None


def plan(situation: Situation, now: datetime) -> Plan:
    """Decide what to tell whom now."""
    suppressed = find_suppressed(situation.alerts.values(), situation.quiet, now)
    board = _Board(situation, suppressed, now)
    for cell in _cells(situation, now).values():
        board.settle(cell)
    times = [*board.times, *([now + _QUIET_CHECK] if suppressed else [])]
    return Plan(board.notices, board.changed, board.finished, suppressed, min(times, default=None))


@dataclass(slots=True)
class _Cell:
    """A group with its alerts of now; `is_new` if nothing was kept of it."""

    group: Group
    way: Way
    members: dict[str, KnownAlert] = field(default_factory=dict)
    is_new: bool = False


def _cells(situation: Situation, now: datetime) -> dict[str, _Cell]:
    """Groups that were kept and those that active alerts make."""
    root = situation.root
    ways = all_ways(root)
    cells = {
        key: _Cell(_no_later_than(group, now), ways.get(group.path, ways[""]))
        for key, group in situation.groups.items()
    }
    for alert in situation.alerts.values():
        if not alert.is_active:
            continue
        for way in find_ways(root, alert.labels):
            for channel in way.receivers:
                _join(cells, _empty_group(situation.project_id, channel, way, alert), way, alert)
    return cells


def _join(cells: dict[str, _Cell], group: Group, way: Way, alert: KnownAlert) -> None:
    cell = cells.setdefault(group.id, _Cell(group, way, is_new=True))
    if cell.is_new and group.created_at < cell.group.created_at:
        cell.group = group
    cell.way = way
    cell.members[alert.id] = alert


def _empty_group(project_id: str, channel: str, way: Way, alert: KnownAlert) -> Group:
    return Group(
        project_id=project_id,
        channel=channel,
        path=way.path,
        labels=group_labels(way, alert),
        created_at=alert.since,
    )


def _no_later_than(group: Group, now: datetime) -> Group:
    """A clock that was set back keeps no group quiet until it has caught up."""
    sent_at = group.sent_at
    if group.created_at <= now and (sent_at is None or sent_at <= now):
        return group
    return replace(
        group, created_at=min(group.created_at, now), sent_at=None if sent_at is None else min(sent_at, now)
    )


class _Board:
    """Collects what is decided about one group after the other."""

    def __init__(self, situation: Situation, suppressed: Mapping[str, Suppression], now: datetime) -> None:
        self._situation = situation
        self._suppressed = suppressed
        self._now = now
        self.notices: list[Notice] = []
        self.changed: list[Group] = []
        self.finished: list[str] = []
        self.times: list[datetime] = []

    def settle(self, cell: _Cell) -> None:
        """Decide about one group."""
        channel = self._situation.channels.get(cell.group.channel)
        if channel is None or not channel.is_enabled:
            if not cell.is_new:
                self.finished.append(cell.group.id)
            return
        decision = decide(
            cell.group, cell.way, self._present(cell), self._now, sends_resolved=channel.send_resolved
        )
        if decision.look_again_at is not None:
            self.times.append(decision.look_again_at)
        if decision.reason is not Reason.DO_NOT_NOTIFY:
            self.notices.append(self._notice(cell, decision))
        self._keep(cell, decision)

    def _present(self, cell: _Cell) -> Present:
        shown: dict[str, Standing] = {}
        hidden = {one for one in cell.group.told if self._is_active(one) and one not in cell.members}
        for alert in cell.members.values():
            if alert.id in self._suppressed:
                hidden.add(alert.id)
            else:
                shown[alert.id] = alert.standing
        return Present(shown, frozenset(hidden))

    def _is_active(self, alert_id: str) -> bool:
        alert = self._situation.alerts.get(alert_id)
        return alert is not None and alert.is_active

    def _notice(self, cell: _Cell, decision: Decision) -> Notice:
        shown = [one for one in cell.members.values() if one.id not in self._suppressed]
        known = self._situation.alerts
        over = tuple(known[one] for one in decision.resolved if one in known)
        takes_over = cell.group.via if not shown else None
        return Notice(
            group=cell.group,
            channel=takes_over or cell.group.channel,
            reason=decision.reason,
            language=cell.way.language,
            alerts=tuple(sorted(shown, key=_worst_first)),
            resolved=over,
        )

    def _keep(self, cell: _Cell, decision: Decision) -> None:
        is_sent = decision.reason is not Reason.DO_NOT_NOTIFY
        after = replace(cell.group, told=decision.told, sent_at=self._now if is_sent else cell.group.sent_at)
        rests_until = None if after.sent_at is None else after.sent_at + cell.way.group_interval
        if not after.told and not cell.members and (rests_until is None or rests_until <= self._now):
            if not cell.is_new:
                self.finished.append(after.id)
            return
        if rests_until is not None and not after.told and not cell.members:
            self.times.append(rests_until)
        if cell.is_new or after != self._situation.groups[after.id]:
            self.changed.append(after)


def _worst_first(alert: KnownAlert) -> tuple[int, datetime, str]:
    rank = alert.condition.rank
    return (-1 if rank is None else -rank - 1, alert.since, alert.id)
