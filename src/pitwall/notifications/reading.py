"""Reads a routing tree that somebody wrote as YAML; every problem has its line."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass

from pydantic import ValidationError

from pitwall.notifications.errors import RoutesInvalid
from pitwall.notifications.schemas import RoutingBody
from pitwall.notifications.types import Route, Routing
from pitwall.notifications.wire import read_routing
from pitwall.signals.errors import CatalogueInvalid
from pitwall.signals.pack_files import Document, Place, parse_document

_TEXT = "routes.yaml"


@dataclass(frozen=True, slots=True)
class RouteProblem:
    """Something in a routing tree that cannot be."""

    place: Place
    message: str


def parse_routing(text: str, channels: Collection[str]) -> Routing:
    """Read a routing tree.

    Args:
        channels: Names of the channels that routes may lead to.

    Raises:
        RoutesInvalid: It is none; `details` has the line of the first problem, and all of them.
    """
    try:
        document = parse_document(text, _TEXT)
    except CatalogueInvalid as error:
        line, problem = error.details["line"], error.details["problem"]
        raise _invalid([{"line": line, "where": "", "message": problem}]) from error
    if not isinstance(document.data, dict):
        raise _invalid([{"line": 1, "where": "", "message": "it is no mapping with route and inhibit"}])
    try:
        body = RoutingBody.model_validate(document.data)
    except ValidationError as error:
        problems = [RouteProblem(one["loc"], one["msg"]) for one in error.errors(include_url=False)]
        raise _invalid([_with_line(document, problem) for problem in problems]) from error
    routing = routing_of(body)
    problems = problems_of(routing, channels)
    if problems:
        raise _invalid([_with_line(document, problem) for problem in problems])
    return routing


def routing_of(body: RoutingBody) -> Routing:
    """The routing of a body."""
    return read_routing(body.model_dump(mode="json", by_alias=True, include={"route", "inhibit"}))


def check_routing(routing: Routing, channels: Collection[str]) -> None:
    """Refuse a tree that cannot be followed.

    Raises:
        RoutesInvalid: It leads to a channel that is not there, or tests labels at its root.
    """
    problems = problems_of(routing, channels)
    if problems:
        views = [{"where": _dotted(one.place), "message": one.message} for one in problems]
        more = f" ({len(views) - 1} more in details)" if len(views) > 1 else ""
        raise RoutesInvalid(
            f"{views[0]['where']}: {views[0]['message']}{more}.", details={"problems": views}, hint=_hint()
        )


def problems_of(routing: Routing, channels: Collection[str]) -> list[RouteProblem]:
    """What cannot be followed in a tree."""
    if routing.root is None:
        return []
    root = routing.root
    at_root = []
    if root.matchers:
        at_root.append(
            RouteProblem(("route", "matchers"), "the root takes what nothing else takes; it has no matchers")
        )
    if root.receivers is None:
        at_root.append(
            RouteProblem(("route",), "the root says where everything else goes: receivers (may be empty)")
        )
    return [*at_root, *_unknown(root, ("route",), set(channels))]


def _unknown(route: Route, place: Place, channels: set[str]) -> Iterator[RouteProblem]:
    for index, name in enumerate(route.receivers or ()):
        if name not in channels:
            known = ", ".join(sorted(channels)) or "none yet"
            yield RouteProblem(
                (*place, "receivers", index), f"there is no channel {name!r} (there are: {known})"
            )
    for index, child in enumerate(route.routes):
        yield from _unknown(child, (*place, "routes", index), channels)


def _with_line(document: Document, problem: RouteProblem) -> dict[str, str | int]:
    shown = _dotted(problem.place)
    message = f"{shown}: {problem.message}" if shown else problem.message
    return {"line": document.line(problem.place), "where": shown, "message": message}


def _dotted(place: Place) -> str:
    return ".".join(map(str, place))


def _invalid(problems: list[dict[str, str | int]]) -> RoutesInvalid:
    first = problems[0]
    more = f" ({len(problems) - 1} more in details)" if len(problems) > 1 else ""
    return RoutesInvalid(
        f"Line {first['line']}: {first['message']}{more}.".replace("..", "."),
        hint=_hint(),
        details={"line": first["line"], "problems": problems},
    )


def _hint() -> str:
    return "`pitwall notifications routes export` shows how a tree is written."
