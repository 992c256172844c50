"""One message of any SDK: who speaks, and its parts.

The content may stand in several members at once: reasoning beside the words, tool calls beside both, files
beside those. Messages of LangChain are unwrapped, items of OpenAI's Responses API that have no role get one.
"""

from __future__ import annotations

from typing import Any, Final

from pitwall.traces.conversation.parts import as_result, is_call, read_call, read_parts
from pitwall.traces.conversation.types import Message, Part, PartType, Side
from pitwall.traces.conversation.values import JsonObject, first, parsed_member, short_text, written

MAX_PARTS: Final = 500
_MAX_UNWRAPPED: Final = 6

_ROLES: Final = {
    **dict.fromkeys(("human", "humanmessage", "humanmessagechunk"), "user"),
    **dict.fromkeys(("ai", "aimessage", "aimessagechunk", "model", "bot", "chatbot"), "assistant"),
    **dict.fromkeys(("systemmessage", "systemmessagechunk"), "system"),
    **dict.fromkeys(("toolmessage", "toolmessagechunk", "function", "functionmessage", "ipython"), "tool"),
    "chatmessage": "user",
}
_SPEAKERS: Final = frozenset({"system", "developer", "user", "assistant", "tool", *_ROLES})
# Items of OpenAI's Responses API that say what they are instead of who speaks.
_ITEM_ROLES: Final = {
    **dict.fromkeys(("function_call", "custom_tool_call", "mcp_call", "reasoning"), "assistant"),
    **dict.fromkeys(("web_search_call", "file_search_call", "code_interpreter_call"), "assistant"),
    **dict.fromkeys(("computer_call", "local_shell_call", "image_generation_call"), "assistant"),
    **dict.fromkeys(("function_call_output", "custom_tool_call_output", "computer_call_output"), "tool"),
    "local_shell_call_output": "tool",
}
_REASONING: Final = ("reasoning_content", "reasoning", "thinking", "thinking_content")
_CONTENTS: Final = ("content", "parts", "contents", "text", "message", "refusal", "audio", "images", "files")
_CALLS: Final = ("tool_calls", "toolCalls", "function_call", "functionCall")
_OLD_CALL: Final = "function_call_name"
CONTENTS: Final = frozenset({*_REASONING, *_CONTENTS, *_CALLS, _OLD_CALL, "additional_kwargs"})
_EVENT_NAME: Final = "event.name"
_MEDIA_OF: Final = {"images": "image", "audio": "audio", "files": "file"}


def is_message(value: Any) -> bool:
    """Whether it can be nothing but a message, or an item of the Responses API."""
    if not isinstance(value, dict):
        return False
    value = unwrapped(value)
    if is_item(value):
        return True
    has_speaker = value.get("role") not in (None, "") or _speaker(value) is not None
    return has_speaker and not CONTENTS.isdisjoint(value)


def is_item(value: JsonObject) -> bool:
    """Whether it is an item of the Responses API that has no role."""
    return _kind(value) in _ITEM_ROLES and "role" not in value


def unwrapped(value: JsonObject) -> JsonObject:
    """The message itself of a serialised LangChain message or of an event that holds one."""
    for _ in range(_MAX_UNWRAPPED):
        inner = _inside(value)
        if inner is None:
            return value
        value = inner
    return value


def read_message(raw: Any, side: Side) -> Message:
    """Read a message; what is none is one of whoever speaks on this side.

    Raises:
        RecursionError: It is nested too deeply.
    """
    if not isinstance(raw, dict):
        return _spoken(raw, side)
    value = unwrapped(raw)
    role = _role(value, side)
    value, omitted = _cut(value)
    parts = _parts(value, role)
    if not parts and CONTENTS.isdisjoint(value):
        parts = [Part(type=PartType.DATA, text=written(value))] if value else []
    omitted += max(0, len(parts) - MAX_PARTS)
    if role == "tool" and parts and all(part.type is PartType.TOOL_CALL for part in parts):
        role = "assistant"  # Koog lets the tool say that it is called.
    return Message(role=role, side=side, parts=parts[:MAX_PARTS], name=_name(value), omitted_parts=omitted)


def _spoken(raw: Any, side: Side) -> Message:
    if isinstance(raw, list) and len(raw) == 2 and isinstance(raw[0], str) and raw[0].lower() in _SPEAKERS:
        return read_message({"role": raw[0], "content": raw[1]}, side)  # LangChain's short form
    value, omitted = _cut({"content": raw})
    parts = read_parts(value["content"])
    omitted += max(0, len(parts) - MAX_PARTS)
    return Message(role=side.default_role, side=side, parts=parts[:MAX_PARTS], omitted_parts=omitted)


def _cut(value: JsonObject) -> tuple[JsonObject, int]:
    """The message with the first parts of long lists, and how many were left out."""
    lists = {name: part for name, part in value.items() if isinstance(part, list) and len(part) > MAX_PARTS}
    cut = {name: part[:MAX_PARTS] for name, part in lists.items()}
    return {**value, **cut}, sum(len(part) - MAX_PARTS for part in lists.values())


def _inside(value: JsonObject) -> JsonObject | None:
    if value.get("lc") is not None and isinstance(value.get("kwargs"), dict):
        path = value.get("id")
        said = path[-1] if isinstance(path, list) and path else None
        return {"type": said, **value["kwargs"]} if isinstance(said, str) else value["kwargs"]
    if _speaker(value) is not None and isinstance(value.get("data"), dict) and "content" in value["data"]:
        return {"type": value["type"], **value["data"]}
    message = parsed_member(value.get("message"))
    if isinstance(message, dict) and not CONTENTS.isdisjoint(message) and "content" not in value:
        return {"role": value.get("role") or "assistant", **message}
    return None


def _speaker(value: JsonObject) -> str | None:
    """The role that LangChain writes as a type: `human`, `AIMessage`."""
    kind = _kind(value).lower()
    return kind if kind in _SPEAKERS else None


def _kind(value: JsonObject) -> str:
    kind = value.get("type")
    return kind if isinstance(kind, str) else ""


def _role(value: JsonObject, side: Side) -> str:
    said = first(value, ("role", "author"))
    said = first(said, ("role", "name")) if isinstance(said, dict) else said
    if said is None:
        by_type = _ITEM_ROLES.get(_kind(value))
        return by_type or _named_role(_speaker(value) or _event_role(value)) or side.default_role
    return _named_role(short_text(said, 60)) or side.default_role


def _named_role(text: str | None) -> str | None:
    if text is None or not text.strip():
        return None
    lower = text.strip().lower()
    return _ROLES.get(lower, lower if lower in _SPEAKERS else text.strip())


def _event_role(value: JsonObject) -> str | None:
    name = value.get(_EVENT_NAME)
    if not isinstance(name, str) or not name.startswith("gen_ai."):
        return None
    return "assistant" if name == "gen_ai.choice" else name.split(".")[1]


def _name(value: JsonObject) -> str | None:
    if is_item(value):
        return None
    named = first(value, ("name", "author"))
    return short_text(named) if isinstance(named, str) else None


def _parts(value: JsonObject, role: str) -> list[Part]:
    if is_item(value):
        return read_parts(value)
    more = value.get("additional_kwargs")
    more = more if isinstance(more, dict) else {}
    parts = _reasoning(value, more)
    for name in _CONTENTS:
        # `text` often repeats the content.
        parts += [part for part in _content(name, value.get(name)) if name != "text" or part not in parts]
    if role == "tool" and not any(part.type is PartType.TOOL_CALL for part in parts):
        call_id = short_text(first(value, ("tool_call_id", "toolCallId", "tool_use_id", "call_id", "id")))
        parts = as_result(parts, name=_name(value), call_id=call_id)
    known = {part.tool_call_id for part in parts if part.type is PartType.TOOL_CALL}
    calls = [call for source in (value, more) for name in _CALLS for call in _calls(source.get(name))]
    calls += _old_call(value)
    for call in calls:
        if call.tool_call_id is None or call.tool_call_id not in known:
            parts.append(call)
            known.add(call.tool_call_id)
    return parts


def _content(name: str, content: Any) -> list[Part]:
    kind = _MEDIA_OF.get(name)
    if kind is None or content is None:
        return read_parts(content)
    content = parsed_member(content)
    items = content if isinstance(content, list) else [content]
    return read_parts([item if _is_typed(item) else {"type": kind, kind: item} for item in items if item])


def _is_typed(item: Any) -> bool:
    return isinstance(item, dict) and "type" in item


def _reasoning(value: JsonObject, more: JsonObject) -> list[Part]:
    said = first(value, _REASONING) or first(more, _REASONING)
    if said is None or isinstance(said, bool):
        return []
    return read_parts({"type": "reasoning", "text": said})


def _calls(raw: Any) -> list[Part]:
    raw = parsed_member(raw)
    items = raw if isinstance(raw, list) else [raw]
    return [_call(parsed_member(item)) for item in items if item]


def _old_call(value: JsonObject) -> list[Part]:
    """A function call as OpenInference spreads it over two members."""
    name, arguments = value.get(_OLD_CALL), value.get("function_call_arguments_json")
    return [read_call({"name": name, "arguments": arguments})] if name else []


def _call(item: Any) -> Part:
    names = ("name", "toolName", "function", "tool_name")
    if isinstance(item, dict) and (is_call(item) or first(item, names)):
        return read_call(item)
    return Part(type=PartType.DATA, text=written(item))
