"""Whether a group has something to say, why, and when: Alertmanager's six reasons, with a timer for repeats
of its own. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from pitwall.notifications.types import Group, Reason, Standing, Way


@dataclass(frozen=True, slots=True)
class Present:
    """A group's alerts now.

    Attributes:
        shown: Those that are active and may be told of.
        hidden: Those that are active and suppressed, or that lead elsewhere by now.
    """

    shown: Mapping[str, Standing]
    hidden: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Decision:
    """What to do about a group.

    Attributes:
        reason: Why it is notified now; `do_not_notify` if it is not, or not yet.
        told: What the channel knows afterwards.
        resolved: Alerts to say are over.
        look_again_at: When it may have something to say although nothing happens; None if never.
    """

    reason: Reason
    told: Mapping[str, Standing]
    resolved: tuple[str, ...] = field(default=())
    look_again_at: datetime | None = None


def decide(group: Group, way: Way, present: Present, now: datetime, *, sends_resolved: bool) -> Decision:
    """Decide about a group.

    What is new or over waits until `group_wait` after the group began, or `group_interval` after the last
    notification; what got worse does not wait. An alert that is over leaves what was told whether or not
    the channel wants to know, so that it is new when it fires again.
    """
    over = tuple(one for one in group.told if one not in present.shown and one not in present.hidden)
    still = {one: standing for one, standing in group.told.items() if one not in over}
    reason = _news(group, present, over if sends_resolved else (), bool(still))
    due_at = _due_at(group, way)
    if reason is not Reason.DO_NOT_NOTIFY and (now >= due_at or _got_worse(still, present.shown)):
        told = {**still, **present.shown}
        return Decision(reason, told, over if sends_resolved else (), _repeat_at(now, way, present))
    if reason is not Reason.DO_NOT_NOTIFY:
        return Decision(Reason.DO_NOT_NOTIFY, group.told, (), due_at)
    told = _eased(still, present.shown)
    repeat_at = _repeat_at(group.sent_at, way, present)
    if repeat_at is not None and now >= repeat_at:
        return Decision(Reason.REPEAT_ELAPSED, told, (), _repeat_at(now, way, present))
    return Decision(Reason.DO_NOT_NOTIFY, told, (), repeat_at)


def _news(group: Group, present: Present, over: tuple[str, ...], has_told: bool) -> Reason:
    if any(_is_news(group.told.get(one), standing) for one, standing in present.shown.items()):
        return Reason.FIRST if group.sent_at is None else Reason.NEW_ALERTS
    if not over:
        return Reason.DO_NOT_NOTIFY
    return Reason.NEW_RESOLVED if has_told else Reason.ALL_RESOLVED


def _is_news(told: Standing | None, now: Standing) -> bool:
    if told is None or (now.is_flapping and not told.is_flapping):
        return True
    return told.condition is not now.condition and not _is_easier(told, now)


def _is_easier(told: Standing, now: Standing) -> bool:
    before, after = told.condition.rank, now.condition.rank
    return before is not None and after is not None and after < before


def _got_worse(told: Mapping[str, Standing], shown: Mapping[str, Standing]) -> bool:
    return any(one in told and _is_worse(told[one], standing) for one, standing in shown.items())


def _is_worse(told: Standing, now: Standing) -> bool:
    before, after = told.condition.rank, now.condition.rank
    return before is not None and after is not None and after > before


def _eased(told: Mapping[str, Standing], shown: Mapping[str, Standing]) -> dict[str, Standing]:
    """What was told, lowered to how it stands: getting worse again is news."""
    return {
        one: shown[one] if one in shown and _is_easier(standing, shown[one]) else standing
        for one, standing in told.items()
    }


def _due_at(group: Group, way: Way) -> datetime:
    if group.sent_at is None:
        return group.created_at + way.group_wait
    return group.sent_at + way.group_interval


def _repeat_at(sent_at: datetime | None, way: Way, present: Present) -> datetime | None:
    return sent_at + way.repeat_interval if sent_at is not None and present.shown else None
