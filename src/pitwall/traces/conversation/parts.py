"""The content of a message as parts: what OpenAI, Anthropic, Gemini, Bedrock, OpenTelemetry, Vercel and
LangChain call text, thinking, tool calls, tool results and files.

A part says what it is by its `type`, or by the name of its only member (Gemini, Bedrock). One that is neither
becomes data: nothing is lost.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

from pitwall.traces.conversation.media import read_media
from pitwall.traces.conversation.types import MEDIA_TYPES, Part, PartType
from pitwall.traces.conversation.values import (
    JsonObject,
    first,
    parsed,
    readable,
    short_text,
    without_files,
    written,
)

MAX_DEPTH: Final = 6

_TEXTS: Final = frozenset("text input_text output_text summary_text refusal plain_text markdown".split())
_REASONING: Final = frozenset(
    "reasoning thinking redacted_thinking reasoning_text reasoning_content thought redacted_reasoning".split()
)
_CALLS: Final = frozenset(
    (
        "tool_call tool_use function_call server_tool_use mcp_call mcp_tool_use custom_tool_call "
        "computer_call web_search_call file_search_call code_interpreter_call local_shell_call "
        "tool_call_request"
    ).split()
)
_RESULTS: Final = frozenset(
    (
        "tool_call_response tool_result function_call_output tool_response function_response "
        "computer_call_output custom_tool_call_output local_shell_call_output web_search_tool_result "
        "code_execution_tool_result mcp_tool_result"
    ).split()
)
_MEDIA: Final = frozenset(
    (
        "image image_url input_image output_image image_file image_generation_call audio input_audio "
        "audio_url output_audio video video_url input_video file input_file document blob uri media file_data"
    ).split()
)
_TEXT_NAMES: Final = ("text", "content", "value", "refusal", "input_text", "output_text")
_REASONING_NAMES: Final = ("thinking", "reasoning", "reasoning_text", "text", "content", "summary")
_HIDDEN_NAMES: Final = ("encrypted_content", "data", "redactedContent", "redacted_content", "signature")
_NAME_NAMES: Final = ("name", "tool_name", "toolName")
_ID_NAMES: Final = ("call_id", "tool_call_id", "toolCallId", "tool_use_id", "toolUseId", "id")
_ARGUMENT_NAMES: Final = (
    *("arguments", "args", "input", "parameters", "params"),
    *("action", "code", "queries", "query", "partial_json"),
)
# A part that is a file has one of these.
_CARRIERS: Final = frozenset(
    "source data image_url input_audio file_data file_id file_uri uri url blob image audio inlineData".split()
)
# What may stand beside the member that says what an untyped part is.
_BESIDE: Final = frozenset(
    "type thought thoughtSignature thought_signature videoMetadata video_metadata cache_control index".split()
)
_RESULT_NAMES: Final = ("response", "result", "output", "content", "results", "outputs", "value")


def read_parts(content: Any, depth: int = MAX_DEPTH) -> list[Part]:
    """Everything that a message's content says, in order.

    Raises:
        RecursionError: The content is nested too deeply.
    """
    match content:
        case None | "" | []:
            return []
        case str():
            return _text_parts(content, depth)
        case list():
            return [part for item in content for part in _item(item, depth)]
        case dict():
            return _item(content, depth) if content else []
        case _:
            return [Part(type=PartType.DATA, text=written(content))]


def read_call(call: JsonObject) -> Part:
    """A tool call in any of the forms there are; a `function` inside says more than what is around it."""
    nested = (call[key] for key in ("function", "custom") if isinstance(call.get(key), dict))
    inner: JsonObject = next(nested, {})
    return Part(
        type=PartType.TOOL_CALL,
        tool_name=short_text(first(inner, _NAME_NAMES) or first(call, _NAME_NAMES) or _built_in(call)),
        tool_call_id=short_text(first(call, _ID_NAMES)),
        arguments=_arguments(first(inner, _ARGUMENT_NAMES) or first(call, _ARGUMENT_NAMES)),
    )


def is_call(value: Any) -> bool:
    """Whether it is a tool call as OpenAI's chat API writes it; a definition has parameters instead."""
    return (
        isinstance(value, dict)
        and isinstance(value.get("function"), dict)
        and "arguments" in value["function"]
        and "parameters" not in value["function"]
    )


def is_part(value: Any) -> bool:
    """Whether it can be nothing but a part: JSON that a tool answers or a user writes often has types too."""
    if not isinstance(value, dict):
        return False
    kind = _kind_of(value)
    if kind in _TEXTS | _REASONING:
        return isinstance(first(value, (*_TEXT_NAMES, *_REASONING_NAMES)), str)
    if kind in _CALLS:
        return first(value, _NAME_NAMES) is not None and first(value, _ARGUMENT_NAMES) is not None
    if kind in _RESULTS | _MEDIA:
        return not value.keys().isdisjoint(_ID_NAMES[:-1] if kind in _RESULTS else _CARRIERS)
    return is_call(value) or _named(value) is not None


def result_parts(value: Any, *, name: str | None, call_id: str | None, depth: int = MAX_DEPTH) -> list[Part]:
    """A tool's answer; images and files of it follow as parts of their own."""
    value = _value_of(value)
    parts = read_parts(value, depth - 1) if _is_content(value) else []
    texts = [part.text or "" for part in parts if part.type not in MEDIA_TYPES]
    text = "\n".join(text for text in texts if text) if parts else None if value is None else written(value)
    result = Part(type=PartType.TOOL_RESULT, text=text, tool_name=name, tool_call_id=call_id)
    return [result, *(part for part in parts if part.type in MEDIA_TYPES)]


def as_result(parts: list[Part], *, name: str | None, call_id: str | None) -> list[Part]:
    """The parts of a message that a tool speaks: its words are a result, also where nobody says so."""
    return [
        Part(type=PartType.TOOL_RESULT, text=part.text, tool_name=name, tool_call_id=call_id)
        if part.type in (PartType.TEXT, PartType.DATA)
        else part
        for part in parts
    ]


def _text_parts(text: str, depth: int) -> list[Part]:
    """Words; but some instrumentations write a list of parts as JSON where the words belong."""
    inside = parsed(text) if text.lstrip()[:2] in ("[{", "[\n") or text.startswith('{"type"') else text
    items = inside if isinstance(inside, list) else [inside]
    if depth > 0 and items and all(map(is_part, items)):
        return [part for item in items for part in _item(item, depth - 1)]
    return [Part(type=PartType.TEXT, text=readable(text))]


def _item(item: Any, depth: int) -> list[Part]:
    if isinstance(item, str):
        return [Part(type=PartType.TEXT, text=readable(item))] if item else []
    if not isinstance(item, dict) or depth <= 0:
        return [_data(item)]
    reader = _BY_TYPE.get(_kind_of(item)) or (_call_parts if is_call(item) else None)
    if reader is not None:
        return reader(item, depth)
    found = _named(item)
    return _BY_MEMBER[found](item, depth) if found is not None else [_data(item)]


def _data(value: Any) -> Part:
    return Part(type=PartType.DATA, text=written(value))


def _kind_of(block: JsonObject) -> str:
    kind = block.get("type")
    return kind.lower().replace("-", "_") if isinstance(kind, str) else ""


def _plain(block: JsonObject, _depth: int) -> list[Part]:
    text = first(block, _TEXT_NAMES)
    if isinstance(text, dict):
        text = first(text, ("value", "text")) or text
    if text is None:
        return []
    if not isinstance(text, str):
        return [_data(text)]
    # Gemini marks its thoughts.
    is_thought = block.get("thought") is True
    return [Part(type=PartType.REASONING if is_thought else PartType.TEXT, text=readable(text))]


def _reasoning(block: JsonObject, depth: int) -> list[Part]:
    said = [block[name] for name in _REASONING_NAMES if block.get(name)]
    texts = [_joined(value, depth) for value in said]
    text = "\n".join(text for text in texts if text) or None
    hidden = first(block, _HIDDEN_NAMES) if text is None else None
    size = len(hidden.encode("utf-8", "replace")) if isinstance(hidden, str) else None
    return [Part(type=PartType.REASONING, text=text, bytes=size)]


def _joined(value: Any, depth: int) -> str:
    if isinstance(value, str):
        return readable(value)
    return "\n".join(part.text or "" for part in read_parts(value, depth - 1))


def _call_parts(block: JsonObject, depth: int) -> list[Part]:
    call = read_call(block)
    answer = first(block, ("output", "results", "outputs"))
    if answer is None:
        return [call]
    return [call, *result_parts(answer, name=call.tool_name, call_id=call.tool_call_id, depth=depth)]


def _result(block: JsonObject, depth: int) -> list[Part]:
    name, call_id = short_text(first(block, _NAME_NAMES)), short_text(first(block, _ID_NAMES))
    return result_parts(first(block, _RESULT_NAMES), name=name, call_id=call_id, depth=depth)


def _media(block: JsonObject, depth: int) -> list[Part]:
    source = block.get("source")
    if isinstance(source, dict) and source.get("type") in ("text", "content"):
        # A document that is words, not a file.
        said = read_parts(first(source, ("data", "content")), depth - 1)
        texts = "\n".join(part.text for part in said if part.text)
        media_type = short_text(source.get("media_type"))
        return [Part(type=PartType.FILE, text=texts, media_type=media_type)]
    return [read_media(_kind_of(block), block)]


def _built_in(call: JsonObject) -> str | None:
    """The name of a tool of the provider's: `web_search` of a `web_search_call`."""
    kind = _kind_of(call)
    return kind.removesuffix("_call") if kind.endswith("_call") and kind not in _PLAIN_CALLS else None


_PLAIN_CALLS: Final = frozenset({"tool_call", "function_call", "custom_tool_call", "mcp_call"})


def _arguments(value: Any) -> str | None:
    if value is None:
        return None
    text = written(value)
    # Written by the model, or by an SDK that escapes what is not ASCII.
    return without_files(text if "\\u" not in text else _unescaped(text))


def _unescaped(text: str) -> str:
    inside = parsed(text)
    return text if isinstance(inside, str) else written(inside)


def _value_of(value: Any) -> Any:
    """What a Vercel or Bedrock result holds: its value, without what kind of value it is."""
    if isinstance(value, dict) and "value" in value and _kind_of(value) in _VALUE_KINDS:
        return value["value"]
    return value


_VALUE_KINDS: Final = frozenset({"text", "json", "content", "error_text", "error_json"})


def _is_content(value: Any) -> bool:
    items = value if isinstance(value, list) else [value]
    return bool(items) and all(map(is_part, items))


def _named(block: JsonObject) -> str | None:
    """The member that says what an untyped part is, as Gemini and Bedrock write it."""
    if _kind_of(block) not in ("", "part"):
        return None
    said = [name for name, member in block.items() if member is not None and name not in _BESIDE]
    return said[0] if len(said) == 1 and said[0] in _BY_MEMBER else None


def _inside(
    name: str, read: Callable[[JsonObject, int], list[Part]]
) -> Callable[[JsonObject, int], list[Part]]:
    def read_inner(block: JsonObject, depth: int) -> list[Part]:
        inner = block[name]
        return read(inner, depth - 1) if isinstance(inner, dict) else [_data(block)]

    return read_inner


def _media_named(kind: str) -> Callable[[JsonObject, int], list[Part]]:
    return lambda block, _depth: [read_media(kind, block)]


def _reasoned(block: JsonObject, depth: int) -> list[Part]:
    inner = block["reasoningContent"]
    text = inner.get("reasoningText") if isinstance(inner, dict) else None
    return _reasoning(text if isinstance(text, dict) else inner if isinstance(inner, dict) else block, depth)


_BY_TYPE: Final[dict[str, Callable[[JsonObject, int], list[Part]]]] = {
    **dict.fromkeys(_TEXTS, _plain),
    **dict.fromkeys(_REASONING, _reasoning),
    **dict.fromkeys(_CALLS, _call_parts),
    **dict.fromkeys(_RESULTS, _result),
    **dict.fromkeys(_MEDIA, _media),
}
_BY_MEMBER: Final[dict[str, Callable[[JsonObject, int], list[Part]]]] = {
    "text": _plain,
    "functionCall": _inside("functionCall", _call_parts),
    "function_call": _inside("function_call", _call_parts),
    "functionResponse": _inside("functionResponse", _result),
    "function_response": _inside("function_response", _result),
    "toolUse": _inside("toolUse", _call_parts),
    "toolResult": _inside("toolResult", _result),
    "reasoningContent": _reasoned,
    "inlineData": _media_named("file"),
    "inline_data": _media_named("file"),
    "fileData": _media_named("file"),
    "file_data": _media_named("file"),
    "image": _media_named("image"),
    "audio": _media_named("audio"),
    "document": _media_named("file"),
    "video": _media_named("video"),
}
