"""OpenMetrics text: the last complete five minutes of every signal as gauges, and process metrics."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from pitwall.signals.catalogue import Signal
from pitwall.signals.service import Signals
from pitwall.signals.types import SignalResult

CONTENT_TYPE = "application/openmetrics-text; version=1.0.0; charset=utf-8"
WINDOW = timedelta(minutes=5)
LABELS = ("service", "model")
OBSERVATIONS = "pitwall_signal_observations"


@dataclass(frozen=True, slots=True)
class Sample:
    """One number with its labels; `suffix` is `_total` for counters."""

    value: float
    labels: Mapping[str, str]
    suffix: str = ""


@dataclass(frozen=True, slots=True)
class Family:
    """A metric: its description and samples.

    Attributes:
        type: `gauge`, `counter` or another OpenMetrics type.
        unit: Written only if the name ends with it, as the format demands.
    """

    name: str
    type: str
    help: str
    unit: str
    samples: tuple[Sample, ...]


ProcessMetrics = Callable[[], Iterable[Family]]


class OpenMetricsExporter:
    """Writes `/metrics`; within a minute the signals are computed once, however often it is scraped.

    Args:
        signals: Where the numbers come from.
        process_metrics: Metrics of this process, asked at every scrape.
    """

    def __init__(self, signals: Signals, process_metrics: ProcessMetrics = tuple) -> None:
        self._signals = signals
        self._process_metrics = process_metrics
        self._lock = threading.Lock()
        self._computed: dict[str, tuple[datetime, list[Family]]] = {}

    def text(self, project: str) -> str:
        """The exposition of one project's signals; blocks while they are computed."""
        return expose([*self._families(project), *self._process_metrics()])

    def _families(self, project: str) -> list[Family]:
        end = self._signals.last_window(WINDOW)[1]
        with self._lock:
            computed = self._computed.get(project)
        if computed is not None and computed[0] == end:
            return computed[1]
        families = signal_families(self._signals, self._signals.current(project, WINDOW, LABELS))
        with self._lock:
            self._computed[project] = (end, families)
        return families


def metric_name(signal: str) -> str:
    """The metric's name of a signal: `llm.success_rate` is `pitwall_llm_success_rate`."""
    return "pitwall_" + signal.replace(".", "_")


def signal_families(signals: Signals, results: Iterable[SignalResult]) -> list[Family]:
    """Gauges of answers; a series without data has no sample, because NaN and 0 would both say something."""
    families = []
    observations: list[Sample] = []
    end = None
    for result in results:
        signal = signals.catalogue.get(result.name)
        end = result.until
        known = [row for row in result.rows if row.value is not None]
        samples = tuple(Sample(row.value, row.labels) for row in known if row.value is not None)
        observations += [Sample(row.count, {"signal": signal.name, **row.labels}) for row in known]
        families.append(Family(metric_name(signal.name), "gauge", _help(signal), signal.unit, samples))
    families.append(
        Family(
            OBSERVATIONS,
            "gauge",
            "Observations that the value of a signal rests on.",
            "",
            tuple(observations),
        )
    )
    if end is not None:
        stamp = (Sample(end.timestamp(), {}),)
        name = "pitwall_signal_window_end_timestamp_seconds"
        families.append(Family(name, "gauge", "End of the window of all signals.", "seconds", stamp))
    return families


def expose(families: Iterable[Family]) -> str:
    """Write families in the OpenMetrics text format, ending with `# EOF`."""
    lines: list[str] = []
    for family in families:
        lines.append(f"# TYPE {family.name} {family.type}")
        if family.unit and family.name.endswith(f"_{family.unit}"):
            lines.append(f"# UNIT {family.name} {family.unit}")
        lines.append(f"# HELP {family.name} {_escape(family.help)}")
        lines += [
            f"{family.name}{sample.suffix}{_labels(sample.labels)} {_number(sample.value)}"
            for sample in family.samples
        ]
    return "\n".join([*lines, "# EOF"]) + "\n"


def _help(signal: Signal) -> str:
    return f"{signal.description.en} Unit {signal.unit}, last complete 5 minutes."


def _labels(labels: Mapping[str, str]) -> str:
    if not labels:
        return ""
    return "{" + ",".join(f'{name}="{_escape(value)}"' for name, value in labels.items()) + "}"


def _escape(text: str) -> str:
    return text.replace("\\", "\\\\").replace("\n", "\\n").replace('"', '\\"')


def _number(value: float) -> str:
    return repr(int(value)) if value == int(value) and abs(value) < 1e15 else repr(float(value))
