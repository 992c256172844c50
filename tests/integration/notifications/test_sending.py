"""From an event to a channel: signed, retried as the channel asks, never lost, and told what became of it."""

from __future__ import annotations

import hashlib
import hmac

from pitwall.notifications.types import DeliveryState
from tests.integration.notifications.conftest import TRACES, House
from tests.support.webhooks import Receiver


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
