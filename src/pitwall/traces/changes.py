"""Changes: what was first seen in a range, be it an environment, a service, or its version, model, prompt.

Compared with everything known before. What comes up together with its service, as its first version and its
models do, is no change of its own, nor is a service that comes up with its environment.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from pitwall.traces.seen import Combination, Prompt, SeenRepository

_MINUTE_NANO: Final = 60_000_000_000
_HOUR_NANO: Final = 60 * _MINUTE_NANO
_TOGETHER_NANO: Final = 10 * _MINUTE_NANO
"""What appears so soon after its service came up with it."""
PROMPTS_BEFORE_NANO: Final = 14 * 24 * _HOUR_NANO
"""How far back it matters whether a prompt was in use: no rollup knows, so spans are read."""

Place = tuple[str, ...]
"""Values from the outside in, such as environment, service, version."""
Firsts = dict[Place, int]
"""When values were first seen at a place."""


class ChangeKind(StrEnum):
    """What appeared."""

    ENVIRONMENT = "environment"
    SERVICE = "service"
    VERSION = "version"
    MODEL = "model"
    PROMPT = "prompt"


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """Something that was seen for the first time.

    Attributes:
        at_nano: To the minute; to the hour where minutes are not kept any more.
        environment: Where; None if spans do not say.
        service: Whose; None for an environment and for spans that do not say.
        subject: What it is the change of: the environment, the service, the model, the prompt's name.
        before: Of versions of services and prompts, the one that appeared before; None if there was none.
        after: The new value.
    """

    at_nano: int
    kind: ChangeKind
    environment: str | None
    service: str | None
    subject: str
    before: str | None
    after: str


def find_changes(seen: SeenRepository, project: str, since_nano: int, until_nano: int) -> list[Change]:
    """Find what was seen for the first time in a range, newest first."""
    known = seen.combinations(project, None, until_nano)
    hours = {one.first_nano for one in known if since_nano - _HOUR_NANO < one.first_nano < until_nano}
    firsts = {one.combination: one.first_nano for one in known}
    minutes = seen.first_minutes(project, hours)
    firsts |= {what: at for what, at in minutes.items() if firsts.get(what) in hours}
    prompts = seen.prompts(project, since_nano, until_nano)
    if prompts:
        prompts += seen.prompts(project, since_nano - PROMPTS_BEFORE_NANO, since_nano)
    within = [change for change in all_changes(firsts, prompts) if since_nano <= change.at_nano < until_nano]
    return sorted(within, key=lambda change: (-change.at_nano, change.kind, change.after))


def all_changes(firsts: Mapping[Combination, int], prompts: Iterable[Prompt]) -> Iterator[Change]:
    """Everything that appeared after its service or environment, whenever that was; pure."""
    environments = _earliest((one[:1], at) for one, at in firsts.items())
    services = _earliest((one[:2], at) for one, at in firsts.items())
    versions = _earliest(((*one[:2], one.version), at) for one, at in firsts.items())
    models = _earliest(((*one[:2], one.model), at) for one, at in firsts.items())
    used = _earliest((one[:4], one.first_nano) for one in prompts)
    for place, at in environments.items():
        if place[0]:
            yield _change(ChangeKind.ENVIRONMENT, at, place, subject=place[0])
    for place, at in services.items():
        if place[1] and not _came_with(at, environments, place[:1]):
            yield _change(ChangeKind.SERVICE, at, place, subject=place[1])
    for place, at in versions.items():
        before = _before(versions, place, at)
        if place[2] and (before or not _came_with(at, services, place[:2])):
            yield _change(ChangeKind.VERSION, at, place, subject=place[1], before=before)
    for place, at in models.items():
        if place[2] and not _came_with(at, services, place[:2]):
            yield _change(ChangeKind.MODEL, at, place, subject=place[2])
    for place, at in used.items():
        before = _before(used, place, at)
        if before or not _came_with(at, services, place[:2]):
            yield _change(ChangeKind.PROMPT, at, place, subject=place[2], before=before)


def _earliest(seen: Iterable[tuple[Place, int]]) -> Firsts:
    firsts: Firsts = {}
    for place, at in seen:
        firsts[place] = min(at, firsts.get(place, at))
    return firsts


def _came_with(at: int, parents: Firsts, parent: Place) -> bool:
    return at - parents.get(parent, at) <= _TOGETHER_NANO


def _before(firsts: Firsts, place: Place, at: int) -> str | None:
    """The value at the same place that had appeared last when this one did."""
    earlier = [
        (when, one[-1]) for one, when in firsts.items() if one[:-1] == place[:-1] and one[-1] and when < at
    ]
    return max(earlier)[1] if earlier else None


def _change(kind: ChangeKind, at: int, place: Place, *, subject: str, before: str | None = None) -> Change:
    is_environment = kind is ChangeKind.ENVIRONMENT
    return Change(
        at_nano=at,
        kind=kind,
        environment=place[0] or None,
        service=None if is_environment else place[1] or None,
        subject=subject,
        before=before,
        after=place[-1] or subject,
    )
