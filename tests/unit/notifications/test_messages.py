"""What messages say: numbers with units, why, and nothing that is not known."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from pitwall.alerts.types import Reason as OverReason
from pitwall.kit.i18n import Language, Text
from pitwall.notifications.errors import ChannelInvalid
from pitwall.notifications.messages import Context, Evidence, alerts_message, document_of
from pitwall.notifications.notices import Content, content_of, delivery_of
from pitwall.notifications.templates import TemplateError, check_template, fill
from pitwall.notifications.transports import slack_form
from pitwall.notifications.types import Group, KnownAlert, Notice, Reason, Template
from tests.unit.notifications.situations import START, make_alert

GROUP = Group(project_id="default", channel="ops", path="", labels={"rule": "errors"}, created_at=START)


def make_content(*alerts: KnownAlert, resolved: tuple[KnownAlert, ...] = ()) -> Content:
    """The content of a notice, by way of what the outbox keeps."""
    notice = Notice(GROUP, "ops", Reason.FIRST, None, alerts, resolved)
    return content_of(delivery_of(notice, START).payload)


def make_context(language: Language = Language.ENGLISH, *, reason: str = "first") -> Context:
    return Context(language, "default", "ops", reason, {})


def make_over(reason: OverReason) -> KnownAlert:
    alert = make_alert()
    event = make_alert("resolved", at=START + timedelta(minutes=7)).event
    return alert.after(replace(event, active_since=START, reason=reason))


@pytest.mark.parametrize(
    ("alerts", "title"),
    [
        ([make_alert()], "[warning] Error rate: 12.4 % · model=gpt-4o"),
        ([make_alert("no_data", value=None)], "[no data] Error rate · model=gpt-4o"),
        ([make_alert("error", value=None)], "[evaluation error] Error rate · model=gpt-4o"),
        (
            [make_alert(severity="critical"), make_alert(rule="b", title=Text("Latency", "지연"))],
            "[critical] 2 alerts: Error rate, Latency",
        ),
        (
            [make_alert(rule=f"r{number}", title=Text(f"T{number}", "")) for number in range(5)],
            "[warning] 5 alerts: T0, T1, T2…",
        ),
    ],
)
def test_title(alerts: list[KnownAlert], title: str) -> None:
    """The worst, what it is, how much; a value that is not there is not made up."""
    assert alerts_message(make_content(*alerts), make_context()).title == title


def test_facts_of_an_alert_in_korean() -> None:
    """Value with its count, limit in the signal's unit, band, window, runbook, reason."""
    text = alerts_message(make_content(make_alert(severity="critical")), make_context(Language.KOREAN)).text
    for line in (
        "오류율 [심각]",
        "값: 12.4 % (관측 120건)",
        "기준: > 5 %",
        "구간: 심각",
        "레이블: model=gpt-4o",
        "집계 구간: 2026-11-27T08:55:00Z … 2026-11-27T09:00:00Z",
        "런북: restart-workers",
        "발송 사유: 이 그룹의 첫 알림 (first)",
    ):
        assert line in text


@pytest.mark.parametrize("reason", OverReason)
def test_end_says_why_and_never_lies(reason: OverReason) -> None:
    """Only a recovery is one; a changed rule or missing data says that it does not mean fixed."""
    message = alerts_message(make_content(resolved=(make_over(reason),)), make_context())
    assert message.title == "[resolved] Error rate · model=gpt-4o"
    assert "Lasted: 7m" in message.text
    is_honest = reason in (OverReason.RULE_CHANGED, OverReason.NO_DATA)
    assert ("does not mean it is fixed" in message.text) is is_honest
    assert ("back within its limits" in message.text) is (reason is OverReason.RECOVERED)


def test_more_alerts_than_fit_are_counted() -> None:
    """Twenty by name, the rest as a number; the document says so as well."""
    alerts = [make_alert(labels={"model": f"m{number}"}) for number in range(50)]
    content, context = make_content(*alerts), make_context()
    message = alerts_message(content, context)
    assert "… and 30 more." in message.text
    document = document_of(content, message, context, "key")
    assert document["counts"] == {"firing": 50, "resolved": 0, "omitted": 30}
    assert len(document["alerts"]) == 20


def test_names_from_outside_cannot_write_html_or_slack_markup() -> None:
    """Labels are data: a service may call itself anything."""
    alert = make_alert(labels={"service": "<script>alert(1)</script> <!channel>"})
    context = replace(make_context(), evidence={alert.id: Evidence("http://127.0.0.1/'x'")})
    message = alerts_message(make_content(alert), context)
    assert "<script>" not in message.html
    assert "href='http://127.0.0.1/&#x27;x&#x27;'" in message.html
    slack = slack_form({"title": message.title, "text": message.text})
    header, section = slack["blocks"]
    assert header["text"]["type"] == "plain_text"  # where nothing is markup
    assert "<!channel>" not in slack["text"] + section["text"]["text"]
    assert "&lt;!channel&gt;" in section["text"]["text"]


def test_long_message_is_cut_into_blocks_that_slack_takes() -> None:
    """A section has at most 3000 characters; nothing is lost between them."""
    text = "\n".join(f"line {number} {'x' * 50}" for number in range(200))
    form = slack_form({"title": "t" * 200, "text": text})
    sections = [block["text"]["text"] for block in form["blocks"][1:]]
    assert max(map(len, sections)) <= 3000
    assert "\n".join(sections) == text
    assert len(form["blocks"][0]["text"]["text"]) == 150


@pytest.mark.parametrize(
    ("body", "problem"),
    [("$nothing", "names nothing"), ("50 $", "a $ that names nothing"), ("${rule", "a $ that names nothing")],
)
def test_template_that_can_never_be_filled_in_is_refused(body: str, problem: str) -> None:
    """When it is saved, with what is known; and when it is used all the same, it raises its own error."""
    with pytest.raises(ChannelInvalid, match=problem.replace("$", r"\$")):
        check_template(Template(body=body))
    content, context = make_content(make_alert()), make_context()
    with pytest.raises(TemplateError):
        fill(Template(body=body), content, context, alerts_message(content, context))


def test_template_runs_nothing() -> None:
    """What looks like code is text."""
    content, context = make_content(make_alert()), make_context()
    template = Template(title="{rule.__class__} {{7*7}} $rule", body="$$5 ${value}")
    check_template(template)
    message = fill(template, content, context, alerts_message(content, context))
    assert message.title == "{rule.__class__} {{7*7}} errors"
    assert message.text.startswith("$5 12.4 %")
