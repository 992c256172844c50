"""Retrieved documents as each SDK, store and reranker writes them."""

from __future__ import annotations

import json
from typing import Any

import pytest

from pitwall.traces.documents import Document
from pitwall.traces.retrieved import MAX_DOCUMENTS, SpanFindings, read_retrieved
from tests.support.stored_texts import stored_row


def _retrieved(
    attributes: dict[str, Any], before: list[Document] | None = None, **span: Any
) -> list[Document] | None:
    row = stored_row(attributes, **span)
    known = [{"id": one} for one in row["document_ids"]]
    events = [(name, {**attributes}) for _, name, attributes in row["events"]]
    findings = SpanFindings(
        kind=row["kind"],
        input=row["input"] or None,
        output=row["output"] or None,
        attributes=row["attributes"],
        events=events,
        known=known,
        document_count=row["document_count"],
    )
    return read_retrieved(findings, before or ())


def _numbered(prefix: str, *documents: dict[str, Any]) -> dict[str, Any]:
    return {
        f"{prefix}.{at}.document.{name}": value
        for at, document in enumerate(documents)
        for name, value in document.items()
    }


def test_openinference_documents_in_their_order() -> None:
    """Ten and more are in the order of their numbers; metadata has the title and where it is from."""
    documents = [{"id": f"d{at}", "content": f"글 {at}", "score": 0.9 - at / 100} for at in range(11)]
    documents[0]["metadata"] = json.dumps({"title": "환불", "source": "refund.md"})
    found = _retrieved(
        {"openinference.span.kind": "RETRIEVER", **_numbered("retrieval.documents", *documents)}
    )
    assert found is not None
    assert [(one.id, one.rank, one.text) for one in found] == [
        (f"d{at}", at + 1, f"글 {at}") for at in range(11)
    ]
    assert found[0] == Document(id="d0", score=0.9, rank=1, title="환불", source="refund.md", text="글 0")


def test_reranker_says_where_documents_stood() -> None:
    """By id, else by text; one that was not among them has no place before, and texts are completed."""
    given = [{"id": "a", "content": "가"}, {"content": "나"}, {"id": "c", "content": "다"}]
    kept = [{"id": "c", "score": 0.8}, {"content": "나", "score": 0.7}, {"id": "x", "score": 0.1}]
    found = _retrieved(
        {
            "openinference.span.kind": "RERANKER",
            **_numbered("reranker.input_documents", *given),
            **_numbered("reranker.output_documents", *kept),
        }
    )
    assert found is not None
    assert [(one.id, one.rank, one.rank_before, one.text) for one in found] == [
        ("c", 1, 3, "다"),
        (None, 2, 2, "나"),
        ("x", 3, None, None),
    ]


def test_sdk_reranker_is_compared_with_the_search_before_it() -> None:
    """Pitwall's own SDK writes what came out; what went in is another span's."""
    kept = [{"id": "b", "score": 0.9, "content": "나"}, {"id": "a", "score": 0.2}]
    attributes = {"pitwall.span.kind": "reranker", "gen_ai.retrieval.documents": json.dumps(kept)}
    before = [Document(id="a", rank=1, text="가"), Document(id="b", rank=2, text="나")]
    found = _retrieved(attributes, before)
    assert found is not None
    assert [(one.id, one.rank_before, one.text) for one in found] == [("b", 2, "나"), ("a", 1, "가")]
    assert [one.rank_before for one in _retrieved(attributes) or ()] == [None, None]


def test_two_equal_documents_have_no_certain_place() -> None:
    """An id that went in twice says nothing about where its document stood."""
    given = [{"id": "a"}, {"id": "a"}, {"id": "b"}]
    found = _retrieved(
        {
            "openinference.span.kind": "RERANKER",
            **_numbered("reranker.input_documents", *given),
            **_numbered("reranker.output_documents", {"id": "a"}, {"id": "b"}),
        }
    )
    assert [one.rank_before for one in found or ()] == [None, 3]


@pytest.mark.parametrize(
    ("output", "expected"),
    [
        (["refund.md"], [(None, None, None, "refund.md")]),
        ([{"page_content": "글", "metadata": {"source": "a.md", "score": 0.5}}], [(None, 0.5, "a.md", "글")]),
        ([[{"page_content": "글", "metadata": {}}, 0.25]], [(None, 0.25, None, "글")]),
        ({"documents": [{"id": 7, "text": "글"}]}, [("7", None, None, "글")]),
        ({"matches": [{"id": "v1", "score": 0.5, "metadata": {"text": "글", "url": "https://x.test"}}]},
         [("v1", 0.5, "https://x.test", "글")]),
        ([{"node": {"id_": "n1", "text": "글", "metadata": {"file_name": "a"}}, "score": 0.5}],
         [("n1", 0.5, None, "글")]),
        ({"ids": [["a", "b"]], "documents": [["가", "나"]], "distances": [[0.5, 0.25]]},
         [("a", 0.5, None, "가"), ("b", 0.25, None, "나")]),
        ([{"strange": 1}], [(None, None, None, '{"strange": 1}')]),
        ([], None),
        ("nothing found", None),
    ],
)  # fmt: skip
def test_output_of_a_search(output: Any, expected: list[Any] | None) -> None:
    """LangChain, LlamaIndex, Pinecone, Chroma, plain texts: what a retriever's output lists."""
    text = output if isinstance(output, str) else json.dumps(output)
    found = _retrieved({"langfuse.observation.type": "retriever", "langfuse.observation.output": text})
    if expected is None:
        assert not found
    else:
        assert [(one.id, one.score, one.source, one.text) for one in found or ()] == expected


def test_cohere_reranker_names_places() -> None:
    """Results that say the index of what they were given, and no text."""
    answer = {"results": [{"index": 1, "relevance_score": 0.75}, {"index": 0, "relevance_score": 0.5}]}
    asked = {"query": "환불", "documents": ["가", "나"]}
    found = _retrieved(
        {
            "pitwall.span.kind": "reranker",
            "input.value": json.dumps(asked),
            "output.value": json.dumps(answer),
        }
    )
    assert [(one.rank_before, one.score, one.text) for one in found or ()] == [
        (2, 0.75, "나"),
        (1, 0.5, "가"),
    ]


def test_vector_store_events() -> None:
    """OpenLLMetry gives an event for each result."""
    event = {"db.query.result.id": "a", "db.query.result.distance": 0.5, "db.query.result.document": "글"}
    found = _retrieved(
        {"db.system": "chroma", "db.operation": "query"}, events=[("db.query.result", 1, event)]
    )
    assert found == [Document(id="a", score=0.5, rank=1, text="글")]


def test_tools_that_search_and_tools_that_do_not() -> None:
    """A web search's answer is documents; another tool's list is not."""
    search = json.dumps([{"title": "제목", "href": "https://x.test", "body": "글"}])
    found = _retrieved({"pitwall.span.kind": "tool", "output.value": search})
    assert found == [Document(rank=1, title="제목", source="https://x.test", text="글")]
    assert _retrieved({"pitwall.span.kind": "tool", "output.value": '[{"name": "kim"}]'}) is None
    assert _retrieved({"pitwall.span.kind": "llm", "output.value": search}) is None


def test_nothing_found_is_not_unknown() -> None:
    """A search that says it found nothing has an empty list; one that says nothing has none."""
    assert _retrieved({"pitwall.span.kind": "retriever", "pitwall.document.count": 0}) == []
    assert _retrieved({"pitwall.span.kind": "retriever"}) is None
    many = json.dumps([{"id": str(at)} for at in range(MAX_DOCUMENTS + 5)])
    found = _retrieved({"pitwall.span.kind": "retriever", "gen_ai.retrieval.documents": many})
    assert len(found or ()) == MAX_DOCUMENTS
