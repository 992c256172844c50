"""Columns, facets, histogram, dimensions, errors and changes in the shape of the API."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from pitwall.kit.i18n import Text
from pitwall.traces.changes import Change
from pitwall.traces.column_titles import GROUPS, TITLES
from pitwall.traces.columns import Column
from pitwall.traces.errors import ErrorGroup
from pitwall.traces.facets import Facets
from pitwall.traces.histogram import Histogram
from pitwall.traces.seen import Dimensions
from pitwall.traces.spans import format_nano
from pitwall.traces.types import Level
from pitwall.traces.wire import View

_NANOS: Final = 1_000_000_000


def groups_view() -> list[View]:
    """The groups of columns, in the order in which people look for them."""
    return [{"name": name, "title": _text(text)} for name, text in GROUPS.items()]


def column_view(column: Column) -> View:
    """A column with what may be asked of it."""
    title = TITLES[column.name]
    return {
        "name": column.name,
        "title": _text(title.text),
        "group": title.group,
        "type": column.type.value,
        "unit": title.unit,
        "operators": [operator.value for operator in column.operators],
        "choices": list(column.choices),
        "is_list": column.is_list,
        "has_facet": column.has_facet,
    }


def facets_view(since_nano: int, until_nano: int, counted: Facets) -> View:
    """Values of columns with their counts."""
    return {
        **_range(since_nano, until_nano),
        "sampled": counted.is_sampled,
        "facets": [
            {
                "column": facet.column.name,
                "values": [{"value": value, "count": count} for value, count in facet.values],
                "other_count": facet.other_count,
                "missing_count": facet.missing_count,
            }
            for facet in counted.facets
        ],
    }


def histogram_view(since_nano: int, until_nano: int, level: Level, histogram: Histogram) -> View:
    """Counts over time."""
    return {
        **_range(since_nano, until_nano),
        "level": level.value,
        "step_seconds": histogram.step_seconds,
        "buckets": [
            {
                "start": format_nano(bucket.start * _NANOS),
                "count": bucket.count,
                "error_count": bucket.error_count,
            }
            for bucket in histogram.buckets
        ],
        "total": sum(bucket.count for bucket in histogram.buckets),
        "error_total": sum(bucket.error_count for bucket in histogram.buckets),
    }


def dimensions_view(found: Dimensions) -> View:
    """What there is to choose from."""
    return found._asdict()


def errors_view(since_nano: int, until_nano: int, groups: Sequence[ErrorGroup], total: int) -> View:
    """What fails, most frequent first."""
    return {
        **_range(since_nano, until_nano),
        "total": total,
        "errors": [
            {
                "group_id": group.group_id,
                "error_class": group.error_class,
                "error_type": group.error_type,
                "message": group.message,
                "service": group.service,
                "model": group.model,
                "name": group.name,
                "count": group.count,
                "previous_count": group.previous_count,
                "first_at": format_nano(group.first_nano),
                "last_at": format_nano(group.last_nano),
                "example_trace_id": group.example_trace_id,
                "example_span_id": group.example_span_id,
            }
            for group in groups
        ],
    }


def changes_view(since_nano: int, until_nano: int, changes: Sequence[Change]) -> View:
    """What was seen for the first time, newest first."""
    return {
        **_range(since_nano, until_nano),
        "changes": [
            {
                "at": format_nano(change.at_nano),
                "kind": change.kind.value,
                "environment": change.environment,
                "service": change.service,
                "subject": change.subject,
                "before": change.before,
                "after": change.after,
            }
            for change in changes
        ],
    }


def _range(since_nano: int, until_nano: int) -> View:
    return {"since": format_nano(since_nano), "until": format_nano(until_nano)}


def _text(text: Text) -> View:
    return {"en": text.en, "ko": text.ko}
