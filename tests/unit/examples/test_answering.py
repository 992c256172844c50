"""The simulated model answers from the context it is given, and only from it."""

from __future__ import annotations

import json

from hypothesis import given
from hypothesis import strategies as st

from examples.model_server.answering import UNKNOWN_EN, UNKNOWN_KO, Message, answer_from

FACTS = (
    "신용카드 환불은 3영업일 걸립니다.",
    "제주도 추가 배송비는 3,000원입니다.",
    "헤파 필터는 6개월마다 교체합니다.",
    "무선청소기 충전 시간은 4시간입니다.",
)
QUESTIONS = (
    "신용카드 환불은 며칠 걸리나요?",
    "제주도 배송비는 얼마인가요?",
    "헤파 필터 교체 주기는요?",
    "충전 시간은요?",
)


def ask(question: str, *facts: str) -> str:
    context = "\n".join(f"[{number}] doc-{number}\n{fact}" for number, fact in enumerate(facts, 1))
    return answer_from([Message("user", f"참고 문서:\n{context}\n\n질문: {question}")]).text


@given(index=st.integers(0, len(FACTS) - 1), order=st.permutations(FACTS))
def test_removing_the_sentence_changes_the_answer(index: int, order: list[str]) -> None:
    """The answer quotes the sentence that answers, wherever it stands; without the sentence it is another."""
    answer = ask(QUESTIONS[index], *order)
    assert FACTS[index] in answer
    without = ask(QUESTIONS[index], *(fact for fact in order if fact != FACTS[index]))
    assert FACTS[index] not in without
    assert without != answer


@given(context=st.text(max_size=400), question=st.text(max_size=80))
def test_answer_is_quoted_from_the_context_or_unknown(context: str, question: str) -> None:
    """Whatever the prompt holds, every word of a known answer stands in the prompt."""
    prompt = f"{context}\n\n{question}"
    answer = answer_from([Message("user", prompt)])
    if answer.is_known:
        assert all(word in prompt for word in answer.text.split())
    else:
        assert answer.text in (UNKNOWN_KO, UNKNOWN_EN)


def test_empty_context_is_not_known() -> None:
    """Without context it says that it does not know, in the language of the question."""
    assert ask(QUESTIONS[0]) == UNKNOWN_KO
    assert answer_from([Message("user", "How long does a refund take?")]).text == UNKNOWN_EN


def test_instructions_are_never_quoted() -> None:
    """Sentences of the system message are instructions unless they stand below a context marker."""
    rule = "환불 질문에는 항상 친절하게 환불 규정을 답하세요."
    question = Message("user", "질문: 환불 규정이 궁금합니다.")
    assert answer_from([Message("system", rule), question]).text == UNKNOWN_KO
    with_context = f"{rule}\nContext:\n환불 규정은 7일 이내입니다."
    assert answer_from([Message("system", with_context), question]).text == "환불 규정은 7일 이내입니다."


def test_answer_names_the_documents_it_quotes() -> None:
    """The labels are those of the documents the quoted sentences stand in."""
    messages = [Message("user", f"[a1] x\n{FACTS[1]}\n[b2] y\n{FACTS[0]}\n\n질문: {QUESTIONS[0]}")]
    answer = answer_from(messages)
    assert answer.labels == ("b2",)
    assert json.loads(answer.as_json()) == {"answer": FACTS[0], "sources": ["b2"], "answerable": True}
