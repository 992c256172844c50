"""Fields are known by the names of all the products that people come from."""

from __future__ import annotations

import unicodedata
from typing import Any

import pytest

from pitwall.evals.datasets.languages import find_language
from pitwall.evals.datasets.types import ReadOptions
from pitwall.evals.types import Answer, Context, ToolCall, Turn
from tests.unit.evals.datasets.reading import read, read_one


@pytest.mark.parametrize(
    "values",
    [
        {"question": "Q?", "answer": "A.", "contexts": ["c"], "ground_truth": "R.", "id": "1"},
        {"user_input": "Q?", "response": "A.", "retrieved_contexts": ["c"], "reference": "R.", "id": "1"},
        {
            "input": "Q?",
            "actual_output": "A.",
            "retrieval_context": ["c"],
            "expected_output": "R.",
            "id": "1",
        },
        {
            "question": "Q?",
            "answer": {"text": "A.", "contexts": [{"text": "c"}]},
            "reference": "R.",
            "id": "1",
        },
        {"question": "Q?", "answer": "A.", "contexts": ["c"], "ground_truths": ["R."], "_id": 1},
        {"질문": "Q?", "답변": "A.", "문맥": "c", "정답": "R.", "id": "1"},
        {
            "vars": {"question": "Q?", "answer": "A.", "context": "c", "id": "1"},
            "assert": [{"type": "equals", "value": "R."}],
        },
    ],
    ids=["evalvault", "ragas", "deepeval", "own", "older", "korean", "promptfoo"],
)
def test_names_of_every_product(values: dict[str, Any]) -> None:
    """One example, seven ways to write it."""
    example = read_one(values)
    assert (example.id, example.question, example.reference) == ("1", "Q?", "R.")
    assert example.answer == Answer(text="A.", contexts=(Context("c"),))


def test_context_of_deepeval_is_what_should_have_been_found() -> None:
    """Beside the names of DeepEval; elsewhere it is what was found."""
    ideal = read_one({"input": "Q?", "actual_output": "A.", "context": ["c"]})
    assert ideal.reference_contexts == (Context("c"),)
    assert ideal.answer == Answer(text="A.")
    assert read_one({"question": "Q?", "context": ["c"]}).answer == Answer(contexts=(Context("c"),))


def test_several_right_answers() -> None:
    """The first is the reference, all of them stay as metadata; none is none."""
    several = read_one({"question": "Q?", "ground_truths": ["R.", "S."]})
    assert (several.reference, several.metadata) == ("R.", {"references": ["R.", "S."]})
    assert read_one({"question": "Q?", "ground_truths": []}).reference is None


def test_check_of_promptfoo_is_its_value() -> None:
    """In its own column only: elsewhere the same words are the answer itself."""
    (example,), _ = read("a.csv", "question,__expected\nQ?,equals: R.\n")
    assert example.reference == "R."
    assert read_one({"question": "Q?", "reference": "equals: R."}).reference == "equals: R."


@pytest.mark.parametrize(
    ("labels", "expected"),
    [
        (["d1", "d2"], {"d1": 1.0, "d2": 1.0}),
        ({"d1": 3, "d2": 0.5}, {"d1": 3.0, "d2": 0.5}),
        ([{"id": "d1", "gain": 2}, {"doc_id": "d2"}], {"d1": 2.0, "d2": 1.0}),
        ('["d1"]', {"d1": 1.0}),
        ("d1|d2", {"d1": 1.0, "d2": 1.0}),
        ([7], {"7": 1.0}),
    ],
)
def test_labels_of_retrieval(labels: Any, expected: dict[str, float]) -> None:
    """Ids, ids with gains, an object, or a cell."""
    assert read_one({"query": "Q?", "relevant_docs": labels}).relevance == expected


def test_retrieved_ids_go_with_their_contexts() -> None:
    """Or stand alone, where a file has no texts."""
    both = read_one({"question": "Q?", "contexts": ["a", "b"], "retrieved_ids": ["1", 2]})
    assert both.answer == Answer(contexts=(Context("a", "1"), Context("b", "2")))
    alone = read_one({"question": "Q?", "retrieved_context_ids": ["1"]})
    assert alone.answer == Answer(contexts=(Context("", "1"),))


def test_contexts_as_documents() -> None:
    """Objects with text, id and score, under the names of search libraries."""
    documents = [{"page_content": "a", "id": 1}, {"text": "b", "score": -0.5}, {"x": 1}]
    answer = read_one({"question": "Q?", "contexts": documents}).answer
    assert answer == Answer(contexts=(Context("a", "1"), Context("b", None, -0.5), Context('{"x": 1}')))


def test_no_contexts_are_known_to_be_none() -> None:
    """An empty list says that a search found nothing; a missing one says nothing."""
    assert read_one({"question": "Q?", "answer": "A.", "contexts": []}).answer == Answer("A.", contexts=())
    assert read_one({"question": "Q?", "answer": "A.", "contexts": None}).answer == Answer("A.")


def test_an_empty_answer_is_an_answer() -> None:
    """A system that said nothing is another thing than one that was not asked."""
    assert read_one({"question": "Q?", "answer": ""}).answer == Answer(text="")
    assert read_one({"question": "Q?", "answer": None}).answer is None


def test_separator_of_contexts_can_be_chosen() -> None:
    """Or switched off, for texts that have bars in them."""
    rows = "question,contexts\nQ?,a|b;c\n"
    for separator, expected in (("|", ["a", "b;c"]), (";", ["a|b", "c"]), ("", ["a|b;c"])):
        (example,), _ = read("a.csv", rows, ReadOptions(separator=separator))
        assert example.answer is not None
        assert [one.text for one in example.answer.contexts or ()] == expected


@pytest.mark.parametrize(
    "calls",
    [
        [{"name": "search", "arguments": {"q": "x"}}],
        [{"name": "search", "args": {"q": "x"}}],
        [{"name": "search", "input_parameters": {"q": "x"}}],
        [{"type": "function", "function": {"name": "search", "arguments": '{"q": "x"}'}}],
        '[{"name": "search", "arguments": {"q": "x"}}]',
    ],
)
def test_tool_calls_of_every_product(calls: Any) -> None:
    """Pitwall's and OpenAI's, Ragas', DeepEval's, and in a cell."""
    example = read_one({"question": "Q?", "tools_called": calls, "expected_tools": ["search"]})
    assert example.answer == Answer(tool_calls=(ToolCall("search", {"q": "x"}),))
    assert example.reference_tool_calls == (ToolCall("search"),)


def test_conversation_of_messages() -> None:
    """What is judged is the last turn; the others are there for metrics of conversations."""
    messages = [
        {"role": "system", "content": "Be kind."},
        {"role": "user", "content": "One?"},
        {"role": "assistant", "content": "1."},
        {"role": "user", "content": "Two?"},
        {"role": "assistant", "content": "2.", "retrieval_context": ["c"]},
    ]
    for name in ("messages", "turns", "user_input"):
        example = read_one({name: messages})
        assert example.question == "Two?"
        assert example.answer is not None
        assert (example.answer.text, example.answer.contexts) == ("2.", (Context("c"),))
        assert example.answer.turns == (Turn("One?", "1."), Turn("Two?", "2.", (Context("c"),)))


def test_what_no_field_takes_is_metadata() -> None:
    """Beside what the file calls so."""
    example = read_one({"question": "Q?", "category": "x", "keywords": ["k"], "metadata": {"page": 3}})
    assert example.metadata == {"category": "x", "keywords": ["k"], "page": 3}


def test_second_name_of_a_field_is_not_lost() -> None:
    """The stronger one counts, the other stays as metadata."""
    example = read_one({"question": "Q?", "prompt": "Answer: Q?"})
    assert (example.question, example.metadata) == ("Q?", {"prompt": "Answer: Q?"})
    assert read_one({"question": "", "query": "Q?"}).question == "Q?"


def test_id_is_made_of_the_question() -> None:
    """It stays when rows move; equal questions are numbered."""
    first, _ = read("a.jsonl", '{"question": "Q?"}\n{"question": "R?"}\n{"question": "Q?"}\n')
    second, _ = read("a.jsonl", '{"question": "R?"}\n{"question": "Q?"}\n')
    assert [one.id for one in second] == [first[1].id, first[0].id]
    assert first[2].id == f"{first[0].id}-2"


def test_decomposed_hangul_becomes_whole_syllables() -> None:
    """As files from some systems have it: the same text is the same example."""
    plain = {"id": "가", "question": "보험료?", "metadata": {"분류": ["약관"]}}
    taken_apart = {
        unicodedata.normalize("NFD", "id"): unicodedata.normalize("NFD", "가"),
        "question": unicodedata.normalize("NFD", "보험료?"),
        "metadata": {unicodedata.normalize("NFD", "분류"): [unicodedata.normalize("NFD", "약관")]},
    }
    assert read_one(taken_apart) == read_one(plain)


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("보험료는 얼마인가요?", "ko"),
        ("GPT-4o API의 token 가격은 얼마인가요?", "ko"),
        ("What does 보험 mean in this sentence?", "en"),
        ("What is covered?", "en"),
        ("保険料はいくらですか", "ja"),
        ("保险费是多少?", "zh"),
        ("12 + 3 = ?", "en"),
        ("", "en"),
    ],
)
def test_language_is_found_by_letters(text: str, language: str) -> None:
    """A fifth of Hangul is Korean; what has no letters counts as English."""
    assert find_language(text) == language


def test_language_is_looked_for_in_the_reference_if_the_question_has_no_letters() -> None:
    """A sum is asked in no language, but answered in one."""
    assert read_one({"question": "1 + 2 = ?", "reference": "삼입니다"}).language == "ko"
    assert read_one({"question": "1 + 2 = ?"}, ReadOptions(language="de")).language == "de"
