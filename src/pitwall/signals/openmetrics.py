"""OpenMetrics text: the last complete five minutes of every signal as gauges, and process metrics.

A signal is two families: the whole, which is the number that every other face shows, and its parts by
service and model under a name that says so (`pitwall_llm_p95_latency_ms_by_service_model`). A percentile or
a ratio of the whole cannot be derived from parts, and in one family a `sum()` would count everything twice.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from pitwall.signals.catalogue import Catalogue, Signal
from pitwall.signals.service import Signals
from pitwall.signals.types import BoardQuery, SignalResult

CONTENT_TYPE = "application/openmetrics-text; version=1.0.0; charset=utf-8"
WINDOW = timedelta(minutes=5)
LABELS = ("service", "model")
_OBSERVATIONS = "pitwall_signal_observations"


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
        since, end = self._signals.last_window(WINDOW)
        with self._lock:
            computed = self._computed.get(project)
        if computed is not None and computed[0] == end:
            return computed[1]
        whole, parts = (self._signals.board(BoardQuery(project, since, end, by=by)) for by in ((), LABELS))
        results = [*whole, *(result for result in parts if result.by)]
        families = [*signal_families(self._signals.catalogue, results), _window_end(end)]
        with self._lock:
            self._computed[project] = (end, families)
        return families


def part_labels(signal: Signal) -> tuple[str, ...]:
    """The labels that split a signal on `/metrics`."""
    return tuple(name for name in LABELS if name in signal.by)


def metric_name(signal: str, by: Sequence[str] = ()) -> str:
    """The metric's name of a signal: `llm.requests` is `pitwall_llm_requests`, by model `..._by_model`."""
    return _by("pitwall_" + signal.replace(".", "_"), by)


def observations_name(by: Sequence[str] = ()) -> str:
    """The metric that tells how many observations each value rests on, for signals split by these labels."""
    return _by(_OBSERVATIONS, by)


def signal_families(catalogue: Catalogue, results: Sequence[SignalResult]) -> list[Family]:
    """Gauges of answers; a series without data has no sample, because NaN and 0 would both say something."""
    values = [_values(catalogue.get(result.name), result) for result in results]
    splits = dict.fromkeys(result.by for result in results)
    return values + [_observations(by, [result for result in results if result.by == by]) for by in splits]


def _values(signal: Signal, result: SignalResult) -> Family:
    samples = tuple(Sample(row.value, row.labels) for row in result.rows if row.value is not None)
    name = metric_name(signal.name, result.by)
    return Family(name, "gauge", _help(signal, result.by), signal.unit, samples)


def _observations(by: Sequence[str], results: Iterable[SignalResult]) -> Family:
    samples = tuple(
        Sample(row.count, {"signal": result.name, **row.labels})
        for result in results
        for row in result.rows
        if row.value is not None
    )
    text = f"Observations that a signal's value rests on{_split(by)}."
    return Family(observations_name(by), "gauge", text, "", samples)


def _window_end(end: datetime) -> Family:
    name = "pitwall_signal_window_end_timestamp_seconds"
    stamp = (Sample(end.timestamp(), {}),)
    return Family(name, "gauge", "End of the window of all signals.", "seconds", stamp)


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


def _by(name: str, labels: Sequence[str]) -> str:
    return f"{name}_by_{'_'.join(labels)}" if labels else name


def _split(labels: Sequence[str]) -> str:
    return f", by {' and '.join(labels)}" if labels else ""


def _help(signal: Signal, by: Sequence[str]) -> str:
    return f"{signal.description.en} Unit {signal.unit}, last complete 5 minutes{_split(by)}."


def _labels(labels: Mapping[str, str]) -> str:
    if not labels:
        return ""
    return "{" + ",".join(f'{name}="{_escape(value)}"' for name, value in labels.items()) + "}"


def _escape(text: str) -> str:
    return text.replace("\\", "\\\\").replace("\n", "\\n").replace('"', '\\"')


def _number(value: float) -> str:
    return repr(int(value)) if value == int(value) and abs(value) < 1e15 else repr(float(value))
