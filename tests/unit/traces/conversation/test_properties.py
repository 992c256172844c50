"""Whatever the texts of a span are: the reader never fails, loses no words, shows no bytes, stays quick."""

from __future__ import annotations

import base64
import json
import time
from typing import Any

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pitwall.core.vocabulary import SpanKind
from pitwall.traces.conversation import Conversation, SpanTexts, read_conversation
from pitwall.traces.conversation.messages import MAX_PARTS
from pitwall.traces.conversation.reading import HEAD_MESSAGES, TAIL_MESSAGES
from pitwall.traces.retrieved import SpanFindings, read_retrieved

# Names and words that the readers look for, so that random JSON meets every branch.
_WORDS = st.sampled_from(
    (
        "role type content parts text messages tool_calls function name arguments input output "
        "choices message delta candidates contents generations kwargs lc data id image_url url "
        "source media_type user assistant system tool tool_use tool_result tool_call reasoning "
        "thinking image file audio document functionCall inlineData toolUse documents score "
        "metadata ids distances results node index value summary prompt"
    ).split()
)
_TEXTS = st.one_of(_WORDS, st.text(max_size=12), st.just("\ud83d"), st.just("data:image/png;base64,AAAA"))
_SCALARS = st.one_of(st.none(), st.booleans(), st.integers(), st.floats(), _TEXTS)
_VALUES = st.recursive(
    _SCALARS,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(_TEXTS, inner, max_size=5),
    max_leaves=30,
)
_SIDES = st.one_of(st.none(), st.text(), _VALUES.map(json.dumps), st.text().map(lambda text: "[{" + text))
_ATTRIBUTES = st.dictionaries(
    st.sampled_from(
        (
            "ai.response.text ai.response.toolCalls ai.response.object gen_ai.system_instructions events "
            "gen_ai.tool.definitions llm.tools llm.tools.0.tool.json_schema llm.request.functions.0.name "
            "retrieval.documents.0.document.content retrieval.documents.1.document.metadata "
            "reranker.input_documents.0.document.id gen_ai.retrieval.documents"
        ).split()
    ),
    st.one_of(_TEXTS, _VALUES, _VALUES.map(json.dumps)),
)
_KINDS = st.sampled_from([None, *(kind.value for kind in SpanKind)])


def _read(text: str | None, output: str | None = None, kind: str | None = "llm") -> Conversation:
    conversation = read_conversation(SpanTexts(kind=kind, input=text, output=output))
    assert conversation is not None
    return conversation


def _texts(conversation: Conversation) -> list[str]:
    return [part.text or "" for message in conversation.messages for part in message.parts]


@given(text=_SIDES, output=_SIDES, attributes=_ATTRIBUTES, kind=_KINDS)
def test_nothing_makes_the_reader_fail(
    text: str | None, output: str | None, attributes: dict[str, Any], kind: str | None
) -> None:
    """Broken JSON, odd roles, wrong types, halves of characters: an answer that can be sent as JSON."""
    conversation = read_conversation(SpanTexts(kind=kind, input=text, output=output, attributes=attributes))
    findings = SpanFindings(kind=kind, input=text, output=output, attributes=attributes)
    orjson.dumps([conversation, read_retrieved(findings)], default=str)
    if kind == "llm" and text and text.strip() not in ("", "null", "None", "{}", "[]"):
        assert conversation is not None


@given(
    st.lists(
        st.tuples(st.sampled_from(["system", "user", "assistant", "tool"]), st.text(min_size=1)), min_size=1
    )
)
def test_every_word_of_plain_messages_appears(spoken: list[tuple[str, str]]) -> None:
    """A list of roles and texts comes out as it went in, control characters and all."""
    messages = [{"role": role, "content": text} for role, text in spoken]
    conversation = _read(json.dumps(messages))
    assert [
        (message.role, _sendable(text))
        for message, (_, text) in zip(conversation.messages, spoken, strict=True)
    ] == [(role, part) for (role, _), part in zip(spoken, _texts(conversation), strict=True)]


@given(st.text(min_size=1), st.text(min_size=1))
def test_plain_texts_are_a_user_and_an_assistant(question: str, answer: str) -> None:
    """A model call with no more than two texts."""
    conversation = read_conversation(SpanTexts(kind="llm", input=f"a{question}", output=f"a{answer}"))
    assert conversation is not None
    assert [message.role for message in conversation.messages] == ["user", "assistant"]
    assert _texts(conversation) == [_sendable(f"a{question}"), _sendable(f"a{answer}")]


def _sendable(text: str) -> str:
    return text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")


@pytest.mark.parametrize(
    "opening", ["[", '{"content":', '[{"role":"user","content":', '{"messages":[{"role":"user","content":[']
)
@pytest.mark.parametrize("depth", [60, 400, 900, 100_000])
def test_deep_nesting_is_shown_as_it_is(opening: str, depth: int) -> None:
    """JSON nested beyond all reason is read or shown, and its words are there."""
    closing = opening.translate({ord("["): "]", ord("{"): "}", ord(":"): None})
    closing = "".join(one for one in reversed(closing) if one in "]}")
    text = opening * depth + '"깊은 곳"' + closing * depth
    assert "깊은 곳" in "".join(_texts(_read(text)))


def test_two_megabytes_are_quick() -> None:
    """Long words, many messages, many parts, a large picture: each well under a second."""
    picture = base64.b64encode(bytes(1_500_000)).decode()
    inputs = [
        "가" * 700_000,
        json.dumps([{"role": "user", "content": "x" * 20}] * 40_000),
        json.dumps([{"role": "user", "content": [{"type": "text", "text": "x"}] * 60_000}]),
        json.dumps([{"role": "user", "content": [{"type": "image", "source": {"data": picture}}]}]),
        json.dumps({"anything": [picture]}),
    ]
    for text in inputs:
        begin = time.perf_counter()
        conversation = _read(text)
        assert time.perf_counter() - begin < 2
        assert picture[:100] not in "".join(_texts(conversation))


def test_what_is_left_out_is_counted() -> None:
    """The beginning and the end of a long conversation stay; how much is between them is said."""
    count = HEAD_MESSAGES + TAIL_MESSAGES + 7
    messages = [{"role": "user", "content": f"message {number}"} for number in range(count)]
    messages[0]["content"] = [{"type": "text", "text": "a"}] * (MAX_PARTS + 3)  # type: ignore[assignment]
    conversation = _read(json.dumps(messages), "done")
    assert len(conversation.messages) == HEAD_MESSAGES + TAIL_MESSAGES + 1
    assert [message.omitted_before for message in conversation.messages if message.omitted_before] == [7]
    assert conversation.messages[HEAD_MESSAGES].omitted_before == 7
    assert _texts(conversation)[-2:] == [f"message {count - 1}", "done"]
    assert (len(conversation.messages[0].parts), conversation.messages[0].omitted_parts) == (MAX_PARTS, 3)
    written = json.dumps(messages[0]["content"])
    (message,) = _read(json.dumps([{"role": "user", "content": written}])).messages
    assert (len(message.parts), message.omitted_parts) == (MAX_PARTS, 3)


@given(st.binary(min_size=900, max_size=1500))
def test_bytes_are_never_shown(content: bytes) -> None:
    """Wherever a file stands, also where nobody expects one: its size is said, not what is in it."""
    encoded = base64.b64encode(content).decode()
    parts: list[Any] = [
        {"type": "image_url", "image_url": {"url": f"data:image/png;base64,{encoded}"}},
        {"type": "input_audio", "input_audio": {"data": encoded, "format": "wav"}},
        {"type": "something_new", "payload": {"raw": encoded}},
        {"type": "text", "text": f"see ![](data:image/png;base64,{encoded})"},
        {"type": "tool_result", "content": {"screenshot": encoded}},
        {"type": "tool_use", "name": "save", "input": {"file": encoded}},
    ]
    conversation = _read(json.dumps([{"role": "user", "content": parts}]))
    shown = orjson.dumps(conversation).decode()
    assert encoded[:40] not in shown
    assert shown.count(str(len(content))) >= len(parts)


@given(st.one_of(st.integers(), st.lists(_WORDS), st.dictionaries(_WORDS, _WORDS), st.booleans(), st.text()))
def test_a_role_that_is_no_word_is_still_said(role: Any) -> None:
    """A role of another type is written; an empty one is whoever speaks on the side."""
    conversation = _read(json.dumps([{"role": "system", "content": "a"}, {"role": role, "content": "b"}]))
    assert conversation.messages[1].role
    assert _texts(conversation) == ["a", "b"]
