"""What a message says: title, text, HTML, and the document of webhooks. Pure; the words stand in `texts`."""

from __future__ import annotations

import html
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final

from pitwall.alerts.types import AlertEvent
from pitwall.kit.durations import format_duration, format_instant
from pitwall.kit.i18n import Language
from pitwall.notifications import texts
from pitwall.notifications.notices import Content, ToldAlert
from pitwall.signals.render import show_number

_LIMIT: Final = re.compile(r"\s*([<>]=?)\s*(-?\d+(?:\.\d+)?(?:e[+-]?\d+)?)\s*", re.IGNORECASE)
_TITLES: Final = 3


@dataclass(frozen=True, slots=True)
class Evidence:
    """What a message adds to an event: where to look.

    Attributes:
        examples: Addresses of traces behind the value.
    """

    alert_url: str
    incident_url: str | None = None
    examples: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Context:
    """What a message needs besides its content.

    Attributes:
        reason: Why it is sent.
        evidence: By id of alert.
        notes: What else is to be said, such as that it may be a repeat.
    """

    language: Language
    project_id: str
    channel: str
    reason: str
    evidence: Mapping[str, Evidence]
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Section:
    """One alert in a message: a heading, facts, and links."""

    heading: str
    facts: Sequence[tuple[str, str]] = ()
    links: Sequence[tuple[str, str]] = ()


@dataclass(frozen=True, slots=True)
class Message:
    """A message before it takes the form of a channel."""

    title: str
    sections: Sequence[Section]
    closing: Sequence[str] = field(default=())

    @property
    def text(self) -> str:
        """The message as plain text."""
        blocks = [_section_text(section) for section in self.sections]
        return "\n\n".join([*blocks, *(["\n".join(self.closing)] if self.closing else [])])

    @property
    def html(self) -> str:
        """The message as HTML that mail programs show."""
        closing = "".join(f"<p><small>{html.escape(line)}</small></p>" for line in self.closing)
        return f"<h2>{html.escape(self.title)}</h2>{''.join(map(_section_html, self.sections))}{closing}"


def alerts_message(content: Content, context: Context) -> Message:
    """The built-in message about alerts."""
    language = context.language
    sections = [alert_section(alert, context) for alert in content.alerts]
    omitted = [texts.OMITTED.say(language, count=content.omitted)] if content.omitted else []
    return Message(alerts_title(content, language), sections, [*omitted, why_sent(context), *context.notes])


def alerts_title(content: Content, language: Language) -> str:
    """`[critical] Error rate: 12.4 % · model=gpt-4o`, or how many of what."""
    active = [alert for alert in content.alerts if not alert.is_over]
    shown = active or list(content.alerts)
    worst = texts.CONDITIONS[shown[0].condition] if active else texts.RESOLVED
    count = content.active or content.over
    if count == 1:
        what = one_title(shown[0], language)
    else:
        names = list(dict.fromkeys(alert.event.facts.title.say(language) for alert in shown))
        more = "…" if len(names) > _TITLES else ""
        what = f"{texts.SEVERAL.say(language, count=count)}: {', '.join(names[:_TITLES])}{more}"
    also = ""
    if active and content.over:
        also = f" ({texts.BUT_OVER.say(language, count=content.over)})"
    return f"[{worst.say(language)}] {what}{also}"


def one_title(alert: ToldAlert, language: Language) -> str:
    """What one alert is about, with its value while it lasts."""
    event = alert.event
    has_value = not alert.is_over and alert.condition.rank is not None and event.facts.value is not None
    value = f": {show_number(event.facts.value, event.facts.unit)}" if has_value else ""
    labels = f" · {labels_text(event.labels)}" if event.labels else ""
    return f"{event.facts.title.say(language)}{value}{labels}"


def alert_section(alert: ToldAlert, context: Context) -> Section:
    """One alert with its numbers and where to look."""
    language, event = context.language, alert.event
    state = texts.RESOLVED if alert.is_over else texts.CONDITIONS[alert.condition]
    evidence = context.evidence.get(event.alert_id)
    return Section(
        heading=f"{event.facts.title.say(language)} [{state.say(language)}]",
        facts=[(label, value) for label, value in _facts(alert, language) if value],
        links=[] if evidence is None else _links(evidence, language),
    )


def why_sent(context: Context) -> str:
    """Why this message is sent, in words and as the word that programs know."""
    reason = texts.REASONS[context.reason].say(context.language)
    return f"{texts.WHY_SENT.say(context.language)}: {reason} ({context.reason})"


def labels_text(labels: Mapping[str, str]) -> str:
    """Labels in one line."""
    return ", ".join(f"{name}={value}" for name, value in sorted(labels.items()))


def limit_text(event: AlertEvent) -> str:
    """The limit in the signal's unit, such as `> 5 %`."""
    found = _LIMIT.fullmatch(event.facts.limit)
    if found is None:
        return event.facts.limit
    return f"{found[1]} {show_number(float(found[2]), event.facts.unit)}"


def document_of(content: Content, message: Message, context: Context, key: str) -> dict[str, Any]:
    """The JSON of a webhook about alerts."""
    return {
        **document_head(message, context, key),
        "status": "firing" if content.active else "resolved",
        "counts": {"firing": content.active, "resolved": content.over, "omitted": content.omitted},
        "group_labels": dict(content.group_labels),
        "instead_of": content.instead_of,
        "alerts": [_alert_document(alert, context) for alert in content.alerts],
    }


def document_head(message: Message, context: Context, key: str) -> dict[str, Any]:
    """What every webhook says."""
    return {
        "version": 1,
        "id": key,
        "project": context.project_id,
        "channel": context.channel,
        "reason": context.reason,
        "title": message.title,
        "text": message.text,
    }


def _alert_document(alert: ToldAlert, context: Context) -> dict[str, Any]:
    event = alert.event
    evidence = context.evidence.get(event.alert_id)
    return {
        **event.to_json(),
        "event": event.kind.value,
        "state": "resolved" if alert.is_over else alert.condition.value,
        "is_flapping": alert.is_flapping,
        "links": {
            "alert": None if evidence is None else evidence.alert_url,
            "incident": None if evidence is None else evidence.incident_url,
            "examples": [] if evidence is None else list(evidence.examples),
        },
    }


def _facts(alert: ToldAlert, language: Language) -> Iterable[tuple[str, str]]:
    event, facts = alert.event, alert.event.facts
    yield texts.VALUE.say(language), _value(event, language)
    yield texts.LIMIT.say(language), limit_text(event)
    yield texts.BAND.say(language), _band(facts.band, language)
    if alert.is_over and event.reason is not None:
        yield texts.WHY_OVER.say(language), texts.OVER_REASONS[event.reason].say(language)
    yield texts.LABELS.say(language), labels_text({**facts.rule_labels, **event.labels})
    yield texts.WHERE.say(language), facts.where
    yield from _times(alert, language)
    if facts.peak is not None:
        yield texts.PEAK.say(language), show_number(facts.peak, facts.unit)
    if facts.explanation is not None:
        yield texts.UNUSUAL.say(language), facts.explanation.say(language)
    if alert.is_flapping:
        yield "!", texts.FLAPPING.say(language)
    yield texts.RUNBOOK.say(language), facts.runbook or ""


def _value(event: AlertEvent, language: Language) -> str:
    facts = event.facts
    if facts.value is None:
        return texts.NO_VALUE.say(language)
    count = texts.OBSERVATIONS.say(language, count=facts.count)
    return f"{show_number(facts.value, facts.unit)} ({count})"


def _band(band: str, language: Language) -> str:
    known = {condition.value: text for condition, text in texts.CONDITIONS.items()}
    return known[band].say(language) if band in known else ""


def _times(alert: ToldAlert, language: Language) -> Iterable[tuple[str, str]]:
    event = alert.event
    began = event.active_since or event.fired_at or event.at
    yield texts.SINCE.say(language), _moment(began)
    if alert.is_over and event.at > began:
        yield texts.DURATION.say(language), format_duration(_whole_seconds(began, event.at))
    start, end = event.facts.window_start, event.facts.window_end
    if start is not None and end is not None:
        yield texts.WINDOW.say(language), f"{_moment(start)} … {_moment(end)}"


def _whole_seconds(start: datetime, end: datetime) -> Any:
    return end.replace(microsecond=0) - start.replace(microsecond=0)


def _moment(moment: datetime) -> str:
    return format_instant(moment.replace(microsecond=0))


def _links(evidence: Evidence, language: Language) -> list[tuple[str, str]]:
    links = [(texts.ALERT.say(language), evidence.alert_url)]
    if evidence.incident_url is not None:
        links.append((texts.INCIDENT.say(language), evidence.incident_url))
    links += [(texts.EXAMPLE.say(language), url) for url in evidence.examples]
    return links


def _section_text(section: Section) -> str:
    lines = [f"{label}: {value}" for label, value in (*section.facts, *section.links)]
    return "\n".join([section.heading, *(f"  {line}" for line in lines)])


def _section_html(section: Section) -> str:
    rows = "".join(
        f"<tr><th align='left'>{html.escape(label)}</th><td>{html.escape(value)}</td></tr>"
        for label, value in section.facts
    )
    links = "".join(
        f"<li><a href='{html.escape(url, quote=True)}'>{html.escape(label)}</a></li>"
        for label, url in section.links
    )
    return f"<h3>{html.escape(section.heading)}</h3><table>{rows}</table><ul>{links}</ul>"
