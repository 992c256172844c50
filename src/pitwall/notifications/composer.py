"""Writes the message of a delivery and sends it: evidence, words, form, address."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Final

import structlog

from pitwall.alerts.types import AlertEvent
from pitwall.core.errors import PitwallError
from pitwall.kit.i18n import Language
from pitwall.notifications import texts
from pitwall.notifications.channels import ChannelBook
from pitwall.notifications.delivery_types import Delivery, DeliveryKind
from pitwall.notifications.messages import (
    Context,
    Evidence,
    Message,
    Section,
    alerts_message,
    document_head,
    document_of,
    one_title,
    why_sent,
)
from pitwall.notifications.notices import Content, content_of
from pitwall.notifications.templates import TemplateError, fill
from pitwall.notifications.transports import Envelope, Outcome, OutcomeKind, Transports
from pitwall.notifications.types import Channel
from pitwall.signals.service import Signals
from pitwall.signals.types import ExemplarQuery

log = structlog.get_logger(__name__)

EXAMPLES: Final = 3
_WITH_EXAMPLES: Final = 3
"""For how many alerts of a message traces are looked up."""
_LAST: Final = timedelta(minutes=5)

IncidentOf = Callable[[str, str], str | None]
"""The id of the incident of (project, alert), if there is one."""
ExamplesOf = Callable[[str, AlertEvent], Sequence[str]]
"""Ids of traces behind the value of (project, event)."""


@dataclass(frozen=True, slots=True)
class Composer:
    """Writes messages and sends them; safe to call from several threads.

    Attributes:
        public_url: Address under which people reach the server, without a slash at its end.
    """

    book: ChannelBook
    transports: Transports
    public_url: str
    examples_of: ExamplesOf
    incident_of: IncidentOf

    def deliver(self, delivery: Delivery, channel: Channel) -> tuple[Mapping[str, Any], Outcome]:
        """Send a delivery; returns the message as it was sent, which later attempts repeat."""
        message = delivery.message or self.compose(delivery, channel)
        try:
            envelope = Envelope(
                kind=channel.kind,
                url=self.book.resolve(channel.url),
                secret=None if channel.secret is None else self.book.resolve(channel.secret),
                timeout_seconds=channel.timeout_seconds,
                key=delivery.id,
                attempt=len(delivery.attempts) + 1,
                may_repeat=delivery.may_repeat,
                message=self._marked(message, delivery, channel),
            )
        except ValueError as error:
            return message, Outcome(OutcomeKind.REFUSED, error=str(error))
        return message, self.transports.send(envelope)

    def compose(self, delivery: Delivery, channel: Channel) -> dict[str, Any]:
        """Write the message of a delivery for a channel."""
        match delivery.kind:
            case DeliveryKind.TEST:
                return self._test(delivery, channel)
            case DeliveryKind.REPORT:
                return self._report(delivery, channel)
            case DeliveryKind.SUMMARY:
                return self._summary(delivery, channel)
            case DeliveryKind.ALERTS:
                return self._alerts(delivery, channel)

    def _alerts(self, delivery: Delivery, channel: Channel) -> dict[str, Any]:
        content = content_of(delivery.payload)
        context = self._context(delivery, channel, content)
        message, error = alerts_message(content, context), None
        try:
            message = fill(channel.template, content, context, message)
        except TemplateError as problem:
            error = str(problem)
            note = texts.TEMPLATE_BROKEN.say(context.language, error=error)
            message = Message(message.title, message.sections, [*message.closing, note])
            log.warning("template.failed", channel=channel.name, error=error)
        return _form(message, document_of(content, message, context, delivery.id), error)

    def _context(self, delivery: Delivery, channel: Channel, content: Content) -> Context:
        language = self._language(channel, content.language)
        notes = []
        if content.instead_of is not None:
            note = texts.INSTEAD_OF.say(language, channel=content.instead_of, because=content.because)
            notes.append(note)
        return Context(
            language=language,
            project_id=delivery.project_id,
            channel=channel.name,
            reason=delivery.reason,
            evidence=self._evidence(delivery.project_id, content),
            notes=tuple(notes),
        )

    def _evidence(self, project_id: str, content: Content) -> dict[str, Evidence]:
        found = {}
        for index, alert in enumerate(content.alerts):
            event = alert.event
            traces = self._examples(project_id, event) if index < _WITH_EXAMPLES and not alert.is_over else ()
            incident = self.incident_of(project_id, event.alert_id)
            found[event.alert_id] = Evidence(
                alert_url=self._link(project_id, f"/alerts/{event.alert_id}"),
                incident_url=None if incident is None else self._link(project_id, f"/incidents/{incident}"),
                examples=tuple(self._link(project_id, f"/traces/{one}") for one in traces),
            )
        return found

    def _examples(self, project_id: str, event: AlertEvent) -> Sequence[str]:
        try:
            return self.examples_of(project_id, event)
        except PitwallError as error:
            log.warning("delivery.no_examples", rule=event.rule, error=str(error))
            return ()

    def _link(self, project_id: str, path: str) -> str:
        query = "" if project_id == "default" else f"?project={project_id}"
        return f"{self.public_url}{path}{query}"

    def _test(self, delivery: Delivery, channel: Channel) -> dict[str, Any]:
        context = self._plain_context(delivery, channel)
        body = texts.TEST_BODY.say(
            context.language, channel=channel.name, project=delivery.project_id, by=delivery.payload["by"]
        )
        message = Message(texts.TEST_TITLE.say(context.language), [Section(body)], [why_sent(context)])
        return _form(message, {**document_head(message, context, delivery.id), "status": "test"}, None)

    def _summary(self, delivery: Delivery, channel: Channel) -> dict[str, Any]:
        context, payload = self._plain_context(delivery, channel), delivery.payload
        language, content = context.language, content_of(payload)
        lines = [texts.SUMMARY_BODY.say(language, rate=f"{channel.rate.per_minute:g}")]
        lines += [_line(alert, language) for alert in content.alerts]
        lines += [f"- {title[language.value]}" for title in payload["titles"]]
        if content.omitted:
            lines.append(texts.OMITTED.say(language, count=content.omitted))
        title = texts.SUMMARY_TITLE.say(language, count=payload["held"])
        message = Message(title, [Section("\n".join(lines))], [why_sent(context)])
        return _form(message, document_of(content, message, context, delivery.id), None)

    def _report(self, delivery: Delivery, channel: Channel) -> dict[str, Any]:
        context, payload = self._plain_context(delivery, channel), delivery.payload
        language = context.language.value
        page = payload["page"]
        links = [(texts.MORE.say(context.language), self._link(delivery.project_id, page))] if page else []
        section = Section(payload["body"][language], links=links)
        message = Message(payload["title"][language], [section], [why_sent(context)])
        document = {
            **document_head(message, context, delivery.id),
            "status": "report",
            "labels": dict(payload["labels"]),
            "links": {"page": links[0][1] if links else None},
        }
        return _form(message, document, None)

    def _plain_context(self, delivery: Delivery, channel: Channel) -> Context:
        written = delivery.payload.get("language")
        language = self._language(channel, None if written is None else Language(written))
        return Context(language, delivery.project_id, channel.name, delivery.reason, {})

    def _language(self, channel: Channel, route_language: Language | None) -> Language:
        return channel.language or route_language or self.book.language

    def _marked(self, message: Mapping[str, Any], delivery: Delivery, channel: Channel) -> Mapping[str, Any]:
        """The message, with a line that it may be a repeat if that is so."""
        if not delivery.may_repeat:
            return message
        written = delivery.payload.get("language")
        language = self._language(channel, None if written is None else Language(written))
        note = texts.MAY_REPEAT.say(language)
        return {
            **message,
            "text": f"{message['text']}\n{note}",
            "html": f"{message['html']}<p>{note}</p>",
            "document": {**message["document"], "may_repeat": True},
        }


def examples_from(signals: Signals) -> ExamplesOf:
    """Look traces up where the numbers come from."""

    def find(project_id: str, event: AlertEvent) -> Sequence[str]:
        facts = event.facts
        if facts.value is None or not facts.signal:
            return ()
        until = facts.window_end or event.at
        query = ExemplarQuery(
            facts.signal,
            project_id,
            facts.window_start or until - _LAST,
            until,
            labels=tuple(sorted(event.labels.items())),
            limit=EXAMPLES,
        )
        return [one.trace_id for one in signals.exemplars(query).exemplars]

    return find


def _form(message: Message, document: Mapping[str, Any], error: str | None) -> dict[str, Any]:
    return {
        "title": message.title,
        "text": message.text,
        "html": message.html,
        "document": dict(document),
        "template_error": error,
    }


def _line(alert: Any, language: Language) -> str:
    state = texts.RESOLVED if alert.is_over else texts.CONDITIONS[alert.condition]
    return f"- [{state.say(language)}] {one_title(alert, language)}"
