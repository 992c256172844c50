"""Reading and cutting documents; the example's own documents and questions."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from examples.model_server.embedding import embed
from examples.voc_chat.documents import MAX_PASSAGE_CHARACTERS, Passage, read_documents, split_document
from examples.voc_chat.rerank import rerank
from examples.voc_chat.retrieval import Hit
from examples.voc_chat.settings import OWN_DOCUMENTS
from examples.voc_chat.traffic import QUESTIONS
from pitwall.core.errors import InvalidInput


def visible(text: str) -> str:
    return "".join(text.split())


@given(title=st.text(), body=st.text(alphabet="가나다 ab.\n#-", max_size=3000))
def test_splitting_keeps_every_character(title: str, body: str) -> None:
    """Nothing but white space is lost between a document and its passages, whatever its shape."""
    text = f"제목\n{title}\n{body}"
    pieces = [passage.text.removeprefix("제목").strip() for passage in split_document("d", text)]
    assert visible("".join(pieces)) == visible("\n".join(text.strip().splitlines()[1:]))


@given(body=st.text(alphabet="가 a\n", max_size=3000))
def test_passages_are_bounded_and_named_in_order(body: str) -> None:
    """A passage holds at most 600 characters below its title, and ids are unique."""
    passages = split_document("d", f"제목\n{body}")
    assert all(len(passage.text) <= len("제목\n") + MAX_PASSAGE_CHARACTERS for passage in passages)
    assert [passage.id for passage in passages] == [f"d#{number}" for number in range(len(passages))]


def test_folder_without_documents_is_refused(tmp_path: Path) -> None:
    """An empty DOCS_DIR is an error that names it, not an empty collection."""
    (tmp_path / "note.pdf").write_bytes(b"%PDF")
    with pytest.raises(InvalidInput, match="DOCS_DIR"):
        read_documents(tmp_path)


def test_file_that_is_not_utf8_is_refused_by_name(tmp_path: Path) -> None:
    """A file in another encoding is named instead of read as nonsense."""
    (tmp_path / "euckr.txt").write_bytes("환불 안내".encode("euc-kr"))
    with pytest.raises(InvalidInput, match=r"euckr\.txt"):
        read_documents(tmp_path)


def test_decomposed_hangul_and_byte_order_mark_are_normalised(tmp_path: Path) -> None:
    """Files written on other systems give the same text."""
    (tmp_path / "a.md").write_bytes("\ufeff\u1112\u116a\u11ab\u1107\u116e\u11af".encode())
    assert read_documents(tmp_path) == {"a": "환불"}


def test_own_documents_and_questions_fit_together() -> None:
    """Twenty documents of 10 to 25 lines, each asked about; some questions have no answer on purpose."""
    documents = read_documents(OWN_DOCUMENTS)
    questions = [pair for session in read_json(QUESTIONS) for pair in session]
    assert len(documents) == 20
    assert all(10 <= len(text.strip().splitlines()) <= 25 for text in documents.values())
    assert {document for _, document in questions} == {*documents, None}
    assert len({question for question, _ in questions}) == len(questions) >= 60


def test_reranking_finds_the_right_document_more_often() -> None:
    """On the own questions, recall at 1 rises from above 0.88 to above 0.94; at 5 it is complete."""
    passages = [p for name, text in read_documents(OWN_DOCUMENTS).items() for p in split_document(name, text)]
    index = [(passage, embed(passage.text)) for passage in passages]
    sessions = read_json(QUESTIONS)
    asked = [(question, document) for session in sessions for question, document in session if document]
    found = [(search(question, index), question, document) for question, document in asked]
    first = sum(hits[0].passage.document == document for hits, _, document in found) / len(found)
    ranked = [(rerank(question, hits, 5), document) for hits, question, document in found]
    first_ranked = sum(hits[0].passage.document == document for hits, document in ranked) / len(ranked)
    assert 0.88 < first < first_ranked - 0.02
    assert first_ranked > 0.94
    assert all(document in {hit.passage.document for hit in hits} for hits, document in ranked)


def read_json(path: Path) -> list[list[tuple[str, str | None]]]:
    sessions: list[list[tuple[str, str | None]]] = json.loads(path.read_text(encoding="utf-8"))
    return sessions


def search(question: str, index: list[tuple[Passage, list[float]]]) -> list[Hit]:
    """Twelve nearest passages by brute force."""
    vector = embed(question)
    hits = [Hit(passage, sum(a * b for a, b in zip(vector, own, strict=True))) for passage, own in index]
    return sorted(hits, key=lambda hit: -hit.score)[:12]
