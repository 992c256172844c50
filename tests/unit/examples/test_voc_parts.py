"""Reading replies, following a conversation, retrying and reading settings in the VOC example."""

from __future__ import annotations

import asyncio
import itertools
import json
import random
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from examples.voc_chat import judging
from examples.voc_chat.documents import Passage
from examples.voc_chat.embedding_cache import EmbeddingCache, cache_key
from examples.voc_chat.model_client import ModelDisconnected, ModelFailure, ModelTimeout
from examples.voc_chat.prompt import (
    AnswerUnreadable,
    ModelAnswer,
    build_messages,
    parse_answer,
    salvage_answer,
)
from examples.voc_chat.rerank import rerank
from examples.voc_chat.retrieval import Hit
from examples.voc_chat.retry import RetryPolicy
from examples.voc_chat.sessions import Sessions, standalone_question
from examples.voc_chat.settings import OWN_DOCUMENTS, read_settings
from examples.voc_chat.traffic import popular_first, read_sessions
from pitwall.core.errors import InvalidInput
from pitwall.settings import load_settings

texts = st.text(min_size=1).map(str.strip).filter(bool)


@given(text=texts, sources=st.lists(st.integers(1, 9), unique=True), fence=st.booleans())
def test_well_formed_reply_is_read(text: str, sources: list[int], fence: bool) -> None:
    """The answer, its sources in order and its verdict come through, with or without a code fence."""
    reply = json.dumps({"answer": text, "sources": sources, "answerable": False}, ensure_ascii=False)
    answer = parse_answer(f"```json\n{reply}\n```" if fence else reply)
    assert answer == ModelAnswer(text, tuple(sources), False)


@given(reply=st.text() | st.from_regex(r'\{"answer": ?"[^"]*'))
def test_any_reply_is_read_or_refused(reply: str) -> None:
    """No reply of a model, however broken, raises anything but AnswerUnreadable."""
    try:
        assert parse_answer(reply).text
    except AnswerUnreadable:
        saved = salvage_answer(reply)
        assert saved is None or saved.text


@pytest.mark.parametrize(
    "reply", ["", "안녕하세요", "[]", '{"answer": ""}', '{"answer": 3}', '{"text": "x"}']
)
def test_reply_without_an_answer_is_unreadable(reply: str) -> None:
    """A reply that is not the object asked for is an error, never an empty answer."""
    with pytest.raises(AnswerUnreadable):
        parse_answer(reply)


def test_cut_reply_keeps_its_whole_sentences() -> None:
    """Of a reply cut in the middle only whole sentences are shown; without one, nothing."""
    reply = json.dumps({"answer": "배송비는 3,000원입니다. 제주도는"}, ensure_ascii=False)
    assert salvage_answer(reply[:-2]) == ModelAnswer("배송비는 3,000원입니다.", (), None)
    assert salvage_answer('{"answer": "배송비는') is None


def test_sources_may_be_written_in_many_ways() -> None:
    """Models write sources as numbers, strings or labels; what holds no number is left out."""
    assert parse_answer('{"answer": "a", "sources": [2, "3", "[1] refund", "x", null, true, 2]}').sources == (
        2,
        3,
        1,
    )


def test_prompt_holds_history_passages_and_question() -> None:
    """Earlier turns come before the numbered passages; the question stands last."""
    hit = Hit(Passage("d#0", "d", "제목", "제목\n본문"), 0.5)
    messages = build_messages("질문은?", [hit], [("이전", "답")])
    assert [message["role"] for message in messages] == ["system", "user", "assistant", "user"]
    assert messages[-1]["content"] == "참고 문서:\n[1] d\n제목\n본문\n\n질문: 질문은?"


def test_follow_up_is_understood_with_the_question_before() -> None:
    """A short question or one that refers back is searched together with the last one."""
    history = [("카드 환불은 며칠 걸리나요?", "3일")]
    assert standalone_question("계좌이체는요?", history) == "카드 환불은 며칠 걸리나요? 계좌이체는요?"
    assert standalone_question("그럼 무통장 입금으로 낸 경우에는 언제 되나요?", history).startswith("카드")
    assert (
        standalone_question("제주도까지 배송비는 얼마나 드나요?", history)
        == "제주도까지 배송비는 얼마나 드나요?"
    )
    assert standalone_question("계좌이체는요?", []) == "계좌이체는요?"


def test_sessions_are_bounded() -> None:
    """Only the last turns of the sessions used last are kept."""
    sessions = Sessions(max_sessions=2, max_turns=2)
    for number in range(3):
        sessions.remember("a", f"q{number}", "x")
    sessions.remember("b", "q", "x")
    sessions.remember("c", "q", "x")
    assert sessions.history("a") == ()
    assert sessions.history("b") == (("q", "x"),)


def test_rerank_prefers_the_passage_with_the_words() -> None:
    """Of equally similar passages the one that has the question's words comes first; top_k holds."""
    hits = [
        Hit(Passage(f"d#{n}", "d", "", text), 0.5)
        for n, text in enumerate(["배송 안내", "환불 안내", "기타"])
    ]
    ranked = rerank("환불 시기", hits, 2)
    assert [hit.passage.id for hit in ranked][:1] == ["d#1"]
    assert len(ranked) == 2
    assert rerank("환불", [], 2) == []


def test_embedding_cache_survives_a_restart_and_is_bounded(tmp_path: Path) -> None:
    """Vectors come back as float32 after reopening; the oldest make room; models do not share keys."""
    path = tmp_path / "cache.sqlite3"
    cache = EmbeddingCache(path, max_entries=2)
    for number in range(3):
        cache.put(f"k{number}", [number, 0.5])
    cache.close()
    reopened = EmbeddingCache(path)
    assert [reopened.get(f"k{number}") for number in range(3)] == [None, [1.0, 0.5], [2.0, 0.5]]
    reopened.close()
    assert (
        cache_key("m", "환불 ")
        == cache_key("m", "\u1112\u116a\u11ab\u1107\u116e\u11af")
        != cache_key("n", "환불")
    )


def policy(max_attempts: int = 3) -> RetryPolicy:
    return RetryPolicy(max_attempts, first_wait_seconds=0.001, max_wait_seconds=0.002, rng=random.Random(1))


@pytest.mark.parametrize(
    ("failure", "attempts"),
    [
        (ModelFailure("limited", status_code=429), 3),
        (ModelTimeout("late"), 3),
        (ModelDisconnected("cut"), 3),
        (ModelFailure("broken", status_code=500), 1),
        (ModelFailure("unknown model", status_code=404), 1),
    ],
)
def test_only_what_may_pass_is_tried_again(failure: ModelFailure, attempts: int) -> None:
    """429, timeouts and broken connections are tried three times, others once; the last is raised."""
    numbers: list[int] = []

    async def attempt(number: int) -> None:
        numbers.append(number)
        raise failure

    with pytest.raises(type(failure)):
        asyncio.run(policy().run(attempt))
    assert numbers == list(range(attempts))


def test_retry_after_is_honoured_up_to_the_cap() -> None:
    """The server's wish counts, but never more than the cap."""
    waits = RetryPolicy(max_wait_seconds=5.0)
    assert waits.wait_seconds(0, ModelFailure("x", status_code=429, retry_after=2.0)) == 2.0
    assert waits.wait_seconds(0, ModelFailure("x", status_code=429, retry_after=60.0)) == 5.0
    assert 0.15 <= waits.wait_seconds(0, ModelTimeout("x")) <= 0.45


def test_settings_take_the_names_users_have() -> None:
    """The environment names of VOC services are understood; OPENAI_BASE_URL wins over Ollama."""
    names = {"DOCS_DIR": "/d", "CHROMA_DIR": "/c", "CHROMA_COLLECTION": "k"}
    names["OLLAMA_BASE_URL"] = "http://h:1/"
    settings = read_settings({**names, "OLLAMA_MODEL": "m", "OLLAMA_EMBED_MODEL": "e", "VOC_RERANK": "0"})
    assert (str(settings.docs_dir), str(settings.chroma_dir), settings.chroma_collection) == ("/d", "/c", "k")
    assert (settings.model.provider, settings.model.base_url) == ("ollama", "http://h:1")
    assert (settings.model.chat_model, settings.model.embedding_model) == ("m", "e")
    assert not settings.is_rerank_enabled
    openai = read_settings({**names, "OPENAI_BASE_URL": "http://o/v1", "OPENAI_API_KEY": "hidden"}).model
    assert (openai.provider, openai.base_url) == ("openai", "http://o/v1")
    assert "hidden" not in repr(openai)


def test_service_runs_with_the_settings_that_pitwall_shows() -> None:
    """What `pitwall config show` tells of `voc` is in force, as a default and set by Pitwall's own name."""
    for environ in ({}, {"PITWALL_VOC__OLLAMA_MODEL": "m", "PITWALL_VOC__DOCS_DIR": "/d"}):
        shown, used = load_settings(environ=environ).voc, read_settings(environ)
        assert (used.model.base_url, used.model.chat_model, used.model.embedding_model) == (
            shown.ollama_base_url,
            shown.ollama_model,
            shown.ollama_embed_model,
        )
        assert (used.chroma_dir, used.chroma_collection) == (shown.chroma_dir, shown.chroma_collection)
        assert used.docs_dir == (shown.docs_dir or OWN_DOCUMENTS)


@pytest.mark.parametrize("value", ["many", "0", "-1", "inf", "nan"])
def test_setting_out_of_range_is_named(value: str) -> None:
    """A value that cannot be used is an error that names the variable."""
    with pytest.raises(InvalidInput, match="VOC_TOP_K"):
        read_settings({"VOC_TOP_K": value})


def test_customers_ask_some_questions_again_and_again() -> None:
    """As in life: within a minute of traffic caches find something, and rare questions come up, too."""
    conversations = popular_first(read_sessions(), random.Random(1))
    asked = [conversation[0] for conversation in itertools.islice(conversations, 100)]
    assert 20 < len(set(asked)) < 60
    assert max(asked.count(question) for question in asked) > 10


def _hit(document: str, text: str) -> Hit:
    return Hit(Passage(f"{document}#0", document, "title", text), 0.9)


def test_answer_is_judged_by_the_passages_it_names() -> None:
    """Wording, match and part of the service come from the named passage, not from the others."""
    hits = [_hit("shipping-basic", "무료 배송"), _hit("return-fee", "반품 배송비는 3,000원입니다.")]
    answer = ModelAnswer("반품 배송비는 3,000원이며 선불입니다.", (2,), True)
    assert judging.judge(answer, hits) == judging.Judgement(True, "return", 0.6)


@pytest.mark.parametrize(("sources", "is_answerable"), [((), True), ((9,), True), ((), False)])
def test_answer_without_a_passage_has_no_confidence(sources: tuple[int, ...], is_answerable: bool) -> None:
    """What cannot be compared is absent, not zero, and no match."""
    answer = ModelAnswer("모릅니다.", sources, is_answerable)
    assert judging.judge(answer, [_hit("return-fee", "반품")]) == judging.Judgement(False, None, None)
