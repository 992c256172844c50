"""The NAB series of the shared data, and how they are halved."""

from __future__ import annotations

import csv
import gzip
import json
import os
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray

from benchmarks.anomaly.nab_scoring import Rewards, Window, reward_points
from benchmarks.harness.registry import ROOT, NotMeasured

FloatArray = NDArray[np.float64]

SECONDS_PER_WEEK: Final = 604_800.0


def anomaly_data() -> Path:
    """The folder with the public series.

    Raises:
        NotMeasured: It is not on this machine.
    """
    data = Path(os.environ.get("PITWALL_SHARED_DATA") or ROOT.parent / "shared" / "data") / "anomaly"
    if not data.is_dir():
        raise NotMeasured(f"there is no {data}; name the folder of public data in PITWALL_SHARED_DATA")
    return data


@dataclass(frozen=True, slots=True)
class LabelledSeries:
    """One series and where people saw anomalies.

    Attributes:
        name: `category/file.csv`.
        times_s: Seconds since the epoch, the naive times of the file read as UTC.
        windows: Labelled windows, by index.
    """

    name: str
    times_s: FloatArray
    values: FloatArray
    windows: Sequence[Window]

    @property
    def rewards(self) -> Rewards:
        """What a detection at each point is worth."""
        return reward_points(len(self.values), self.windows)

    @property
    def weeks(self) -> float:
        """How long it lasts."""
        return float(self.times_s[-1] - self.times_s[0]) / SECONDS_PER_WEEK


def load_nab(data: Path) -> list[LabelledSeries]:
    """Read all series, by name."""
    labels = json.loads((data / "nab" / "labels" / "combined_windows.json").read_text("utf-8"))
    return [_load(data, name, labels[name]) for name in sorted(labels)]


def _load(data: Path, name: str, labels: Sequence[Sequence[str]]) -> LabelledSeries:
    with gzip.open(data / "nab" / "data" / f"{name}.gz", "rt", encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    times = [_seconds(row["timestamp"]) for row in rows]
    indices = [[times.index(_seconds(edge)) for edge in window] for window in labels]
    return LabelledSeries(
        name,
        np.array(times),
        np.array([float(row["value"]) for row in rows]),
        [Window(first, last) for first, last in indices],
    )


def _seconds(text: str) -> float:
    return datetime.fromisoformat(text).replace(tzinfo=UTC).timestamp()


def halve(corpus: Sequence[LabelledSeries]) -> tuple[list[LabelledSeries], list[LabelledSeries]]:
    """Split into the half that parameters may be chosen on, and the half that is kept apart.

    Every second series by name, so that both halves have every kind. The split was fixed before any detector
    ran.
    """
    return list(corpus[0::2]), list(corpus[1::2])
