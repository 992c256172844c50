"""What can be wrong with the metrics that somebody asked for."""

from __future__ import annotations

from pitwall.core.errors import InvalidInput


class UnknownMetric(InvalidInput):
    """There is no metric of this name; the message names near ones."""

    default_code = "metric.unknown"


class InvalidMetricOption(InvalidInput):
    """A metric was given an option that it does not have, or a value that it cannot use."""

    default_code = "metric.option_invalid"


class BrokenMetric(InvalidInput):
    """The user's own metric cannot be loaded, or is no metric."""

    default_code = "metric.broken"


class UnknownPreset(InvalidInput):
    """There is no preset or mode of this name."""

    default_code = "metric.preset_unknown"
