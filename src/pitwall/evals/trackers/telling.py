"""What became of a run at trackers, in words: a line for each."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from pitwall.kit.i18n import Language, Text

_LINES = {
    "waiting": Text("{tracker}: sent once the run is over.", "{tracker}: 실행이 끝나면 전송합니다."),
    "sending": Text("{tracker}: being sent.", "{tracker}: 전송 중입니다."),
    "sent": Text(
        "{tracker}: {cases} cases and {scores} scores sent: {url}",
        "{tracker}: 케이스 {cases}개와 점수 {scores}개를 전송했습니다: {url}",
    ),
    "partly": Text(
        "{tracker}: {cases} of {all} cases sent: {url}. {reason}",
        "{tracker}: 케이스 {all}개 중 {cases}개를 전송했습니다: {url}. {reason}",
    ),
    "failed": Text("{tracker}: not sent. {reason}", "{tracker}: 전송하지 못했습니다. {reason}"),
}
_AGAIN = Text("Send it again with: {command}", "다시 전송: {command}")


def link_lines(links: Sequence[Mapping[str, Any]], language: Language) -> list[str]:
    """Say how the run stands at each tracker, and what sends it again where that is needed."""
    lines = []
    for link in links:
        said = _LINES[link["state"]].say(
            language,
            tracker=link["tracker"],
            cases=link["cases_sent"],
            all=link["cases"],
            scores=link["scores_sent"],
            url=link["url"] or "",
            reason=link["reason"] or "",
        )
        lines.append(said)
        if link["send_again"] is not None:
            lines.append(_AGAIN.say(language, command=link["send_again"]))
    return lines
