"""Answers questions about groups of errors: which there are, what is new or back, and what one is."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Final

from pitwall.core.errors import NotFound
from pitwall.kit.clock import Clock
from pitwall.kit.paging import encode_cursor
from pitwall.stores.telemetry.engine import TelemetryEngine
from pitwall.traces.cursors import CursorRefused, decode, kind_of
from pitwall.traces.error_groups.history import ErrorHistory, one_group
from pitwall.traces.error_groups.repository import ErrorGroupRepository, twice_as_long
from pitwall.traces.error_groups.samples import GroupFailures
from pitwall.traces.error_groups.types import (
    Counted,
    Group,
    GroupKey,
    GroupPage,
    GroupQuestion,
    KnownKeys,
    OpenGroup,
    Place,
    Trend,
    with_past,
)
from pitwall.traces.types import Selection

_LEAST_AT_ONCE: Final = 100
"""Where only some statuses are wanted, so many groups are looked at together."""
_MAX_SAMPLES: Final = 20
_KIND: Final = "errors.groups"


class ErrorGroupNotFound(NotFound):
    """No failure that is kept belongs to a group of that id."""

    default_code = "errors.group_not_found"


class ErrorGroups:
    """Everything that can be asked about groups of errors.

    Args:
        engine: The telemetry store; its calls block, so ask from worker threads.
        clock: Stamps first pages, so that later ones leave out what came in between.
    """

    def __init__(self, engine: TelemetryEngine, clock: Clock) -> None:
        self.clock = clock
        self._repository = ErrorGroupRepository(engine)
        self._history = ErrorHistory(engine)
        self._failures = GroupFailures(engine)
        self._keys = KnownKeys()

    def page(self, question: GroupQuestion) -> GroupPage:
        """Return a page of groups, the most frequent first; those that are quiet come last.

        Raises:
            CursorRefused: The cursor is damaged or belongs to another question.
        """
        question, after = _resumed(question)
        question = replace(question, selection=self._stamped(question.selection))
        found: list[Group] = []
        totals: list[int] = []
        for counted, total in self._batches(question, after):
            totals.append(total)
            for one in counted:
                self._keys.add(one.key)
            groups = self._with_past(question.selection, question.trend, counted)
            found += [group for group in groups if not question.statuses or group.status in question.statuses]
            if len(found) > question.limit:
                break
        has_more = len(found) > question.limit
        shown = found[: question.limit]
        cursor = _cursor(question, shown[-1].counted) if has_more else None
        return GroupPage(shown, question.trend, totals[0], cursor)

    def open(self, question: GroupQuestion, group_id: str) -> OpenGroup:
        """Return one group with its newest failures, at most `limit` of them.

        Raises:
            ErrorGroupNotFound: There is none, or it was first seen after the range.
        """
        selection, trend = question.selection, question.trend
        key = self._keys.get(group_id) or self._found(selection, trend, group_id)
        group = None if key is None else self._group(selection, trend, key)
        if key is None or group is None:
            raise _not_found(selection.project, group_id, is_known=key is not None)
        both, its = _shown_range(selection, trend, group), one_group(key)
        limit = min(question.limit, _MAX_SAMPLES)
        splits, samples = self._failures.read(both, its, trend.since_nano, limit)
        stack = self._failures.stack(selection.project, samples)
        return OpenGroup(group=group, splits=splits, samples=samples, stack=stack)

    def _found(self, selection: Selection, trend: Trend, group_id: str) -> GroupKey | None:
        """Look for what an id stands for: in the range first, then in all that is kept."""
        project, looked = selection.project, twice_as_long(selection, trend)
        first, end = looked.since_nano or 0, trend.until_nano
        key = self._history.key(project, group_id, [(first, end)])
        if key is None:
            newest = max(self.clock.unix_nano(), end)
            key = self._history.key(project, group_id, self._history.stretches(project, newest))
        if key is not None:
            self._keys.add(key)
        return key

    def _batches(
        self, question: GroupQuestion, after: Place | None
    ) -> Iterator[tuple[Sequence[Counted], int]]:
        size = max(_LEAST_AT_ONCE, question.limit + 1) if question.statuses else question.limit + 1
        while True:
            counted, total = self._repository.groups(question.selection, question.trend, after, size)
            yield counted, total
            if len(counted) < size:
                return
            after = _place(counted[-1])

    def _with_past(self, selection: Selection, trend: Trend, counted: Sequence[Counted]) -> list[Group]:
        looked = twice_as_long(selection, trend).since_nano or 0
        past = self._history.before(selection, {one.key: one.before_nano for one in counted}, looked)
        return [with_past(one, past[one.key]) for one in counted]

    def _group(self, selection: Selection, trend: Trend, key: GroupKey) -> Group | None:
        """A group with its past; None if it was never seen before the end of the range."""
        counted = self._repository.group(selection, trend, one_group(key))
        if counted is not None:
            return self._with_past(selection, trend, [counted])[0]
        looked = twice_as_long(selection, trend).since_nano or 0
        seen = self._history.before(selection, {key: None}, looked)[key]
        if seen.last_nano is None:
            return None
        last = self._repository.group(selection, Trend(seen.last_nano, seen.last_nano + 1, 1), one_group(key))
        return None if last is None else with_past(_silent(last, trend), seen)

    def _stamped(self, selection: Selection) -> Selection:
        if selection.received_by_ms is not None:
            return selection
        return replace(selection, received_by_ms=self.clock.unix_nano() // 1_000_000)


def _shown_range(selection: Selection, trend: Trend, group: Group) -> Selection:
    """Where the failures to show are: in the range and the time before, else the last one there was."""
    if group.counted.count or group.counted.previous_count:
        return twice_as_long(selection, trend)
    return replace(selection, since_nano=group.last_nano, until_nano=group.last_nano + 1)


def _silent(last: Counted, trend: Trend) -> Counted:
    """A group as its last failure shows it, with nothing in the range."""
    return replace(
        last,
        count=0,
        previous_count=0,
        first_nano=None,
        last_nano=None,
        before_nano=None,
        models=dict.fromkeys(last.models, 0),
        names=dict.fromkeys(last.names, 0),
        versions=dict.fromkeys(last.versions, 0),
        trend=trend.spread({}),
        user_count=0,
        session_count=0,
        trace_count=0,
    )


def _not_found(project: str, group_id: str, *, is_known: bool) -> ErrorGroupNotFound:
    return ErrorGroupNotFound(
        f"Errors of group {group_id!r} first came after this time."
        if is_known
        else f"Project {project!r} has no errors of group {group_id!r}.",
        hint="Choose a later range."
        if is_known
        else "`GET /api/v1/errors/groups` lists the groups; those whose telemetry has been removed are gone.",
        details={"group_id": group_id, "project": project},
    )


def _place(counted: Counted) -> Place:
    return Place(counted.count, counted.previous_count, counted.key.id)


def _resumed(question: GroupQuestion) -> tuple[GroupQuestion, Place | None]:
    """The question of a page and where it begins; a later page keeps the times of the first."""
    if question.cursor is None:
        return question, None
    match decode(_kind(question), question.cursor):
        case (int(count), int(before), str(group), int(since), int(until), int(received)) if group.isalnum():
            selection = replace(
                question.selection, since_nano=since, until_nano=until, received_by_ms=received
            )
            trend = Trend(since, until, question.trend.count)
            return replace(question, selection=selection, trend=trend), Place(count, before, group)
        case _:
            raise CursorRefused(
                "The cursor has another form than this list gives.", hint="Start again without a cursor."
            )


def _cursor(question: GroupQuestion, last: Counted) -> str:
    trend, received = question.trend, question.selection.received_by_ms
    place = (last.count, last.previous_count, last.key.id)
    return encode_cursor(_kind(question), *place, trend.since_nano, trend.until_nano, received)


def _kind(question: GroupQuestion) -> str:
    statuses = ",".join(sorted(question.statuses))
    return kind_of(f"{_KIND}.{statuses}", question.selection)
