"""Label files as people write them."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from pitwall.evals.trust.errors import LabelsInvalid
from pitwall.evals.trust.reading import InvalidScale, ReadOptions, Scale, read_labels
from pitwall.evals.trust.types import NewLabel


def _write(tmp_path: Path, name: str, text: str) -> Path:
    path = tmp_path / name
    path.write_text(text, "utf-8-sig")
    return path


def test_csv_with_words_in_both_languages(tmp_path: Path) -> None:
    """With a byte order mark, as Excel writes it; raters and comments come along."""
    path = _write(
        tmp_path, "labels.csv", "ID,Label,Rater,comment\nc1,pass,kim,good\nc2,실패,lee,\nc3,TRUE,,\n"
    )
    assert read_labels(path, ReadOptions(metric="m", rater="park")) == [
        NewLabel("c1", "m", 1.0, "kim", "good"),
        NewLabel("c2", "m", 0.0, "lee", None),
        NewLabel("c3", "m", 1.0, "park", None),
    ]


def test_numbers_mean_what_the_scale_says(tmp_path: Path) -> None:
    """1 to 5 stars are not compared with 0 to 1 as they are."""
    path = _write(
        tmp_path, "labels.jsonl", '{"id": "c1", "gold": 5, "metric": "n"}\n{"id": 2, "gold": "2"}\n'
    )
    found = read_labels(path, ReadOptions(metric="m", scale=Scale.parse("1-5")))
    assert [(one.example_id, one.metric, one.value) for one in found] == [("c1", "n", 1.0), ("2", "m", 0.25)]


def test_json_list_is_read_too(tmp_path: Path) -> None:
    """Booleans are passes and fails."""
    path = _write(tmp_path, "labels.json", json.dumps([{"case_id": "c1", "passed": False, "metric": "m"}]))
    assert read_labels(path, ReadOptions()) == [NewLabel("c1", "m", 0.0)]


@pytest.mark.parametrize(
    ("name", "text", "words"),
    [
        ("a.csv", "id,label\nc1,maybe\n", "row 2: 'maybe' is no label"),
        ("a.csv", "id,label\nc1,5\n", "row 2: 5 is outside of 0-1"),
        ("a.csv", "id,label\n,1\n", "row 2: no id"),
        ("a.csv", "id,note\nc1,x\n", "row 2: no label"),
        ("a.csv", "id,label\n", "has no labels"),
        ("a.jsonl", "{broken", "is no JSON"),
        ("a.jsonl", "[1, 2]", "line 1: no id"),
    ],
)
def test_what_is_no_label_is_named(tmp_path: Path, name: str, text: str, words: str) -> None:
    """With its line, and nothing is kept of such a file."""
    with pytest.raises(LabelsInvalid, match=words):
        read_labels(_write(tmp_path, name, text), ReadOptions(metric="m"))


def test_metric_has_to_be_said(tmp_path: Path) -> None:
    """In the file or beside it."""
    with pytest.raises(LabelsInvalid, match="no metric"):
        read_labels(_write(tmp_path, "a.csv", "id,label\nc1,1\n"), ReadOptions())


@pytest.mark.parametrize("text", ["5", "5-1", "a-b", "1-inf"])
def test_scale_is_two_numbers(text: str) -> None:
    """The lower one first."""
    with pytest.raises(InvalidScale):
        Scale.parse(text)
