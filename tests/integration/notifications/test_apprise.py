"""Apprise against a real SMTP server, and what it says when it cannot deliver."""

from __future__ import annotations

import email
import socket
from collections.abc import Iterator
from email.message import EmailMessage
from email.policy import default as email_policy
from typing import Any

import pytest

from pitwall.kit.i18n import Language
from pitwall.notifications.delivery_types import DeliveryState
from pitwall.notifications.transports import is_known_to_apprise
from pitwall.notifications.types import ChannelKind
from tests.integration.notifications.conftest import House

pytest.importorskip("apprise")
controller = pytest.importorskip("aiosmtpd.controller")


class Mailbox:
    """Keeps the mails that come in."""

    def __init__(self) -> None:
        self.mails: list[EmailMessage] = []

    async def handle_DATA(self, _server: Any, _session: Any, envelope: Any) -> str:  # noqa: N802
        mail = email.message_from_bytes(envelope.content, policy=email_policy)
        assert isinstance(mail, EmailMessage)
        self.mails.append(mail)
        return "250 OK"


@pytest.fixture
def mailbox() -> Iterator[tuple[Mailbox, int]]:
    """A mailbox behind a real SMTP server, and the server's port."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    box = Mailbox()
    server = controller.Controller(box, hostname="127.0.0.1", port=port)
    server.start()
    yield box, port
    server.stop()


def _address(port: int) -> str:
    return f"mailto://127.0.0.1:{port}?from=pitwall@shop.example&to=ops@shop.example&mode=insecure"


def test_mail_arrives_as_html_with_the_links(house: House, mailbox: tuple[Mailbox, int]) -> None:
    """Subject and body in Korean, the alert and its traces as links, labels escaped."""
    box, port = mailbox
    house.add("mail", _address(port), kind=ChannelKind.APPRISE, language=Language.KOREAN)
    event = house.fire(labels={"service": "<b>shop</b>"})
    house.pass_time(0.5)
    house.send()
    (delivery,) = house.deliveries()
    assert delivery.state is DeliveryState.DELIVERED, delivery.error
    (mail,) = box.mails
    assert mail["subject"] == "[경고] 오류율: 12.4 % · service=<b>shop</b>"
    html = mail.get_body(("html",))
    assert html is not None
    content = html.get_content()
    assert f"href='http://127.0.0.1:8400/alerts/{event.alert_id}'" in content
    assert content.count("예시 트레이스") == 3
    assert "&lt;b&gt;shop&lt;/b&gt;" in content


def test_mail_server_that_is_not_there_is_tried_again(house: House) -> None:
    """The reason that Apprise only logs is in the delivery log."""
    house.add("mail", _address(1), kind=ChannelKind.APPRISE, timeout_seconds=2)
    house.fire()
    house.pass_time(0.5)
    house.send()
    (delivery,) = house.deliveries()
    assert delivery.state is DeliveryState.PENDING
    assert delivery.attempts[0].outcome == "failed"
    assert "127.0.0.1" in str(delivery.error)


@pytest.mark.parametrize(
    ("url", "is_known"),
    [
        ("slack://TokenA/TokenB/TokenC/#ops", True),
        ("discord://4174216298/JHMHI8qBe7bk2ZwO5U711o3dV_js", True),
        ("tgram://123456789:abcdefg_hijklmnop/12315544/", True),
        ("nonsense", False),
        ("syslog://", False),
        ("dbus://", False),
    ],
)
def test_addresses_that_can_be_used(url: str, is_known: bool) -> None:
    """Services of Apprise, but none that would act on the server's own machine."""
    assert is_known_to_apprise(url) is is_known
