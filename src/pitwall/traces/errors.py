"""What fails, most frequent first: failed spans by class, type, message, service, model and name."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any, Final

from pitwall.stores.telemetry.engine import TelemetryEngine
from pitwall.traces.engine_settings import QUERY_SETTINGS
from pitwall.traces.failures import AT, MESSAGE, failures, group_id
from pitwall.traces.types import Selection


@dataclass(frozen=True, slots=True, kw_only=True)
class ErrorGroup:
    """Failures that are alike; what spans do not say is None.

    Attributes:
        message: With `<n>`, `<id>`, `<url>`, `<address>`, `<email>` and `<value>` for what differs.
        previous_count: In the time of equal length before.
        example_trace_id: Of the newest one; so `example_span_id`.
    """

    error_class: str | None
    error_type: str | None
    message: str | None
    service: str | None
    model: str | None
    name: str
    count: int
    previous_count: int
    first_nano: int
    last_nano: int
    example_trace_id: str
    example_span_id: str

    @property
    def group_id(self) -> str:
        """Of the group that has these failures whatever the model and the name of the span."""
        return group_id(self.error_class or "", self.error_type or "", self.message or "", self.service or "")


class ErrorRepository:
    """Failures over the telemetry store.

    Args:
        engine: The telemetry store; its calls block.
    """

    def __init__(self, engine: TelemetryEngine) -> None:
        self._engine = engine

    def groups(
        self, selection: Selection, since_nano: int, until_nano: int, limit: int
    ) -> tuple[list[ErrorGroup], int]:
        """Group the failures of a selection, whose limits these are.

        Returns:
            At most `limit` groups, the most frequent first, and how many failures there are in all.
        """
        both = replace(selection, since_nano=since_nano - (until_nano - since_nano))
        columns = f"{_RAW_KEYS}, trace_id, span_id, {AT}, at >= {since_nano} AS is_now"
        failed = failures(both, columns)
        sql = (
            f"SELECT {_KEYS}, countIf(is_now) AS now, countIf(NOT is_now), minIf(at, is_now), "
            "maxIf(at, is_now), argMaxIf((trace_id, span_id), at, is_now), sum(now) OVER () "
            f"FROM ({failed.text}) "
            f"GROUP BY {_KEYS} HAVING now > 0 ORDER BY now DESC, maxIf(at, is_now) DESC LIMIT {limit}"
        )
        rows = self._engine.query(sql, failed.parameters, settings=QUERY_SETTINGS).rows
        return [_group(row) for row in rows], rows[0][-1] if rows else 0


_KEYS: Final = "error_class, error_type, message, service, model, name"
_RAW_KEYS: Final = f"error_class, error_type, {MESSAGE}, service, model, name"


def _group(row: tuple[Any, ...]) -> ErrorGroup:
    error_class, error_type, message, service, model, name, count, previous, first, last, example, _ = row
    return ErrorGroup(
        error_class=error_class or None,
        error_type=error_type or None,
        message=message or None,
        service=service or None,
        model=model or None,
        name=name,
        count=count,
        previous_count=previous,
        first_nano=first,
        last_nano=last,
        example_trace_id=example[0].hex(),
        example_span_id=example[1].hex(),
    )
