"""Messages that stand beside the input: system instructions, and span events that are one message each."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.integration.ingest.mapping_rows import RECEIVED, SpanMapping, make_request

_PARTS = '[{"type":"text","content":"친절하게"}]'


@pytest.mark.parametrize(
    ("attributes", "shown"),
    [
        (
            {"gen_ai.system_instructions": _PARTS, "gen_ai.input.messages": '[{"role":"user"}]'},
            [{"role": "system", "parts": json.loads(_PARTS)}, {"role": "user"}],
        ),
        (
            {"gen_ai.system_instructions": _PARTS},
            [{"role": "system", "parts": json.loads(_PARTS)}],
        ),
        (
            {"gen_ai.system_instructions": 'be "kind"', "gen_ai.input.messages": '[{"role":"user"}]'},
            [{"role": "system", "content": 'be "kind"'}, {"role": "user"}],
        ),
    ],
)
def test_system_instructions_lead_the_input(
    mapping: SpanMapping, attributes: dict[str, Any], shown: list[dict[str, Any]]
) -> None:
    """They are the first message; the attribute itself stays as it came."""
    [row] = mapping.assert_agrees(make_request({"attributes": attributes}))
    assert json.loads(row["input"]) == shown
    assert row["attributes"] == attributes


def test_input_that_is_no_list_stays_as_it_is(mapping: SpanMapping) -> None:
    """A text is not made into something that nobody sent."""
    attributes = {"gen_ai.system_instructions": _PARTS, "gen_ai.prompt": "hello"}
    [row] = mapping.assert_agrees(make_request({"attributes": attributes}))
    assert row["input"] == "hello"


def test_message_events_become_input_and_output(mapping: SpanMapping) -> None:
    """In the order of the events; also where an event holds its message as JSON."""
    events = [
        ("gen_ai.system.message", RECEIVED, {"content": "친절하게"}),
        ("other", RECEIVED, {"content": "not this"}),
        ("gen_ai.user.message", RECEIVED, {"content": 'a "b"/c', "role": "user"}),
        ("gen_ai.choice", RECEIVED, {"gen_ai.event.content": '{"message":{"content":"네"}}'}),
    ]
    [row] = mapping.assert_agrees(make_request({"events": events}))
    assert json.loads(row["input"]) == [
        {"role": "system", "content": "친절하게"},
        {"role": "user", "content": 'a "b"/c'},
    ]
    assert json.loads(row["output"]) == [{"message": {"content": "네"}}]


def test_attributes_go_before_events(mapping: SpanMapping) -> None:
    """What the span says itself is not said again, and a side without an event has no text."""
    events = [("gen_ai.user.message", RECEIVED, {"content": "from the event"})]
    rows = mapping.assert_agrees(
        make_request({"events": events, "attributes": {"input.value": "from the span"}}, {"events": events})
    )
    assert [row["input"] for row in rows] == ["from the span", '[{"role":"user","content":"from the event"}]']
    assert {row["output"] for row in rows} == {""}
