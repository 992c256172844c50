"""Questions out of documents: passages, prompts, checks of what a model offers, and how failures count."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pitwall.evals.datasets.synthesis.asking import MadeQuestions, prompt_hash, question_messages
from pitwall.evals.datasets.synthesis.documents import DocumentsInvalid, read_documents
from pitwall.evals.datasets.synthesis.likeness import AskedBefore
from pitwall.evals.datasets.synthesis.making import Synthesis, Synthesizer, find_quote
from pitwall.evals.datasets.synthesis.passages import LEAST, cut
from pitwall.evals.datasets.synthesis.types import Document, Passage, QuestionKind, SynthesisPlan
from pitwall.evals.types import Context
from pitwall.llm.types import Answered, CallFailed, CallFailure, Message, Reply

TEXT = (
    "The premium is 150 dollars a month, payable for twenty years. It is due on the first day of each month."
)
PASSAGE = Passage("terms.md", 100, 100 + len(TEXT), TEXT)


class ScriptedModels:
    """Answers what a function says for a passage, and notes what was asked."""

    def __init__(self, answer: Callable[[str], Any]) -> None:
        self.asked: list[Sequence[Message]] = []
        self._answer = answer

    async def ask(
        self, messages: Sequence[Message], shape: type[Reply], *, sample: int = 0
    ) -> Answered[Reply]:
        self.asked.append(messages)
        found = self._answer(messages[-1].content)
        if isinstance(found, Exception):
            raise found
        return Answered(shape.model_validate({"questions": found}), ("call-1",))

    async def embed(self, texts: Sequence[str]) -> list[list[float]]:
        raise AssertionError("nobody needs vectors here")


def made(question: str = "What is the premium?", **changes: str) -> dict[str, str]:
    offered = {
        "kind": "factual",
        "question": question,
        "answer": "150 dollars",
        "quote": "150 dollars a month",
    }
    return {**offered, **changes}


async def make(answer: Callable[[str], Any], *texts: str, **plan: Any) -> tuple[Synthesis, ScriptedModels]:
    models = ScriptedModels(answer)
    documents = [Document(f"{number}.md", text) for number, text in enumerate(texts or (TEXT,))]
    return await Synthesizer(models, "tiny", SynthesisPlan(**plan)).make(documents), models


async def test_question_becomes_an_example_with_its_provenance() -> None:
    """Document, passage, quote, model, prompt and call stay with it."""
    synthesis, _ = await make(lambda _: [made()])
    (example,) = synthesis.examples
    start = TEXT.index("150 dollars a month")
    assert (example.question, example.reference, example.language) == (
        "What is the premium?",
        "150 dollars",
        "en",
    )
    assert (example.group, example.reference_contexts) == ("0.md", (Context(TEXT, f"0.md#0-{len(TEXT)}"),))
    assert example.metadata == {
        "question_type": "factual",
        "document": "0.md",
        "synthesis": {
            "passage": {"start": 0, "end": len(TEXT)},
            "quote": {"start": start, "end": start + 19, "text": "150 dollars a month"},
            "model": "tiny",
            "prompt": prompt_hash(),
            "calls": ["call-1"],
        },
    }


async def test_what_cannot_be_kept_is_counted_by_reason() -> None:
    """A quote that is made up, a question like another one, an empty answer."""
    offered = [
        made(),
        made("What IS the premium"),
        made("When is it due?", quote="on the last day"),
        made("Who pays?", answer=" "),
        made("When is it due?", quote="due on\nthe FIRST day"),
    ]
    synthesis, _ = await make(lambda _: offered, per_passage=5)
    counts = synthesis.counts
    assert [one.question for one in synthesis.examples] == ["What is the premium?", "When is it due?"]
    assert (counts.asked, counts.offered, counts.kept) == (1, 5, 2)
    assert counts.dropped == {"near_duplicate": 1, "quote_not_found": 1, "empty": 1}


async def test_it_stops_when_there_are_enough() -> None:
    """Passages that nobody needs are not asked about."""
    texts = [f"{TEXT} Rule {number} of the house applies." for number in range(64)]
    synthesis, models = await make(lambda text: [made(f"{hash(text)} premium of what?")], *texts, count=5)
    assert len(synthesis.examples) == 5
    assert len(models.asked) == 16


async def test_seed_gives_the_order() -> None:
    """The same seed asks the same passages first, another one others."""
    texts = [f"{TEXT} Rule {number} of the house applies." for number in range(40)]

    async def first(seed: int) -> str:
        _, models = await make(lambda _: [], *texts, seed=seed)
        return models.asked[0][-1].content

    assert await first(1) == await first(1)
    assert await first(1) != await first(2)


async def test_failures_are_counted_and_the_rest_is_kept() -> None:
    """A passage about which nothing came costs its questions, not the others."""
    failed = CallFailed("late", failure=CallFailure.TIMEOUT)
    synthesis, _ = await make(lambda text: failed if "bad" in text else [made()], TEXT, f"{TEXT} bad")
    assert len(synthesis.examples) == 1
    assert synthesis.counts.failed == {"timeout": 1}
    assert synthesis.failure is failed


async def test_spent_budget_ends_it_with_what_there_is() -> None:
    """Nothing more is asked."""
    failed = CallFailed("enough", failure=CallFailure.BUDGET)
    texts = [f"{TEXT} Rule {number} of the house applies." for number in range(40)]
    synthesis, models = await make(lambda _: failed, *texts)
    assert (len(models.asked), synthesis.counts.failed) == (16, {"budget": 16})


def test_prompt_speaks_the_language_of_the_passage() -> None:
    """With the kinds that were asked for and the passage between marks of its own."""
    korean = "보험료는 월 15만원이며 납입 기간은 20년입니다. 보험료는 매월 1일에 자동이체로 납부합니다."
    for text, word, other in ((TEXT, "Write up to 3", "지문"), (korean, "최대 3개", "Write")):
        passage = Passage("a", 0, len(text), text)
        system, user = question_messages(passage, 3, [QuestionKind.FACTUAL, QuestionKind.PROCEDURAL])
        assert word in user.content
        assert other not in user.content
        assert text in user.content
        assert "factual" in user.content
        assert "opinion" not in user.content
        assert (system.role, user.role) == ("system", "user")


def test_braces_of_a_passage_are_no_marks() -> None:
    """Code and templates are texts like others."""
    text = "Write {passage} and {count} as they are, {} too."
    _, user = question_messages(Passage("a", 0, len(text), text), 1, [QuestionKind.FACTUAL])
    assert text in user.content


@pytest.mark.parametrize(
    ("quote", "found"),
    [
        ("150 dollars", "150 dollars"),
        ('"150 dollars"', "150 dollars"),
        ("150\n  DOLLARS a month", "150 dollars a month"),
        ("150 euros", None),
        (" ", None),
        ("a.month", None),
    ],
)
def test_quote_is_found_whatever_its_blanks_and_case(quote: str, found: str | None) -> None:
    """And told by its place in the document, not in the passage."""
    place = find_quote(quote, PASSAGE)
    assert (None if place is None else TEXT[place[0] - 100 : place[1] - 100]) == found


def test_likeness_is_that_of_letters() -> None:
    """Marks, blanks and case do not make another question; another number does, in a short one."""
    before = AskedBefore(0.8)
    assert before.take("보험료는 얼마인가요?")
    assert not before.take("보험료는  얼마인가요")
    assert before.take("보험금은 언제 지급되나요?")
    assert before.take("a")
    assert not before.take("A?")


@given(st.text(alphabet="ab .!?\n다", max_size=400), st.integers(5, 60))
def test_passages_are_stretches_of_their_document(text: str, length: int) -> None:
    """In order, none over another or much longer than asked; only blanks and bits stand between them."""
    document = Document("d", text)
    passages = cut(document, length)
    end = 0
    for passage in passages:
        assert text[passage.start : passage.end] == passage.text == passage.text.strip()
        assert end <= passage.start
        assert len(passage.text) <= length + max(len(one) for one in ("", *text.split()))
        assert len(text[end : passage.start].strip()) < LEAST
        end = passage.end
    assert len(text[end:].strip()) < LEAST


def test_documents_of_a_directory(tmp_path: Path) -> None:
    """Texts by name, lists of documents by id, Korean in its older encoding; hidden files are not read."""
    (tmp_path / "b.txt").write_bytes("보험료는 월 15만원".encode("cp949"))
    (tmp_path / "sub").mkdir()
    (tmp_path / "sub" / "a.md").write_text("# Terms", "utf-8")
    content = {"documents": [{"doc_id": "d1", "content": "one"}, "two"]}
    (tmp_path / "c.json").write_text(json.dumps(content), "utf-8")
    (tmp_path / "e.jsonl").write_text('{"text": "three"}\n', "utf-8")
    (tmp_path / ".hidden.md").write_text("no", "utf-8")
    (tmp_path / "picture.png").write_bytes(b"\x89PNG")
    found = {document.name: document.text for document in read_documents(tmp_path)}
    assert found == {
        "b.txt": "보험료는 월 15만원",
        "sub/a.md": "# Terms",
        "d1": "one",
        "c.json#2": "two",
        "e.jsonl#1": "three",
    }


@pytest.mark.parametrize(
    ("name", "content", "told"),
    [
        ("a.md", " ", "no documents"),
        ("a.json", "{", "no valid JSON"),
        ("a.json", "[1]", "a.json#1 has no text"),
    ],
)
def test_what_is_no_document_is_named(tmp_path: Path, name: str, content: str, told: str) -> None:
    """With a way out."""
    (tmp_path / name).write_text(content, "utf-8")
    with pytest.raises(DocumentsInvalid, match=told):
        read_documents(tmp_path)


def test_kinds_are_those_of_the_command() -> None:
    """The command names them without importing what knows them."""
    from pitwall.evals.datasets.synthesis_commands import KINDS

    assert [kind.value for kind in QuestionKind] == list(KINDS)
    assert set(MadeQuestions.model_fields) == {"questions"}
