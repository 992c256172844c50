"""From an event to a channel: signed, retried as the channel asks, never lost, and told what became of it."""

from __future__ import annotations

import hashlib
import hmac
import time
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from pitwall.access.authenticators import LOCAL_OPERATOR
from pitwall.checks.telling import tell_by
from pitwall.checks.types import Finding, ItemResult, ItemStatus, Report
from pitwall.core.errors import Conflict, Unavailable
from pitwall.kit.i18n import Language, Text
from pitwall.notifications.announcing import Announcement
from pitwall.notifications.channels import ChannelBook, standing_channel
from pitwall.notifications.delivery_types import DeliveryState
from pitwall.notifications.matchers import parse_matcher
from pitwall.notifications.outbox import Outbox
from pitwall.notifications.types import ChannelKind, RateLimit, Silence, Template
from tests.integration.notifications.conftest import TRACES, House
from tests.support.webhooks import Receiver, running_receiver


def test_alert_reaches_a_signed_webhook(house: House, receiver: Receiver) -> None:
    """With value, limit, links, three traces and the reason; the signature is over timestamp and body."""
    house.add("ops", receiver.url, secret="s3cret")
    event = house.fire()
    house.pass_time(0.5)
    house.send()
    (request,) = receiver.received
    signed = request.headers["x-pitwall-timestamp"].encode() + b"." + request.body
    expected = hmac.new(b"s3cret", signed, hashlib.sha256).hexdigest()
    assert request.headers["x-pitwall-signature"] == f"v1={expected}"
    document = request.document
    assert document["title"] == "[warning] Error rate: 12.4 % · model=gpt-4o"
    assert (document["reason"], document["status"]) == ("first", "firing")
    assert "Limit: > 5 %" in document["text"]
    assert document["alerts"][0]["links"] == {
        "alert": f"http://127.0.0.1:8400/alerts/{event.alert_id}",
        "incident": "http://127.0.0.1:8400/incidents/42",
        "examples": [f"http://127.0.0.1:8400/traces/{trace}" for trace in TRACES[:3]],
    }
    (delivery,) = house.deliveries()
    assert (delivery.state, delivery.id) == (DeliveryState.DELIVERED, request.key)


def test_channel_of_the_settings_gets_everything(house: House, receiver: Receiver) -> None:
    """`PITWALL_ALERT_WEBHOOK_URL` alone is enough: a channel, and the way to it; Slack gets Slack's form."""
    house.use(ChannelBook(standing_channel(receiver.url, None)))
    house.fire()
    house.pass_time(0.5)
    house.send()
    assert receiver.received[0].document["channel"] == "default"
    assert "x-pitwall-signature" not in receiver.received[0].headers
    slack = standing_channel("https://hooks.slack.com/services/T/B/x", None)
    assert slack is not None
    assert slack.kind is ChannelKind.SLACK


def test_nothing_calls_out_without_a_channel(house: House) -> None:
    """An alert without anybody to tell is known, and told of once there is somebody."""
    house.fire()
    house.pass_time(60)
    assert house.deliveries() == []
    house.add("ops", "http://127.0.0.1:1/")
    house.notifier.look_again("default")
    house.pass_time(0.1)
    assert [one.reason for one in house.deliveries()] == ["first"]


def test_slack_that_says_wait_is_waited_for(house: House, receiver: Receiver) -> None:
    """429 with Retry-After: nothing is tried before, then the same key again, in Slack's form."""
    house.add("slack", receiver.url, kind=ChannelKind.SLACK)
    receiver.answers.append((429, {"retry-after": "30"}))
    house.fire()
    house.pass_time(0.5)
    house.send()
    house.clock.advance(29)
    house.send()
    assert len(receiver.received) == 1
    house.clock.advance(2)
    house.send()
    first, second = receiver.received
    assert first.key == second.key
    assert first.document["blocks"][0]["text"]["text"].startswith("[warning] Error rate")
    (delivery,) = house.deliveries()
    assert delivery.state is DeliveryState.DELIVERED
    assert [(one.outcome, one.status) for one in delivery.attempts] == [("failed", 429), ("delivered", 200)]


def test_what_was_refused_for_good_is_not_tried_again(house: House, receiver: Receiver) -> None:
    """404, 410 and 401 mean that the channel is wrong, and the log says so; the next notice is tried anew."""
    house.add("ops", receiver.url)
    receiver.answers.extend([(404, {}), (410, {}), (401, {})])
    for rule in ("a", "b", "c"):
        house.fire(rule=rule)
        house.pass_time(0.5)
        house.send()
    house.clock.advance(3600)
    house.send()
    assert len(receiver.received) == 3
    assert {one.state for one in house.deliveries()} == {DeliveryState.FAILED}
    assert [one.attempts[0].outcome for one in house.deliveries()] == ["refused"] * 3
    assert "404" in str(house.deliveries()[0].error)


def test_hanging_channel_does_not_hold_up_the_others(house: House, receiver: Receiver) -> None:
    """One that never answers is given up after its timeout and tried later; the other one has its message."""
    with running_receiver() as hanging:
        hanging.delay_seconds = 3.0
        house.add("hanging", hanging.url, timeout_seconds=0.5)
        house.add("ops", receiver.url)
        house.fire()
        house.pass_time(0.5)
        started = time.monotonic()
        house.sender.run()
        receiver.wait(1, 2.0)
        assert time.monotonic() - started < 2.0
        house.send()
    by_channel = {one.channel: one for one in house.deliveries()}
    assert by_channel["ops"].state is DeliveryState.DELIVERED
    assert by_channel["hanging"].state is DeliveryState.PENDING
    assert by_channel["hanging"].error == "no answer within 0.5 s"
    assert by_channel["hanging"].due_at > house.clock.now()


def test_second_channel_takes_over_and_hears_the_end(house: House, receiver: Receiver) -> None:
    """A channel that refuses is stood in for, with the reason; who heard of it hears that it is over."""
    house.add("spare", receiver.url)
    with running_receiver() as broken:
        house.add("ops", broken.url, fallback="spare")
        broken.answers.append((404, {}))
        house.fire()
        house.pass_time(0.5)
        house.send()
        house.send()
        house.fire("resolved", number=2)
        house.pass_time(30)
        house.send()
        house.send()
        assert len(broken.received) == 1
    fired, resolved = receiver.received
    assert "channel ops could not deliver it: 404" in fired.document["text"]
    assert fired.document["instead_of"] == "ops"
    assert (resolved.document["status"], resolved.document["reason"]) == ("resolved", "all_resolved")
    states = [(one.channel, one.state) for one in house.deliveries()]
    assert ("ops", DeliveryState.DIVERTED) in states


def test_channel_that_is_down_is_stood_in_for_at_once(house: House, receiver: Receiver) -> None:
    """After three failures the next notices do not wait for it; when it is back it has them again."""
    house.add("spare", receiver.url)
    with running_receiver() as broken:
        house.add("ops", broken.url, fallback="spare")
        broken.answers.extend([(503, {})] * 3)
        house.fire(rule="a")
        house.pass_time(0.5)
        for _ in range(3):
            house.send()
            house.clock.advance(20)
        house.send()
        assert [one.document["alerts"][0]["rule"] for one in receiver.received] == ["a"]
        house.clock.advance(3600)
        house.fire(rule="b")
        house.pass_time(0.5)
        house.send()
        assert broken.received[-1].document["alerts"][0]["rule"] == "b"


def test_messages_of_a_group_arrive_in_their_order(house: House, receiver: Receiver) -> None:
    """That something is over is not told before that it began, however often that fails."""
    house.add("ops", receiver.url)
    receiver.answers.extend([(500, {}), (500, {})])
    house.fire()
    house.pass_time(0.5)
    house.send()
    house.fire("resolved", number=2)
    house.pass_time(30)
    for _ in range(5):
        house.send()
        house.clock.advance(60)
    delivered = [one.document["status"] for one in receiver.received]
    assert delivered == ["firing", "firing", "firing", "resolved"]


def test_rate_limit_holds_back_and_sums_up(house: House, receiver: Receiver) -> None:
    """What is more than the channel takes comes as one summary that names everything; nothing is lost."""
    house.add("ops", receiver.url, rate=RateLimit(per_minute=1, burst=2))
    for number in range(6):
        house.fire(rule=f"rule{number}")
    house.pass_time(0.5)
    for _ in range(4):
        house.send()
    assert len(receiver.received) == 2
    house.clock.advance(61)
    house.send()
    house.send()
    assert len(receiver.received) == 3
    summary = receiver.received[-1].document
    assert summary["reason"] == "held_back"
    told = [alert["rule"] for one in receiver.received for alert in one.document["alerts"]]
    assert sorted(told) == [f"rule{number}" for number in range(6)]
    states = [one.state for one in house.deliveries()]
    assert states.count(DeliveryState.HELD) == 4


def test_interrupted_delivery_comes_again_with_its_key(house: House, receiver: Receiver) -> None:
    """A process that died while it sent leaves a mark; the next one repeats it and says so."""
    house.add("ops", receiver.url)
    house.fire()
    house.pass_time(0.5)
    (delivery,) = house.deliveries()
    with house.state.session() as connection:
        marked = replace(
            delivery, state=DeliveryState.SENDING, claimed_by="dead", claimed_at=house.clock.now()
        )
        Outbox(connection).write(marked)
    house.send()
    (request,) = receiver.received
    assert request.key == delivery.id
    assert request.headers["x-pitwall-may-repeat"] == "true"
    assert request.document["may_repeat"] is True
    (after,) = house.deliveries()
    assert [one.outcome for one in after.attempts] == ["interrupted", "delivered"]


def test_two_senders_send_once(house: House, receiver: Receiver) -> None:
    """A claim that is not old belongs to another process, which is left to it."""
    house.add("ops", receiver.url)
    house.fire()
    house.pass_time(0.5)
    receiver.delay_seconds = 0.3
    other = house.new_sender(takes_over_after=60)
    house.sender.run()
    other.run()
    house.send()
    other.close(5)
    assert len(receiver.received) == 1


def test_broken_template_falls_back_and_says_so(house: House, receiver: Receiver) -> None:
    """A template that names what is not there gives the built-in message, with the mistake in it."""
    house.add("ops", receiver.url, template=Template(body="$nothing"))
    house.fire()
    house.pass_time(0.5)
    house.send()
    text = receiver.received[0].document["text"]
    assert "Limit: > 5 %" in text
    assert "unknown name $nothing" in text
    (delivery,) = house.deliveries()
    assert delivery.message is not None
    assert delivery.message["template_error"] == "unknown name $nothing"


def test_own_template_is_filled_in(house: House, receiver: Receiver) -> None:
    """A team's own words, with the reason still told."""
    house.add("ops", receiver.url, template=Template(title="$rule!", body="$name $value $limit $labels"))
    house.fire()
    house.pass_time(0.5)
    house.send()
    document = receiver.received[0].document
    assert document["title"] == "errors!"
    assert document["text"].startswith("Error rate 12.4 % > 5 % model=gpt-4o")
    assert "(first)" in document["text"]


def test_message_in_korean(house: House, receiver: Receiver) -> None:
    """The channel's language decides, whatever the settings say."""
    house.add("ops", receiver.url, language=Language.KOREAN)
    house.fire(severity="critical")
    house.pass_time(0.5)
    house.send()
    document = receiver.received[0].document
    assert document["title"] == "[심각] 오류율: 12.4 % · model=gpt-4o"
    assert "발송 사유: 이 그룹의 첫 알림 (first)" in document["text"]


def test_secret_by_reference_is_read_when_it_is_needed(
    house: House, receiver: Receiver, tmp_path: Path
) -> None:
    """From the environment or a file; one that is missing fails with its name and nothing else."""
    house.use(ChannelBook(environ={"HOOK": receiver.url}))
    secret = tmp_path / "secret"
    house.add("ops", "secret://env/HOOK", secret=f"secret://file/{secret}")
    house.fire(rule="a")
    house.pass_time(0.5)
    house.send()
    assert "cannot be read" in str(house.deliveries()[-1].error)
    secret.write_text("abc\n", "utf-8")
    house.fire(rule="b")
    house.pass_time(0.5)
    house.send()
    assert "x-pitwall-signature" in receiver.received[0].headers


def test_store_that_fails_loses_nothing(house: House, receiver: Receiver) -> None:
    """A message without examples is better than none."""
    house.add("ops", receiver.url)
    house.examples_fail_with = Unavailable("The store is down.")
    house.fire()
    house.pass_time(0.5)
    house.send()
    assert receiver.received[0].document["alerts"][0]["links"]["examples"] == []


def test_clock_that_is_set_back_keeps_nothing_waiting(house: House, receiver: Receiver) -> None:
    """A delivery that is due in a future that was never meant is tried at once."""
    house.add("ops", receiver.url)
    house.fire()
    house.pass_time(0.5)
    house.clock.jump(-2 * 86_400)
    house.send()
    assert len(receiver.received) == 1
    house.fire("escalated", severity="critical", number=2)
    house.notifier.run()
    house.send()
    assert [one.document["alerts"][0]["severity"] for one in receiver.received] == ["warning", "critical"]


def test_address_that_is_none_is_told_and_not_tried_again(house: House) -> None:
    """Whatever stands in a variable or a file."""
    house.use(ChannelBook(environ={"HOOK": "http://[nonsense"}))
    house.add("ops", "secret://env/HOOK")
    house.fire()
    house.pass_time(0.5)
    house.send()
    (delivery,) = house.deliveries()
    assert delivery.state is DeliveryState.FAILED
    assert "the address is no URL" in str(delivery.error)


def test_channel_that_is_switched_off_is_not_spoken_to(house: House, receiver: Receiver) -> None:
    """Also not for what was due already; the log says why."""
    house.add("ops", receiver.url)
    house.fire()
    house.pass_time(0.5)
    house.add("ops", receiver.url, is_enabled=False)
    house.send()
    assert receiver.received == []
    assert house.deliveries()[0].error == "Channel 'ops' is switched off."


def test_summary_tells_how_alerts_stood_last(house: House, receiver: Receiver) -> None:
    """An alert that began and ended while messages were held back is told to be over, once."""
    house.add("ops", receiver.url, rate=RateLimit(per_minute=1, burst=1))
    house.fire(rule="a")
    house.fire(rule="b", severity="critical")
    house.pass_time(0.5)
    house.send()
    house.fire("resolved", rule="b", severity="critical", number=2)
    house.pass_time(31)
    house.send()
    assert len(receiver.received) == 1
    house.clock.advance(31)
    house.send()
    summary = receiver.received[-1].document
    assert "[resolved] Error rate · model=gpt-4o" in summary["text"]
    assert [alert["state"] for alert in summary["alerts"]] == ["resolved"]
    assert summary["counts"] == {"firing": 0, "resolved": 1, "omitted": 0}


def test_report_goes_by_the_routes(house: House, receiver: Receiver) -> None:
    """What is no alert is told once, where its labels lead, in the language of the route; silences hold."""
    house.add("ops", receiver.url)
    house.add("team", "http://127.0.0.1:1/")
    routes = [{"matchers": ["rule=checks.daily"], "receivers": ["ops"], "language": "ko"}]
    house.route({"route": {"receivers": ["team"], "routes": routes}})
    report = Announcement(
        Text("Daily checks: 1 failed", "일일 점검: 1건 실패"),
        Text("Disk is full", "디스크가 찼습니다"),
        {"rule": "checks.daily", "severity": "warning"},
        "/checks/reports/7",
    )
    assert house.service.deliveries.announce("default", report) == ["ops"]
    house.send()
    document = receiver.received[0].document
    assert document["title"] == "일일 점검: 1건 실패"
    assert document["links"] == {"page": "http://127.0.0.1:8400/checks/reports/7"}
    house.service.silences.add(
        (parse_matcher("rule=~checks.*"),),
        "moving",
        starts_at=None,
        ends_at=timedelta(hours=1),
        by=LOCAL_OPERATOR,
    )
    assert house.service.deliveries.announce("default", report) == []


def test_quiet_alerts_are_known_with_their_reasons(house: House) -> None:
    """What a page of alerts shows beside each of them."""
    event = house.fire()
    house.pass_time(1)
    silence = house.service.silences.add(
        (parse_matcher("model=gpt-4o"),),
        "moving",
        starts_at=None,
        ends_at=timedelta(hours=1),
        by=LOCAL_OPERATOR,
    )
    assert house.service.quiet("default") == {
        event.alert_id: {
            "silenced_by": [{"id": silence.id, "reason": "moving", "until": silence.ends_at}],
            "inhibited_by": [],
            "muted_by": [],
        }
    }


def _silence(house: House, matcher: str) -> Silence:
    return house.service.silences.add(
        (parse_matcher(matcher),),
        "moving",
        starts_at=None,
        ends_at=timedelta(hours=1),
        by=LOCAL_OPERATOR,
    )


def test_report_of_a_checklist_says_what_to_do(house: House, receiver: Receiver) -> None:
    """What failed with its way out, what passed as a number; nobody to tell is an error."""
    item = ItemResult(
        "disk",
        Text("Disk has room", "디스크 여유"),
        Finding(ItemStatus.FAILED, Text("2 % are free", "2 % 남음")),
        Text("Delete old archives", "오래된 보관 파일 삭제"),
        1.0,
    )
    well = ItemResult("api", Text("API", "API"), Finding(ItemStatus.PASSED, Text("ok", "ok")), None, 1.0)
    report = Report("7", "daily", house.clock.now(), "me", (item, well))
    tell = tell_by(house.service.deliveries)
    with pytest.raises(Conflict, match="No channel"):
        tell("default", report)
    house.add("ops", receiver.url)
    tell("default", report)
    house.send()
    document = receiver.received[0].document
    assert document["title"] == "[checks] daily: failed"
    assert "Disk has room (failed): 2 % are free\n  → Delete old archives\n1 item passed." in document["text"]
    assert document["labels"] == {"rule": "checks.daily", "severity": "critical"}
