"""Where an alert leads: from the routing tree to the ways an alert takes. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from datetime import timedelta
from typing import Final

from pitwall.notifications.matchers import match_all
from pitwall.notifications.types import Channel, KnownAlert, Route, Way

EACH_ALERT: Final = "..."
"""Stands in `group_by` for every alert by itself."""
GROUP_WAIT: Final = timedelta(milliseconds=500)
GROUP_INTERVAL: Final = timedelta(seconds=30)
REPEAT_INTERVAL: Final = timedelta(hours=4)
_ROOT: Final = Way(
    path="",
    receivers=(),
    group_by=("rule",),
    group_wait=GROUP_WAIT,
    group_interval=GROUP_INTERVAL,
    repeat_interval=REPEAT_INTERVAL,
    language=None,
)


def default_route(channels: Iterable[Channel]) -> Route:
    """The tree of a project that wrote none: every channel but those that stand in gets all."""
    known = list(channels)
    stand_ins = {channel.fallback for channel in known}
    receivers = [one.name for one in known if one.is_enabled and one.name not in stand_ins]
    return Route(receivers=tuple(sorted(receivers)))


def find_ways(root: Route, labels: Mapping[str, str]) -> list[Way]:
    """Return the ways that labels lead to, as Alertmanager walks its tree.

    The deepest nodes that match; beside a node that matches, others are looked at only if it is passed on.
    The root takes what matches nothing else.
    """
    return list(_walk(root, labels, _at_root(root)))


def all_ways(root: Route) -> dict[str, Way]:
    """Return the ways that any alert may take, by path; that of the root has an empty path."""
    ways = {}
    waiting = [(_at_root(root), root)]
    while waiting:
        way, route = waiting.pop()
        ways[way.path] = way
        waiting += [(_inherit(way, child), child) for child in route.routes]
    return ways


def group_labels(way: Way, alert: KnownAlert) -> dict[str, str]:
    """The labels that say which group of a way an alert belongs to; a missing one is empty."""
    if EACH_ALERT in way.group_by:
        return {"rule": alert.event.rule, **alert.event.labels}
    labels = alert.labels
    return {name: labels.get(name, "") for name in way.group_by}


def _walk(route: Route, labels: Mapping[str, str], here: Way) -> Iterator[Way]:
    is_taken = False
    for child in route.routes:
        if not match_all(child.matchers, labels):
            continue
        is_taken = True
        yield from _walk(child, labels, _inherit(here, child))
        if not child.is_passed_on:
            break
    if not is_taken:
        yield here


def _at_root(root: Route) -> Way:
    return replace(_inherit(_ROOT, root), path="")


def _inherit(above: Way, route: Route) -> Way:
    matchers = ",".join(sorted(map(str, route.matchers)))
    return Way(
        path=f"{above.path}/{matchers}",
        receivers=above.receivers if route.receivers is None else route.receivers,
        group_by=above.group_by if route.group_by is None else route.group_by,
        group_wait=above.group_wait if route.group_wait is None else route.group_wait,
        group_interval=above.group_interval if route.group_interval is None else route.group_interval,
        repeat_interval=above.repeat_interval if route.repeat_interval is None else route.repeat_interval,
        language=route.language or above.language,
    )
