"""Maps, prices or unwraps stored spans again, a slice of neighbouring hours at a time."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta

from pitwall.access.types import Principal
from pitwall.core.errors import Conflict
from pitwall.ingest.mapping.remap import remap_select
from pitwall.ingest.recompute.repository import (
    StoredSpans,
    older_than,
    outside,
    recosted,
    these_spans,
    unwrapped,
    with_all_texts,
)
from pitwall.ingest.recompute.types import Recompute, Slice, SliceResult
from pitwall.kit.clock import Clock
from pitwall.kit.durations import format_instant
from pitwall.kit.gate import Gate
from pitwall.stores.state import AuditEntry, AuditLog, StateStore
from pitwall.stores.telemetry.engine import TelemetryEngine
from pitwall.stores.telemetry.rebuild import SpanRange, SpanRebuild, incomplete_hours

# A slice is swapped at once, and ingest waits for that.
_SPANS_PER_SLICE = 200_000
_HOUR = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class RecomputeParts:
    """What the service works with.

    Attributes:
        writes: Passed alone while rows are replaced, so that no segment goes in meanwhile.
        is_cluster: Whether the store is a ClickHouse cluster.
    """

    engine: TelemetryEngine
    writes: Gate
    state: StateStore
    clock: Clock
    is_cluster: bool = False


class RecomputeService:
    """Replaces spans by what the present mapping, price book or other spans make of them; calls block.

    A slice is done or not: killed in between, the server finishes or forgets it when it starts. A slice that
    was done has nothing left to do, so that a whole range can be started again.
    """

    def __init__(self, parts: RecomputeParts) -> None:
        self._parts = parts
        self._spans = StoredSpans(parts.engine)
        self._rebuild = SpanRebuild(parts.engine)
        self._busy = threading.Lock()

    def plan(self, project: str, since: datetime | None, until: datetime | None) -> list[Slice]:
        """Cut a range into slices; hours it only touches are in it. None is where the spans begin or end."""
        slices: list[Slice] = []
        hours = self._spans.hours(project, None if since is None else _floor(since), until)
        for hour, count in hours:
            last = slices[-1] if slices else None
            if last is not None and _belongs(last, hour, count):
                slices[-1] = Slice(last.since, hour + _HOUR, last.spans + count)
            else:
                slices.append(Slice(hour, hour + _HOUR, count))
        return slices

    def run(
        self, what: Recompute, since: datetime, until: datetime, *, by: Principal, is_dry_run: bool
    ) -> SliceResult:
        """Compute the spans of a slice again.

        Args:
            since, until: Hours that are begun are taken whole.
            by: Whose project, and who is named in the audit log.
            is_dry_run: Tell what would change, and change nothing.

        Raises:
            Conflict: The store is a cluster, another slice is at work, or another server wrote to the slice.
            Unavailable: The store does not answer or its disk is full; nothing has changed, or the next call
                finishes what was begun.
        """
        wanted = SpanRange(by.project_id, _floor(since), _ceil(until))
        with self._alone():
            with self._parts.writes.alone():
                self._rebuild.recover()
                lost_rows = incomplete_hours(self._parts.engine, wanted)
            try:
                result = self._collect(what, wanted, lost_rows, is_dry_run=is_dry_run)
                if result.changed and not is_dry_run:
                    with self._parts.writes.alone():
                        self._rebuild.swap()
            finally:
                self._rebuild.forget()
        if result.changed and not is_dry_run:
            self._record(what, result, by)
        return result

    def has_wrappers(self, project: str, since: datetime, until: datetime) -> bool:
        """Whether any span that began in a range of whole hours repeats the usage of others, unmarked."""
        return bool(self._spans.wrappers(SpanRange(project, since, until)))

    @contextmanager
    def _alone(self) -> Iterator[None]:
        if self._parts.is_cluster:
            raise Conflict(
                "Stored spans of a ClickHouse cluster cannot be computed again from here.",
                code="recompute.cluster",
                hint="What arrives from now on has the new mapping and prices.",
            )
        if not self._busy.acquire(blocking=False):
            raise Conflict(
                "Stored spans are being computed again by another command.",
                code="recompute.busy",
                hint="Wait until it is done.",
            )
        try:
            yield
        finally:
            self._busy.release()

    def _collect(
        self, what: Recompute, wanted: SpanRange, lost_rows: list[datetime], *, is_dry_run: bool
    ) -> SliceResult:
        without_text = without_rows = 0
        self._rebuild.begin()
        for everything in self._conditions(what, wanted):
            candidates = f"{everything} AND {outside(lost_rows)}"
            without_rows += self._spans.count(everything) - self._spans.count(candidates)
            for piece in self._spans.pieces(candidates):
                without_text += self._collect_piece(what, piece, keep_texts=not is_dry_run)
        change = self._rebuild.change(wanted)
        return SliceResult(
            since=wanted.since,
            until=wanted.until,
            spans=self._spans.count(wanted.condition()),
            changed=change.spans,
            kept_without_text=without_text,
            kept_without_rows=without_rows,
            cost_before_usd=change.cost_before_usd,
            cost_after_usd=change.cost_after_usd,
        )

    def _conditions(self, what: Recompute, wanted: SpanRange) -> list[str]:
        """Return conditions on the spans of a range that may change; a span fulfils one of them at most."""
        inside = wanted.condition()
        match what:
            case Recompute.REMAP:
                return [f"{inside} AND {older_than(self._spans.mapping_version())}"]
            case Recompute.RECOST:
                return [inside]
            case Recompute.UNWRAP:
                return [f"{inside} AND {these}" for these in these_spans(self._spans.wrappers(wanted))]

    def _collect_piece(self, what: Recompute, piece: str, *, keep_texts: bool) -> int:
        """Collect the new rows of some spans; returns how many stay as they are for want of a text."""
        match what:
            case Recompute.RECOST:
                self._rebuild.add(recosted(piece))
            case Recompute.UNWRAP:
                self._rebuild.add(unwrapped(piece))
            case Recompute.REMAP:
                readable = with_all_texts(piece)
                query = remap_select(readable, mapping_version=self._spans.mapping_version())
                self._rebuild.add_normalised(query, keep_texts=keep_texts)
                return self._spans.count(piece) - self._spans.count(readable)
        return 0

    def _record(self, what: Recompute, result: SliceResult, by: Principal) -> None:
        entry = AuditEntry(
            at=self._parts.clock.now(),
            actor=by.actor,
            action=f"telemetry.{what}",
            object=f"{format_instant(result.since)}/{format_instant(result.until)}",
            project_id=by.project_id,
            details={
                "changed": result.changed,
                "mapping_version": self._spans.mapping_version(),
                "price_version": self._spans.price_version(),
            },
        )
        with self._parts.state.session() as connection:
            AuditLog(connection).record(entry)


def _belongs(last: Slice, hour: datetime, count: int) -> bool:
    """Tell whether an hour can be done with the slice before it: of one month, not too many, not too long."""
    is_month = (last.since.year, last.since.month) == (hour.year, hour.month)
    is_short = hour + _HOUR - last.since <= timedelta(days=1)
    return is_month and is_short and last.spans + count <= _SPANS_PER_SLICE


def _floor(moment: datetime) -> datetime:
    return moment.replace(minute=0, second=0, microsecond=0)


def _ceil(moment: datetime) -> datetime:
    floor = _floor(moment)
    return floor if floor == moment else floor + _HOUR
