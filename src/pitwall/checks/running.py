"""Running a checklist: all items at once, each with a time limit; a crash leaves the others going."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import structlog
from pydantic import ValidationError

from pitwall.checks.findings import error, skipped
from pitwall.checks.items import Item
from pitwall.checks.kinds import look
from pitwall.checks.surroundings import Looking
from pitwall.checks.types import Finding, ItemResult, ItemStatus
from pitwall.checks.variables import VariableMissing, fill
from pitwall.core.errors import PitwallError
from pitwall.kit.i18n import Text

log = structlog.get_logger(__name__)

_AT_ONCE = 8
_UNSET = Text(
    "nothing to look at: {name} is not set (--set {name}=…, or checks.variables)",
    "확인할 대상이 없습니다: {name} 값이 없습니다(--set {name}=… 또는 checks.variables)",
)
_BROKEN = Text("could not look: {reason}", "확인하지 못했습니다: {reason}")
_LATE = Text("not finished after {seconds:g} s", "{seconds:g}초 안에 끝나지 않았습니다")
_SHOWN = 300

Look = Callable[[Item, Looking], Finding]


def run_items(items: Sequence[Item], looking: Looking, *, look_at: Look = look) -> tuple[ItemResult, ...]:
    """Look at every item; the results are in the order of the items, whatever happened to each."""
    room = threading.Semaphore(_AT_ONCE)
    runs = [_Run(item, looking, look_at, room) for item in items]
    return tuple(run.result() for run in runs)


@dataclass(slots=True)
class _Found:
    finding: Finding
    duration_ms: float


class _Run:
    """One item on a thread of its own; its time begins when it has room."""

    def __init__(self, item: Item, looking: Looking, look_at: Look, room: threading.Semaphore) -> None:
        self._item = item
        self._looking = looking
        self._look_at = look_at
        self._room = room
        self._began = threading.Event()
        self._ended = threading.Event()
        self._found: _Found | None = None
        self._lock = threading.Lock()
        self._has_room = False
        threading.Thread(target=self._run, name=f"pitwall-check-{item.name}", daemon=True).start()

    def result(self) -> ItemResult:
        """What was found, or that it took too long."""
        self._began.wait()
        limit = self._item.timeout_seconds
        is_in_time = self._ended.wait(limit)
        self._leave()  # what hangs keeps nobody from running
        found = self._found if is_in_time else None
        found = found or _Found(error(_LATE, seconds=limit), limit * 1000)
        needs_work = found.finding.status not in (ItemStatus.PASSED, ItemStatus.SKIPPED)
        todo = self._item.todo.text() if needs_work else None
        return ItemResult(self._item.name, self._item.title.text(), found.finding, todo, found.duration_ms)

    def _run(self) -> None:
        self._room.acquire()
        self._has_room = True
        self._began.set()
        started = time.monotonic()
        finding = _attempt(self._item, self._looking, self._look_at)
        self._found = _Found(finding, round((time.monotonic() - started) * 1000, 1))
        self._ended.set()
        self._leave()

    def _leave(self) -> None:
        with self._lock:
            if self._has_room:
                self._has_room = False
                self._room.release()


def _attempt(item: Item, looking: Looking, look_at: Look) -> Finding:
    try:
        return look_at(fill(item, looking.variables), looking)
    except VariableMissing as missing:
        return skipped(_UNSET, name=missing.name)
    except PitwallError as problem:
        return error(_BROKEN, reason=str(problem)[:_SHOWN])
    except (ValidationError, OSError) as problem:
        reason = " ".join(str(problem).split())
        return error(_BROKEN, reason=f"{type(problem).__name__}: {reason}"[:_SHOWN])
    except Exception as problem:
        log.exception("check.broken", item=item.name)
        return error(_BROKEN, reason=f"{type(problem).__name__}: {problem}"[:_SHOWN])
