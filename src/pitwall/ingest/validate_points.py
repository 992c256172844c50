"""What makes a metric's data point storable: a time, numbers that are numbers, buckets that fit."""

from __future__ import annotations

import math
from itertools import pairwise
from typing import Any

from opentelemetry.proto.metrics.v1.metrics_pb2 import (
    DataPointFlags,
    ExponentialHistogramDataPoint,
    HistogramDataPoint,
    NumberDataPoint,
    SummaryDataPoint,
)

from pitwall.ingest.failures import Flaw, RejectReason
from pitwall.ingest.limits import RecordRules
from pitwall.ingest.validate_spans import (
    find_attribute_flaw,
    find_count_flaw,
    find_time_flaw,
    first_and_count,
    format_time,
)

_POINT_TYPES = (NumberDataPoint, HistogramDataPoint, ExponentialHistogramDataPoint, SummaryDataPoint)
_NO_RECORDED_VALUE = DataPointFlags.DATA_POINT_FLAGS_NO_RECORDED_VALUE_MASK


def has_no_value(record: Any) -> bool:
    """Tell whether a point only marks the end of its series (a Prometheus staleness marker)."""
    return isinstance(record, _POINT_TYPES) and bool(record.flags & _NO_RECORDED_VALUE)


class PointJudge:
    """Finds the flaw of each data point of one request."""

    def __init__(self, rules: RecordRules) -> None:
        self._rules = rules

    def find_flaw(self, point: Any, metric_name: str) -> Flaw | None:
        """Return why a data point may not be stored, None if it may."""
        if not metric_name:
            return Flaw(RejectReason.MISSING_NAME, "its metric has no name")
        return (
            find_time_flaw(point.time_unix_nano, "time", self._rules)
            or _find_start_flaw(point, self._rules)
            or _find_value_flaw(point)
            or find_attribute_flaw(point, self._rules)
            or find_count_flaw(
                len(_exemplars_of(point)), "exemplars", RejectReason.TOO_MANY_EXEMPLARS, self._rules
            )
        )


def repair_exemplar_times(point: Any, rules: RecordRules) -> str:
    """Give exemplars that cannot be of the time they say the time of their point; return what was moved."""
    moved = []
    for exemplar in _exemplars_of(point):
        flaw = find_time_flaw(exemplar.time_unix_nano, "time", rules)
        if flaw is not None:
            exemplar.time_unix_nano = point.time_unix_nano
            moved.append(f"an exemplar moved to the point's time, {flaw.message}")
    return first_and_count(moved)


def _exemplars_of(point: Any) -> Any:
    return () if isinstance(point, SummaryDataPoint) else point.exemplars


def _find_start_flaw(point: Any, rules: RecordRules) -> Flaw | None:
    start = point.start_time_unix_nano
    if start == 0:
        return None
    if start > point.time_unix_nano:
        message = f"its start {format_time(start)} is after its time {format_time(point.time_unix_nano)}"
        return Flaw(RejectReason.NEGATIVE_DURATION, message)
    return find_time_flaw(start, "start time", rules)


def _find_value_flaw(point: Any) -> Flaw | None:
    if isinstance(point, NumberDataPoint):
        return _find_number_flaw(point)
    if isinstance(point, HistogramDataPoint):
        return _find_moment_flaw(point) or _find_bucket_flaw(point)
    if isinstance(point, ExponentialHistogramDataPoint):
        return _find_moment_flaw(point)
    return _find_summary_flaw(point)


def _find_number_flaw(point: NumberDataPoint) -> Flaw | None:
    kind = point.WhichOneof("value")
    if kind is None:
        return Flaw(RejectReason.NOT_A_NUMBER, "it has no value")
    if kind == "as_double" and not math.isfinite(point.as_double):
        return Flaw(RejectReason.NOT_A_NUMBER, f"its value is {point.as_double}")
    return None


def _find_moment_flaw(point: Any) -> Flaw | None:
    for field in ("sum", "min", "max"):
        if point.HasField(field) and not math.isfinite(value := getattr(point, field)):
            return Flaw(RejectReason.NOT_A_NUMBER, f"its {field} is {value}")
    return None


def _find_bucket_flaw(point: HistogramDataPoint) -> Flaw | None:
    counts, bounds = len(point.bucket_counts), point.explicit_bounds
    if counts != len(bounds) + 1 and (counts or bounds):
        message = f"it has {counts} buckets for {len(bounds)} bounds instead of {len(bounds) + 1}"
        return Flaw(RejectReason.INVALID_BUCKETS, message)
    if any(math.isnan(bound) for bound in bounds):
        return Flaw(RejectReason.NOT_A_NUMBER, "a bucket bound is nan")
    if any(lower >= upper for lower, upper in pairwise(bounds)):
        return Flaw(RejectReason.INVALID_BUCKETS, "its bucket bounds do not increase")
    return None


def _find_summary_flaw(point: SummaryDataPoint) -> Flaw | None:
    if not math.isfinite(point.sum):
        return Flaw(RejectReason.NOT_A_NUMBER, f"its sum is {point.sum}")
    for value in point.quantile_values:
        # The value of a quantile may be NaN: that is how a summary says that it saw nothing lately.
        if not 0.0 <= value.quantile <= 1.0:
            return Flaw(
                RejectReason.INVALID_QUANTILE, f"it has a quantile {value.quantile:g} outside of 0 to 1"
            )
    return None
