"""Pieces of SQL that the questions of advice share, and how their rows are read."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from pitwall.costs.advice.types import Cell, Work
from pitwall.signals.sql import unix_nano
from pitwall.stores.telemetry.literals import quoted

EXAMPLES: Final = 3
HOUR_SECONDS: Final = 3600
IN_RANGE: Final = """project = {project:String}
    AND started_at >= fromUnixTimestamp64Nano({since:Int64}, 'UTC')
    AND started_at < fromUnixTimestamp64Nano({until:Int64}, 'UTC')"""
CALLS: Final = f"{IN_RANGE} AND kind = 'llm' AND NOT is_usage_rollup"
# A prompt without a name is known by its span, whose name may hold that of the model.
WORK_NAME: Final = "if(prompt_name != '', prompt_name, trimBoth(replaceAll(name, model, '')))"
WORK: Final = f"service, provider, model, {WORK_NAME} AS work"
WORK_COLUMNS: Final = "service, provider, model, work"
WORK_KEY: Final = f"(toString(service), toString(provider), toString(model), toString({WORK_NAME}))"
FAILED: Final = "(status = 'error' OR ifNull(parse_ok, true) = false)"
COST: Final = "ifNull(toFloat64(cost_usd), 0)"


def examples(condition: str = "") -> str:
    """A few traces of a group, of those rows for which a condition holds."""
    function = f"groupUniqArrayIf({EXAMPLES})(trace_id, {condition})" if condition else None
    return (
        f"arrayMap(id -> lower(hex(id)), {function or f'groupUniqArray({EXAMPLES})(trace_id)'}) AS trace_ids"
    )


@dataclass(frozen=True, slots=True)
class AdviceRange:
    """Whose calls, and when."""

    project: str
    since: datetime
    until: datetime

    def parameters(self) -> dict[str, Any]:
        """What the statements bind."""
        return {"project": self.project, "since": unix_nano(self.since), "until": unix_nano(self.until)}


def work_key(work: Work) -> str:
    """A work as it is written in SQL, comparable with `WORK_KEY`."""
    parts: Sequence[str] = (work.cell.service, work.cell.provider, work.cell.model, work.name)
    return f"({', '.join(map(quoted, parts))})"


def to_cell(row: Mapping[str, Any]) -> Cell:
    """The service and model of a row."""
    return Cell(row["service"], row["provider"], row["model"])


def to_work(row: Mapping[str, Any]) -> Work:
    """The work of a row."""
    return Work(to_cell(row), row["work"])
