"""The words of messages, in English and Korean."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from pitwall.alerts.types import Reason as OverReason
from pitwall.kit.i18n import Text
from pitwall.notifications.types import Condition

CONDITIONS: Final[Mapping[Condition, Text]] = {
    Condition.INFO: Text("info", "정보"),
    Condition.WARNING: Text("warning", "경고"),
    Condition.CRITICAL: Text("critical", "심각"),
    Condition.NO_DATA: Text("no data", "데이터 없음"),
    Condition.ERROR: Text("evaluation error", "평가 오류"),
}
RESOLVED: Final = Text("resolved", "해소")
FLAPPING: Final = Text("flapping: it comes and goes", "반복 중: 발생과 해소를 되풀이함")
SEVERAL: Final = Text("{count} alerts", "경보 {count}건")
BUT_OVER: Final = Text("{count} more resolved", "{count}건 추가 해소")
OMITTED: Final = Text("… and {count} more.", "… 외 {count}건.")

VALUE: Final = Text("Value", "값")
LIMIT: Final = Text("Limit", "기준")
BAND: Final = Text("Band", "구간")
OBSERVATIONS: Final = Text("{count} observations", "관측 {count}건", en_one="1 observation")
LABELS: Final = Text("Labels", "레이블")
WHERE: Final = Text("Condition", "조건")
SINCE: Final = Text("Since", "시작")
DURATION: Final = Text("Lasted", "지속 시간")
PEAK: Final = Text("Worst value", "최악값")
WINDOW: Final = Text("Window", "집계 구간")
UNUSUAL: Final = Text("Unusual", "특이점")
WHY_OVER: Final = Text("Why", "사유")
RUNBOOK: Final = Text("Runbook", "런북")
ALERT: Final = Text("Alert", "경보")
INCIDENT: Final = Text("Incident", "장애")
MORE: Final = Text("More", "자세히")
EXAMPLE: Final = Text("Example trace", "예시 트레이스")
NO_VALUE: Final = Text("no data", "데이터 없음")
WHY_SENT: Final = Text("Why this message", "발송 사유")

REASONS: Final[Mapping[str, Text]] = {
    "first": Text("first notice of this group", "이 그룹의 첫 알림"),
    "new_alerts": Text("new or worse alerts in this group", "그룹에 새로 생기거나 악화된 경보가 있음"),
    "all_resolved": Text("everything in this group is resolved", "그룹의 모든 경보가 해소됨"),
    "new_resolved": Text("some alerts of this group are resolved", "그룹의 일부 경보가 해소됨"),
    "repeat_elapsed": Text("still firing after the repeat interval", "반복 주기가 지나도 계속 발생 중"),
    "do_not_notify": Text("nothing to tell", "알릴 내용 없음"),
    "test": Text("somebody sent a test", "테스트 발송"),
    "report": Text("a report was asked for", "요청된 보고서"),
    "held_back": Text("the channel's rate limit held messages back", "채널의 발송 한도로 보류됨"),
}
OVER_REASONS: Final[Mapping[OverReason, Text]] = {
    OverReason.RECOVERED: Text("the value is back within its limits", "값이 기준 안으로 돌아옴"),
    OverReason.RULE_CHANGED: Text(
        "the rule was changed or removed; this does not mean it is fixed",
        "규칙이 바뀌거나 삭제됨. 해결되었다는 뜻은 아님",
    ),
    OverReason.DATA_RETURNED: Text("data is coming in again", "데이터가 다시 들어옴"),
    OverReason.NO_DATA: Text(
        "no data has come for so long that it is not waited for; this does not mean it is fixed",
        "데이터가 오래 없어 더 기다리지 않음. 해결되었다는 뜻은 아님",
    ),
}

MAY_REPEAT: Final = Text(
    "This may be a repeat: Pitwall was stopped while it was being sent.",
    "중복일 수 있습니다: 발송 도중 Pitwall이 중단되었습니다.",
)
INSTEAD_OF: Final = Text(
    "Sent here because channel {channel} could not deliver it: {because}",
    "{channel} 채널이 전달하지 못해 이 채널로 보냅니다: {because}",
)
TEMPLATE_BROKEN: Final = Text(
    "The channel's own template could not be used ({error}); this is the built-in message.",
    "채널 템플릿을 쓸 수 없어({error}) 기본 메시지로 보냅니다.",
)
TEST_TITLE: Final = Text("[test] Pitwall reaches this channel", "[테스트] Pitwall 알림 채널 확인")
TEST_BODY: Final = Text(
    "Channel {channel} of project {project} works. {by} sent this test; no alert fired.",
    "{project} 프로젝트의 {channel} 채널이 동작합니다. {by}님이 보낸 테스트이며 실제 경보는 없습니다.",
)
SUMMARY_TITLE: Final = Text("[held back] {count} messages in one", "[모아 보냄] 보류된 메시지 {count}건")
SUMMARY_BODY: Final = Text(
    "More messages were due than the channel takes ({rate} per minute). What they told of:",
    "채널 한도(분당 {rate}건)를 넘어 보류된 내용입니다:",
)
