"""Message lists spread over numbered attributes (`llm.input_messages.0.message.role`), gathered into one JSON
object; the system instructions and the events that belong to them.

The object keeps the flat keys, without what all of them share: `{"0.role": "user", "0.content": "..."}`. That
is what the engine can do cheaply at every insert; `listed_messages` gives a reader the list of messages.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final

from pitwall.ingest.mapping.slots import has_field
from pitwall.ingest.mapping.sql import lookup, quote, strings
from pitwall.ingest.mapping.tables import ANSWER_EVENT, INDEXED, MESSAGE_BODY_KEY, MESSAGE_ROLES
from pitwall.ingest.mapping.values import json_text

_KEY: Final = re.compile(r"[0-9]{1,6}\.")
_BEGINNING: Final = re.compile(rf'\{{"{_KEY.pattern}')
# A pair of such an object, or the beginning of the last one.
_PAIR: Final = re.compile(r'"([0-9]{1,6}\.[^"\\]+)":"((?:[^"\\]|\\.)*\\?)', re.DOTALL)
_BACKSLASH: Final = "\\"
_WRAPPERS: Final = frozenset({"tool_call", "message_content"})
_PREFIXES: Final = {indexed.name: indexed.prefixes for indexed in INDEXED}
_SPEAKERS: Final = {**MESSAGE_ROLES, ANSWER_EVENT: "assistant"}
_SIDES: Final = (tuple(MESSAGE_ROLES), (ANSWER_EVENT,))


def _pattern(name: str) -> str:
    prefixes = "|".join(prefix.replace(".", "[.]") for prefix in _PREFIXES[name])
    return f"^(?:{prefixes})[.]([0-9]+)[.](?:message[.])?"


def messages_sql(name: str) -> str:
    """JSON object of the numbered list `name`, '' when the span has none."""
    pattern = quote(_pattern(name))
    listed = f"match(k, {pattern})"
    keys = f"arrayMap(k -> replaceRegexpOne(k, {pattern}, '\\\\1.'), arrayFilter(k -> {listed}, keys))"
    values = f"arrayFilter((v, k) -> {listed}, vals, keys)"
    return f"if({has_field(name)}, toJSONString(mapFromArrays({keys}, {values})), '')"


def gather_messages(name: str, attributes: Mapping[str, str]) -> str:
    """The same in Python."""
    pattern = re.compile(_pattern(name), re.ASCII)
    found = [(pattern.sub(r"\1.", key), value) for key, value in attributes.items() if pattern.match(key)]
    return "{" + ",".join(f"{json_text(key)}:{json_text(value)}" for key, value in found) + "}"


def with_instructions_sql(instructions: str, text: str) -> str:
    """The input with the system instructions as its first message; a text that is no JSON list stays."""
    # Named where they first stand: an expression that is written twice is planned twice.
    spoken = "if(startsWith(told, '['), concat('parts\":', told), concat('content\":', toJSONString(told)))"
    rest = "if(empty(said_input), ']', concat(',', substring(said_input, 2)))"
    return (
        f"multiIf(empty({instructions} AS told), {text} AS said_input, "
        f"empty(said_input) OR startsWith(said_input, '[{{'), "
        f'concat(\'[{{"role":"system","\', {spoken}, \'}}\', {rest}), said_input)'
    )


def with_instructions(instructions: str, text: str) -> str:
    """The same in Python."""
    if not instructions or (text and not text.startswith("[{")):
        return text
    is_list = instructions.startswith("[")
    body = f'"parts":{instructions}' if is_list else f'"content":{json_text(instructions)}'
    message = f'{{"role":"system",{body}}}'
    return f"[{message},{text[1:]}" if text else f"[{message}]"


def event_messages_sql() -> str:
    """Array of two texts, input and output: JSON lists of the span events that are a message, '' for none.

    A message is the attributes of its event and who speaks, or what `MESSAGE_BODY_KEY` holds.
    """
    attributes, name = "tupleElement(e, 'attributes')", "tupleElement(e, 'name')"
    body = f"{attributes}[{quote(MESSAGE_BODY_KEY)}]"
    flat = f"toJSONString(mapUpdate(map('role', {lookup(name, _SPEAKERS, quote(''))}), {attributes}))"
    messages = (
        f"arrayMap(e -> if(startsWith({body} AS whole, '{{'), whole, {flat}), "
        f"arrayFilter(e -> has(side, {name}), events))"
    )
    listed = f"concat('[', arrayStringConcat({messages}, ','), ']')"
    sides = f"[{', '.join(map(strings, _SIDES))}]"
    is_there = f"hasAny(tupleElement(events, 'name'), {strings(_SPEAKERS)})"
    said = f"if(({listed} AS listed) = '[]', '', listed)"
    return f"if({is_there}, arrayMap(side -> {said}, {sides}), ['', ''])"


def event_messages(events: Sequence[tuple[str, Mapping[str, str]]]) -> tuple[str, str]:
    """The same in Python, from names and attributes of span events."""
    sides = []
    for names in _SIDES:
        messages = [_event_message(name, attributes) for name, attributes in events if name in names]
        sides.append(f"[{','.join(messages)}]" if messages else "")
    return sides[0], sides[1]


def _event_message(name: str, attributes: Mapping[str, str]) -> str:
    body = attributes.get(MESSAGE_BODY_KEY, "")
    if body.startswith("{"):
        return body
    parts = attributes if "role" in attributes else {"role": _SPEAKERS[name], **attributes}
    return "{" + ",".join(f"{json_text(key)}:{json_text(value)}" for key, value in parts.items()) + "}"


def listed_messages(text: str) -> str:
    """The JSON list of messages that a reader is shown for a text of the form that `messages_sql` makes.

    Of a text that was cut, such as a preview, as much as is there; any other text as it is.
    """
    if not _BEGINNING.match(text):
        return text
    try:
        messages = unflatten_messages(text)
    except json.JSONDecodeError:
        messages = _gathered((key, _uncut(value)) for key, value in _PAIR.findall(text))
    except ValueError:
        return text
    return json.dumps(messages, ensure_ascii=False) if messages else text


def unflatten_messages(text: str) -> list[dict[str, Any]]:
    """The list of messages in the order of their numbers, their parts nested as their keys say.

    `tool_calls.0.tool_call.function.name` is the name of the function of the first of a list of tool calls:
    that a list holds tool calls or contents is not said twice.

    Raises:
        ValueError: The text is not an object of the form that `messages_sql` makes.
    """
    flat = json.loads(text)
    if not all(_KEY.match(key) and isinstance(value, str) for key, value in flat.items()):
        raise ValueError("it has a member that is no part of a message")
    return _gathered(flat.items())


def _gathered(pairs: Iterable[tuple[str, str]]) -> list[dict[str, Any]]:
    messages: dict[int, dict[str, Any]] = {}
    # Short keys first: a value then never takes the place of what its deeper parts made.
    for key, value in sorted(pairs, key=lambda pair: pair[0].count(".")):
        number, _, part = key.partition(".")
        _place(messages.setdefault(int(number), {}), _steps(part), value)
    return [_listed(messages[number]) for number in sorted(messages)]


def _steps(part: str) -> list[str]:
    steps = part.split(".")
    return [
        step for at, step in enumerate(steps) if not (at and step in _WRAPPERS and steps[at - 1].isdigit())
    ]


def _place(tree: dict[str, Any], steps: list[str], value: Any) -> None:
    """Put a value where its steps lead; where a value stands in the way, the rest of the steps is its key."""
    for at, step in enumerate(steps[:-1]):
        inner = tree.setdefault(step, {})
        if not isinstance(inner, dict):
            tree[".".join(steps[at:])] = value
            return
        tree = inner
    tree[steps[-1]] = value


def _listed(tree: Any) -> Any:
    """The tree with lists where all keys are numbers."""
    if not isinstance(tree, dict):
        return tree
    if tree and all(key.isascii() and key.isdigit() for key in tree):
        return [_listed(tree[key]) for key in sorted(tree, key=int)]
    return {key: _listed(value) for key, value in tree.items()}


def _uncut(value: str) -> str:
    """A JSON string without its quotes, perhaps cut within an escape."""
    try:
        return str(json.loads(f'"{value}"', strict=False))
    except ValueError:
        return str(json.loads(f'"{value[: value.rindex(_BACKSLASH)]}"', strict=False))
