"""What log records say of the texts of spans: some instrumentations send prompts and answers that way.

Three kinds of events: one record with all messages in its attributes, one record for each message before the
answer, and one for each answer, with the message in the body.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

import orjson

from pitwall.ingest.mapping.messages import with_instructions
from pitwall.ingest.mapping.tables import ANSWER_EVENT, MESSAGE_ROLES
from pitwall.ingest.mapping.values import decode_value
from pitwall.traces.types import StoredLog

DETAILS_EVENT: Final = "gen_ai.client.inference.operation.details"
INSTRUCTIONS_KEY: Final = "gen_ai.system_instructions"
CONTENT_EVENTS: Final = (DETAILS_EVENT, ANSWER_EVENT, *MESSAGE_ROLES)
DETAILS_KEYS: Final[Mapping[str, str]] = {
    "input": "gen_ai.input.messages",
    "output": "gen_ai.output.messages",
}
_CONTENTS: Final = ("content", "tool_calls")

Message = dict[str, Any]


def logged_content(logs: Sequence[StoredLog]) -> dict[str, dict[str, str]]:
    """Inputs and outputs that came as log records, by span id and side.

    A record with all messages completes an earlier one, and goes before records of single messages, which
    become a JSON list in the order of the records.
    """
    whole: dict[str, dict[str, str]] = {}
    single: dict[str, dict[str, list[Message]]] = {}
    for log in logs:
        if log.span_id is None:
            continue
        if log.event_name == DETAILS_EVENT:
            whole.setdefault(log.span_id, {}).update(_details(log.attributes))
        elif message := _message(log):
            side = "output" if log.event_name == ANSWER_EVENT else "input"
            single.setdefault(log.span_id, {}).setdefault(side, []).append(message)
    lists = {span_id: _as_texts(sides) for span_id, sides in single.items()}
    return {span_id: {**lists.get(span_id, {}), **whole.get(span_id, {})} for span_id in {**lists, **whole}}


def _details(attributes: Mapping[str, str]) -> dict[str, str]:
    found = {
        side: as_text(decode_value(attributes[name]))
        for side, name in DETAILS_KEYS.items()
        if attributes.get(name)
    }
    if attributes.get(INSTRUCTIONS_KEY):
        instructions = as_text(decode_value(attributes[INSTRUCTIONS_KEY]))
        found["input"] = with_instructions(instructions, found.get("input", ""))
    return found


def _message(log: StoredLog) -> Message | None:
    """The message of a record; None if it holds none, or one without any content."""
    body, role = log.columns["body"], MESSAGE_ROLES.get(log.event_name or "")
    if log.event_name == ANSWER_EVENT and isinstance(body, Mapping):
        inner = body.get("message")
        rest = {name: value for name, value in body.items() if name not in ("message", "index")}
        message = {"role": "assistant", **(inner if isinstance(inner, Mapping) else {}), **rest}
    elif role is not None:
        message = {"role": role, **(body if isinstance(body, Mapping) else {"content": body})}
    else:
        return None
    return message if any(message.get(name) for name in _CONTENTS) else None


def _as_texts(sides: Mapping[str, list[Message]]) -> dict[str, str]:
    return {side: as_text(messages) for side, messages in sides.items()}


def as_text(value: Any) -> str:
    """A decoded value as text; structures as JSON."""
    return value if isinstance(value, str) else orjson.dumps(value).decode()
