"""Answers of a service on HTTP and of Python callables: what is sent, tried again, told apart, kept."""

from __future__ import annotations

import asyncio
import json
import re
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from pitwall.evals.metrics.types import Needs
from pitwall.evals.runs.errors import TargetInvalid
from pitwall.evals.runs.repository import Runs
from pitwall.evals.runs.targets.http import HttpTarget, HttpTargetPlan
from pitwall.evals.runs.targets.python import PythonTarget, PythonTargetPlan
from pitwall.evals.runs.types import RunState
from pitwall.evals.types import Context, ToolCall
from tests.support.eval_runs import AskingMetric, FakeModels, Lab, code_metric, make_example
from tests.support.judge_server import Act, Asked, JudgeServer, running_judge


def _answer(asked: Asked) -> Act:
    body = asked.body
    return Act(body={"answer": f"Re: {body['question']}", "sources": [{"text": "Found."}]})


@pytest.fixture
def service() -> Iterator[JudgeServer]:
    with running_judge(_answer) as server:
        yield server


def _target(service: JudgeServer, **fields: Any) -> HttpTarget:
    values = {"body": {"question": "{question}"}, "contexts": "sources", "timeout_seconds": 2.0}
    return HttpTarget(HttpTargetPlan(url=f"{service.url}/ask", run_id="run_1", **{**values, **fields}))


async def test_question_carries_request_id_run_and_trace(service: JudgeServer) -> None:
    """The answer knows the trace that the service was told to continue."""
    target = _target(service, headers={"x-team": "voc"})
    answer = await target.answer(make_example(1))
    await target.close()
    assert (answer.text, answer.contexts) == ("Re: Question 1?", (Context("Found."),))
    assert answer.latency_ms is not None
    assert answer.latency_ms > 0
    (asked,) = service.asked
    assert re.fullmatch(rf"00-{answer.trace_id}-[0-9a-f]{{16}}-01", asked.headers["traceparent"])
    assert asked.headers["x-run-id"] == "run_1"
    assert re.fullmatch(r"[0-9a-f]{32}", asked.headers["x-request-id"])
    assert asked.headers["x-team"] == "voc"


async def test_reply_may_tell_tools_and_what_it_took(service: JudgeServer) -> None:
    """So that an agent is judged by its calls, and an answer by its price; what is no number is an error."""
    usage = {"prompt_tokens": 10, "completion_tokens": 4}
    said = {"answer": "a", "steps": [{"name": "search", "arguments": {"q": "x"}}], "usage": usage}
    service.rule = lambda _asked: Act(body=said)
    target = _target(service, contexts=None, tool_calls="steps", usage="usage")
    assert {Needs.TOOL_CALLS, Needs.TOKENS} <= target.gives
    answer = await target.answer(make_example(1))
    assert answer.tool_calls == (ToolCall("search", {"q": "x"}),)
    assert (answer.input_tokens, answer.output_tokens, answer.cost_usd) == (10, 4, None)
    said["usage"] = {"prompt_tokens": "many"}
    assert "no number" in ((await target.answer(make_example(1))).error or "")
    await target.close()


@pytest.mark.parametrize(
    ("act", "tries", "said"),
    [
        (Act(status=503), 3, "answered 503"),
        (Act(status=400), 1, "answered 400"),
        (Act(body="no json"), 1, "no JSON"),
        (Act(body={"output": "x"}), 1, "nothing at 'sources'; it has output"),
        (Act(drop=True), 3, "cannot be reached"),
        (Act(delay_seconds=5.0), 3, "did not answer within 0.2 s"),
    ],
)
async def test_failure_is_told_and_only_what_may_pass_is_tried_again(
    service: JudgeServer, monkeypatch: pytest.MonkeyPatch, act: Act, tries: int, said: str
) -> None:
    monkeypatch.setattr("pitwall.evals.runs.targets.http._FIRST_PAUSE_SECONDS", 0.0)
    service.rule = lambda _asked: act
    target = _target(service, timeout_seconds=0.2)
    answer = await target.answer(make_example(1))
    await target.close()
    assert answer.text is None
    assert answer.error is not None
    assert said in answer.error
    assert len(service.asked) == tries


async def test_no_more_questions_at_once_than_allowed(service: JudgeServer) -> None:
    service.rule = lambda asked: Act(body=_answer(asked).body, delay_seconds=0.05)
    target = _target(service, concurrency=3)
    await asyncio.gather(*(target.answer(make_example(number)) for number in range(12)))
    await target.close()
    assert service.most_at_once == 3


async def test_answers_are_kept_and_not_asked_for_again(lab: Lab, service: JudgeServer) -> None:
    """A failed one is an error of the target, and the one that a resumed run asks for."""
    metric = AskingMetric()
    version = lab.store(make_example(number, answer=None) for number in range(5))
    target_plan = {"kind": "http", "url": service.url, "contexts": "sources"}
    begun = lab.begin(version, [metric], target=target_plan)

    def some(asked: Asked) -> Act:
        return Act(status=400) if asked.body["question"] == "Question 3?" else _answer(asked)

    service.rule = some
    first = await lab.work(begun.id, [metric], FakeModels(), _target(service))
    assert first.summary is not None
    assert first.summary.metrics["asking"].reasons == {"target_failed": 1}
    service.rule = _answer
    second = await lab.work(begun.id, [metric], FakeModels(), _target(service))
    assert second.state is RunState.FINISHED
    assert second.summary is not None
    assert second.summary.metrics["asking"].n_scored == 5
    asked = [one.body["question"] for one in service.asked]
    assert sorted(asked) == sorted([*(f"Question {n}?" for n in range(5)), "Question 3?"])
    with lab.state.session(read_only=True) as session:
        answers = Runs(session, "default").answers(begun.id, range(5))
    assert answers[0]["text"] == "Re: Question 0?"
    assert all("trace_id" in answer for answer in answers.values())


_MODULE = """
import time
from pitwall.evals.types import Answer

def plain(question):
    return f"Re: {question}"

async def slow(question):
    import asyncio
    await asyncio.sleep(60)

async def whole(question, example):
    return {"answer": example.id, "contexts": ["c"]}

def broken(question):
    raise RuntimeError("no index")

NUMBER = 3
"""


@pytest.fixture
def module(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    name = "answers_of_a_test"
    (tmp_path / f"{name}.py").write_text(_MODULE)
    monkeypatch.chdir(tmp_path)
    monkeypatch.syspath_prepend(str(tmp_path))
    yield name
    sys.modules.pop(name, None)


async def _ask(function: str, **fields: Any) -> Any:
    target = PythonTarget(PythonTargetPlan(function=function, **fields))
    return await target.answer(make_example(7))


async def test_functions_answer_plain_or_async(module: str) -> None:
    """With the question, and with the example if they take two; how long they took is measured."""
    plain = await _ask(f"{module}:plain")
    assert plain.text == "Re: Question 7?"
    assert plain.latency_ms is not None
    whole = await _ask(f"{module}:whole")
    assert (whole.text, whole.contexts) == ("e7", (Context("c"),))


async def test_what_a_function_does_wrong_is_the_answers_error(module: str) -> None:
    """It never ends the run."""
    assert "RuntimeError: no index" in (await _ask(f"{module}:broken")).error
    assert "did not return within 0.05 s" in (await _ask(f"{module}:slow", timeout_seconds=0.05)).error


@pytest.mark.parametrize(
    ("function", "said"), [("{}:missing", "cannot be loaded"), ("no_such:x", "cannot"), ("{}:NUMBER", "int")]
)
def test_function_that_is_none_is_refused_at_the_start(module: str, function: str, said: str) -> None:
    with pytest.raises(TargetInvalid, match=said):
        PythonTarget(PythonTargetPlan(function=function.format(module)))


async def test_latency_of_a_target_can_be_judged(lab: Lab, service: JudgeServer) -> None:
    """Metrics of operation see what was measured."""
    metric = code_metric("late", lambda case: case.answer.latency_ms, threshold=None, highest=None)
    version = lab.store([make_example(1, answer=None)])
    begun = lab.begin(version, [metric], target={"kind": "http", "url": service.url, "contexts": None})
    run = await lab.work(begun.id, [metric], target=_target(service))
    assert json.dumps(run.plan.target)
    assert run.summary is not None
    assert (run.summary.metrics["late"].mean or 0) > 0
