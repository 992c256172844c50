"""From a JSON object to a stage event; what does not fit is told field by field."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any, Final, NoReturn, TypeVar

import orjson

from pitwall.evals.stages.types import EventProblem, PayloadRef, StageEvent
from pitwall.kit.hashing import json_hash
from pitwall.kit.i18n import Text
from pitwall.kit.text import check_line, check_storable

MAX_EVENT_BYTES: Final = 1 << 20
_LONGEST: Final = 200
_SHOWN: Final = 60
_FIELDS: Final = frozenset(
    (
        "run_id stage_id stage_type stage_name parent_stage_id status attempt started_at finished_at "
        "duration_ms input_ref output_ref attributes metadata trace trace_id span_id"
    ).split()
)
_NO_OBJECT: Final = Text("a stage event is a JSON object.", "스테이지 이벤트는 JSON 객체여야 합니다.")

Value = TypeVar("Value")


class EventInvalid(ValueError):
    """Something is no stage event."""

    def __init__(self, problem: EventProblem) -> None:
        super().__init__(problem.say().en)
        self.problem = problem


def read_event(value: Any, index: int = 0) -> StageEvent:
    """Read one event.

    What has a name that no event has is kept in its metadata. An event without a `stage_id` gets one from its
    content, so that the same one again is known.

    Args:
        index: Which of several it is, from 0.

    Raises:
        EventInvalid: It is none; the first problem is told.
    """
    if not isinstance(value, dict):
        raise EventInvalid(EventProblem(index, "no_object", _NO_OBJECT))
    reader = _Reader(value, index)
    reader.check_size()
    event = reader.event()
    return event if event.stage_id else replace(event, stage_id=f"stg_{json_hash(value)[:16]}")


class _Reader:
    """Reads the fields of one object."""

    def __init__(self, value: Mapping[str, Any], index: int) -> None:
        self._value = value
        self._index = index

    def event(self) -> StageEvent:
        started, finished = self._instant("started_at"), self._instant("finished_at")
        duration = self._read("duration_ms", _duration)
        if started is not None and finished is not None:
            if finished < started:
                self._refuse(
                    "finished_at", "before_start", "is before started_at.", "값이 started_at보다 앞섭니다."
                )
            duration = (finished - started).total_seconds() * 1000 if duration is None else duration
        trace = self._read("trace", _object) or {}
        return StageEvent(
            run_id=self._needed("run_id"),
            stage_id=self._word("stage_id") or "",
            stage_type=self._needed("stage_type"),
            stage_name=self._word("stage_name"),
            parent_stage_id=self._word("parent_stage_id"),
            status=self._word("status") or "success",
            attempt=self._read("attempt", _attempt) or 1,
            started_at=started,
            finished_at=finished,
            duration_ms=duration,
            input_ref=self._read("input_ref", _payload_ref),
            output_ref=self._read("output_ref", _payload_ref),
            attributes=self._read("attributes", _object) or {},
            metadata=self._metadata(),
            trace_id=self._trace("trace_id", trace, 32),
            span_id=self._trace("span_id", trace, 16),
        )

    def check_size(self) -> None:
        """Refuse what cannot be kept."""
        try:
            size = len(orjson.dumps(self._value))
        except TypeError as error:
            self._refuse(None, "not_storable", f"cannot be kept: {error}.", f"저장할 수 없습니다: {error}.")
        if size > MAX_EVENT_BYTES:
            self._refuse(
                None,
                "too_large",
                f"has {size:,} bytes, {MAX_EVENT_BYTES:,} are allowed; keep its texts elsewhere and refer to "
                "them by input_ref and output_ref.",
                f"{size:,}바이트입니다. 최대 {MAX_EVENT_BYTES:,}바이트이니 본문은 다른 곳에 두고 input_ref, "
                "output_ref로 가리키세요.",
            )

    def _needed(self, name: str) -> str:
        found = self._word(name)
        if not found:
            self._refuse(
                name,
                f"no_{name}",
                f"is missing; every stage event has a {name}.",
                f"값이 없습니다. 모든 스테이지 이벤트에는 {name}이(가) 필요합니다.",
            )
        return found

    def _word(self, name: str) -> str | None:
        return self._read(name, _word)

    def _instant(self, name: str) -> datetime | None:
        return self._read(name, _instant)

    def _metadata(self) -> Mapping[str, Any]:
        said = self._read("metadata", _object) or {}
        rest = {name: value for name, value in self._value.items() if name not in _FIELDS}
        return {**rest, **said}

    def _trace(self, name: str, trace: Mapping[str, Any], digits: int) -> str | None:
        """An id of OpenTelemetry in lower case and without hyphens; any other word as it is."""
        found = self._word(name)
        if found is None and trace.get(name) is not None:
            found = self._as(name, trace[name], _word)
        bare = (found or "").replace("-", "").lower()
        return bare if len(bare) == digits and set(bare) <= set("0123456789abcdef") else found

    def _read(self, name: str, read: Callable[[Any], Value]) -> Value | None:
        value = self._value.get(name)
        return None if value is None else self._as(name, value, read)

    def _as(self, name: str, value: Any, read: Callable[[Any], Value]) -> Value:
        try:
            return read(value)
        except _Unfit as unfit:
            shown = _short(value)
            text = Text(f"{shown} {unfit.text.en}", f"{shown} {unfit.text.ko}")
            raise EventInvalid(EventProblem(self._index, f"bad_{name}", text, name)) from unfit

    def _refuse(self, name: str | None, code: str, english: str, korean: str) -> NoReturn:
        raise EventInvalid(EventProblem(self._index, code, Text(english, korean), name))


class _Unfit(ValueError):
    """A value does not fit its field."""

    def __init__(self, english: str, korean: str) -> None:
        super().__init__(english)
        self.text = Text(english, korean)


def _word(value: Any) -> str | None:
    if isinstance(value, bool) or not isinstance(value, str | int):
        raise _Unfit("is no text.", "값은 텍스트가 아닙니다.")
    try:
        text = check_line(str(value)).strip()
    except ValueError as error:
        raise _Unfit(f"{error}.", "값에 줄바꿈이나 저장할 수 없는 문자가 있습니다.") from error
    if len(text) > _LONGEST:
        raise _Unfit(f"is longer than {_LONGEST} characters.", f"값이 {_LONGEST}자를 넘습니다.")
    return text or None


def _instant(value: Any) -> datetime:
    """An ISO 8601 time; one without a zone is UTC, as the tool that writes it means it."""
    try:
        at = datetime.fromisoformat(value)
        return at.replace(tzinfo=UTC) if at.tzinfo is None else at.astimezone(UTC)
    except (TypeError, ValueError, OverflowError) as error:
        raise _Unfit(
            "is no time; write it as 2026-01-03T09:00:00Z.",
            "값은 시각이 아닙니다. 2026-01-03T09:00:00Z처럼 쓰세요.",
        ) from error


def _duration(value: Any) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value < math.inf:
        raise _Unfit("is no number of milliseconds, 0 or more.", "값은 0 이상의 밀리초가 아닙니다.")
    return float(value)


def _attempt(value: Any) -> int:
    if isinstance(value, bool) or not isinstance(value, int) or not 1 <= value < 1 << 31:
        raise _Unfit("is no number of an attempt, 1 or more.", "값은 1 이상의 시도 번호가 아닙니다.")
    return value


def _object(value: Any) -> Mapping[str, Any]:
    if not isinstance(value, dict):
        raise _Unfit("is no JSON object.", "값은 JSON 객체가 아닙니다.")
    return {_stored(name): _stored(member) for name, member in value.items()}


def _stored(value: Any) -> Any:
    """A JSON value with its texts in NFC and without what a database refuses."""
    match value:
        case str():
            try:
                return check_storable(value)
            except ValueError as error:
                raise _Unfit(f"{error}.", "값에 저장할 수 없는 문자가 있습니다.") from error
        case dict():
            return {_stored(name): _stored(member) for name, member in value.items()}
        case list():
            return [_stored(item) for item in value]
        case float() if not math.isfinite(value):
            return None  # no number of JSON
        case _:
            return value


def _payload_ref(value: Any) -> PayloadRef:
    given = value if isinstance(value, dict) else {}
    store, id_, type_ = given.get("store"), given.get("id"), given.get("type", "json")
    if not (store and id_ and all(isinstance(part, str) for part in (store, id_, type_))):
        raise _Unfit(
            "refers to nothing; write it as {store, id, type}.",
            "값이 가리키는 곳이 없습니다. {store, id, type} 형식으로 쓰세요.",
        )
    return PayloadRef(*(_stored(part) for part in (store, id_, type_)))


def _short(value: Any) -> str:
    text = repr(value)
    return text if len(text) <= _SHOWN else f"{text[: _SHOWN - 3]}..."
