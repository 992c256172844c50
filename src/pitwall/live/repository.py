"""When the newest record of a project arrived."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Final

from pitwall.kit.clock import Clock
from pitwall.signals.rollups import HOUR
from pitwall.stores.telemetry.engine import TelemetryEngine

# Spans: the rollup knows, and is small. Of the others the arrival of every record would have to be read.
_OTHERS: Final = {"points": "at", "logs": "at", "scores": "received_at"}
_RECENT: Final = timedelta(days=1)
_MAX_PROJECTS: Final = 64
_SETTINGS: Final = {"max_execution_time": 5}


class LastReceived:
    """Remembers the newest arrival of each project and looks for newer ones.

    Points, logs and scores are all looked at the first time; from then on those that happened within a day.
    Arrivals are known to the second.
    """

    def __init__(self, engine: TelemetryEngine, clock: Clock) -> None:
        self._engine = engine
        self._clock = clock
        self._known: dict[str, datetime] = {}

    def known(self, project: str) -> datetime | None:
        """What was found earlier."""
        return self._known.get(project)

    def __call__(self, project: str) -> datetime | None:
        """Ask the store; None if nothing has ever arrived. Blocks.

        Raises:
            StoreUnavailable: It does not answer.
        """
        known = self._known.get(project)
        since = self._clock.now() - _RECENT if known is not None else None
        newest = max(filter(None, (known, self._ask(project, since))), default=None)
        if newest is not None:
            if len(self._known) >= _MAX_PROJECTS:
                self._known.clear()
            self._known[project] = newest
        return newest

    def _ask(self, project: str, since: datetime | None) -> datetime | None:
        parts = [f"SELECT max(received_at) AS received FROM {HOUR.table} WHERE project = {{project:String}}"]
        for table, time in _OTHERS.items():
            recent = "1" if since is None else f"{time} >= {{since:DateTime('UTC')}}"
            parts.append(
                f"SELECT max(toDateTime(received_at, 'UTC')) AS received FROM {table} "
                f"WHERE project = {{project:String}} AND {recent}"
            )
        sql = f"SELECT toUnixTimestamp(max(received)) FROM ({' UNION ALL '.join(parts)})"
        times = {} if since is None else {"since": since.replace(microsecond=0)}
        seconds = self._engine.query(sql, {"project": project, **times}, settings=_SETTINGS).scalar()
        return datetime.fromtimestamp(seconds, UTC) if seconds else None
