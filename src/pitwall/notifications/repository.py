"""What the pipeline keeps: what is known of alerts, groups, channels, routes, silences and windows."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import replace
from datetime import datetime
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Connection,
    RowMapping,
    Table,
    bindparam,
    delete,
    insert,
    select,
    tuple_,
    update,
)

from pitwall.alerts.types import AlertEvent
from pitwall.notifications.maintenance import MaintenanceWindow
from pitwall.notifications.types import Channel, Group, KnownAlert, Origin, Routing, Silence
from pitwall.notifications.wire import (
    channel_content,
    matchers_view,
    read_channel,
    read_matchers,
    read_routing,
    read_told,
    read_when,
    routing_view,
    told_view,
    when_view,
)
from pitwall.stores.state.tables import (
    maintenance_windows,
    notification_alerts,
    notification_channels,
    notification_groups,
    notification_routes,
    silences,
)

_BATCH = 400


class Pipeline:
    """What is known of alerts and what was told of them, of one project, within the caller's transaction."""

    def __init__(self, connection: Connection, project_id: str) -> None:
        self._connection = connection
        self._project_id = project_id

    def alerts(self) -> dict[str, KnownAlert]:
        """Return what is known of alerts, by id."""
        query = select(notification_alerts).where(notification_alerts.c.project_id == self._project_id)
        return {row["alert_id"]: _known_alert(row) for row in self._connection.execute(query).mappings()}

    def groups(self) -> dict[str, Group]:
        """Return the groups of which something is kept, by id."""
        query = select(notification_groups).where(notification_groups.c.project_id == self._project_id)
        return {row["id"]: _group(row) for row in self._connection.execute(query).mappings()}

    def find_group(self, group_id: str) -> Group | None:
        """Return one group, or None."""
        query = select(notification_groups).where(notification_groups.c.id == group_id)
        row = self._connection.execute(query).mappings().first()
        return None if row is None else _group(row)

    def write_alerts(self, changed: Iterable[KnownAlert], known: Collection[str]) -> None:
        """Keep how alerts stand; `known` are the ids of those of which something is kept."""
        rows = [{"key": alert.id, **_alert_values(alert)} for alert in changed]
        table = notification_alerts
        new = [{"alert_id": row.pop("key"), **row} for row in rows if row["key"] not in known]
        if new:
            self._connection.execute(insert(table).values(project_id=self._project_id), new)
        old = [row for row in rows if "key" in row]
        if old:
            mine = (table.c.project_id == self._project_id) & (table.c.alert_id == bindparam("key"))
            columns = [column.name for column in table.c if column.name not in ("project_id", "alert_id")]
            changes = update(table).where(mine).values({name: bindparam(name) for name in columns})
            self._connection.execute(changes, old)

    def write_groups(self, changed: Iterable[Group]) -> None:
        """Keep what was told of groups."""
        for group in changed:
            _write(self._connection, notification_groups, {"id": group.id}, _group_values(group))

    def forget_groups(self, ids: Collection[str]) -> None:
        """Forget groups of which there is nothing more to tell."""
        _delete(self._connection, notification_groups.c.id, ids)

    def forget_alerts(self, ids: Collection[str]) -> None:
        """Forget alerts of which there is nothing more to tell."""
        mine = notification_alerts.c.project_id == self._project_id
        _delete(self._connection, notification_alerts.c.alert_id, ids, mine)


class Channels:
    """Channels that a project made, within the caller's transaction."""

    def __init__(self, connection: Connection, project_id: str) -> None:
        self._connection = connection
        self._project_id = project_id

    def list(self) -> dict[str, Channel]:
        """Return all of them by name."""
        table = notification_channels
        query = select(table).where(table.c.project_id == self._project_id).order_by(table.c.name)
        return {row["name"]: _channel(row) for row in self._connection.execute(query).mappings()}

    def write(self, channel: Channel) -> None:
        """Keep a channel, a new one or one that is there."""
        values = {
            "content": channel_content(channel),
            "url": channel.url,
            "secret": channel.secret,
            "updated_at": channel.updated_at,
            "updated_by": channel.updated_by,
        }
        key = {"project_id": self._project_id, "name": channel.name}
        _write(self._connection, notification_channels, key, values)

    def remove(self, name: str) -> None:
        """Forget a channel."""
        table = notification_channels
        mine = (table.c.project_id == self._project_id) & (table.c.name == name)
        self._connection.execute(delete(table).where(mine))


class Routes:
    """The routing tree of a project, within the caller's transaction."""

    def __init__(self, connection: Connection, project_id: str) -> None:
        self._connection = connection
        self._project_id = project_id

    def get(self) -> tuple[Routing, datetime | None, str | None]:
        """Return it with when and by whom it was saved; an empty one if nobody did."""
        table = notification_routes
        query = select(table).where(table.c.project_id == self._project_id)
        row = self._connection.execute(query).mappings().first()
        if row is None:
            return Routing(), None, None
        return read_routing(row["content"]), row["updated_at"], row["updated_by"]

    def write(self, routing: Routing, *, at: datetime, by: str) -> None:
        """Keep it."""
        values = {"content": routing_view(routing), "updated_at": at, "updated_by": by}
        _write(self._connection, notification_routes, {"project_id": self._project_id}, values)


class Silences:
    """Silences of a project, within the caller's transaction."""

    def __init__(self, connection: Connection, project_id: str) -> None:
        self._connection = connection
        self._project_id = project_id

    def list(
        self,
        *,
        since: datetime | None = None,
        limit: int | None = None,
        before: tuple[datetime, str] | None = None,
    ) -> list[Silence]:
        """Return silences, the one that ends last first.

        Args:
            since: Only those that are not over at that time; None for all.
            limit: How many at most; None for all.
            before: `(ends_at, id)` of the last one seen; the list goes on behind it.
        """
        query = select(silences).where(silences.c.project_id == self._project_id)
        if since is not None:
            query = query.where(silences.c.ends_at > since)
        if before is not None:
            query = query.where(tuple_(silences.c.ends_at, silences.c.id) < before)
        query = query.order_by(silences.c.ends_at.desc(), silences.c.id.desc()).limit(limit)
        return [_silence(row) for row in self._connection.execute(query).mappings()]

    def find(self, silence_id: str) -> Silence | None:
        """Return one, or None."""
        row = self._connection.execute(select(silences).where(self._is(silence_id))).mappings().first()
        return None if row is None else _silence(row)

    def add(self, silence: Silence) -> None:
        """Keep a new one."""
        self._connection.execute(
            insert(silences).values(
                id=silence.id,
                project_id=self._project_id,
                matchers=matchers_view(silence.matchers),
                starts_at=silence.starts_at,
                ends_at=silence.ends_at,
                reason=silence.reason,
                created_by=silence.created_by,
                created_at=silence.created_at,
            )
        )

    def end(self, silence_id: str, *, at: datetime, by: str) -> None:
        """End one before its time."""
        query = update(silences).where(self._is(silence_id)).values(ends_at=at, ended_by=by)
        self._connection.execute(query)

    def _is(self, silence_id: str) -> ColumnElement[bool]:
        return (silences.c.project_id == self._project_id) & (silences.c.id == silence_id)


class MaintenanceWindows:
    """Maintenance windows of a project, within the caller's transaction."""

    def __init__(self, connection: Connection, project_id: str) -> None:
        self._connection = connection
        self._project_id = project_id

    def list(self) -> list[MaintenanceWindow]:
        """Return all of them by name."""
        table = maintenance_windows
        query = select(table).where(table.c.project_id == self._project_id).order_by(table.c.name)
        return [_window(row) for row in self._connection.execute(query).mappings()]

    def find(self, name: str) -> MaintenanceWindow | None:
        """Return one, or None."""
        return next((window for window in self.list() if window.name == name), None)

    def write(self, window: MaintenanceWindow) -> None:
        """Keep one, a new one or one that is there."""
        content = {
            "matchers": matchers_view(window.matchers),
            "when": when_view(window.when),
            "reason": window.reason,
        }
        values = {"content": content, "updated_at": window.updated_at, "updated_by": window.updated_by}
        key = {"project_id": self._project_id, "name": window.name}
        _write(self._connection, maintenance_windows, key, values)

    def remove(self, name: str) -> None:
        """Forget one."""
        table = maintenance_windows
        mine = (table.c.project_id == self._project_id) & (table.c.name == name)
        self._connection.execute(delete(table).where(mine))


def _write(connection: Connection, table: Table, key: dict[str, Any], values: dict[str, Any]) -> None:
    """Change the row of a key, or add it."""
    mine = [table.c[name] == value for name, value in key.items()]
    if not connection.execute(update(table).where(*mine).values(**values)).rowcount:
        connection.execute(insert(table).values(**key, **values))


def _delete(
    connection: Connection, column: ColumnElement[str], ids: Collection[str], *also: ColumnElement[bool]
) -> None:
    wanted = list(ids)
    for start in range(0, len(wanted), _BATCH):
        chosen = column.in_(wanted[start : start + _BATCH])
        table: Table = column.table
        connection.execute(delete(table).where(chosen, *also))


def _known_alert(row: RowMapping) -> KnownAlert:
    return KnownAlert(
        project_id=row["project_id"],
        event=AlertEvent.from_json(row["event"]),
        is_active=row["is_active"],
        is_flapping=row["is_flapping"],
        since=row["since"],
    )


def _alert_values(alert: KnownAlert) -> dict[str, Any]:
    return {
        "event": alert.event.to_json(),
        "is_active": alert.is_active,
        "is_flapping": alert.is_flapping,
        "since": alert.since,
    }


def _group(row: RowMapping) -> Group:
    return Group(
        project_id=row["project_id"],
        channel=row["channel"],
        path=row["path"],
        labels=row["labels"],
        created_at=row["created_at"],
        sent_at=row["sent_at"],
        told=read_told(row["told"]),
        via=row["via"],
    )


def _group_values(group: Group) -> dict[str, Any]:
    return {
        "project_id": group.project_id,
        "channel": group.channel,
        "path": group.path,
        "labels": dict(group.labels),
        "created_at": group.created_at,
        "sent_at": group.sent_at,
        "told": told_view(group.told),
        "via": group.via,
    }


def _channel(row: RowMapping) -> Channel:
    channel = read_channel(row["name"], row["url"], row["secret"], row["content"])
    return replace(channel, origin=Origin.TEAM, updated_at=row["updated_at"], updated_by=row["updated_by"])


def _silence(row: RowMapping) -> Silence:
    return Silence(
        id=row["id"],
        matchers=read_matchers(row["matchers"]),
        starts_at=row["starts_at"],
        ends_at=row["ends_at"],
        reason=row["reason"],
        created_by=row["created_by"],
        created_at=row["created_at"],
        ended_by=row["ended_by"],
    )


def _window(row: RowMapping) -> MaintenanceWindow:
    content = row["content"]
    return MaintenanceWindow(
        name=row["name"],
        matchers=read_matchers(content["matchers"]),
        when=read_when(content["when"]),
        reason=content["reason"],
        updated_at=row["updated_at"],
        updated_by=row["updated_by"],
    )
