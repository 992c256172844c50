"""A team's own titles and bodies: `$names` are filled in, and nothing in them is ever run."""

from __future__ import annotations

from string import Template as Pattern
from typing import Final

from pitwall.notifications import texts
from pitwall.notifications.errors import ChannelInvalid
from pitwall.notifications.messages import (
    Context,
    Message,
    Section,
    alerts_title,
    labels_text,
    limit_text,
)
from pitwall.notifications.notices import Content
from pitwall.notifications.types import Template
from pitwall.signals.render import show_number

NAMES: Final = (
    "title text status severity rule signal name value limit labels since runbook link incident examples "
    "reason project channel count"
).split()
"""What a template may name; of several alerts, the worst one's. `text` is the built-in body."""
MAX_TEMPLATE: Final = 4_000


class TemplateError(ValueError):
    """A template cannot be filled in."""


def check_template(template: Template) -> None:
    """Refuse a template that could never be filled in.

    Raises:
        ChannelInvalid: It has an unknown name or a lone `$`.
    """
    for part, written in (("title", template.title), ("body", template.body)):
        if written is None:
            continue
        pattern = Pattern(written)
        unknown = [name for name in pattern.get_identifiers() if name not in NAMES]
        if not pattern.is_valid() or unknown:
            what = f"names {', '.join(unknown)}" if unknown else "has a $ that names nothing"
            raise ChannelInvalid(
                f"The template's {part} {what}.",
                code="notification.template_invalid",
                hint=f"Known are {', '.join('$' + name for name in NAMES)}; $$ is a dollar sign.",
                details={"part": part, "unknown": unknown},
            )


def fill(template: Template, content: Content, context: Context, built_in: Message) -> Message:
    """The message in a team's own words; closing lines stay, so that the reason is always told.

    Raises:
        TemplateError: The template cannot be filled in.
    """
    values = _values(content, context, built_in)
    title = built_in.title if template.title is None else _filled(template.title, values)
    if template.body is None:
        return Message(title, built_in.sections, built_in.closing)
    return Message(title, [Section(_filled(template.body, values))], built_in.closing)


def _filled(written: str, values: dict[str, str]) -> str:
    try:
        return Pattern(written).substitute(values)
    except KeyError as error:
        raise TemplateError(f"unknown name ${error.args[0]}") from error
    except ValueError as error:
        raise TemplateError(str(error)) from error


def _values(content: Content, context: Context, built_in: Message) -> dict[str, str]:
    language = context.language
    alert = content.alerts[0]
    event, facts = alert.event, alert.event.facts
    evidence = context.evidence.get(event.alert_id)
    return {
        "title": alerts_title(content, language),
        "text": built_in.text,
        "status": "firing" if content.active else "resolved",
        "severity": event.severity.value,
        "rule": event.rule,
        "signal": facts.signal,
        "name": facts.title.say(language),
        "value": texts.NO_VALUE.say(language)
        if facts.value is None
        else show_number(facts.value, facts.unit),
        "limit": limit_text(event),
        "labels": labels_text({**facts.rule_labels, **event.labels}),
        "since": (event.active_since or event.at).isoformat(timespec="seconds"),
        "runbook": facts.runbook or "",
        "link": "" if evidence is None else evidence.alert_url,
        "incident": "" if evidence is None else evidence.incident_url or "",
        "examples": "" if evidence is None else " ".join(evidence.examples),
        "reason": context.reason,
        "project": context.project_id,
        "channel": context.channel,
        "count": str(content.active + content.over),
    }
