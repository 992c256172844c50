"""Public sets as they are: every one that is a dataset loads, what is none is told."""

from __future__ import annotations

import gzip
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from pitwall.access.authenticators import LOCAL_OPERATOR
from pitwall.evals.datasets.errors import DatasetInvalid
from pitwall.evals.datasets.service import Datasets, Upload
from pitwall.evals.datasets.types import Imported, ReadOptions
from pitwall.evals.types import Example
from pitwall.kit.clock import ManualClock
from pitwall.stores.state import StateStore
from tests.support.data_sets import public_file, shared_data

EVALVAULT = "rag_eval_ko/evalvault"
EVALVAULT_FILES = {
    "comprehensive_dataset.json": 3,
    "edge_cases.json": 7,
    "evaluation_test_sample.json": 5,
    "insurance_qa_100.json": 100,
    "insurance_qa_english.csv": 5,
    "insurance_qa_english.json": 5,
    "insurance_qa_korean.csv": 5,
    "insurance_qa_korean.json": 5,
    "regression_baseline.json": 5,
    "retrieval_test.json": 15,
    "run_mode_simple.json": 2,
    "summary_eval_minimal.json": 8,
}


@pytest.fixture
def datasets(tmp_path: Path) -> Iterator[Datasets]:
    store = StateStore.in_directory(tmp_path).open()
    yield Datasets(store, ManualClock())
    store.close()


def load(datasets: Datasets, path: Path, **options: Any) -> tuple[Imported, list[Example]]:
    with path.open("rb") as stream:
        made = datasets.import_file(Upload(path.name, stream), ReadOptions(**options), by=LOCAL_OPERATOR)
    return made, [example for _, example in datasets.iterate("default", made.version.id)]


def test_every_fixture_is_known() -> None:
    """A file that joins them is looked at, too."""
    folder = shared_data() / EVALVAULT
    if not folder.exists():
        pytest.skip(f"there is no {folder}")
    assert {path.name for path in folder.iterdir()} == {*EVALVAULT_FILES, "stage_events.jsonl"}


@pytest.mark.parametrize("path", [public_file(f"{EVALVAULT}/{name}") for name in EVALVAULT_FILES])
def test_fixture_loads_as_it_is(datasets: Datasets, path: Path) -> None:
    """Every case with all it says; the same file again finds the same version."""
    made, examples = load(datasets, path)
    assert made.version.example_count == len(examples) == EVALVAULT_FILES[path.name]
    assert not load(datasets, path)[0].is_new
    if path.suffix == ".json":
        _compare(json.loads(path.read_text("utf-8")), made, examples)


def _compare(written: dict[str, Any], made: Imported, examples: list[Example]) -> None:
    version = made.version
    assert (made.dataset.name, version.label) == (written["name"], written["version"])
    assert version.thresholds == written.get("thresholds", {})
    for case, example in zip(written["test_cases"], examples, strict=True):
        assert example.id == case.get("id", case.get("test_id"))
        assert example.question == case.get("question", case.get("query"))
        assert example.reference == case.get("ground_truth")
        answer = example.answer
        assert (answer.text if answer else None) == case.get("answer")
        contexts = (
            None if answer is None or answer.contexts is None else [one.text for one in answer.contexts]
        )
        assert contexts == case.get("contexts")
        assert sorted(example.relevance or {}) == sorted(case.get("relevant_docs", ()))


@pytest.mark.parametrize("path", [public_file(f"{EVALVAULT}/stage_events.jsonl")])
def test_stage_events_are_no_dataset(datasets: Datasets, path: Path) -> None:
    """They are read by another command; here every line is told."""
    with pytest.raises(DatasetInvalid, match=r"stage_events.jsonl, line 1, question: there is no question"):
        load(datasets, path)


@pytest.mark.parametrize("name", ["insurance_qa_korean", "insurance_qa_english"])
def test_csv_and_json_of_the_same_cases_are_the_same_examples(datasets: Datasets, name: str) -> None:
    """So a team may change from one form to the other."""
    folder = shared_data() / EVALVAULT
    if not folder.exists():
        pytest.skip(f"there is no {folder}")
    first, _ = load(datasets, folder / f"{name}.json")
    second, _ = load(datasets, folder / f"{name}.csv")
    assert first.version.content_hash == second.version.content_hash


CLAPNQ = [public_file(f"rag_eval/clapnq/clapnq_dev_{kind}answerable.jsonl.gz") for kind in ("", "un")]


@pytest.mark.parametrize("path", CLAPNQ)
def test_passages_are_contexts(datasets: Datasets, path: Path) -> None:
    """CLAP NQ: what its output is, the column map says; nothing of it is lost."""
    made, examples = load(datasets, path, columns={"answer": ""})
    written = [json.loads(line) for line in gzip.decompress(path.read_bytes()).splitlines()]
    assert made.version.example_count == len(written)
    for record, example in zip(written, examples, strict=True):
        assert example.question == record["input"]
        assert example.metadata["output"] == record["output"]
        assert example.answer is not None
        assert len(example.answer.contexts or ()) == len(record["passages"])


@pytest.mark.parametrize("path", [public_file("rag_eval/halueval/qa_one-turn_data.json.gz")])
def test_json_lines_with_a_column_map(datasets: Datasets, path: Path) -> None:
    """HaluEval: lines that are called JSON, with names of its own."""
    columns = {"reference": "right_answer", "answer": "hallucinated_answer", "contexts": "knowledge"}
    made, examples = load(datasets, path, columns=columns, separator="")
    assert made.version.example_count == 259
    assert made.version.facts.fields == {"answer": 259, "contexts": 259, "reference": 259}
    assert len({example.id for example in examples}) == 259


@pytest.mark.parametrize("path", [public_file("rag_eval/ragchecker/human_labeled_data.json.gz")])
def test_pairs_of_answers_become_metadata(datasets: Datasets, path: Path) -> None:
    """RAGChecker: two annotators label the same pair, so its own ids repeat and the instance names it."""
    with pytest.raises(DatasetInvalid, match="stands already"):
        load(datasets, path)
    columns = {"id": "instance_id", "reference": "gt_answer", "group": "query_id"}
    made, examples = load(datasets, path, columns=columns, skip_invalid=True)
    assert made.version.example_count + made.skipped_count == 252
    assert all(example.reference and "model1" in example.metadata for example in examples)


@pytest.mark.parametrize("path", [public_file("rag_eval/faithdial_audit/gold/wow.csv.gz")])
def test_rows_without_a_question_are_left_out_and_told(datasets: Datasets, path: Path) -> None:
    """FaithDial: the first turn of a dialogue has no history."""
    columns = {"question": "history", "answer": "response", "contexts": "evidence"}
    made, examples = load(datasets, path, columns=columns, separator="", skip_invalid=True)
    assert examples
    assert {problem.code for problem in made.skipped} <= {"missing_question"}
    assert all(example.metadata["BEGIN"] for example in examples if "BEGIN" in example.metadata)


@pytest.mark.parametrize("path", [public_file("rag_eval/expertqa/domain_val.jsonl.gz")])
def test_long_records_load_whole(datasets: Datasets, path: Path) -> None:
    """ExpertQA: claims with evidence stay as metadata."""
    made, examples = load(datasets, path)
    assert made.version.example_count == 206
    assert all(example.metadata["answers"] for example in examples)
