"""Stage events on their way in: read, masked, and each kept once."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from pitwall.evals.stages.reading import EventInvalid, read_event
from pitwall.evals.stages.repository import StageEvents, fingerprint
from pitwall.evals.stages.types import EventProblem, StageEvent
from pitwall.kit.i18n import Text

Placed = tuple[int, StageEvent]
"""An event and its place among those that were sent."""


def read_events(values: Sequence[Any], mask: Callable[[str], str]) -> tuple[list[Placed], list[EventProblem]]:
    """Return the events among values, without secrets, and what is wrong with the others."""
    events: list[Placed] = []
    problems: list[EventProblem] = []
    for index, value in enumerate(values):
        try:
            event = read_event(value, index)
        except EventInvalid as error:
            problems.append(error.problem)
            continue
        masked = {name: _masked(getattr(event, name), mask) for name in ("attributes", "metadata")}
        events.append((index, replace(event, **masked)))
    return events, problems


def by_run(events: Iterable[Placed]) -> dict[str, list[Placed]]:
    """Return events by the run they belong to."""
    found: dict[str, list[Placed]] = {}
    for index, event in events:
        found.setdefault(event.run_id, []).append((index, event))
    return found


class Keeping:
    """Keeps events in the caller's transaction, and counts what became of them.

    Attributes:
        problems: Those of before, and events that say something else than what is kept.
        added: How many are new, by run.
        known: How many were kept already.
    """

    def __init__(self, stored: StageEvents, problems: Sequence[EventProblem]) -> None:
        self._stored = stored
        self.problems = list(problems)
        self.added: Counter[str] = Counter()
        self.known = 0

    def keep(self, run_id: str, events: Sequence[Placed], now: datetime) -> None:
        """Keep the events of a run that are not kept yet."""
        self._stored.lock(run_id, now)
        hashes = self._stored.hashes(run_id, {event.stage_id for _, event in events})
        new = []
        for index, event in events:
            own, known = fingerprint(event), hashes.get(event.key)
            if known is None:
                hashes[event.key] = own
                new.append(event)
            elif known == own:
                self.known += 1
            else:
                self.problems.append(_conflict(index, event))
        if new:
            self._stored.add(run_id, new, now)
            self.added[run_id] += len(new)


def _masked(value: Any, mask: Callable[[str], str]) -> Any:
    match value:
        case str():
            return mask(value)
        case dict():
            return {name: _masked(member, mask) for name, member in value.items()}
        case list():
            return [_masked(item, mask) for item in value]
        case _:
            return value


def _conflict(index: int, event: StageEvent) -> EventProblem:
    text = Text(
        f"attempt {event.attempt} of stage {event.stage_id!r} in run {event.run_id!r} is kept already and "
        "says something else; give another try a higher `attempt`, another step a `stage_id` of its own.",
        f"실행 {event.run_id!r}의 스테이지 {event.stage_id!r} {event.attempt}번째 시도가 다른 내용으로 이미 "
        "저장되어 있습니다. 다시 시도한 것이면 `attempt`를 올리고, 다른 단계이면 `stage_id`를 다르게 하세요.",
    )
    return EventProblem(index, "says_something_else", text, "stage_id")
