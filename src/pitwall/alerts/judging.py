"""Values against limits: which level they enter, and which they have not left."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from math import sqrt
from statistics import NormalDist

from pitwall.alerts.rules import Step
from pitwall.alerts.types import Level
from pitwall.signals.bands import Bands

Levels = tuple[Level, Level]
_CLEAR: Levels = (Level.NONE, Level.NONE)


@dataclass(frozen=True, slots=True)
class Judge:
    """Judges values by limits.

    Attributes:
        steps: The limits, worst first.
        z: With it a ratio enters only if the bound of its interval does, so many standard deviations out.
    """

    steps: tuple[Step, ...]
    z: float | None = None

    def __call__(self, value: float, count: int) -> Levels:
        """The level a value enters and the one it keeps."""
        enters = keeps = Level.NONE
        for step in self.steps:
            if step.enter.holds(value):
                if enters is Level.NONE and self._is_sure(step, value, count):
                    enters = step.level
                keeps = keeps or step.level
            elif keeps is Level.NONE and step.exit is not None and not step.exit.holds(value):
                keeps = step.level
            if enters is not Level.NONE:
                break
        return (enters, max(enters, keeps)) if keeps else _CLEAR

    @property
    def is_worse_high(self) -> bool:
        """Whether large values are the bad ones."""
        return not self.steps or self.steps[0].enter.is_upper

    def _is_sure(self, step: Step, value: float, count: int) -> bool:
        if self.z is None:
            return True
        low, high = wilson_interval(value, count, self.z)
        return step.enter.holds(low if step.enter.is_upper else high)


def steps_of(bands: Bands) -> tuple[Step, ...]:
    """The limits of a signal's bands; its good zone is where an alert ends."""
    steps = []
    if bands.critical is not None:
        steps.append(Step(Level.CRITICAL, bands.critical, None if bands.warning else bands.normal))
    if bands.warning is not None:
        steps.append(Step(Level.WARNING, bands.warning, bands.normal))
    return tuple(steps)


def one_sided_z(confidence: float) -> float:
    """How many standard deviations out a one-sided bound lies."""
    return NormalDist().inv_cdf(confidence)


def wilson_interval(share: float, count: int, z: float) -> tuple[float, float]:
    """The interval of a share that was observed so often.

    Source: Wilson 1927, Probable Inference, the Law of Succession, and Statistical Inference.
    """
    if count <= 0:
        return 0.0, 1.0
    square = z * z
    middle = (share + square / (2 * count)) / (1 + square / count)
    spread = z * sqrt(share * (1 - share) / count + square / (4 * count * count)) / (1 + square / count)
    return middle - spread, middle + spread


Judging = Callable[[float, int], Levels]
