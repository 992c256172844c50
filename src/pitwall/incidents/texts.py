"""What entries of a timeline say, in both languages."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from pitwall.alerts.types import AlertEvent, Reason
from pitwall.incidents.types import Entry, EntryKind
from pitwall.kit.i18n import Language, Text
from pitwall.signals.render import show_number

_FIRED: Final = Text(
    "{title} is {value}{limit} ({severity}).", "{title} 값이 {value}입니다{limit} ({severity})."
)
_ESCALATED: Final = Text(
    "{title} got worse: {value}{limit} ({severity}).", "{title} 악화: {value}{limit} ({severity})."
)
_EASED: Final = Text("{title} eased: {value} ({severity}).", "{title} 완화: {value} ({severity}).")
_RECOVERED: Final = Text(
    "{title} is back to normal: {value}.", "{title} 값이 정상으로 돌아왔습니다: {value}."
)
_RULE_CHANGED: Final = Text(
    "{title} ended because its rule {rule} was changed, not because it recovered.",
    "규칙 {rule}이(가) 바뀌어 {title} 경보가 끝났습니다. 회복된 것은 아닙니다.",
)
_DATA_RETURNED: Final = Text("{title} has data again.", "{title} 데이터가 다시 들어옵니다.")
_GIVEN_UP: Final = Text(
    "{title} ended without data; nobody knows whether it recovered.",
    "{title} 경보가 데이터 없이 끝났습니다. 회복되었는지는 알 수 없습니다.",
)
_NO_DATA: Final = Text("{title} has no data.", "{title} 데이터가 없습니다.")
_ERROR: Final = Text("The rule {rule} cannot be evaluated.", "규칙 {rule}을(를) 평가할 수 없습니다.")
_FLAPPING: Final = Text(
    "{title} comes and goes; it is held until it is quiet.",
    "{title} 경보가 반복됩니다. 잠잠해질 때까지 유지합니다.",
)
_OPENED: Final = Text("The incident began.", "장애가 시작되었습니다.")
_QUIET: Final = Text(
    "All alerts have been over for a while: resolved by itself.",
    "모든 경보가 끝난 지 얼마간 지나 자동으로 해결되었습니다.",
)
_RESOLVED: Final = Text("{by} resolved it.", "{by}이(가) 해결로 표시했습니다.")
_RESOLVED_NOTE: Final = Text("{by} resolved it: {note}", "{by}이(가) 해결로 표시했습니다: {note}")
_RESOLVED_EARLY: Final = Text(
    " {count} alerts were still active.",
    " 경보 {count}건은 아직 진행 중이었습니다.",
    " 1 alert was still active.",
)
_REOPENED: Final = Text("It began again.", "다시 시작되었습니다.")
_REOPENED_BY: Final = Text("{by} reopened it.", "{by}이(가) 다시 열었습니다.")
_ACKNOWLEDGED: Final = Text("{by} acknowledged it.", "{by}이(가) 확인했습니다.")
_ASSIGNED: Final = Text("{by} assigned it to {to}.", "{by}이(가) {to}에게 맡겼습니다.")
_UNASSIGNED: Final = Text("{by} took the assignment back.", "{by}이(가) 담당자를 비웠습니다.")
_LIMIT: Final = Text(", the limit is {limit}", ", 한계 {limit}")

_TOLD: Final = Text("{kind}: {title}{values}{place}", "{kind}: {title}{values}{place}")
_SEEN: Final = Text(
    "{kind} {after} was seen for the first time{values}{place}", "{kind} {after} 처음 나타남{values}{place}"
)

_BY_REASON: Final = {
    Reason.RECOVERED: _RECOVERED,
    Reason.RULE_CHANGED: _RULE_CHANGED,
    Reason.DATA_RETURNED: _DATA_RETURNED,
    Reason.NO_DATA: _GIVEN_UP,
}
_BY_KIND: Final = {
    EntryKind.ALERT_FIRED: _FIRED,
    EntryKind.ALERT_ESCALATED: _ESCALATED,
    EntryKind.ALERT_EASED: _EASED,
    EntryKind.ALERT_NO_DATA: _NO_DATA,
    EntryKind.ALERT_ERROR: _ERROR,
    EntryKind.ALERT_FLAPPING: _FLAPPING,
    EntryKind.OPENED: _OPENED,
    EntryKind.ACKNOWLEDGED: _ACKNOWLEDGED,
}


def entry_text(entry: Entry) -> dict[str, str]:
    """What an entry says, by language; a comment is as its author wrote it."""
    if entry.kind is EntryKind.COMMENTED:
        return {language.value: str(entry.content["text"]) for language in Language}
    if entry.kind.value.startswith("alert_"):
        event = AlertEvent.from_json(entry.content)
        return {language.value: _say_alert(entry.kind, event, language) for language in Language}
    return {language.value: _say(entry, language) for language in Language}


def change_text(change: Mapping[str, Any]) -> dict[str, str]:
    """What was changed, in one line, by language."""
    is_told = change["origin"] == "told"
    before, after = change["before"], change["after"]
    values = (
        f" ({before} → {after})" if before and after else f" ({after or before})" if after or before else ""
    )
    if not is_told:
        values = f" ({before} → {after})" if before else ""
    place = ", ".join(part for part in (change["service"], change["environment"]) if part)
    filled = {
        "kind": change["kind"],
        "title": change["title"],
        "after": after,
        "values": values,
        "place": f", {place}" if place else "",
    }
    text = _TOLD if is_told else _SEEN
    return {"en": text.en.format(**filled), "ko": text.ko.format(**filled)}


def _say_alert(kind: EntryKind, event: AlertEvent, language: Language) -> str:
    facts = event.facts
    text = _BY_KIND.get(kind) or _BY_REASON[event.reason or Reason.RECOVERED]
    limit = _LIMIT.say(language, limit=facts.limit) if facts.limit else ""
    return text.say(
        language,
        title=_titled(event, language),
        rule=event.rule,
        value=show_number(facts.value, facts.unit),
        limit=limit,
        severity=event.severity.value,
    )


def _titled(event: AlertEvent, language: Language) -> str:
    values = ", ".join(event.labels.values())
    title = event.facts.title.say(language)
    return f"{title} ({values})" if values else title


def _say(entry: Entry, language: Language) -> str:
    content = {"by": entry.by, **entry.content}
    match entry.kind:
        case EntryKind.RESOLVED:
            return _say_resolved(content, language)
        case EntryKind.REOPENED:
            text = _REOPENED if entry.by is None else _REOPENED_BY
        case EntryKind.ASSIGNED:
            text = _UNASSIGNED if content["to"] is None else _ASSIGNED
        case kind:
            text = _BY_KIND[kind]
    return text.say(language, **content)


def _say_resolved(content: Mapping[str, Any], language: Language) -> str:
    if content["by"] is None:
        return _QUIET.say(language)
    said = (_RESOLVED_NOTE if content["note"] else _RESOLVED).say(language, **content)
    count = content["active_alert_count"]
    return said + (_RESOLVED_EARLY.say(language, count=count) if count else "")
