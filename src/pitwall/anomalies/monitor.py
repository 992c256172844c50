"""One series under watch: a detector, and one alarm for each excursion."""

from __future__ import annotations

import math
from collections.abc import Mapping
from functools import partial
from typing import Any, Final, NamedTuple

from pitwall.anomalies.registry import DEFAULT, find_detector
from pitwall.anomalies.types import Judgement, Observation
from pitwall.core.errors import InvalidInput

QUIET_WINDOWS: Final = 120
"""So many windows after an alarm, an excursion that begins is no news."""
_WORSE: Final = 4.0
"""Unless its score is higher by so much: fifty times rarer."""
_STATE_VERSION: Final = 1


class InvalidSensitivity(InvalidInput):
    """The accepted number of false alarms is no positive number."""

    default_code = "anomaly.sensitivity"


class StateUnreadable(InvalidInput):
    """A kept state is of another version or shape; the series has to be learnt anew."""

    default_code = "anomaly.state"


class Verdict(NamedTuple):
    """What a monitor says of one window.

    Attributes:
        is_anomalous: Whether the score is above the threshold.
        is_alarm: Whether an excursion begins here that is worth telling.
    """

    judgement: Judgement
    is_anomalous: bool
    is_alarm: bool


class AlarmGate:
    """Lets one alarm pass for each excursion.

    An excursion lasts as long as windows are anomalous. One that begins soon after an alarm passes only if it
    gets far rarer than what was told.

    Args:
        threshold: Score from which a window is anomalous.
    """

    __slots__ = ("is_out", "peak", "quiet", "threshold")

    def __init__(self, threshold: float) -> None:
        self.threshold = threshold
        self.quiet = 0
        self.peak = 0.0
        self.is_out = False

    def admit(self, score: float) -> bool:
        """Tell whether a window with this score raises an alarm."""
        self.quiet = max(0, self.quiet - 1)
        if score < self.threshold:
            self.is_out = False
            return False
        begins, self.is_out = not self.is_out, True
        if begins and (not self.quiet or score > self.peak + _WORSE):
            self.quiet, self.peak = QUIET_WINDOWS + 1, score
            return True
        self.peak = max(self.peak, score)
        return False


class SeriesMonitor:
    """Watches one series online; thousands of them fit in one process.

    Args:
        step_s: Length of the windows in seconds.
        detector: Name of the detector.
        false_alarms_per_week: How many alarms a week are acceptable when nothing is wrong.

    Raises:
        InvalidSensitivity: The accepted number is not positive.
        UnknownDetector: No detector has that name.
        WindowInvalid: Windows have no length.
    """

    __slots__ = ("_detector", "_gate", "_make")

    def __init__(self, step_s: float, *, detector: str = DEFAULT, false_alarms_per_week: float = 1.0) -> None:
        self._gate = AlarmGate(alarm_threshold(false_alarms_per_week))
        self._make = partial(find_detector(detector), step_s)
        self._detector = self._make()

    def observe(self, observation: Observation) -> Verdict:
        """Judge a window by what came before, then learn it."""
        judgement = self._detector.judge(observation)
        if judgement.score is None:
            return Verdict(judgement, is_anomalous=False, is_alarm=False)
        is_alarm = self._gate.admit(judgement.score)
        return Verdict(judgement, judgement.score >= self._gate.threshold, is_alarm)

    def dump(self) -> dict[str, Any]:
        """Return the state as JSON can hold it."""
        return {
            "version": _STATE_VERSION,
            "detector": self._detector.name,
            "gate": [self._gate.quiet, self._gate.peak, self._gate.is_out],
            "state": self._detector.dump(),
        }

    def load(self, state: Mapping[str, Any]) -> None:
        """Go on where `dump` was called.

        Raises:
            StateUnreadable: It is of another detector, version or shape; this monitor is as new and can be
            used.
        """
        own = (_STATE_VERSION, self._detector.name)
        detector = self._make()
        try:
            kept = (state["version"], state["detector"])
            quiet, peak, is_out = state["gate"]
            if kept == own:
                detector.load(state["state"])
        except (KeyError, TypeError, ValueError) as error:
            raise StateUnreadable(
                f"The state of detector {own[1]!r} is damaged: {type(error).__name__}: {error}.",
                hint="Learn the series anew.",
            ) from error
        if kept != own:
            raise StateUnreadable(
                f"The state is of detector {kept[1]!r}, version {kept[0]!r}.",
                hint=f"Learn the series anew with {own[1]!r}, version {own[0]}.",
            )
        self._gate.quiet, self._gate.peak, self._gate.is_out = quiet, peak, is_out
        self._detector = detector


def alarm_threshold(false_alarms_per_week: float) -> float:
    """Return the score that chance passes so many times a week.

    Raises:
        InvalidSensitivity: The number is not positive.
    """
    if not (math.isfinite(false_alarms_per_week) and false_alarms_per_week > 0):
        raise InvalidSensitivity(
            f"{false_alarms_per_week} false alarms a week cannot be asked for.",
            hint="Give a number above 0; 1 is usual, 0.1 is strict.",
        )
    return -math.log(false_alarms_per_week)
