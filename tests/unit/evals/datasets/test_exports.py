"""What is exported can be imported again: JSON lines lose nothing, the other forms what they say."""

from __future__ import annotations

import io
import unicodedata
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from pitwall.core.errors import Unavailable
from pitwall.evals.datasets.errors import DatasetInvalid
from pitwall.evals.datasets.exports import Export, write_export
from pitwall.evals.datasets.records import MAX_ID
from pitwall.evals.datasets.staging import Staging
from pitwall.evals.datasets.types import Dataset, DatasetVersion
from pitwall.evals.types import Answer, Context, Example
from tests.unit.evals.datasets.reading import read
from tests.unit.evals.datasets.test_canonical import ANSWERS, CALLS, CONTEXTS, VALUES

WORDS = st.text(st.characters(categories=["L", "N", "P", "Zs", "So"]), min_size=1, max_size=12).map(
    lambda text: unicodedata.normalize("NFC", text)
)
IDS = WORDS.filter(lambda text: text == text.strip() and len(text) < MAX_ID and text.isprintable())
QUESTIONS = WORDS.filter(lambda text: bool(text.strip()))
OWN_EXAMPLES = st.builds(
    Example,
    id=IDS,
    question=QUESTIONS,
    language=st.sampled_from(["ko", "en"]),
    group=st.none() | QUESTIONS,
    reference=st.none() | QUESTIONS,
    reference_contexts=st.none() | CONTEXTS,
    relevance=st.none() | st.dictionaries(WORDS, st.floats(0, 10), max_size=3),
    reference_tool_calls=st.none() | CALLS,
    answer=st.none() | ANSWERS,
    metadata=st.dictionaries(st.just("more") | st.just("page"), VALUES, max_size=2),
)


def export_of(*examples: Example, label: str | None = None) -> Export:
    staging = Staging(io.BytesIO())
    for example in examples:
        staging.add(example)
    now = datetime(2026, 11, 28, tzinfo=UTC)
    version = DatasetVersion(
        id="v",
        dataset_id="d",
        number=1,
        content_hash=staging.content_hash,
        label=label,
        thresholds={},
        example_count=len(staging),
        facts=staging.facts,
        source={},
        created_at=now,
        created_by="me",
    )
    dataset = Dataset(id="d", name="qa", created_at=now, created_by="me", version_count=1, latest=version)
    return Export(dataset, version, examples)


def written(export: Export, file_format: str) -> bytes:
    return b"".join(write_export(export, file_format, io.BytesIO))


@settings(max_examples=200)
@given(OWN_EXAMPLES)
def test_json_lines_lose_nothing(example: Example) -> None:
    """An example of any kind is the same one after it was written and read."""
    assume(_is_as_read(example))
    examples, _ = read("qa.jsonl", written(export_of(example), "jsonl"))
    assert examples == [example]


def _is_as_read(example: Example) -> bool:
    """Whether a reader could have made it: texts in NFC, tools with names, no figure below 0."""
    answer = example.answer or Answer()
    calls = [*(example.reference_tool_calls or ()), *(answer.tool_calls or ())]
    figures = [answer.latency_ms, answer.cost_usd, *(turn.latency_ms for turn in answer.turns)]
    return (
        all(call.name for call in calls)
        and all(figure is None or figure >= 0 for figure in figures)
        and _is_nfc(written(export_of(example), "jsonl").decode())
    )


def _is_nfc(text: str) -> bool:
    return unicodedata.is_normalized("NFC", text) and "\\u" not in text


@pytest.mark.parametrize("file_format", ["json", "csv", "xlsx", "parquet"])
def test_tables_keep_what_they_have_columns_for(file_format: str) -> None:
    """Ids of documents, labels, figures, metadata; only scores of the retriever need JSON lines."""
    example = Example(
        id="a",
        question='Is "1,5" = 1|5?',
        language="de",
        group="g",
        reference="ja\nwirklich",
        reference_contexts=(Context("r"),),
        relevance={"d1": 2.0},
        answer=Answer(
            text="=SUM(A1)",
            contexts=(Context("eins", "d1"), Context("zwei", "d2")),
            latency_ms=12.5,
            input_tokens=3,
            cost_usd=0.25,
        ),
        trace_id="t",
        span_id="s",
        metadata={"page": 3, "tags": ["x"]},
    )
    plain = Example(id="b", question="Q?", answer=Answer(text=None, contexts=()))
    examples, _ = read(f"qa.{file_format}", written(export_of(example, plain), file_format))
    assert examples == [example, plain]


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({"text": "x" * 40_000}, "has 40,000 characters"),
        ({"text": "a\x01b"}, "control characters"),
    ],
)
def test_workbook_refuses_what_it_would_change(changes: dict[str, Any], told: str) -> None:
    """The example is named, and the formats that hold it."""
    export = export_of(Example(id="a", question="Q?", answer=Answer(**changes)))
    with pytest.raises(DatasetInvalid, match=f"'a': .*{told}.*Export as jsonl"):
        written(export, "xlsx")


def test_evalvault_form_has_name_and_version() -> None:
    """The label of the file that was imported, else the number."""
    for label, version in (("1.2", b'"version":"1.2"'), (None, b'"version":"1"')):
        assert version in written(export_of(Example(id="a", question="Q?"), label=label), "json")


def test_unknown_format_and_missing_package(monkeypatch: pytest.MonkeyPatch) -> None:
    """Both are told with a way out."""
    export = export_of(Example(id="a", question="Q?"))
    with pytest.raises(DatasetInvalid, match="There are json, jsonl, csv, xlsx, parquet"):
        written(export, "doc")
    monkeypatch.setitem(__import__("sys").modules, "pyarrow", None)
    with pytest.raises(Unavailable, match="pyarrow"):
        written(export, "parquet")
