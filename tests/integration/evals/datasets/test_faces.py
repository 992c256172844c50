"""Datasets over HTTP and on the command line of a server that holds no telemetry."""

from __future__ import annotations

import json
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import Any

import httpx
import pytest

from pitwall.access.authenticators import LOCAL_OPERATOR
from pitwall.access.service import AccessService
from pitwall.access.types import KeyRequest
from pitwall.core.errors import InvalidInput
from pitwall.core.vocabulary import Scope
from pitwall.evals.datasets.endpoints import datasets_router
from pitwall.evals.datasets.exports import MEDIA_TYPES
from pitwall.evals.datasets.schemas import (
    DatasetDifference,
    DatasetList,
    DatasetVersionList,
    DeletedDataset,
    ExampleList,
    ImportedDataset,
    OneDataset,
)
from pitwall.evals.datasets.service import Datasets
from pitwall.evals.datasets.synthesis.schemas import SynthesizedDataset
from pitwall.evals.datasets.synthesis_endpoints import SynthesisDesk, synthesis_router
from pitwall.kit.cli_problems import lines_of_error
from pitwall.kit.clock import ManualClock
from pitwall.kit.i18n import Language
from pitwall.llm.profiles import load_profiles
from pitwall.server.app import WebParts, create_app
from pitwall.settings import load_settings
from pitwall.stores.state import StateStore
from tests.support.in_process import InProcess, run_command

QA = {
    "name": "qa",
    "version": "1.0",
    "description": "Questions on insurance",
    "thresholds": {"faithfulness": 0.8},
    "test_cases": [
        {
            "id": "a",
            "question": "보험료는 얼마인가요?",
            "answer": "월 15만원입니다.",
            "contexts": ["보험료는 월 15만원이다."],
            "ground_truth": "월 15만원",
            "metadata": {"page": 3},
        },
        {"id": "b", "question": "=1+1?", "answer": None, "contexts": [], "ground_truth": None},
    ],
}


@pytest.fixture
def transport(store: StateStore, access: AccessService, tmp_path: Path) -> InProcess:
    datasets = Datasets(store, ManualClock(), scratch_dir=tmp_path / "scratch")
    profiles = partial(load_profiles, load_settings(environ={}), {})
    routers = [datasets_router(datasets, None), synthesis_router(SynthesisDesk(datasets, store, profiles))]
    return InProcess(
        create_app(WebParts(access=access, version="0", is_started=lambda: True, routers=routers))
    )


@pytest.fixture
def api(transport: InProcess) -> Iterator[httpx.Client]:
    with httpx.Client(transport=transport, base_url="http://127.0.0.1/api/v1") as client:
        yield client


def send(api: httpx.Client, content: Any, **question: Any) -> httpx.Response:
    return api.post("/datasets", params={"file": "qa.json", **question}, content=json.dumps(content))


@pytest.fixture
def qa_file(tmp_path: Path) -> Path:
    path = tmp_path / "qa.json"
    path.write_text(json.dumps(QA, ensure_ascii=False), "utf-8")
    return path


def test_file_is_imported_and_looked_at(api: httpx.Client) -> None:
    """What the answers say is what the description of the API promises."""
    answer = send(api, QA)
    assert answer.status_code == 201
    made = ImportedDataset.model_validate(answer.json())
    assert (made.dataset.name, made.version.number, made.version.label) == ("qa", 1, "1.0")
    assert made.version.fields == {"answer": 1, "contexts": 2, "metadata": 1, "reference": 1}
    assert made.version.source["said"] == {"description": "Questions on insurance"}
    assert send(api, QA).status_code == 200
    listed = DatasetList.model_validate(api.get("/datasets").json())
    assert [one.name for one in listed.datasets] == ["qa"]
    shown = OneDataset.model_validate(api.get("/datasets/qa", params={"version": "1.0"}).json())
    assert shown.version == made.version
    versions = DatasetVersionList.model_validate(api.get("/datasets/qa/versions").json())
    assert versions.versions == [made.version]


def test_examples_are_paged_in_full(api: httpx.Client) -> None:
    """Every field is there, null where an example has none."""
    send(api, QA)
    first = ExampleList.model_validate(api.get("/datasets/qa/examples", params={"limit": 1}).json())
    rest = api.get("/datasets/qa/examples", params={"limit": 1, "cursor": first.next_cursor}).json()
    (one,), (other,) = first.examples, ExampleList.model_validate(rest).examples
    assert one.answer is not None
    assert (one.position, one.id, one.answer.text, one.metadata) == (0, "a", "월 15만원입니다.", {"page": 3})
    assert other.answer is not None
    assert (other.answer.text, other.answer.contexts, other.reference) == (None, [], None)
    assert rest["next_cursor"] is None


def test_versions_are_compared(api: httpx.Client) -> None:
    """By the ids of examples."""
    send(api, QA)
    changed = {**QA["test_cases"][0], "ground_truth": "15만원"}  # type: ignore[index]
    send(api, {**QA, "version": "2", "test_cases": [changed, {"id": "c", "question": "Q?"}]})
    told = api.get("/datasets/qa/diff", params={"before": "1"}).json()
    found = DatasetDifference.model_validate(told)
    assert (found.added, found.removed, found.changed, found.equal_count) == (["c"], ["b"], ["a"], 0)
    assert (found.before.number, found.after.label) == (1, "2")


@pytest.mark.parametrize("file_format", MEDIA_TYPES)
def test_what_was_exported_comes_back_as_the_same_version(api: httpx.Client, file_format: str) -> None:
    """In every format; a text that looks like a formula stays a text."""
    made = send(api, QA).json()
    answer = api.get("/datasets/qa/export", params={"format": file_format})
    assert answer.headers["content-type"] == MEDIA_TYPES[file_format]
    question = {"file": f"export.{file_format}", "name": "qa"}
    again = api.post("/datasets", params=question, content=answer.content)
    assert again.status_code == 200, again.text
    assert again.json()["version"] == made["version"]


def test_export_in_the_form_of_evalvault_is_what_was_imported(api: httpx.Client) -> None:
    """Name, version, thresholds and cases stand where that tool looks for them."""
    send(api, QA)
    content = api.get("/datasets/qa/export", params={"format": "json"}).json()
    cases = content.pop("test_cases")
    assert content == {name: value for name, value in QA.items() if name != "test_cases"}
    first: dict[str, Any] = QA["test_cases"][0]  # type: ignore[index]
    assert {name: cases[0][name] for name in first} == first


def test_bad_file_is_answered_with_its_problems(api: httpx.Client) -> None:
    """In both languages, with places; nothing is kept."""
    answer = send(api, [{"id": "a", "question": "Q?"}, {"id": "a", "question": "R?"}])
    assert answer.status_code == 422
    (problem,) = answer.json()["details"]["problems"]
    assert (problem["line"], problem["field"], problem["code"]) == (1, "id", "duplicate_id")
    assert "already" in problem["text"]["en"]
    assert "이미" in problem["text"]["ko"]
    assert api.get("/datasets").json()["datasets"] == []


@pytest.mark.parametrize(
    ("path", "code"),
    [
        ("/datasets/none", "dataset.not_found"),
        ("/datasets/none/examples", "dataset.not_found"),
        ("/datasets/qa?version=9", "dataset.version_not_found"),
        ("/datasets/qa/export?version=9", "dataset.version_not_found"),
        ("/datasets/qa/diff?before=7", "dataset.version_not_found"),
    ],
)
def test_unknown_names_are_told_with_a_way_out(api: httpx.Client, path: str, code: str) -> None:
    """As a problem with a hint."""
    send(api, QA)
    answer = api.get(path)
    assert (answer.status_code, answer.json()["code"]) == (404, code)
    assert answer.json()["hint"]


def test_wrong_map_is_refused(api: httpx.Client) -> None:
    """The fields that there are, are named."""
    answer = send(api, QA, map="answers=x")
    assert (answer.status_code, answer.json()["code"]) == (422, "dataset.map_invalid")


def test_deletion_says_what_is_gone(api: httpx.Client) -> None:
    """One version or all."""
    send(api, QA)
    send(api, [{"question": "Q?"}], name="qa")
    gone = DeletedDataset.model_validate(api.delete("/datasets/qa", params={"version": "1"}).json())
    assert [one.number for one in gone.versions] == [1]
    assert api.delete("/datasets/qa").status_code == 200
    assert api.get("/datasets/qa").status_code == 404


def test_key_that_only_reads_imports_nothing(api: httpx.Client, access: AccessService) -> None:
    """Looking is allowed."""
    request = KeyRequest("reader", "default", frozenset({Scope.READ}))
    token = access.create_key(request, by=LOCAL_OPERATOR).token
    headers = {"authorization": f"Bearer {token}"}
    assert api.get("/datasets", headers=headers).status_code == 200
    refused = api.post("/datasets", params={"file": "a.json"}, content=b"[]", headers=headers)
    assert refused.status_code == 403


def test_command_line_imports_lists_and_shows(transport: InProcess, qa_file: Path) -> None:
    """Words on stderr, results on stdout."""
    done = run_command(transport, "datasets", "import", str(qa_file))
    assert done.exit_code == 0, done.output
    assert "Imported qa version 1: 2 examples." in done.stderr
    again = run_command(transport, "datasets", "import", str(qa_file), language="ko")
    assert "같은 예제가 이미 있어" in again.stderr
    listed = run_command(transport, "datasets", "list")
    assert "qa" in listed.stdout
    shown = run_command(transport, "datasets", "show", "qa", "--output", "jsonl")
    assert [json.loads(line)["id"] for line in shown.stdout.splitlines()] == ["a", "b"]
    versions = run_command(transport, "datasets", "versions", "qa")
    assert "qa.json" in versions.stdout


def test_command_line_names_every_problem(transport: InProcess, tmp_path: Path) -> None:
    """The first as the error, the others beside it; what is skipped is listed."""
    path = tmp_path / "bad.csv"
    path.write_text("id,question\na,Q?\na,R?\nb,\n", "utf-8")
    refused = run_command(transport, "datasets", "import", str(path), language="ko")
    assert refused.exit_code != 0
    assert isinstance(refused.exception, InvalidInput)
    told = lines_of_error(refused.exception.details, Language.KOREAN)
    assert [line.partition(":")[0] for line in told] == ["bad.csv, 줄 3, id", "bad.csv, 줄 4, question"]
    kept = run_command(transport, "datasets", "import", str(path), "--skip-invalid")
    assert kept.exit_code == 0
    assert "Left out 2:" in kept.stderr
    assert "bad.csv, line 3, id: the id 'a' stands already" in kept.stderr


def test_command_line_writes_a_file_whole(transport: InProcess, qa_file: Path, tmp_path: Path) -> None:
    """The suffix tells the format; nothing is left of an export that failed."""
    run_command(transport, "datasets", "import", str(qa_file))
    to = tmp_path / "out.csv"
    assert run_command(transport, "datasets", "export", "qa", "-o", str(to)).exit_code == 0
    assert to.read_text("utf-8").startswith("id,question,answer,contexts,ground_truth,language,metadata\n")
    failed = run_command(transport, "datasets", "export", "none", "-o", str(tmp_path / "none.csv"))
    assert failed.exit_code != 0
    assert sorted(one.name for one in tmp_path.iterdir() if "csv" in one.name) == ["out.csv"]


def test_command_line_compares_and_deletes(transport: InProcess, qa_file: Path, tmp_path: Path) -> None:
    """A deletion asks first."""
    run_command(transport, "datasets", "import", str(qa_file))
    other = tmp_path / "other.json"
    other.write_text('[{"id": "a", "question": "Q?"}]', "utf-8")
    run_command(transport, "datasets", "import", str(other), "--name", "qa")
    told = run_command(transport, "datasets", "diff", "qa", "1")
    assert [line.split() for line in told.stdout.splitlines()[1:]] == [["removed", "b"], ["changed", "a"]]
    assert run_command(transport, "datasets", "delete", "qa").exit_code != 0
    done = run_command(transport, "datasets", "delete", "qa", "--yes")
    assert "Deleted qa, versions 2, 1." in done.stderr


def test_long_text_is_refused_by_a_workbook_only(api: httpx.Client) -> None:
    """Programs would cut it without a word; the other formats hold it."""
    send(api, [{"id": "long", "question": "Q?", "answer": "x" * 40_000}], name="long")
    refused = api.get("/datasets/long/export", params={"format": "xlsx"})
    assert (refused.status_code, refused.json()["code"]) == (422, "dataset.not_for_workbook")
    assert "'long'" in refused.json()["detail"]
    assert len(api.get("/datasets/long/export", params={"format": "csv"}).content) > 40_000


def test_questions_are_made_of_documents_without_a_model(
    transport: InProcess, api: httpx.Client, tmp_path: Path
) -> None:
    """The simulated model says that it is none; every reference stands in its document."""
    documents = tmp_path / "docs"
    documents.mkdir()
    text = "The premium is 150 dollars a month.\nIt is due on the first day of each month.\n기간은 20년이다."
    (documents / "terms.md").write_text(text, "utf-8")
    arguments = ("datasets", "synthesize", str(documents), "--profile", "simulated", "--name", "terms")
    where = ("--data-dir", str(tmp_path / "data"))
    done = run_command(transport, *arguments, *where)
    assert done.exit_code == 0, done.output
    assert "no model" in done.stderr
    assert "Made terms version 1: 2 questions of 1 passages." in done.stderr
    answer = api.get("/datasets/terms/examples").json()
    for example in answer["examples"]:
        quote = example["metadata"]["synthesis"]["quote"]
        assert text[quote["start"] : quote["end"]] == quote["text"] == example["reference"]
        assert example["metadata"]["synthesis"]["model"] == "simulated"
    assert answer["version"]["source"]["said"]["synthesis"]["kept"] == 2
    again = run_command(transport, *arguments, *where, "--output", "json")
    assert json.loads(again.stdout)["is_new"] is False


def test_questions_about_documents_over_http(api: httpx.Client) -> None:
    """The answer says what came of it; a document about which nothing can be asked is told."""
    text = "The premium is 150 dollars a month.\nIt is due on the first day of each month.\n기간은 20년이다."
    documents = [{"name": "terms", "text": text}]
    body = {"profile": "simulated", "name": "terms", "documents": documents, "types": ["factual"]}
    made = api.post("/datasets/synthesize", json=body)
    assert made.status_code == 201, made.text
    found = SynthesizedDataset.model_validate(made.json())
    assert (found.counts.asked, found.counts.kept) == (1, found.version.example_count)
    assert found.version.source["said"]["synthesis"]["types"] == ["factual"]
    empty = api.post("/datasets/synthesize", json={**body, "documents": [{"name": "x", "text": "…"}]})
    assert (empty.status_code, empty.json()["code"]) == (422, "dataset.empty")


def test_unknown_profile_is_told(transport: InProcess, qa_file: Path, tmp_path: Path) -> None:
    """With those that there are."""
    arguments = ("datasets", "synthesize", str(qa_file), "--profile", "none")
    done = run_command(transport, *arguments, "--data-dir", str(tmp_path / "data"))
    assert done.exit_code != 0
    assert "simulated" in str(done.exception) + done.stderr
