"""How long each class of telemetry is kept.

Counted from its arrival, not from its own time: an import of old data must not vanish at once.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

from pitwall.core.errors import InvalidInput
from pitwall.stores.telemetry.engine import TelemetryEngine

# On a cluster the rows, and the limits on them, are in the tables `*_local`.
_LOCAL = "_local"
# By name: writing out the views, which nobody asked for, would take most of the time.
_DEFINITIONS = (
    "SELECT name, create_table_query FROM system.tables "
    "WHERE database = currentDatabase() AND name IN {names:Array(String)}"
)
_CREATE_TABLE = re.compile(
    r"(?P<definition>CREATE TABLE (?:IF NOT EXISTS )?(?P<table>\w+)\s.*?)(?P<settings>^SETTINGS .*)",
    re.DOTALL | re.MULTILINE,
)
_TTL_DAYS = re.compile(r"TTL toDateTime\(received_at\) \+ toIntervalDay\((\d+)\)")

# Retention class, as in the settings group `telemetry_store.retention` -> the table it covers.
RETENTION_TABLES: Mapping[str, str] = {
    "spans": "spans",
    "payloads": "payloads",
    "points": "points",
    "logs": "logs",
    "scores": "scores",
    "minute_rollups": "spans_by_minute",
    "hour_rollups": "spans_by_hour",
    "dead_letters": "dead_letters",
}
_CLASSES = {table: name for name, table in RETENTION_TABLES.items()}


def apply_retention(engine: TelemetryEngine, days: Mapping[str, int]) -> list[str]:
    """Set the TTL of every table whose retention differs from `days`; 0 keeps a class for ever.

    Returns:
        The tables that were changed.

    Raises:
        InvalidInput: `days` names an unknown class or a negative number.
    """
    _check(days)
    current = current_retention(engine)
    changed = []
    for name, table in RETENTION_TABLES.items():
        wanted = days.get(name, 0)
        if wanted == current[table]:
            continue
        ttl = f"MODIFY {_ttl(wanted)}" if wanted else "REMOVE TTL"
        engine.command(f"ALTER TABLE {table} {ttl}")
        changed.append(table)
    return changed


def with_retention(statement: str, days: Mapping[str, int]) -> str:
    """A statement that creates one of the tables, with its TTL; any other one as it is.

    Creating a table with its limit takes no time, changing it afterwards as long as creating it.
    """
    match = _CREATE_TABLE.match(statement)
    wanted = days.get(_CLASSES.get(match["table"], ""), 0) if match else 0
    if match is None or not wanted:
        return statement
    return f"{match['definition']}{_ttl(wanted)}\n{match['settings']}"


def _ttl(days: int) -> str:
    return f"TTL toDateTime(received_at) + toIntervalDay({days})"


def _check(days: Mapping[str, int]) -> None:
    if unknown := set(days) - set(RETENTION_TABLES):
        raise InvalidInput(
            f"Unknown retention class {', '.join(sorted(unknown))}.",
            hint=f"Known: {', '.join(RETENTION_TABLES)}.",
        )
    for name, wanted in days.items():
        if wanted < 0:
            raise InvalidInput(f"Retention of {name} is {wanted} days.", hint="Use 0 to keep it for ever.")


def current_retention(engine: TelemetryEngine) -> dict[str, int]:
    """Days each table keeps its rows; 0 is for ever."""
    days = dict.fromkeys(RETENTION_TABLES.values(), 0)
    names = [*days, *(table + _LOCAL for table in days)]
    for name, create in engine.query(_DEFINITIONS, {"names": names}).rows:
        table, match = name.removesuffix(_LOCAL), _TTL_DAYS.search(create)
        if match:
            days[table] = int(match[1])
    return days
