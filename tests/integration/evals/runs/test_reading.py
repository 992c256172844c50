"""Lists of runs and cases on both databases: how runs stand, pages, filters, exports in every format."""

from __future__ import annotations

import csv
import io
import json
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from openpyxl import load_workbook

from pitwall.core.errors import InvalidInput
from pitwall.evals.runs.errors import RunNotFound
from pitwall.evals.runs.exporting.choosing import FORMATS, export_run
from pitwall.evals.runs.journal import make_holder
from pitwall.evals.runs.reading import CaseNotFound, RunReader
from pitwall.evals.runs.repository import Runs, runs_of_versions
from pitwall.evals.runs.types import CaseFilter, CaseQuery, EvalRun, Progress, RunQuery, RunState
from pitwall.evals.runs.wire import run_detail
from pitwall.evals.types import Answer, Context
from pitwall.kit.clock import ManualClock, SystemClock
from pitwall.kit.i18n import Language
from pitwall.stores.state import StateStore
from tests.support.eval_runs import JUDGE, AskingMetric, Lab, code_metric, make_example

VALUES = {f"e{number}": number / 10 for number in range(10)}


async def _run(lab: Lab, **example: Any) -> EvalRun:
    """Ten cases with values from 0 to 0.9; the fourth does not apply to a second metric."""
    value = code_metric("value", lambda case: VALUES[case.example.id])
    some = code_metric("some", lambda case: None if case.example.id == "e4" else 1.0)
    version = lab.store(make_example(number, **example) for number in range(10))
    return await lab.work(lab.begin(version, [value, some]).id, [value, some])


def _positions(reader: RunReader, run: EvalRun, **query: Any) -> list[int]:
    """Positions over all pages of three."""
    found: list[int] = []
    cursor = None
    while True:
        page = reader.cases(run, CaseQuery(limit=3, **query), cursor)
        found += [case.position for case in page.items]
        cursor = page.next_cursor
        if cursor is None:
            return found


async def test_cases_are_paged_filtered_and_ordered(any_lab: Lab) -> None:
    """Each case once, over as many pages as it takes."""
    run = await _run(any_lab)
    reader = RunReader(any_lab.state, any_lab.datasets)
    assert _positions(reader, run) == list(range(10))
    assert _positions(reader, run, filter=CaseFilter.FAILED) == list(range(7))
    assert _positions(reader, run, filter=CaseFilter.PASSED) == [7, 8, 9]
    assert _positions(reader, run, filter=CaseFilter.PASSED, metric="some") == [0, 1, 2, 3, 5, 6, 7, 8, 9]
    assert _positions(reader, run, filter=CaseFilter.UNSCORED) == [4]
    assert _positions(reader, run, filter=CaseFilter.FAILED, metric="some") == []
    assert _positions(reader, run, metric="value", worst_first=True) == list(range(10))
    with pytest.raises(InvalidInput, match="does not judge 'other'"):
        reader.cases(run, CaseQuery(metric="other"))
    with pytest.raises(CaseNotFound):
        reader.case(run, 99)


async def test_ties_of_a_value_are_paged_by_position(any_lab: Lab) -> None:
    """Equal values neither repeat nor vanish between pages."""
    run = await _run(any_lab)
    reader = RunReader(any_lab.state, any_lab.datasets)
    assert _positions(reader, run, metric="some", worst_first=True) == [0, 1, 2, 3, 5, 6, 7, 8, 9]


async def test_runs_are_listed_newest_first_and_found_by_a_beginning(any_lab: Lab) -> None:
    """Pages, filters, the beginning of an id, `latest`, and what uses a version."""
    runs = [await _run(any_lab) for _ in range(3)]
    newest_first = [run.id for run in reversed(runs)]
    first = any_lab.runs.list("default", RunQuery(limit=2))
    rest = any_lab.runs.list("default", RunQuery(limit=2), first.next_cursor)
    assert [run.id for run in (*first.items, *rest.items)] == newest_first
    assert rest.next_cursor is None
    assert any_lab.runs.get("default", "latest").id == newest_first[0]
    assert any_lab.runs.get("default", runs[1].id[:-1]).id == runs[1].id
    for unknown in ("run_", "run_0", "%"):
        with pytest.raises(RunNotFound):
            any_lab.runs.get("default", unknown)
    with pytest.raises(RunNotFound):
        any_lab.runs.get("other", runs[0].id)
    assert any_lab.runs.list("default", RunQuery(text="TES")).items
    assert not any_lab.runs.list("default", RunQuery(text="nothing")).items
    version = runs[0].dataset_version_id
    assert version is not None
    with any_lab.state.session(read_only=True) as session:
        assert len(runs_of_versions(session, "default", [version])) == 3


def test_silent_command_shows_as_interrupted(any_store: StateStore, state_clock: ManualClock) -> None:
    """In the run and in lists alike; another process may go on then, and the old one has lost it."""
    lab = Lab(any_store, state_clock)
    metric = code_metric("code", lambda _case: 1.0)
    begun = lab.begin(lab.store([make_example(1)]), [metric])
    holder = make_holder()
    lab.runs.claim(begun.id, holder, project_id="default")

    def states() -> list[RunState]:
        now = state_clock.now()
        with any_store.session(read_only=True) as session:
            runs = Runs(session, "default")
            return [
                state
                for state in RunState
                if [run.id for run in runs.list(RunQuery(state=state), now)] == [begun.id]
            ] + [runs.get(begun.id).seen_at(now)]

    assert states() == [RunState.RUNNING, RunState.RUNNING]
    state_clock.advance(timedelta(seconds=20).total_seconds())
    assert states() == [RunState.INTERRUPTED, RunState.INTERRUPTED]
    lab.runs.claim(begun.id, make_holder(), project_id="default")
    with any_store.session(read_only=True) as session:
        assert not Runs(session, "default").is_held(begun.id, holder)


@pytest.mark.parametrize("language", list(Language))
async def test_exports_hold_every_case_and_lie_about_none(lab: Lab, language: Language) -> None:
    """An absent value is null or empty, never 0; a text that looks like a formula stays a text."""
    hostile = Answer(text='=HYPERLINK("x")<script>alert(1)</script>', contexts=(Context("|c|"),))
    run = await _run(lab, answer=hostile)
    reader = RunReader(lab.state, lab.datasets)
    view = run_detail(run, SystemClock().now(), {}, ())
    files = {name: b"".join(export_run(reader, run, view, name, language).chunks) for name in FORMATS}
    document = json.loads(files["json"])
    assert [case["position"] for case in document["cases"]] == list(range(10))
    some = [score for score in document["cases"][4]["scores"] if score["metric"] == "some"]
    assert (some[0]["value"], some[0]["reason"]) == (None, "nothing_to_say")
    assert len(files["jsonl"].splitlines()) == 11
    rows = list(csv.DictReader(io.StringIO(files["csv"].decode("utf-8-sig"))))
    assert [row["value"] for row in rows] == [str(number / 10) for number in range(10)]
    assert (rows[4]["some"], rows[4]["some.reason"]) == ("", "nothing_to_say")
    assert rows[0]["answer"].startswith("'=")
    book = load_workbook(io.BytesIO(files["xlsx"]))
    assert book["cases"].max_row == 11
    assert book["cases"].cell(2, 1).value == 0
    page = files["html"].decode()
    assert "<script>" not in page
    assert "&lt;script&gt;" in page
    assert "<svg" in page
    assert "http" not in page
    assert f'lang="{language.value}"' in page
    markdown = files["md"].decode()
    assert "\\<script>" in markdown
    assert ("케이스" if language is Language.KOREAN else "cases pass") in markdown


async def test_unknown_format_is_named(lab: Lab) -> None:
    run = await _run(lab)
    with pytest.raises(InvalidInput, match="'pdf'"):
        export_run(RunReader(lab.state, lab.datasets), run, {}, "pdf", Language.ENGLISH)


async def test_pace_is_that_of_the_last_run_with_the_same_judge(any_lab: Lab) -> None:
    """Of enough calls; of another judge nothing is known."""
    asking = AskingMetric()
    version = any_lab.store(make_example(number) for number in range(2))
    for calls, seconds in ((20, 10.0), (40, 10.0), (3, 60.0)):
        run = any_lab.begin(version, [asking])
        held = any_lab.runs.claim(run.id, make_holder(), project_id="default")
        with any_lab.state.session() as session:
            done = Progress(calls_made=calls, seconds=seconds)
            Runs(session, "default").end(
                run.id,
                held.holder or "",
                any_lab.clock.now(),
                state=RunState.FINISHED,
                progress=done,
                summary=None,
            )
    assert any_lab.runs.pace("default", JUDGE) == 0.25
    assert any_lab.runs.pace("default", replace(JUDGE, model="another")) is None
