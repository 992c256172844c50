"""What a try may come to, said in both languages."""

from __future__ import annotations

from typing import Any

from pitwall.kit.i18n import Text
from pitwall.probes.types import Outcome, ProbeStatus


class CannotAsk(Exception):
    """The question itself could not be put: nothing is known of the service."""

    def __init__(self, text: Text) -> None:
        super().__init__(text.en)
        self.text = text


NO_ANSWER = Text("no answer: {reason}", "응답 없음: {reason}")
TOO_LATE = Text("no answer within {seconds:g} s", "{seconds:g}초 안에 응답이 없습니다")
STILL_RUNNING = Text(
    "an earlier try has been hanging for more than {seconds:g} s",
    "이전 시도가 {seconds:g}초 넘게 끝나지 않고 있습니다",
)
SLOW = Text("took {latency:.0f} ms, more than {limit:g} ms", "{latency:.0f}ms 걸려 {limit:g}ms를 넘었습니다")
BROKEN = Text("the probe itself failed: {reason}", "프로브 자체가 실패했습니다: {reason}")


def said(text: Text, **values: Any) -> Text:
    """A text with its values, in both languages."""
    return Text(text.en.format(**values), text.ko.format(**values))


def up(*, measures: dict[str, float] | None = None, **detail: Any) -> Outcome:
    """All is well."""
    return Outcome(ProbeStatus.UP, detail=detail, measures=measures or {})


def degraded(error: Text, *, measures: dict[str, float] | None = None, **detail: Any) -> Outcome:
    """It works, but not as it should."""
    return Outcome(ProbeStatus.DEGRADED, error=error, detail=detail, measures=measures or {})


def down(error: Text, *, measures: dict[str, float] | None = None, **detail: Any) -> Outcome:
    """It does not work."""
    return Outcome(ProbeStatus.DOWN, error=error, detail=detail, measures=measures or {})


def unknown(error: Text) -> Outcome:
    """Nobody knows."""
    return Outcome(ProbeStatus.UNKNOWN, error=error)
