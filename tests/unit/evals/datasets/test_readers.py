"""Files in every form give the same examples, and what is wrong with one is named with its place."""

from __future__ import annotations

import gzip
import io
import json
from pathlib import Path
from typing import Any

import pytest

from pitwall.core.errors import InvalidInput, Unavailable
from pitwall.evals.datasets.errors import DatasetInvalid
from pitwall.evals.datasets.types import ReadOptions
from pitwall.evals.types import Answer, Context, Example
from tests.unit.evals.datasets.reading import read, workbook

ROW = {
    "id": "a",
    "question": "보험료는 얼마인가요?",
    "answer": "월 15만원입니다.",
    "contexts": ["보험료는 월 15만원이다.", "납입은 20년."],
    "ground_truth": "월 15만원",
}
EXAMPLE = Example(
    id="a",
    question="보험료는 얼마인가요?",
    language="ko",
    reference="월 15만원",
    answer=Answer(
        text="월 15만원입니다.", contexts=(Context("보험료는 월 15만원이다."), Context("납입은 20년."))
    ),
)
HEAD = "id,question,answer,contexts,ground_truth\n"
CELLS = (
    'a,보험료는 얼마인가요?,월 15만원입니다.,"[""보험료는 월 15만원이다."", ""납입은 20년.""]",월 15만원\n'
)


def parquet(rows: list[dict[str, Any]]) -> bytes:
    pyarrow, parquet = pytest.importorskip("pyarrow"), pytest.importorskip("pyarrow.parquet")
    stream = io.BytesIO()
    parquet.write_table(pyarrow.Table.from_pylist(rows), stream)
    return stream.getvalue()


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("a.json", json.dumps([ROW])),
        ("a.json", json.dumps({"name": "x", "test_cases": [ROW]}, indent=2)),
        ("a.json", json.dumps({"examples": [ROW], "name": "x"}).encode("utf-8-sig")),
        ("a.json", json.dumps(ROW)),
        ("a.json.gz", gzip.compress(json.dumps([ROW]).encode())),
        ("a.jsonl", json.dumps(ROW) + "\n\n"),
        ("a", json.dumps([ROW], ensure_ascii=False).encode("utf-16")),
        ("a.csv", HEAD + CELLS),
        ("a.csv", (HEAD + CELLS).encode("utf-8-sig")),
        ("a.csv", (HEAD + CELLS).encode("cp949")),
        ("a.csv", (HEAD + CELLS).replace("\n", "\r\n")),
        (
            "a.csv",
            HEAD + "a,보험료는 얼마인가요?,월 15만원입니다.,보험료는 월 15만원이다.|납입은 20년.,월 15만원",
        ),
        ("a.tsv", "\t".join(ROW) + "\n" + "\t".join(str(value) for value in ROW.values())),
        ("a.csv", HEAD.replace(",", ";") + CELLS.replace(",", ";").replace('"";', '"",')),
        ("a.xlsx", workbook(("notes", [["hello"]]), ("qa", [[*ROW], [*map(str, ROW.values())]]))),
        ("a.parquet", parquet([ROW])),
    ],
    ids=lambda value: value if isinstance(value, str) and len(value) < 12 else "",
)
def test_every_form_gives_the_same_example(name: str, content: str | bytes) -> None:
    """Whatever the format, the encoding and the marks between columns."""
    examples, reading = read(name, content)
    assert examples == [EXAMPLE]
    assert not reading.problems


def test_json_lines_may_be_called_json() -> None:
    """As some public sets are."""
    examples, _ = read("a.json", "\n".join(json.dumps({"id": n, "question": "Q?"}) for n in range(3)))
    assert [example.id for example in examples] == ["0", "1", "2"]


def test_file_tells_of_the_dataset_before_or_after_its_examples() -> None:
    """Name, version, thresholds without those left open, and whatever else is small."""
    said = {"name": "qa", "version": 1.5, "thresholds": {"faithfulness": 0.8, "mrr": None}, "owner": "a"}
    cases = {"test_cases": [{"question": "Q?"}]}
    for content in ({**said, **cases}, {**cases, **said}):
        _, reading = read("a.json", json.dumps(content))
        header = reading.header
        assert (header.name, header.label, header.thresholds) == ("qa", "1.5", {"faithfulness": 0.8})
        assert header.rest == {"owner": "a"}


@pytest.mark.parametrize("is_first", [True, False])
def test_language_of_the_file_counts_wherever_it_stands(is_first: bool) -> None:
    """But an example's own goes first."""
    cases = {"test_cases": [{"question": "Was?"}, {"question": "Why?", "language": "en"}]}
    content = {"language": "de", **cases} if is_first else {**cases, "language": "de"}
    examples, _ = read("a.json", json.dumps(content))
    assert [example.language for example in examples] == ["de", "en"]


def test_what_is_too_large_for_a_heading_is_named() -> None:
    """It is not kept in silence, nor lost in silence."""
    _, reading = read("a.json", json.dumps({"documents": ["x" * 70_000], "data": [{"question": "Q?"}]}))
    assert (reading.header.rest, reading.header.left_out) == ({}, ("documents",))


@pytest.mark.parametrize(
    ("name", "content", "told"),
    [
        ("a.json", "", "'{' is expected, not the end"),
        ("a.json", "[]", "a.json has no example"),
        ("a.json", '{"test_cases": []}', "a.json has no example"),
        ("a.json", '{"a": 1}', "a.json has no list of examples; it has a"),
        (
            "a.json",
            '[{"question": "Q?"},\n{"question": oops}]',
            "a.json, line 2: no valid JSON, expecting value",
        ),
        (
            "a.json",
            '[{"question": "Q?"}',
            "a.json, line 1: no valid JSON, ',' or ']' is expected, not the end",
        ),
        ("a.json", '[{"question": "Q?"}] x', "the end is expected, not 'x'"),
        ("a.json", '[{"question": "Q?", "x": Infinity}]', "Infinity is no number of JSON"),
        ("a.json", "[" * 100_000, "nested too deeply"),
        ("a.json", "[1]", "a.json, line 1, example 1: an example is a JSON object"),
        ("a.jsonl", '{"question": "Q?"}\n{"question"', "a.jsonl, line 2: no valid JSON"),
        ("a.jsonl", "", "a.jsonl has no example"),
        ("a.csv", "", "a.csv has no example"),
        ("a.csv", "id,question\n", "a.csv has no example"),
        ("a.csv", "a,b\n1,2\n", "a.csv, line 1: no column for the question among a, b"),
        ("a.csv", "question,question\nQ?,R?\n", "the column 'question' stands there twice"),
        ("a.csv", 'question\n"Q?\n', "a.csv, line 2: no valid CSV"),
        ("a.csv", "id,question\na,Q?,what\n", "a.csv, line 2: 1 values stand in columns without a name"),
        ("a.csv", "id,question\na,\n", "a.csv, line 2, question: there is no question"),
        ("a.csv", 'question,contexts\nQ?,"[""a"", b]"\n', "line 2, contexts: .* begins like a JSON list"),
        ("a.xlsx", b"PK\x03\x04 no", "a.xlsx is no workbook that can be read"),
        ("a.parquet", b"PAR1 no", "a.parquet is no Parquet file"),
        (
            "a.xlsx",
            workbook(("qa", [["id", "question"], ["1", "=A1"]])),
            "sheet qa, cell B2: the formula has no",
        ),
        ("a.xls", b"\xd0\xcf\x11\xe0", "Save it as .xlsx"),
        ("a.bin", b"\x01\x02", "a.bin has no known format"),
        ("a.csv", b"question\n\xff\xfe\xfd\n", "it is not utf-8 at byte 9, nor cp949 at byte 9"),
        ("a.json.gz", gzip.compress(b"[]" * 99, mtime=0)[:-9], "a.json.gz is packed and damaged"),
        ("a.json.gz", gzip.compress(b" " * (2 << 20)), "has more than 1,048,576 bytes when unpacked"),
        ("a.json", '{"thresholds": {"x": "high"}, "data": [{"question": "Q?"}]}', "'high' is no threshold"),
        ("a.json", '{"thresholds": 1, "data": [{"question": "Q?"}]}', "thresholds: 1 is no threshold"),
    ],
)
def test_bad_file_is_refused_with_its_place(name: str, content: str | bytes, told: str) -> None:
    """File, line or row and field, and a way out."""
    with pytest.raises(DatasetInvalid, match=told) as raised:
        read(name, content)
    assert raised.value.hint


@pytest.mark.parametrize(
    ("values", "code", "field"),
    [
        ({}, "missing_question", "question"),
        ({"question": "  "}, "missing_question", "question"),
        ({"question": {"a": 1}}, "not_text", "question"),
        ({"question": "Q?", "id": "x" * 201}, "invalid_id", "id"),
        ({"question": "Q?", "id": "a\nb"}, "invalid_id", "id"),
        ({"question": "Q?", "contexts": [["a"]]}, "not_text", "contexts"),
        ({"question": "Q?", "relevant_docs": {"a": "much"}}, "not_number", "relevant_docs"),
        ({"question": "Q?", "relevant_docs": [{"gain": 1}]}, "no_document_id", "relevant_docs"),
        (
            {"question": "Q?", "contexts": ["a"], "retrieved_ids": ["1", "2"]},
            "ids_do_not_match",
            "retrieved_ids",
        ),
        ({"question": "Q?", "tools_called": "search"}, "not_tool_calls", "tools_called"),
        ({"question": "Q?", "tools_called": [{"x": 1}]}, "not_tool_call", "tools_called"),
        ({"question": "Q?", "turns": [{"role": "system", "content": "x"}]}, "not_turns", "turns"),
        ({"question": "Q?", "latency_ms": -1}, "not_number", "latency_ms"),
        ({"question": "Q?", "input_tokens": 1.5}, "not_number", "input_tokens"),
        ({"question": "Q?", "metadata": "x"}, "not_object", "metadata"),
        ({"question": "Q?", "answer": {"text": "A.", "style": "x"}}, "unknown_member", "answer"),
        ({"question": "Q?", "answer": {"error": 3}}, "not_text", "answer.error"),
        ({"question": "Q?", "answer": ["a", "b"]}, "not_text", "answer"),
        ({"question": "Q?", "x": 1, "metadata": {"x": 2}}, "said_twice", "x"),
        ({"question": "Q?", "x": 2**70}, "not_storable", None),
        ({"question": "Q?", "x": "\ud800"}, "not_storable", None),
    ],
)
def test_bad_field_is_named(values: dict[str, Any], code: str, field: str | None) -> None:
    """By the name that the file has for it, in both languages; the good examples can be kept."""
    content = json.dumps([values, {"id": "good", "question": "Q?"}])
    examples, reading = read("a.json", content, ReadOptions(skip_invalid=True))
    (problem,) = reading.problems
    assert (problem.code, problem.field) == (code, field)
    assert problem.place.line == 1
    assert problem.text.en != problem.text.ko
    assert [example.id for example in examples] == ["good"]
    with pytest.raises(DatasetInvalid, match="example 1"):
        read("a.json", content)


def test_duplicate_id_names_both_places() -> None:
    """The first example keeps its id; nobody guesses which one was meant."""
    with pytest.raises(DatasetInvalid, match="line 4, id: the id 'a' stands already at a.csv, line 2"):
        read("a.csv", "id,question\na,Q?\nb,R?\na,S?\n")


def test_line_is_where_a_row_begins() -> None:
    """Also behind texts of several lines."""
    with pytest.raises(DatasetInvalid, match="line 5, question"):
        read("a.csv", 'id,question\na,"one\ntwo\nthree"\nb,\n')
    content = '[\n  {"question": "Q?"},\n\n  {\n "id": 1}\n]'
    with pytest.raises(DatasetInvalid, match="line 4, example 2, question"):
        read("a.json", content)


def test_row_of_a_sheet_is_numbered_as_the_program_shows_it() -> None:
    """Empty rows count, as they do on the screen."""
    content = workbook(("qa", [["id", "question"], ["a", "Q?"], [], ["b", None]]))
    with pytest.raises(DatasetInvalid, match="a.xlsx, sheet qa, row 4, question"):
        read("a.xlsx", content)


def test_many_problems_are_counted_and_some_told() -> None:
    """A file that is wrong from end to end does not fill the screen."""
    with pytest.raises(DatasetInvalid, match=r"\(149 more in details\)") as raised:
        read("a.json", json.dumps([{}] * 150))
    assert raised.value.details["count"] == 150
    assert len(raised.value.details["problems"]) == 100


def test_numbers_dates_and_blanks_of_cells() -> None:
    """Whole numbers have no point, empty cells are absent, a date is written as ISO has it."""
    import datetime

    rows: list[list[Any]] = [
        ["id", "question", "answer", "price", "day", "answer2"],
        [1, "Q?", 3.0, 2.5, datetime.date(2026, 11, 28), " "],
    ]
    (example,), _ = read("a.xlsx", workbook(("qa", rows)))
    assert (example.id, example.answer) == ("1", Answer(text="3"))
    assert example.metadata == {"price": 2.5, "day": "2026-11-28T00:00:00"}


def test_sheet_can_be_named_and_must_be_there() -> None:
    """The error names those that are."""
    content = workbook(("one", [["question"], ["Q?"]]), ("two", [["question"], ["R?"]]))
    (example,), _ = read("a.xlsx", content, ReadOptions(sheet="two"))
    assert example.question == "R?"
    with pytest.raises(DatasetInvalid, match="no sheet 'three'.*It has one, two"):
        read("a.xlsx", content, ReadOptions(sheet="three"))


def test_columns_can_be_named() -> None:
    """A column map goes before all known names; one that is not there is refused."""
    options = ReadOptions(columns={"question": "what", "reference": "right"})
    (example,), _ = read("a.csv", "question,what,right\nno,Q?,yes\n", options)
    assert (example.question, example.reference, example.metadata) == ("Q?", "yes", {"question": "no"})
    with pytest.raises(DatasetInvalid, match="no column 'right'"):
        read("a.csv", "what\nQ?\n", options)


def test_named_format_and_encoding_go_before_what_is_found() -> None:
    """And must be known."""
    (example,), _ = read("a.txt", "question\nQ?\n", ReadOptions(file_format="csv", encoding="ascii"))
    assert example.question == "Q?"
    for options in (ReadOptions(file_format="doc"), ReadOptions(encoding="klingon", file_format="csv")):
        with pytest.raises(InvalidInput, match="There is no"):
            read("a.txt", "question\nQ?\n", options)
    with pytest.raises(DatasetInvalid, match="is not ascii: byte 9"):
        read("a.csv", "question\n질문?\n", ReadOptions(encoding="ascii"))


def test_answer_of_a_megabyte_in_every_text_format() -> None:
    """Nothing is cut, wherever the pieces end that a reader reads."""
    text = "가나다 " * 300_000
    row = {"question": "Q?", "answer": text}
    for name, content in (
        ("a.json", json.dumps({"data": [row, row]}, ensure_ascii=False)),
        ("a.jsonl", json.dumps(row)),
        ("a.csv", f"question,answer\nQ?,{text}\n"),
    ):
        examples, _ = read(name, content)
        assert all(example.answer == Answer(text=text) for example in examples)


def test_json_of_many_pieces() -> None:
    """Examples, lines and pieces of a megabyte end wherever they like."""
    rows = [{"id": n, "question": f"질문 {n}?", "contexts": ["x" * (n % 700)]} for n in range(6_000)]
    examples, _ = read("a.json", json.dumps({"test_cases": rows}, indent=1))
    assert [example.id for example in examples] == [str(n) for n in range(6_000)]


def test_parquet_without_its_package_names_the_extra(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing else needs it."""
    monkeypatch.setitem(__import__("sys").modules, "pyarrow", None)
    with pytest.raises(Unavailable, match=r'pip install "pitwall\[parquet\]"'):
        read("a.parquet", b"PAR1 no")


def test_name_of_a_file_loses_its_folders(tmp_path: Path) -> None:
    """What a client calls its file says nothing of its machine."""
    for name in (str(tmp_path / "qa.json"), "C:\\data\\qa.json"):
        with pytest.raises(DatasetInvalid, match="^qa.json has no example"):
            read(name, "[]")
