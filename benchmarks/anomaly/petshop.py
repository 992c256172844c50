"""The PetShop incidents: two quiet days of a shop of microservices, and faults that were injected into it.

Only the scenario `high_traffic` has a quiet history, 589 windows of five minutes; each of its incidents is
five windows, of which the injection lies in the first or second. The other scenarios have nothing but
incidents: a detector that is honest says there that it has not enough history.
"""

from __future__ import annotations

import csv
import gzip
import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray

from pitwall.anomalies.backtest import backtest
from pitwall.anomalies.monitor import SeriesMonitor
from pitwall.anomalies.types import Observation, Status

FloatArray = NDArray[np.float64]
Column = tuple[str, str, str]

STEP_S: Final = 300.0
QUIET_SCENARIO: Final = "high_traffic"


@dataclass(frozen=True, slots=True)
class Table:
    """Metrics of all services: one column for each service, metric and statistic."""

    times_s: FloatArray
    columns: dict[Column, FloatArray]


@dataclass(frozen=True, slots=True)
class Incident:
    """One injected fault.

    Attributes:
        began_s: When it was injected, seconds since the epoch.
        target: The column in which users felt it.
    """

    scenario: str
    name: str
    began_s: float
    target: Column
    table: Table


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a detector said of the incidents and of the quiet days.

    Attributes:
        judged: Incidents with enough history.
        found: Of these, incidents in which a window with the fault was anomalous.
        early: Of these, incidents in which the window before the fault was anomalous, too: false alarms.
        refused: Incidents of which it said that it has not enough history.
        quiet_alarms_per_week: Alarms in a series-week of the quiet days.
    """

    judged: int
    found: int
    early: int
    refused: int
    quiet_alarms_per_week: float
    quiet_series: int


def load_incidents(data: Path) -> list[Incident]:
    """Read all incidents."""
    return [_load_incident(path) for path in sorted(data.glob("petshop/*/train/issue_*"))]


def load_quiet(data: Path) -> Table:
    """Read the quiet days."""
    return _read_table(data / "petshop" / QUIET_SCENARIO / "noissue" / "metrics.csv.gz")


def _load_incident(path: Path) -> Incident:
    target = json.loads((path / "target.json").read_text("utf-8"))["target"]
    column = (target["node"], target["metric"], target["agg"])
    table = _read_table(path / "metrics.csv.gz")
    return Incident(path.parents[1].name, path.name, float(target["timestamp"]), column, table)


def _read_table(path: Path) -> Table:
    with gzip.open(path, "rt", encoding="utf-8") as file:
        services, metrics, statistics, _, *rows = csv.reader(file)
    numbers = np.array([[float(cell) if cell else np.nan for cell in row] for row in rows])
    names = zip(services[1:], metrics[1:], statistics[1:], strict=True)
    return Table(numbers[:, 0], {name: numbers[:, index] for index, name in enumerate(names, start=1)})


def replay(detector: str, quiet: Table, incidents: list[Incident]) -> Outcome:
    """Let a detector learn the quiet days and then show it each incident as what came next."""
    verdicts = [_judge(detector, quiet, incident) for incident in incidents]
    known = [verdict for verdict in verdicts if verdict is not None]
    alarms, weeks, series = 0, 0.0, 0
    for values in _watchable(quiet):
        told = backtest(quiet.times_s, values, step_s=STEP_S, detector=detector)
        alarms, weeks, series = alarms + len(told.alarms), weeks + told.judged_weeks, series + 1
    return Outcome(
        judged=len(known),
        found=sum(found for found, _ in known),
        early=sum(early for _, early in known),
        refused=verdicts.count(None),
        quiet_alarms_per_week=alarms / weeks,
        quiet_series=series,
    )


def _judge(detector: str, quiet: Table, incident: Incident) -> tuple[bool, bool] | None:
    """Tell whether the incident was found and whether the time before it was called anomalous."""
    monitor = SeriesMonitor(STEP_S, detector=detector)
    if incident.scenario == QUIET_SCENARIO:
        for row in zip(quiet.times_s.tolist(), quiet.columns[incident.target].tolist(), strict=True):
            monitor.observe(Observation(*row))
    found = early = False
    values = incident.table.columns[incident.target]
    for time_s, value in zip(incident.table.times_s.tolist(), values.tolist(), strict=True):
        verdict = monitor.observe(Observation(time_s, value))
        if verdict.judgement.status is Status.NOT_ENOUGH_HISTORY:
            return None
        if time_s + STEP_S > incident.began_s:
            found = found or verdict.is_anomalous
        else:
            early = early or verdict.is_anomalous
    return found, early


def _watchable(table: Table) -> Iterator[FloatArray]:
    """Columns with a value in most windows."""
    return (values for values in table.columns.values() if np.isfinite(values).mean() > 0.5)
