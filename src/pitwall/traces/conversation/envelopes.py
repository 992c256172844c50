"""Where the messages are in what a call was asked with or answered: one small reader per family of APIs.

A reader gets a JSON value and gives the raw messages in it, None if it is not of its family. They are tried
in order, the most telling shapes first. What is read is certain: a value that only might be a conversation is
for the caller to show as a whole.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, Final

from pitwall.traces.conversation.messages import CONTENTS, is_message
from pitwall.traces.conversation.parts import is_part
from pitwall.traces.conversation.types import Side
from pitwall.traces.conversation.values import JsonObject, first, parsed_member

Raw = list[Any]
Reader = Callable[[Any, Side], Raw | None]

_MAX_NESTED: Final = 4
_WRAPPERS: Final = (
    *("inputs", "input", "kwargs", "request", "body", "llm_request", "payload"),
    *("outputs", "output", "response", "llm_response", "result", "data"),
)
# Members of an answer beside its text that say nothing themselves.
_ABOUT_TEXT: Final = frozenset(
    (
        "finish_reason finishReason finish_reasons stop_reason model id created created_at done done_reason "
        "object role total_duration load_duration prompt_eval_count prompt_eval_duration eval_count "
        "eval_duration usage index logprobs type system_fingerprint token_count generation_info name"
    ).split()
)


def find_messages(value: Any, side: Side, depth: int = _MAX_NESTED) -> Raw | None:
    """The raw messages in a value, None if it holds none that are certain.

    Raises:
        RecursionError: The value is nested too deeply.
    """
    for reader in _READERS:
        found = reader(value, side)
        if found is not None:
            return found
    if not isinstance(value, dict) or depth <= 0:
        return None
    for name in _WRAPPERS:
        inner = parsed_member(value.get(name))
        found = find_messages(inner, side, depth - 1) if isinstance(inner, dict | list) else None
        if found is not None:
            return found
    return None


def find_likely(value: Any) -> Raw | None:
    """The raw messages of a value that is one if it is a model's: messages without a role, a text alone."""
    items = value if isinstance(value, list) else [value]
    if items and all(isinstance(item, dict) and _is_talk(item) for item in items):
        return list(items)
    return _text_alone(value) if isinstance(value, dict) else None


def _is_talk(item: JsonObject) -> bool:
    return not CONTENTS.isdisjoint(item) and item.keys() <= CONTENTS | _ABOUT_TEXT


def _text_alone(value: JsonObject) -> Raw | None:
    """A message of an object whose only content is a text, as completion APIs ask and answer."""
    about = _ABOUT_TEXT | {"context"} if _is_numbers(value.get("context")) else _ABOUT_TEXT
    said = {name for name, member in value.items() if member is not None} - about - _BESIDE_TEXT
    text = value[next(iter(said))] if len(said) == 1 else None
    if not isinstance(text, str) or not said <= _TEXTS:
        return None
    rest = {name: value[name] for name in ("thinking", "images") if value.get(name)}
    return [*_instructions(value, ("system",)), {"content": text, **rest}]


def _is_numbers(value: Any) -> bool:
    """Whether it is what Ollama calls the context: tokens as numbers."""
    return isinstance(value, list) and all(type(item) is int for item in value)


_TEXTS: Final = frozenset(
    "text prompt response completion answer output_text generated_text input output query question".split()
)
_BESIDE_TEXT: Final = frozenset({"thinking", "images", "system"})


def _message_list(value: Any, side: Side) -> Raw | None:
    """A list of messages or items; lists of one batch of messages each, as LangChain hands them over."""
    if not isinstance(value, list) or not value:
        return None
    if all(isinstance(item, list) for item in value):
        inner = [_message_list(item, side) for item in value]
        return [one for batch in inner if batch for one in batch] if any(inner) else _pairs(value)
    # What is no message among messages is shown as it is.
    return list(value) if any(map(is_message, value)) else None


def _pairs(value: Sequence[Any]) -> Raw | None:
    """LangChain's short form: `["human", "hello"]`."""
    speakers = ("human", "ai", "system", "user", "assistant", "tool", "developer")
    is_all = all(len(pair) == 2 and pair[0] in speakers and isinstance(pair[1], str) for pair in value)
    return [{"role": role, "content": text} for role, text in value] if is_all else None


def _one_message(value: Any, _side: Side) -> Raw | None:
    return [value] if is_message(value) else None


def _choices(value: Any, _side: Side) -> Raw | None:
    """Answers of OpenAI's chat and completion APIs, also as a list of streamed pieces."""
    pieces = value if isinstance(value, list) else [value]
    if not pieces or not all(isinstance(piece, dict) and _has_list(piece, "choices") for piece in pieces):
        return None
    choices = [choice for piece in pieces for choice in piece["choices"] if isinstance(choice, dict)]
    if any(isinstance(choice.get("delta"), dict) for choice in choices):
        return _streamed(choices)
    return [_choice(choice) for choice in choices]


def _choice(choice: JsonObject) -> Any:
    message = choice.get("message")
    return message if isinstance(message, dict) else {"role": "assistant", "content": choice.get("text")}


def _streamed(choices: Sequence[JsonObject]) -> Raw:
    """One message of the pieces of a stream; calls of tools stay pieces, joined by their index."""
    deltas = [choice["delta"] for choice in choices if isinstance(choice.get("delta"), dict)]
    joined: dict[str, Any] = {"role": "assistant"}
    for name in ("reasoning_content", "content"):
        joined[name] = "".join(delta[name] for delta in deltas if isinstance(delta.get(name), str))
    calls: dict[Any, dict[str, Any]] = {}
    lists = [delta["tool_calls"] for delta in deltas if isinstance(delta.get("tool_calls"), list)]
    for piece in (piece for pieces in lists for piece in pieces):
        if isinstance(piece, dict):
            _add_piece(calls.setdefault(str(piece.get("index")), {}), piece)
    return [{**joined, "tool_calls": list(calls.values())}]


def _add_piece(call: dict[str, Any], piece: JsonObject) -> None:
    inner = piece.get("function")
    inner = inner if isinstance(inner, dict) else {}
    call["id"] = call.get("id") or piece.get("id")
    function = call.setdefault("function", {"name": None, "arguments": ""})
    function["name"] = function["name"] or inner.get("name")
    if isinstance(inner.get("arguments"), str):
        function["arguments"] += inner["arguments"]


def _messages_member(value: Any, side: Side) -> Raw | None:
    """A request of OpenAI's chat API, Anthropic's, Cohere's or Ollama's, or the state of a graph."""
    if not isinstance(value, dict):
        return None
    messages = parsed_member(first(value, ("messages", "prompt", "chat_history")))
    found = _message_list(messages, side) or _one_message(messages, side)
    if found is None:
        return None
    last = [{"content": value["message"]}] if "chat_history" in value and value.get("message") else []
    return [*_instructions(value, ("system", "instructions", "preamble")), *found, *last]


def _responses(value: Any, side: Side) -> Raw | None:
    """OpenAI's Responses API: `input` and `instructions` of a request, `output` of an answer."""
    if not isinstance(value, dict):
        return None
    if side is Side.OUTPUT:
        return _message_list(value.get("output"), side)
    asked = parsed_member(value.get("input"))
    found = _message_list(asked, side)
    if found is None and isinstance(asked, str) and {"model", "instructions"} & value.keys():
        found = [{"role": "user", "content": asked}]
    return None if found is None else [*_instructions(value, ("instructions",)), *found]


def _gemini(value: Any, side: Side) -> Raw | None:
    """Gemini's `contents` of a request and `candidates` of an answer; Google ADK has the content alone."""
    if not isinstance(value, dict):
        return None
    if _has_list(value, "candidates"):
        contents = [one.get("content") for one in value["candidates"] if isinstance(one, dict)]
        return [{"role": "model", **content} for content in contents if isinstance(content, dict)]
    content = value.get("content")
    if isinstance(content, dict) and "parts" in content:
        return [{"role": side.default_role, **content}]
    asked = parsed_member(value.get("contents"))
    if asked is None or isinstance(asked, bool):
        return None
    config = value.get("config")
    told = [*_gemini_told(value), *(_gemini_told(config) if isinstance(config, dict) else ())]
    items = asked if isinstance(asked, list) else [asked]
    is_parts = bool(items) and all(map(is_part, items))
    return [*told, *([{"parts": items}] if is_parts else [_gemini_content(item) for item in items])]


def _gemini_content(item: Any) -> Any:
    return {"role": "user", **item} if isinstance(item, dict) and "parts" in item else item


def _gemini_told(value: JsonObject) -> Raw:
    told = first(value, ("systemInstruction", "system_instruction"))
    if isinstance(told, dict):
        told = told.get("parts") or told
    return [] if told is None else [{"role": "system", "content": told}]


def _generations(value: Any, _side: Side) -> Raw | None:
    """LangChain's `LLMResult`: lists of candidates for each prompt."""
    if not isinstance(value, dict) or not _has_list(value, "generations"):
        return None
    batches = [batch if isinstance(batch, list) else [batch] for batch in value["generations"]]
    items = [item for batch in batches for item in batch if isinstance(item, dict)]
    return [item["message"] if isinstance(item.get("message"), dict) else item for item in items] or None


def _parts_alone(value: Any, _side: Side) -> Raw | None:
    """The content of one message without anything around it."""
    items = value if isinstance(value, list) else [value]
    return [{"content": items}] if items and all(map(is_part, items)) else None


def _instructions(value: JsonObject, names: Sequence[str]) -> Raw:
    told = first(value, names)
    return [] if told is None else [{"role": "system", "content": told}]


def _has_list(value: JsonObject, name: str) -> bool:
    return isinstance(value.get(name), list) and bool(value[name])


_READERS: Final[tuple[Reader, ...]] = (
    _message_list,
    _choices,
    _messages_member,
    _generations,
    _gemini,
    _one_message,
    _responses,
    _parts_alone,
)
