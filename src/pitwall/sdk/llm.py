"""Recording a call of a language model."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from typing import Any, Self

from pitwall.core.vocabulary import SpanKind, TokenSource
from pitwall.sdk import names
from pitwall.sdk.operation import RetryableOperation
from pitwall.sdk.runtime import runtime
from pitwall.sdk.values import MAX_CONTENT_CHARS, content_text, describe, to_json, truncate


class LlmCall(RetryableOperation):
    """A call of a language model; see `llm_call`."""

    __slots__ = ("_finish_reason", "_output", "_started")

    def __init__(self, name: str, attributes: Mapping[str, Any]) -> None:
        super().__init__(name, SpanKind.LLM.value, attributes)
        self._finish_reason: str | None = None
        self._output: Any = None
        self._started = 0.0

    def _open(self) -> None:
        super()._open()
        self._started = time.perf_counter()

    def first_token(self) -> Self:
        """Call when the first piece of a streamed answer arrives; later calls change nothing."""
        if self._started:
            elapsed_seconds, self._started = time.perf_counter() - self._started, 0.0
            self.span.set_attribute(names.TIME_TO_FIRST_CHUNK, elapsed_seconds)
        return self

    def set_output(self, output: Any) -> Self:
        """The answer: text, a message, or a list of messages in the shape of any provider."""
        self._output = output
        return self

    def set_usage(
        self,
        *,
        input_tokens: int | None = None,
        output_tokens: int | None = None,
        cache_read_tokens: int | None = None,
        cache_write_tokens: int | None = None,
        reasoning_tokens: int | None = None,
        estimated: bool = False,
    ) -> Self:
        """Token counts; input includes cached tokens, output includes reasoning tokens. None is unknown, not
        0.

        Args:
            input_tokens: All input tokens.
            output_tokens: All output tokens.
            cache_read_tokens: Input tokens the provider read from its cache.
            cache_write_tokens: Input tokens the provider wrote to its cache.
            reasoning_tokens: Output tokens spent on reasoning.
            estimated: The counts are the application's own estimate, not the provider's.
        """
        counts = {
            names.INPUT_TOKENS: input_tokens,
            names.OUTPUT_TOKENS: output_tokens,
            names.CACHE_READ_TOKENS: cache_read_tokens,
            names.CACHE_WRITE_TOKENS: cache_write_tokens,
            names.REASONING_TOKENS: reasoning_tokens,
        }
        known = {key: count for key, count in counts.items() if count is not None}
        if known:
            source = TokenSource.ESTIMATED if estimated else TokenSource.PROVIDER
            self.span.set_attributes({**known, names.TOKEN_SOURCE: source.value})
        return self

    def set_model(self, model: str | None) -> Self:
        """The model that answered, when it is not the one that was asked for."""
        return self.set_attribute(names.RESPONSE_MODEL, model)

    def set_response_id(self, response_id: str | None) -> Self:
        """The provider's id of the answer."""
        return self.set_attribute(names.RESPONSE_ID, response_id)

    def set_finish_reason(self, reason: str | None) -> Self:
        """Why the model stopped: `stop`, `length`, `tool_calls`, `content_filter`..."""
        self._finish_reason = reason
        return self

    def fallback(self, model: str | None = None, provider: str | None = None, *, used: bool = True) -> Self:
        """Say that the answer came from somewhere else than first asked: another model, or a canned text.

        Args:
            model: The model that answered.
            provider: Who serves it.
            used: False says that there was no fallback. Without a word it is unknown, and the call is not in
                `llm.fallback_rate`. What the whole request got is said with `mark_request`.
        """
        self.span.set_attribute(names.FALLBACK, used)
        self.set_attribute(names.PROVIDER_NAME, provider)
        return self.set_model(model)

    def _close(self) -> None:
        if not self.span.is_recording():
            return
        if self._finish_reason is not None:
            self.span.set_attribute(names.FINISH_REASONS, (self._finish_reason,))
        if self._output is not None and runtime.capture_content:
            messages = messages_json(self._output, "assistant", self._finish_reason)
            self.span.set_attribute(names.OUTPUT_MESSAGES, messages)


def llm_call(
    *,
    model: str,
    provider: str | None = None,
    input: Any = None,  # noqa: A002 - the word of the field
    operation: str = "chat",
    name: str | None = None,
    stream: bool | None = None,
    prompt_name: str | None = None,
    prompt_version: str | None = None,
    **attributes: Any,
) -> LlmCall:
    """A call of a language model, as a context manager for sync and async code.

        with pitwall.llm_call(model="qwen2.5:7b", provider="ollama", input=messages) as call:
            answer = client.chat(...)
            call.set_output(answer.text).set_usage(input_tokens=812, output_tokens=96)

    An exception that leaves the block marks the call as failed, with its type and class.

    Args:
        model: The model asked for.
        provider: Who serves it: openai, anthropic, ollama...
        input: The prompt: text or messages. Captured unless `init(capture_content=False)`.
        operation: chat, text_completion or generate_content.
        name: Name of the span; default "operation model".
        stream: Whether the answer is streamed.
        prompt_name: The prompt template used.
        prompt_version: Its version.
        attributes: Further span attributes, by keyword or as `**{"gen_ai.request.temperature": 0.2}`.
    """
    messages = None
    if input is not None and runtime.capture_content:
        messages = messages_json(input, "user")
    values = {
        names.OPERATION_NAME: operation,
        names.REQUEST_MODEL: model,
        names.PROVIDER_NAME: provider,
        names.REQUEST_STREAM: stream,
        names.PROMPT_NAME: prompt_name,
        names.PROMPT_VERSION: prompt_version,
        names.INPUT_MESSAGES: messages,
        **attributes,
    }
    return LlmCall(name or f"{operation} {model}", values)


def messages_json(content: Any, role: str, finish_reason: str | None = None) -> str:
    """`normal_messages` as JSON; what has no readable shape is one message with its text."""
    try:
        return to_json(normal_messages(content, role, finish_reason))
    except Exception:  # noqa: BLE001  # messages of foreign classes; the text below is the answer
        return to_json([{"role": role, "parts": [_part(describe(content))]}])


def normal_messages(content: Any, role: str, finish_reason: str | None = None) -> list[dict[str, Any]]:
    """Messages in OpenTelemetry's form [{role, parts}] from text, one message or a list of either.

    Args:
        content: Text, `{"role", "content"}` messages of any provider, or messages already in this form.
        role: The role of what has none.
        finish_reason: Added to each message, for outputs.
    """
    items = content if isinstance(content, Sequence) and not isinstance(content, (str, bytes)) else [content]
    messages = [_message(item, role) for item in items]
    if finish_reason is not None:
        for message in messages:
            message.setdefault("finish_reason", finish_reason)
    return messages


def _message(item: Any, role: str) -> dict[str, Any]:
    if not isinstance(item, Mapping) or not ({"role", "content", "parts"} & item.keys()):
        return {"role": role, "parts": [_part(item)]}
    parts = item.get("parts")
    if parts is None:
        body = item.get("content")
        pieces = body if isinstance(body, Sequence) and not isinstance(body, (str, bytes)) else [body]
        parts = [_part(piece) for piece in pieces if piece is not None]
        parts.extend(_tool_part(call) for call in item.get("tool_calls") or ())
    return {"role": str(item.get("role", role)), "parts": list(parts)}


def _part(piece: Any) -> dict[str, Any]:
    if isinstance(piece, Mapping) and "type" in piece:
        text = piece.get("text")
        if isinstance(text, str):
            return {"type": "text", "content": truncate(text)}
        return dict(piece)
    return {"type": "text", "content": content_text(piece, MAX_CONTENT_CHARS)}


def _tool_part(call: Any) -> dict[str, Any]:
    function = call.get("function", call) if isinstance(call, Mapping) else {}
    return {
        "type": "tool_call",
        "id": call.get("id") if isinstance(call, Mapping) else None,
        "name": function.get("name"),
        "arguments": function.get("arguments"),
    }
