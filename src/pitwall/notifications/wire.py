"""The written forms of channels, routes and windows: the same in the API, in YAML and in the state store."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, time, timedelta
from typing import Any

import yaml

from pitwall.kit.durations import format_duration, format_instant, parse_duration
from pitwall.kit.i18n import Language
from pitwall.notifications.maintenance import Once, Weekly
from pitwall.notifications.matchers import Matcher, parse_matcher
from pitwall.notifications.types import (
    Channel,
    ChannelKind,
    Condition,
    Inhibition,
    RateLimit,
    Route,
    Routing,
    Standing,
    Template,
)

_WIDTH = 110
_TIMERS = ("group_wait", "group_interval", "repeat_interval")


def channel_content(channel: Channel) -> dict[str, Any]:
    """What may be shown of a channel, without its address and its secret."""
    return {
        "kind": channel.kind.value,
        "language": None if channel.language is None else channel.language.value,
        "send_resolved": channel.send_resolved,
        "rate": {"per_minute": channel.rate.per_minute, "burst": channel.rate.burst},
        "timeout_seconds": channel.timeout_seconds,
        "fallback": channel.fallback,
        "template": {"title": channel.template.title, "body": channel.template.body},
        "is_enabled": channel.is_enabled,
    }


def read_channel(name: str, url: str, secret: str | None, content: Mapping[str, Any]) -> Channel:
    """The channel of a content that was checked when it came in."""
    language, rate, template = content["language"], content["rate"], content["template"]
    return Channel(
        name=name,
        kind=ChannelKind(content["kind"]),
        url=url,
        secret=secret,
        language=None if language is None else Language(language),
        send_resolved=content["send_resolved"],
        rate=RateLimit(rate["per_minute"], rate["burst"]),
        timeout_seconds=content["timeout_seconds"],
        fallback=content["fallback"],
        template=Template(template["title"], template["body"]),
        is_enabled=content["is_enabled"],
    )


def routing_view(routing: Routing) -> dict[str, Any]:
    """A routing tree with its inhibition rules; what is as in the node above is left out."""
    return {
        "route": None if routing.root is None else route_view(routing.root),
        "inhibit": [
            {
                "source": matchers_view(one.source),
                "target": matchers_view(one.target),
                "equal": list(one.equal),
            }
            for one in routing.inhibitions
        ],
    }


def route_view(route: Route) -> dict[str, Any]:
    """One node of a tree with those below it."""
    view: dict[str, Any] = {}
    if route.matchers:
        view["matchers"] = matchers_view(route.matchers)
    if route.receivers is not None:
        view["receivers"] = list(route.receivers)
    if route.group_by is not None:
        view["group_by"] = list(route.group_by)
    for name in _TIMERS:
        length: timedelta | None = getattr(route, name)
        if length is not None:
            view[name] = format_duration(length)
    if route.language is not None:
        view["language"] = route.language.value
    if route.is_passed_on:
        view["continue"] = True
    if route.routes:
        view["routes"] = [route_view(child) for child in route.routes]
    return view


def read_routing(written: Mapping[str, Any]) -> Routing:
    """The routing of a view that was checked when it came in."""
    route = written["route"]
    return Routing(
        root=None if route is None else read_route(route),
        inhibitions=tuple(
            Inhibition(_matchers(one["source"]), _matchers(one["target"]), tuple(one["equal"]))
            for one in written["inhibit"]
        ),
    )


def read_route(written: Mapping[str, Any]) -> Route:
    """The node of a view that was checked when it came in."""
    language = written.get("language")
    receivers, group_by = written.get("receivers"), written.get("group_by")
    return Route(
        matchers=_matchers(written.get("matchers") or ()),
        receivers=None if receivers is None else tuple(receivers),
        group_by=None if group_by is None else tuple(group_by),
        language=None if language is None else Language(language),
        is_passed_on=bool(written.get("continue")),
        routes=tuple(read_route(child) for child in written.get("routes") or ()),
        **{name: parse_duration(written[name]) for name in _TIMERS if written.get(name) is not None},
    )


def routing_yaml(routing: Routing) -> str:
    """A routing as YAML that can be saved again."""
    return yaml.safe_dump(routing_view(routing), allow_unicode=True, sort_keys=False, width=_WIDTH)


def matchers_view(matchers: tuple[Matcher, ...]) -> list[str]:
    """Conditions as people write them."""
    return [str(matcher) for matcher in matchers]


def read_matchers(written: list[str]) -> tuple[Matcher, ...]:
    """Conditions that people wrote.

    Raises:
        MatcherInvalid: One cannot be understood.
    """
    return tuple(map(parse_matcher, written))


def when_view(when: Once | Weekly) -> dict[str, Any]:
    """When a maintenance window is open; the keys of the other kind are null."""
    once = when if isinstance(when, Once) else None
    weekly = when if isinstance(when, Weekly) else None
    return {
        "starts_at": None if once is None else format_instant(once.starts_at),
        "ends_at": None if once is None else format_instant(once.ends_at),
        "days": None if weekly is None else list(weekly.days),
        "begins": None if weekly is None else weekly.begins.strftime("%H:%M"),
        "ends": None if weekly is None else weekly.ends.strftime("%H:%M"),
        "time_zone": None if weekly is None else weekly.time_zone,
    }


def read_when(written: Mapping[str, Any]) -> Once | Weekly:
    """When a maintenance window is open, from a view that was checked when it came in."""
    if written["days"] is None:
        return Once(datetime.fromisoformat(written["starts_at"]), datetime.fromisoformat(written["ends_at"]))
    return Weekly(
        tuple(written["days"]),
        time.fromisoformat(written["begins"]),
        time.fromisoformat(written["ends"]),
        written["time_zone"],
    )


def told_view(told: Mapping[str, Standing]) -> dict[str, Any]:
    """How alerts stood when they were told of."""
    return {one: [standing.condition.value, standing.is_flapping] for one, standing in told.items()}


def read_told(written: Mapping[str, Any]) -> dict[str, Standing]:
    """The reverse of `told_view`."""
    return {one: Standing(Condition(name), flapping) for one, (name, flapping) in written.items()}


def _matchers(written: Any) -> tuple[Matcher, ...]:
    return tuple(map(parse_matcher, written))
