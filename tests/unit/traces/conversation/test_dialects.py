"""What each SDK writes on a span of a model call, and the chat that a person sees."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from pitwall.traces.conversation import Conversation
from tests.support.data_sets import own_and_public, read_json
from tests.support.stored_texts import conversation_of, framework_spans, told
from tests.unit.traces.conversation.api_bodies import (
    ANSWERED,
    ASKED,
    BODIES,
    CALLED,
    PICTURE,
    RESULT,
    WEATHER,
)

FRAMEWORKS = own_and_public("frameworks", "agent_traces/langfuse_framework_traces")
OPENINFERENCE = own_and_public("openinference", "agent_traces/openinference")


def _tools(conversation: Conversation | None) -> list[tuple[str, str | None]]:
    return [(tool.name, tool.description) for tool in conversation.tools] if conversation else []


def test_genai_messages_with_instructions_tools_and_files() -> None:
    """OpenTelemetry: parts of every type, instructions and definitions of tools apart."""
    messages = [
        {
            "role": "user",
            "parts": [
                {"type": "text", "content": "서울 날씨는?"},
                {"type": "blob", "modality": "image", "mime_type": "image/png", "content": PICTURE},
                {"type": "uri", "modality": "audio", "mime_type": "audio/mp3", "uri": "https://x.test/a.mp3"},
                {"type": "file", "modality": "image", "file_id": "file-7"},
            ],
        },
        {
            "role": "assistant",
            "parts": [
                {"type": "reasoning", "content": "도구를 쓰자"},
                {"type": "tool_call", "id": "c1", "name": "weather", "arguments": {"city": "서울"}},
            ],
        },
        {"role": "tool", "parts": [{"type": "tool_call_response", "id": "c1", "response": "맑음"}]},
    ]
    output = [
        {"role": "assistant", "parts": [{"type": "text", "content": "맑습니다."}], "finish_reason": "stop"}
    ]
    conversation = conversation_of(
        {
            "gen_ai.operation.name": "chat",
            "gen_ai.input.messages": json.dumps(messages),
            "gen_ai.output.messages": json.dumps(output),
            "gen_ai.system_instructions": json.dumps([{"type": "text", "content": "짧게."}]),
            "gen_ai.tool.definitions": json.dumps(
                [{"type": "function", "name": "weather", "description": "날씨"}]
            ),
        }
    )
    assert told(conversation) == [
        ("input", "system", ["짧게."]),
        (
            "input",
            "user",
            [
                "서울 날씨는?",
                ("image", "image/png", 3000),
                ("audio", "https://x.test/a.mp3", "audio/mp3"),
                ("file", "file-7"),
            ],
        ),
        ("input", "assistant", [("reasoning", "도구를 쓰자"), *CALLED[1]]),
        RESULT,
        ANSWERED,
    ]
    assert _tools(conversation) == [("weather", "날씨")]


def test_genai_structured_attributes() -> None:
    """Messages as OTLP maps instead of JSON; instructions beside a text that is no list."""
    parts = [{"type": "text", "content": "서울 날씨는?"}]
    conversation = conversation_of(
        {"gen_ai.operation.name": "chat", "gen_ai.input.messages": [{"role": "user", "parts": parts}]}
    )
    assert told(conversation) == [ASKED]
    conversation = conversation_of(
        {
            "gen_ai.operation.name": "chat",
            "gen_ai.prompt": "서울 날씨는?",
            "gen_ai.completion": "맑습니다.",
            "gen_ai.system_instructions": "짧게.",
        }
    )
    assert told(conversation) == [("input", "system", ["짧게."]), ASKED, ANSWERED]


def test_genai_events_of_a_span() -> None:
    """One event for each message, its attributes being texts; the choice comes last."""
    call = [
        {"id": "c1", "type": "function", "function": {"name": "weather", "arguments": '{"city": "서울"}'}}
    ]
    events = [
        ("gen_ai.user.message", 1, {"content": "서울 날씨는?"}),
        ("gen_ai.assistant.message", 2, {"tool_calls": json.dumps(call)}),
        ("gen_ai.tool.message", 3, {"id": "c1", "content": "맑음"}),
        ("gen_ai.choice", 4, {"index": "0", "message": json.dumps({"content": "맑습니다."})}),
    ]
    conversation = conversation_of({"gen_ai.operation.name": "chat"}, events=events)
    assert told(conversation) == [ASKED, ("input", *CALLED), RESULT, ANSWERED]


def test_openllmetry_numbered_attributes() -> None:
    """Traceloop: prompts and completions by number, parts of a prompt as JSON in its content."""
    parts = [
        {"type": "text", "text": "서울 날씨는?"},
        {"type": "image_url", "image_url": {"url": f"data:image/png;base64,{PICTURE}"}},
    ]
    conversation = conversation_of(
        {
            "llm.request.type": "chat",
            "gen_ai.prompt.0.role": "user",
            "gen_ai.prompt.0.content": json.dumps(parts),
            "gen_ai.completion.0.role": "assistant",
            "gen_ai.completion.0.finish_reason": "tool_calls",
            "gen_ai.completion.0.tool_calls.0.id": "c1",
            "gen_ai.completion.0.tool_calls.0.name": "weather",
            "gen_ai.completion.0.tool_calls.0.arguments": '{"city": "서울"}',
            "llm.request.functions.0.name": "weather",
            "llm.request.functions.0.description": "날씨",
        }
    )
    assert told(conversation) == [
        ("input", "user", ["서울 날씨는?", ("image", "image/png", 3000)]),
        ("output", *CALLED),
    ]
    assert _tools(conversation) == [("weather", "날씨")]


def test_openinference_numbered_attributes() -> None:
    """Contents, an image, a tool call and its answer by number; tools by JSON schema."""
    message = "llm.input_messages.{}.message.{}"
    attributes = {
        "openinference.span.kind": "LLM",
        message.format(0, "role"): "user",
        message.format(0, "contents.0.message_content.type"): "text",
        message.format(0, "contents.0.message_content.text"): "서울 날씨는?",
        message.format(0, "contents.1.message_content.type"): "image",
        message.format(0, "contents.1.message_content.image.image.url"): f"data:image/jpeg;base64,{PICTURE}",
        message.format(1, "role"): "assistant",
        message.format(1, "tool_calls.0.tool_call.id"): "c1",
        message.format(1, "tool_calls.0.tool_call.function.name"): "weather",
        message.format(1, "tool_calls.0.tool_call.function.arguments"): '{"city": "서울"}',
        message.format(2, "role"): "tool",
        message.format(2, "content"): "맑음",
        message.format(2, "tool_call_id"): "c1",
        "llm.output_messages.0.message.content": "맑습니다.",
        "llm.tools.0.tool.json_schema": json.dumps(WEATHER),
    }
    conversation = conversation_of(attributes)
    assert told(conversation) == [
        ("input", "user", ["서울 날씨는?", ("image", "image/jpeg", 3000)]),
        ("input", *CALLED),
        RESULT,
        ANSWERED,
    ]
    assert _tools(conversation) == [("weather", "날씨")]


def test_vercel_answer_of_several_attributes() -> None:
    """Text, reasoning and tool calls of the AI SDK stand in attributes of their own; all are shown."""
    prompt = [{"role": "user", "content": [{"type": "text", "text": "서울 날씨는?"}]}]
    call = {"toolCallType": "function", "toolCallId": "c1", "toolName": "weather", "args": '{"city": "서울"}'}
    conversation = conversation_of(
        {
            "ai.operationId": "ai.generateText.doGenerate",
            "ai.prompt.messages": json.dumps(prompt),
            "ai.prompt.tools": [json.dumps({"type": "function", "name": "weather", "description": "날씨"})],
            "ai.response.text": "찾아보겠습니다.",
            "ai.response.reasoning": "도구를 쓰자",
            "ai.response.toolCalls": json.dumps([call]),
        }
    )
    answer = [("reasoning", "도구를 쓰자"), "찾아보겠습니다.", *CALLED[1]]
    assert told(conversation) == [ASKED, ("output", "assistant", answer)]
    assert _tools(conversation) == [("weather", "날씨")]


def test_vercel_tool_messages() -> None:
    """Tool calls and results as parts of the AI SDK's messages, in both of their forms."""
    messages = [
        {
            "role": "assistant",
            "content": [
                {"type": "tool-call", "toolCallId": "c1", "toolName": "weather", "input": {"city": "서울"}}
            ],
        },
        {
            "role": "tool",
            "content": [
                {
                    "type": "tool-result",
                    "toolCallId": "c1",
                    "toolName": "weather",
                    "output": {"type": "text", "value": "맑음"},
                }
            ],
        },
        {
            "role": "tool",
            "content": [
                {"type": "tool-result", "toolCallId": "c2", "toolName": "weather", "result": {"sky": "맑음"}}
            ],
        },
    ]
    conversation = conversation_of(
        {"ai.operationId": "ai.streamText.doStream", "ai.prompt.messages": json.dumps(messages)}
    )
    assert told(conversation) == [
        ("input", *CALLED),
        ("input", "tool", [("tool_result", "맑음", "weather", "c1")]),
        ("input", "tool", [("tool_result", '{"sky": "맑음"}', "weather", "c2")]),
    ]


@pytest.mark.parametrize(("request_body", "answer", "expected"), BODIES)
def test_bodies_of_apis(request_body: Any, answer: Any, expected: list[Any]) -> None:
    """What Langfuse, MLflow, LiteLLM and others hand on: the request and the answer of the API itself."""
    texts = [body if isinstance(body, str) else json.dumps(body) for body in (request_body, answer)]
    for asked, answered in (
        ("langfuse.observation.input", "langfuse.observation.output"),
        ("mlflow.spanInputs", "mlflow.spanOutputs"),
        ("input.value", "output.value"),
    ):
        attributes = {"pitwall.span.kind": "llm", asked: texts[0], answered: texts[1]}
        assert told(conversation_of(attributes)) == expected


def test_pydantic_ai_events_attribute() -> None:
    """Older Logfire instrumentation lists its events in one attribute."""
    events = [
        {"event.name": "gen_ai.user.message", "role": "user", "content": "서울 날씨는?"},
        {"event.name": "gen_ai.choice", "index": 0, "message": {"role": "assistant", "content": "맑습니다."}},
    ]
    attributes = {"gen_ai.operation.name": "chat", "events": json.dumps(events)}
    assert told(conversation_of(attributes)) == [ASKED, ANSWERED]


def test_arguments_are_as_the_model_wrote_them() -> None:
    """Numbers that JavaScript cannot hold and JSON that is not whole stay; escaped Korean is readable."""
    written = ['{"id":12345678901234567890}', '{"city": "서', '{"city":"\\uc11c\\uc6b8"}']
    calls = [
        {"id": f"c{at}", "function": {"name": "f", "arguments": text}} for at, text in enumerate(written)
    ]
    conversation = conversation_of(
        {"pitwall.span.kind": "llm", "input.value": json.dumps([{"role": "assistant", "tool_calls": calls}])}
    )
    assert conversation is not None
    assert [part.arguments for part in conversation.messages[0].parts] == [*written[:2], '{"city": "서울"}']


def test_json_that_is_an_answer_stays_whole() -> None:
    """A tool's JSON whose members have types, as a list of files, is no list of parts."""
    listing = '[{"type": "file", "path": "/a", "lines": 10}, {"type": "dir", "path": "/b"}]'
    messages = [{"role": "user", "content": "ls"}, {"role": "tool", "content": listing}]
    conversation = conversation_of({"pitwall.span.kind": "llm", "input.value": json.dumps(messages)})
    assert told(conversation)[1] == ("input", "tool", [("tool_result", listing)])


@pytest.mark.parametrize("kind", ["chain", "tool", "retriever", "embedding"])
def test_other_spans_have_no_conversation(kind: str) -> None:
    """A function's arguments are no message; a graph's state is a list of them, whatever the span is."""
    assert (
        conversation_of({"pitwall.span.kind": kind, "input.value": '{"name": "kim"}', "output.value": "hi"})
        is None
    )
    state = json.dumps({"messages": [{"type": "human", "content": "서울 날씨는?"}]})
    assert told(conversation_of({"pitwall.span.kind": kind, "input.value": state})) == [ASKED]


@pytest.mark.parametrize("folder", FRAMEWORKS)
def test_framework_spans_are_the_chats_that_langfuse_shows(folder: Path) -> None:
    """Every framework's model call: the roles and the words of Langfuse's own chat form."""
    forms = {
        observation: form
        for path in sorted(folder.glob("*.chatml.json*"))
        for observation, form in read_json(path).items()
    }
    compared = 0
    for span in framework_spans(folder):
        if span["type"] != "GENERATION" or span["id"] not in forms:
            continue
        shown = told(conversation_of(span["attributes"], name=span["name"]))
        for side, form in forms[span["id"]].items():
            messages = form["data"] if form["success"] else []
            mine = [(role, parts) for where, role, parts in shown if where == side]
            wanted = [
                one["content"] for one in messages if isinstance(one.get("content"), str) and one["content"]
            ]
            if wanted and mine:
                words = json.dumps(mine, ensure_ascii=False)
                missing = [text for text in wanted if json.dumps(text, ensure_ascii=False)[1:-1] not in words]
                assert not [text for text in missing if not text.startswith("[{")], (span["name"], side)
                compared += 1
    assert compared


@pytest.mark.parametrize("folder", OPENINFERENCE)
def test_both_forms_of_a_call_are_the_same_chat(folder: Path) -> None:
    """OpenInference's pairs: the OpenTelemetry form, the deprecated one and the converted one read alike."""
    names = ("otel_genai_client_span", "otel_genai_deprecated_client_span", "openinference_client_span")
    chats = [told(conversation_of(read_json(folder / "genai" / f"{name}_tool_calls.json"))) for name in names]
    assert len({json.dumps(chat).replace(": ", ":") for chat in chats}) == 1
    assert [role for _, role, _ in chats[0]][-1] == "assistant"
    assert any(part[0] == "tool_call" for _, _, parts in chats[0] for part in parts)
