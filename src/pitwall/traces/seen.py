"""What a project is known to have: environments, services, versions and models, out of the hour rollup."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any, Final, NamedTuple

from pitwall.stores.telemetry.engine import TelemetryEngine
from pitwall.traces.conditions import NANOS_PER_HOUR, hour
from pitwall.traces.engine_settings import QUERY_SETTINGS

_NANOS: Final = 1_000_000_000
_MAX_HOURS: Final = 1000


class Combination(NamedTuple):
    """Values that spans had together; empty where there was none."""

    environment: str
    service: str
    version: str
    model: str


class Seen(NamedTuple):
    """When spans with a combination of values began to come, and when they were last seen, to the hour."""

    combination: Combination
    first_nano: int
    last_nano: int


class Prompt(NamedTuple):
    """A version of a prompt as a service used it, and when it was first seen in a range."""

    environment: str
    service: str
    name: str
    version: str
    first_nano: int


class SeenRepository:
    """What came when, over the telemetry store.

    Args:
        engine: The telemetry store; its calls block.
    """

    def __init__(self, engine: TelemetryEngine) -> None:
        self._engine = engine

    def combinations(self, project: str, since_nano: int | None, until_nano: int | None) -> list[Seen]:
        """Fetch what was seen in hours that touch a range; None is no limit."""
        where = "project = {project:String}"
        if since_nano is not None:
            where += f" AND hour >= {hour(since_nano // NANOS_PER_HOUR)}"
        if until_nano is not None:
            where += f" AND hour < {hour(-(-until_nano // NANOS_PER_HOUR))}"
        sql = (
            "SELECT environment, service, version, model, min(hour_at) * 1000000000, "
            "max(hour_at) * 1000000000 FROM (SELECT *, toInt64(toUnixTimestamp(hour)) AS hour_at "
            f"FROM spans_by_hour) WHERE {where} GROUP BY environment, service, version, model"
        )
        return [Seen(Combination(*row[:4]), *row[4:]) for row in self._rows(sql, project)]

    def first_minutes(self, project: str, hours: Iterable[int]) -> dict[Combination, int]:
        """Tell in which minute of some hours combinations were first seen, as far as that is kept."""
        starts = sorted({hour // _NANOS for hour in hours})[-_MAX_HOURS:]
        if not starts:
            return {}
        within = " OR ".join(
            f"(minute >= toDateTime({start}, 'UTC') AND minute < toDateTime({start + 3600}, 'UTC'))"
            for start in starts
        )
        sql = (
            "SELECT environment, service, version, model, toInt64(toUnixTimestamp(min(minute))) * 1000000000 "
            f"FROM spans_by_minute WHERE project = {{project:String}} AND ({within}) "
            "GROUP BY environment, service, version, model"
        )
        return {Combination(*row[:4]): row[4] for row in self._rows(sql, project)}

    def prompts(self, project: str, since_nano: int, until_nano: int) -> list[Prompt]:
        """Fetch the prompts that services used in a range."""
        sql = (
            "SELECT environment, service, prompt_name, prompt_version, "
            "toUnixTimestamp64Nano(min(started_at)) FROM spans WHERE project = {project:String} "
            f"AND started_at >= fromUnixTimestamp64Nano({since_nano}, 'UTC') "
            f"AND started_at < fromUnixTimestamp64Nano({until_nano}, 'UTC') "
            "AND (prompt_name != '' OR prompt_version != '') "
            "GROUP BY environment, service, prompt_name, prompt_version"
        )
        return [Prompt(*row) for row in self._rows(sql, project)]

    def _rows(self, sql: str, project: str) -> Sequence[tuple[Any, ...]]:
        return self._engine.query(sql, {"project": project}, settings=QUERY_SETTINGS).rows


class Dimensions(NamedTuple):
    """The values there are, those that were seen last first."""

    environments: list[str]
    services: list[str]
    models: list[str]
    versions: list[str]


def dimensions(seen: Iterable[Seen]) -> Dimensions:
    """List the values of combinations; of those seen in the same hour, what is newer comes first."""
    known = list(seen)
    return Dimensions(
        environments=_newest_first((one.combination.environment, one) for one in known),
        services=_newest_first((one.combination.service, one) for one in known),
        models=_newest_first((one.combination.model, one) for one in known),
        versions=_newest_first((one.combination.version, one) for one in known),
    )


def _newest_first(values: Iterable[tuple[str, Seen]]) -> list[str]:
    times: dict[str, tuple[int, int]] = {}
    for value, one in values:
        last, first = times.get(value, (one.last_nano, one.first_nano))
        times[value] = max(last, one.last_nano), min(first, one.first_nano)
    return sorted(filter(None, times), key=lambda value: (-times[value][0], -times[value][1], value))
