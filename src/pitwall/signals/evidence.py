"""Counts what telemetry there is, to tell why a signal has no value."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from pitwall.signals.expressions import Condition, Source
from pitwall.signals.rollups import HOUR
from pitwall.signals.sources import SOURCES
from pitwall.signals.sql import Parameters, condition_sql, raw_column, records_between
from pitwall.stores.telemetry.engine import TelemetryEngine

_SETTINGS = {"max_threads": 2}
_TABLES = (HOUR.table, *(SOURCES[source].table.split()[0] for source in Source if source is not Source.SPANS))


class Evidence:
    """What a project has of telemetry.

    Args:
        engine: The telemetry store; its calls block.
        project: Whose telemetry.
    """

    def __init__(self, engine: TelemetryEngine, project: str) -> None:
        self._engine = engine
        self._project = project

    def counts(
        self, source: Source, conditions: Sequence[Condition | None], since: datetime, until: datetime
    ) -> list[int]:
        """How many records of a range meet each condition; None is met by all."""
        parameters = Parameters()
        spec = SOURCES[source]
        counted = [f"countIf({_condition(source, one, parameters)})" for one in conditions]
        where = records_between(spec.time, self._project, since, until, parameters)
        sql = f"SELECT {', '.join(counted)} FROM {spec.table} WHERE {' AND '.join(where)}"
        return list(self._engine.query(sql, parameters.values, settings=_SETTINGS).rows[0])

    def last_unix_nano(self, source: Source, condition: Condition | None) -> int | None:
        """When the latest record that meets a condition happened; None if there never was one."""
        parameters = Parameters()
        spec = SOURCES[source]
        where = f"project = {parameters.named('project', self._project, 'String')}"
        if condition is not None:
            where += f" AND {_condition(source, condition, parameters)}"
        sql = f"SELECT toUnixTimestamp64Nano(maxOrNull({spec.time})) FROM {spec.table} WHERE {where}"
        found: int | None = self._engine.query(sql, parameters.values, settings=_SETTINGS).scalar()
        return found

    def is_empty(self) -> bool:
        """Whether the project never received any telemetry."""
        parts = [f"(SELECT 1 FROM {table} WHERE project = {{project:String}} LIMIT 1)" for table in _TABLES]
        sql = " UNION ALL ".join(parts)
        return not self._engine.query(sql, {"project": self._project}, settings=_SETTINGS).rows


def _condition(source: Source, condition: Condition | None, parameters: Parameters) -> str:
    if condition is None:
        return "true"
    return condition_sql(condition, raw_column(source, parameters), parameters)
