"""Silences: made with a reason and an end, and ended before it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from pitwall.access.types import Principal
from pitwall.core.errors import Conflict
from pitwall.kit.durations import format_instant
from pitwall.kit.ids import new_id
from pitwall.kit.paging import Page
from pitwall.notifications.errors import SilenceInvalid, SilenceNotFound
from pitwall.notifications.matchers import Matcher, match_all
from pitwall.notifications.positions import position, read_position
from pitwall.notifications.recording import Desk
from pitwall.notifications.repository import Pipeline, Silences
from pitwall.notifications.types import KnownAlert, Silence
from pitwall.notifications.wire import matchers_view

LONGEST = timedelta(days=366)
_CURSOR = "silences.last"


class SilenceService:
    """Looks at silences and changes them; calls block."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    def list(
        self, project_id: str, *, is_open: bool = False, cursor: str | None = None, limit: int = 100
    ) -> Page[tuple[Silence, int]]:
        """Return a page of silences, each with how many active alerts it keeps quiet.

        Args:
            is_open: Leaves out what is over.

        Raises:
            InvalidInput: The cursor is not one of this list.
        """
        now, before = self._desk.clock.now(), read_position(_CURSOR, cursor)
        with self._desk.state.session(read_only=True) as connection:
            found = Silences(connection, project_id).list(
                since=now if is_open else None, limit=limit + 1, before=before
            )
            alerts = [one for one in Pipeline(connection, project_id).alerts().values() if one.is_active]
        page = [(silence, _quieted(silence, alerts, now)) for silence in found[:limit]]
        last = page[-1][0] if len(found) > limit else None
        return Page(page, None if last is None else position(_CURSOR, last.ends_at, last.id))

    def open(self, project_id: str) -> dict[str, Silence]:
        """Return all silences that are not over, by id."""
        now = self._desk.clock.now()
        with self._desk.state.session(read_only=True) as connection:
            return {one.id: one for one in Silences(connection, project_id).list(since=now)}

    def quieted(self, project_id: str, silence: Silence) -> int:
        """Return how many active alerts a silence keeps quiet now."""
        with self._desk.state.session(read_only=True) as connection:
            alerts = [one for one in Pipeline(connection, project_id).alerts().values() if one.is_active]
        return _quieted(silence, alerts, self._desk.clock.now())

    def add(
        self,
        matchers: tuple[Matcher, ...],
        reason: str,
        *,
        starts_at: datetime | None,
        ends_at: datetime | timedelta,
        by: Principal,
    ) -> Silence:
        """Make a silence.

        Args:
            starts_at: None for now.
            ends_at: When it ends, or how long it lasts.

        Raises:
            NotPermitted: The caller may not act.
            SilenceInvalid: It would end before it begins or before now, or last for more than a year.
        """
        now = self._desk.clock.now()
        begins = starts_at or now
        ends = begins + ends_at if isinstance(ends_at, timedelta) else ends_at
        _check_span(begins, ends, now)
        silence = Silence(
            id=new_id(),
            matchers=matchers,
            starts_at=begins,
            ends_at=ends,
            reason=reason,
            created_by=by.actor,
            created_at=now,
        )
        details = {"matchers": matchers_view(matchers), "until": format_instant(ends), "reason": reason}
        with self._desk.change("silence.created", f"silence:{silence.id}", by, details) as change:
            Silences(change.connection, change.project_id).add(silence)
        return silence

    def end(self, silence_id: str, *, by: Principal) -> Silence:
        """End a silence now; one that has not begun never does.

        Raises:
            NotPermitted: The caller may not act.
            SilenceNotFound: The project has none of that id.
            Conflict: It is over already.
        """
        with self._desk.change("silence.ended", f"silence:{silence_id}", by) as change:
            silences = Silences(change.connection, change.project_id)
            silence = silences.find(silence_id)
            if silence is None:
                raise SilenceNotFound(
                    f"There is no silence {silence_id!r}.", hint="See `pitwall notifications silences list`."
                )
            if silence.ends_at <= change.at:
                raise Conflict(
                    f"Silence {silence_id} ended at {format_instant(silence.ends_at)}.",
                    code="notification.silence_over",
                    hint="Nothing needs to be ended.",
                )
            silences.end(silence_id, at=change.at, by=change.actor)
        return replace(silence, ends_at=change.at, ended_by=change.actor)

    def now(self) -> datetime:
        """The present, by which a silence is pending, active or over."""
        return self._desk.clock.now()


def _check_span(begins: datetime, ends: datetime, now: datetime) -> None:
    if ends <= max(begins, now) or ends - begins > LONGEST:
        raise SilenceInvalid(
            f"A silence from {format_instant(begins)} to {format_instant(ends)} is not possible.",
            hint="It ends after it begins and after now, at most 366 days later.",
        )


def _quieted(silence: Silence, alerts: Sequence[KnownAlert], now: datetime) -> int:
    if not silence.is_open(now):
        return 0
    return sum(1 for alert in alerts if match_all(silence.matchers, alert.labels))
