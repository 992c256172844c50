"""Requests and answers of the APIs of model providers and frameworks, and the chat that is in them."""

from __future__ import annotations

import base64

import pytest

PICTURE = base64.b64encode(bytes(3000)).decode()
WEATHER = {"type": "function", "function": {"name": "weather", "description": "날씨", "parameters": {}}}
ASKED = ("input", "user", ["서울 날씨는?"])
CALLED = ("assistant", [("tool_call", "weather", "c1", '{"city": "서울"}')])
RESULT = ("input", "tool", [("tool_result", "맑음", "c1")])
ANSWERED = ("output", "assistant", ["맑습니다."])

OPENAI = [{"role": "user", "content": "서울 날씨는?"}]
OPENAI_CALL = {
    "id": "c1",
    "type": "function",
    "function": {"name": "weather", "arguments": '{"city": "서울"}'},
}

BODIES = [
    pytest.param(
        {"model": "m", "messages": OPENAI, "tools": [WEATHER]},
        {"choices": [{"index": 0, "message": {"role": "assistant", "content": "맑습니다."}}]},
        [ASKED, ANSWERED],
        id="openai-chat",
    ),
    pytest.param(
        OPENAI,
        [{"choices": [{"delta": {"content": piece}}]} for piece in ("맑습", "니다.")],
        [ASKED, ANSWERED],
        id="openai-stream",
    ),
    pytest.param(
        [
            *OPENAI,
            {"role": "assistant", "content": None, "tool_calls": [OPENAI_CALL]},
            {"role": "tool", "tool_call_id": "c1", "content": "맑음"},
        ],
        {"role": "assistant", "content": None, "reasoning_content": "쉽다", "refusal": "싫어요"},
        [ASKED, ("input", *CALLED), RESULT, ("output", "assistant", [("reasoning", "쉽다"), "싫어요"])],
        id="openai-tools",
    ),
    pytest.param(
        {
            "model": "m",
            "instructions": "짧게.",
            "input": [
                {
                    "role": "user",
                    "content": [
                        {"type": "input_text", "text": "서울 날씨는?"},
                        {
                            "type": "input_file",
                            "filename": "a.pdf",
                            "file_data": f"data:application/pdf;base64,{PICTURE}",
                        },
                    ],
                },
                {
                    "type": "function_call",
                    "call_id": "c1",
                    "id": "fc",
                    "name": "weather",
                    "arguments": '{"city": "서울"}',
                },
                {"type": "function_call_output", "call_id": "c1", "output": "맑음"},
            ],
        },
        {
            "object": "response",
            "output": [
                {"type": "reasoning", "summary": [{"type": "summary_text", "text": "쉽다"}]},
                {
                    "type": "message",
                    "role": "assistant",
                    "content": [{"type": "output_text", "text": "맑습니다."}],
                },
            ],
        },
        [
            ("input", "system", ["짧게."]),
            ("input", "user", ["서울 날씨는?", ("file", "a.pdf", "application/pdf", 3000)]),
            ("input", *CALLED),
            RESULT,
            ("output", "assistant", [("reasoning", "쉽다")]),
            ANSWERED,
        ],
        id="openai-responses",
    ),
    pytest.param(
        {
            "system": [{"type": "text", "text": "짧게."}],
            "messages": [
                {
                    "role": "user",
                    "content": [
                        {"type": "text", "text": "서울 날씨는?"},
                        {
                            "type": "image",
                            "source": {"type": "base64", "media_type": "image/webp", "data": PICTURE},
                        },
                        {
                            "type": "document",
                            "title": "t",
                            "source": {"type": "text", "media_type": "text/plain", "data": "읽을 글"},
                        },
                    ],
                },
                {
                    "role": "assistant",
                    "content": [
                        {"type": "thinking", "thinking": "쉽다", "signature": "x"},
                        {"type": "tool_use", "id": "c1", "name": "weather", "input": {"city": "서울"}},
                    ],
                },
                {
                    "role": "user",
                    "content": [
                        {
                            "type": "tool_result",
                            "tool_use_id": "c1",
                            "content": [{"type": "text", "text": "맑음"}],
                        }
                    ],
                },
            ],
        },
        {"type": "message", "role": "assistant", "content": [{"type": "text", "text": "맑습니다."}]},
        [
            ("input", "system", ["짧게."]),
            (
                "input",
                "user",
                ["서울 날씨는?", ("image", "image/webp", 3000), ("file", "읽을 글", "text/plain")],
            ),
            ("input", "assistant", [("reasoning", "쉽다"), *CALLED[1]]),
            ("input", "user", [("tool_result", "맑음", "c1")]),
            ANSWERED,
        ],
        id="anthropic",
    ),
    pytest.param(
        {
            "systemInstruction": {"parts": [{"text": "짧게."}]},
            "contents": [
                {
                    "role": "user",
                    "parts": [
                        {"text": "서울 날씨는?"},
                        {"inlineData": {"mimeType": "image/png", "data": PICTURE}},
                    ],
                },
                {"role": "model", "parts": [{"functionCall": {"name": "weather", "args": {"city": "서울"}}}]},
                {"role": "user", "parts": [{"functionResponse": {"name": "weather", "response": {"a": 1}}}]},
            ],
        },
        {
            "candidates": [
                {
                    "content": {
                        "role": "model",
                        "parts": [{"text": "쉽다", "thought": True}, {"text": "맑습니다."}],
                    }
                }
            ]
        },
        [
            ("input", "system", ["짧게."]),
            ("input", "user", ["서울 날씨는?", ("image", "image/png", 3000)]),
            ("input", "assistant", [("tool_call", "weather", '{"city": "서울"}')]),
            ("input", "user", [("tool_result", '{"a": 1}', "weather")]),
            ("output", "assistant", [("reasoning", "쉽다"), "맑습니다."]),
        ],
        id="gemini",
    ),
    pytest.param(
        {"model": "m", "contents": "서울 날씨는?", "config": {"system_instruction": "짧게."}},
        {"content": {"parts": [{"text": "맑습니다."}], "role": "model"}, "usage_metadata": {}},
        [("input", "system", ["짧게."]), ASKED, ANSWERED],
        id="google-adk",
    ),
    pytest.param(
        {
            "messages": [
                {
                    "role": "user",
                    "content": [
                        {"text": "서울 날씨는?"},
                        {"image": {"format": "png", "source": {"bytes": PICTURE}}},
                    ],
                }
            ]
        },
        {
            "output": {
                "message": {
                    "role": "assistant",
                    "content": [
                        {"reasoningContent": {"reasoningText": {"text": "쉽다"}}},
                        {"toolUse": {"toolUseId": "c1", "name": "weather", "input": {"city": "서울"}}},
                    ],
                }
            }
        },
        [
            ("input", "user", ["서울 날씨는?", ("image", "image/png", 3000)]),
            ("output", "assistant", [("reasoning", "쉽다"), *CALLED[1]]),
        ],
        id="bedrock",
    ),
    pytest.param(
        {"model": "m", "messages": [{"role": "user", "content": "서울 날씨는?", "images": [PICTURE]}]},
        {
            "model": "m",
            "message": {"role": "assistant", "content": "맑습니다.", "thinking": "쉽다"},
            "done": True,
        },
        [
            ("input", "user", ["서울 날씨는?", ("image", 3000)]),
            ("output", "assistant", [("reasoning", "쉽다"), "맑습니다."]),
        ],
        id="ollama-chat",
    ),
    pytest.param(
        {"model": "m", "prompt": "서울 날씨는?", "system": "짧게."},
        {"model": "m", "response": "맑습니다.", "done": True, "eval_count": 3},
        [("input", "system", ["짧게."]), ASKED, ANSWERED],
        id="ollama-generate",
    ),
    pytest.param(
        [
            [
                {
                    "lc": 1,
                    "type": "constructor",
                    "id": ["langchain", "schema", "messages", "HumanMessage"],
                    "kwargs": {"content": "서울 날씨는?", "type": "human"},
                },
                {
                    "type": "ai",
                    "data": {
                        "content": "",
                        "tool_calls": [
                            {"name": "weather", "args": {"city": "서울"}, "id": "c1", "type": "tool_call"}
                        ],
                    },
                },
                {"type": "tool", "content": "맑음", "tool_call_id": "c1", "id": "m-3"},
            ]
        ],
        {
            "generations": [
                [
                    {
                        "text": "맑습니다.",
                        "message": {
                            "kwargs": {"content": "맑습니다.", "type": "ai"},
                            "lc": 1,
                            "type": "constructor",
                            "id": [],
                        },
                    }
                ]
            ]
        },
        [ASKED, ("input", *CALLED), RESULT, ANSWERED],
        id="langchain",
    ),
    pytest.param(
        {"messages": [["system", "짧게."], ["human", "서울 날씨는?"]]},
        {"messages": [{"type": "ai", "content": "", "additional_kwargs": {"tool_calls": [OPENAI_CALL]}}]},
        [("input", "system", ["짧게."]), ASKED, ("output", *CALLED)],
        id="langgraph",
    ),
    pytest.param(
        {"chat_history": [{"role": "SYSTEM", "message": "짧게."}], "message": "서울 날씨는?"},
        {"text": "맑습니다.", "finish_reason": "COMPLETE"},
        [("input", "system", ["짧게."]), ASKED, ANSWERED],
        id="cohere",
    ),
    pytest.param("서울 날씨는?", "맑습니다.", [ASKED, ANSWERED], id="plain"),
    pytest.param(
        {"question": "서울 날씨는?", "context": ["a", "b"]},
        [0.25, "b"],
        [
            ("input", "user", [("data", '{"question": "서울 날씨는?", "context": ["a", "b"]}')]),
            ("output", "assistant", [("data", "0.25"), "b"]),
        ],
        id="unknown",
    ),
]
