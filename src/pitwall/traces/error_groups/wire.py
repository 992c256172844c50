"""Groups of errors in the shape of the API, and questions out of it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Final

from pitwall.traces.error_groups.types import (
    Group,
    GroupPage,
    GroupQuestion,
    GroupStatus,
    OpenGroup,
    Sample,
    Split,
    Trend,
)
from pitwall.traces.exploring import Written, bounded
from pitwall.traces.spans import format_nano
from pitwall.traces.wire import View

_NANOS: Final = 1e9
_MAX_VALUES: Final = 20


def read_question(
    project: str,
    written: Written,
    now: datetime,
    *,
    buckets: int,
    statuses: Sequence[GroupStatus] = (),
    limit: int,
    cursor: str | None = None,
) -> GroupQuestion:
    """Read a question for groups, by default about the last 24 hours.

    Raises:
        InvalidInput: A filter or time cannot be understood.
    """
    selection, since, until = bounded(project, written, now)
    trend = Trend(since, until, buckets)
    return GroupQuestion(
        selection=selection, trend=trend, statuses=frozenset(statuses), limit=limit, cursor=cursor
    )


def page_view(page: GroupPage) -> View:
    """A page of groups with the range they are about."""
    return {
        **_range(page.trend),
        "total": page.total,
        "groups": [group_view(group) for group in page.groups],
        "next_cursor": page.next_cursor,
    }


def group_view(group: Group) -> View:
    """One group; of several models, versions and names the most frequent stands alone, too."""
    counted, key = group.counted, group.counted.key
    models, names, versions = map(_by_count, (counted.models, counted.names, counted.versions))
    return {
        "id": key.id,
        "error_class": key.error_class or None,
        "error_type": key.error_type or None,
        "message": key.message or None,
        "service": key.service or None,
        "status": group.status.value,
        "count": counted.count,
        "previous_count": counted.previous_count,
        "first_seen": format_nano(group.first_nano),
        "last_seen": format_nano(group.last_nano),
        "trend": list(counted.trend),
        "model": models[0] if models else None,
        "models": models,
        "name": names[0] if names else None,
        "names": names,
        "versions": versions,
        "user_count": counted.user_count,
        "session_count": counted.session_count,
        "trace_count": counted.trace_count,
        "example_trace_id": counted.example[0],
        "example_span_id": counted.example[1],
    }


def open_view(opened: OpenGroup, trend: Trend) -> View:
    """One group with its failures."""
    stack = opened.stack
    return {
        **_range(trend),
        **group_view(opened.group),
        "splits": {name: [_split_view(one) for one in splits] for name, splits in opened.splits.items()},
        "samples": [_sample_view(sample) for sample in opened.samples],
        "stack": None if stack is None else stack._asdict(),
    }


def _by_count(counts: Mapping[str, int]) -> list[str]:
    return sorted(counts, key=lambda value: (-counts[value], value))[:_MAX_VALUES]


def _split_view(split: Split) -> View:
    return {"value": split.value or None, "count": split.count, "previous_count": split.previous_count}


def _sample_view(sample: Sample) -> View:
    return {
        "at": format_nano(sample.unix_nano),
        "trace_id": sample.trace_id,
        "span_id": sample.span_id,
        "name": sample.name,
        "message": sample.message,
        "model": sample.model,
        "version": sample.version,
        "environment": sample.environment,
        "user_id": sample.user_id,
        "session_id": sample.session_id,
        "request_id": sample.request_id,
        "duration_ms": sample.duration_ms,
    }


def _range(trend: Trend) -> View:
    return {
        "since": format_nano(trend.since_nano),
        "until": format_nano(trend.until_nano),
        "trend_step_seconds": trend.width_nano / _NANOS,
    }
