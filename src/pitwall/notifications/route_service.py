"""The routing tree of a project: looked at, saved, and tried."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from pitwall.access.types import Principal
from pitwall.alerts.types import AlertEvent, EventKind, Facts
from pitwall.core.vocabulary import Severity
from pitwall.kit.hashing import json_hash
from pitwall.kit.i18n import Text
from pitwall.notifications.channels import ChannelBook
from pitwall.notifications.errors import RoutesChanged
from pitwall.notifications.notifier import Notifier
from pitwall.notifications.reading import check_routing, parse_routing
from pitwall.notifications.recording import Desk
from pitwall.notifications.repository import Pipeline, Routes
from pitwall.notifications.routing import find_ways, group_labels
from pitwall.notifications.suppression import find_suppressed
from pitwall.notifications.types import KnownAlert, Routing, Suppression, Way
from pitwall.notifications.wire import routing_view, routing_yaml

_TRIED = "tried"


@dataclass(frozen=True, slots=True)
class RoutingState:
    """A routing tree as it is in force; `revision` changes when it does."""

    routing: Routing
    revision: str
    updated_at: datetime | None
    updated_by: str | None


@dataclass(frozen=True, slots=True)
class Trial:
    """Where an alert would lead, with the labels of its group on each way."""

    labels: Mapping[str, str]
    ways: Sequence[tuple[Way, Mapping[str, str]]]
    suppression: Suppression


class RouteService:
    """Looks at routing trees and changes them; calls block."""

    def __init__(self, desk: Desk, book: ChannelBook, notifier: Notifier) -> None:
        self._desk = desk
        self._book = book
        self._notifier = notifier

    def get(self, project_id: str) -> RoutingState:
        """Return the routing of a project."""
        with self._desk.state.session(read_only=True) as connection:
            routing, updated_at, updated_by = Routes(connection, project_id).get()
        return RoutingState(routing, _revision(routing), updated_at, updated_by)

    def yaml(self, project_id: str) -> str:
        """Return the routing as YAML that can be saved again."""
        return routing_yaml(self.get(project_id).routing)

    def save(self, routing: Routing, *, by: Principal, revision: str | None = None) -> RoutingState:
        """Save a routing; alerts that are active go by it at once.

        Args:
            revision: The one that was edited; None replaces whatever there is.

        Raises:
            NotPermitted: The caller may not act.
            RoutesInvalid: It leads to a channel that is not there.
            RoutesChanged: Somebody else saved it in the meantime.
        """
        with self._desk.change("routes.saved", "routes", by) as change:
            check_routing(routing, self._book.of(change.connection, change.project_id))
            routes = Routes(change.connection, change.project_id)
            before, _, who = routes.get()
            if revision is not None and revision != _revision(before):
                raise RoutesChanged(
                    f"{who or 'Somebody'} saved the routes in the meantime.",
                    hint="Look at them again and repeat your change; nothing was saved.",
                    details={"revision": _revision(before)},
                )
            routes.write(routing, at=change.at, by=change.actor)
            change.details["revision"] = _revision(routing)
        return RoutingState(routing, _revision(routing), change.at, change.actor)

    def save_yaml(self, text: str, *, by: Principal, revision: str | None = None) -> RoutingState:
        """Save a routing that somebody wrote as YAML; as `save`, and what is wrong is told with its line."""
        with self._desk.state.session(read_only=True) as connection:
            channels = self._book.of(connection, by.project_id)
        return self.save(parse_routing(text, channels), by=by, revision=revision)

    def trial(self, project_id: str, labels: Mapping[str, str]) -> Trial:
        """Try where an alert with some labels would lead now."""
        with self._desk.state.session(read_only=True) as connection:
            situation = self._notifier.situation(connection, project_id)
        alert = _alert_with(project_id, labels, self._desk.clock.now())
        everybody = [*situation.alerts.values(), alert]
        suppressed = find_suppressed(everybody, situation.quiet, self._desk.clock.now())
        ways = [(way, group_labels(way, alert)) for way in find_ways(situation.root, alert.labels)]
        return Trial(alert.labels, ways, suppressed.get(alert.id, Suppression()))

    def suppressed(self, project_id: str) -> dict[str, Suppression]:
        """The alerts of a project that nobody is told of now, by id."""
        now = self._desk.clock.now()
        with self._desk.state.session(read_only=True) as connection:
            quiet = self._notifier.quiet(connection, project_id)
            alerts = Pipeline(connection, project_id).alerts() if quiet.is_any(now) else {}
        return find_suppressed(alerts.values(), quiet, now)


def _alert_with(project_id: str, labels: Mapping[str, str], now: datetime) -> KnownAlert:
    """An alert that has some labels; those that Pitwall adds are taken from them where they say so."""
    own = {name: value for name, value in labels.items() if name not in ("rule", "severity", "signal")}
    severity = labels.get("severity", Severity.WARNING.value)
    event = AlertEvent(
        id=f"{_TRIED}-1",
        kind=EventKind.FIRED,
        alert_id=_TRIED,
        rule=labels.get("rule", ""),
        severity=Severity(severity) if severity in list(Severity) else Severity.WARNING,
        labels=own,
        facts=Facts(title=Text("", ""), signal=labels.get("signal", "")),
        active_since=now,
        fired_at=now,
        at=now,
    )
    return KnownAlert(project_id, event, is_active=True, is_flapping=False, since=now)


def _revision(routing: Routing) -> str:
    return json_hash(routing_view(routing))
