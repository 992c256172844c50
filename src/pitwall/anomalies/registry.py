"""Detectors by name: built in or installed, through the same door.

A package offers a detector by an entry point of the group `pitwall.detectors`: a callable that takes the
length of the windows in seconds and returns a `Detector`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from importlib.metadata import EntryPoint, entry_points
from typing import Final

from pitwall.anomalies.types import Detector
from pitwall.core.errors import NotFound, Unavailable

GROUP: Final = "pitwall.detectors"
DEFAULT: Final = "seasonal"
DetectorFactory = Callable[[float], Detector]

_HOME: Final = "pitwall.anomalies.detectors"
BUILT_IN: Final = (
    EntryPoint("seasonal", f"{_HOME}.seasonal:SeasonalDetector", GROUP),
    EntryPoint("isolation_forest", f"{_HOME}.isolation_forest:IsolationForestDetector", GROUP),
    EntryPoint("change_point", f"{_HOME}.change_point:ChangePointDetector", GROUP),
    EntryPoint("rolling_z", f"{_HOME}.rolling_z:RollingZDetector", GROUP),
)


class UnknownDetector(NotFound):
    """No detector has that name."""

    default_code = "detector.unknown"


class DetectorBroken(Unavailable):
    """An installed detector cannot be loaded."""

    default_code = "detector.broken"


def detector_names() -> list[str]:
    """Names of all detectors, those of Pitwall first."""
    return list(dict.fromkeys(point.name for point in _points()))


def find_detector(name: str) -> DetectorFactory:
    """Return what makes detectors of a name; a built-in name cannot be taken by a package.

    Raises:
        UnknownDetector: There is none.
        DetectorBroken: A package offers it, but it cannot be loaded.
    """
    point = next((point for point in _points() if point.name == name), None)
    if point is None:
        known = ", ".join(detector_names())
        raise UnknownDetector(f"There is no detector {name!r}.", hint=f"Known are {known}.")
    try:
        factory: DetectorFactory = point.load()
    except Exception as error:  # whatever a foreign package does while it is imported
        raise DetectorBroken(
            f"Detector {name!r} from {point.value} cannot be loaded: {type(error).__name__}: {error}.",
            hint="Repair or remove the package that offers it.",
        ) from error
    return factory


def _points() -> Iterable[EntryPoint]:
    return (*BUILT_IN, *entry_points(group=GROUP))
