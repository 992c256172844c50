"""Runs over real stores with models of the test: what is kept, what is gone on with, how a run ends."""

from __future__ import annotations

import asyncio

import pytest

from pitwall.evals.runs.errors import RunIsHeld, RunIsOver, RunLost
from pitwall.evals.runs.journal import make_holder
from pitwall.evals.runs.repository import Runs
from pitwall.evals.runs.types import RunBudget, RunQuery, RunState
from pitwall.evals.types import Answer, ScoreStatus
from pitwall.llm.types import CallFailed, CallFailure
from tests.support.eval_runs import AskingMetric, FakeModels, Lab, code_metric, failing, make_example

_SPENT = CallFailed("The budget is used up: 3 calls were made.", failure=CallFailure.BUDGET)


async def test_every_case_gets_a_score_and_the_run_a_summary(any_lab: Lab) -> None:
    """On both databases: values, what does not apply with its reason, means of what has a value only."""
    version = any_lab.store(make_example(number) for number in range(10))
    value = code_metric("length", lambda case: None if case.example.id == "e3" else 0.8)
    run = await any_lab.work(any_lab.begin(version, [value]).id, [value])
    assert run.state is RunState.FINISHED
    assert run.summary is not None
    metric = run.summary.metrics["length"]
    assert (metric.n_total, metric.n_scored, metric.reasons) == (10, 9, {"nothing_to_say": 1})
    assert metric.mean == pytest.approx(0.8)
    assert (run.summary.passed_cases, run.summary.decided_cases) == (9, 9)
    with any_lab.state.session(read_only=True) as session:
        columns = Runs(session, "default").scores(run.id, "length")
    assert list(columns.positions) == list(range(10))
    assert columns.values[3] is None
    assert list(columns.passed) == [True] * 3 + [None] + [True] * 6


async def test_spent_budget_stops_the_run_and_a_larger_one_goes_on(lab: Lab) -> None:
    """What was judged stays, the rest is judged later, and nothing is asked twice."""
    metric = AskingMetric()
    version = lab.store(make_example(number) for number in range(12))
    begun = lab.begin(version, [metric], budget=RunBudget(max_calls=3))
    models = FakeModels()

    def say(_question: str, _sample: int) -> float:
        if len(models.asked) > 3:
            raise _SPENT
        return 1.0

    models.say = say
    stopped = await lab.work(begun.id, [metric], models)
    assert stopped.state is RunState.STOPPED
    assert stopped.stop_reason == _SPENT.message
    assert stopped.summary is not None
    assert stopped.summary.metrics["asking"].n_scored == 3
    later = FakeModels()
    finished = await lab.work(begun.id, [metric], later)
    assert finished.state is RunState.FINISHED
    assert finished.summary is not None
    assert finished.summary.metrics["asking"].n_scored == 12
    asked = [question for question, _ in models.asked[:3] + later.asked]
    assert sorted(asked) == sorted(f"e{number}" for number in range(12))


async def test_judge_that_never_answers_fails_the_run_without_a_zero(lab: Lab) -> None:
    """Every score is an error with its reason, none has a value, and the run says that nothing was judged."""
    metric = AskingMetric()
    version = lab.store(make_example(number) for number in range(4))
    error = CallFailed("No answer within 5 s.", failure=CallFailure.TIMEOUT)
    run = await lab.work(lab.begin(version, [metric]).id, [metric], FakeModels(failing(error)))
    assert run.state is RunState.FAILED
    assert run.error is not None
    assert "timeout" in run.error
    assert run.summary is not None
    summary = run.summary.metrics["asking"]
    assert (summary.mean, summary.n_scored, summary.n_errors, summary.reasons) == (None, 0, 4, {"timeout": 4})


async def test_refused_key_ends_the_run_early(lab: Lab) -> None:
    """When the first calls all fail by authentication, a hundred more are not tried."""
    metric = AskingMetric()
    version = lab.store(make_example(number) for number in range(300))
    error = CallFailed("The key is refused (401).", failure=CallFailure.AUTH, hint="Check api_key.")
    models = FakeModels(failing(error))
    run = await lab.work(lab.begin(version, [metric]).id, [metric], models)
    assert run.state is RunState.FAILED
    assert run.error == "The first calls to the judge all failed. The key is refused (401). Check api_key."
    assert len(models.asked) < 150


async def test_some_failures_finish_the_run_and_resume_judges_only_these(lab: Lab) -> None:
    """Errors are left out of the mean; going on asks again for what failed and nothing else."""
    metric = AskingMetric()
    version = lab.store(make_example(number) for number in range(6))

    def say(question: str, _sample: int) -> float:
        if question == "e2":
            raise CallFailed("Rate limited.", failure=CallFailure.RATE_LIMITED)
        return 0.5

    begun = lab.begin(version, [metric])
    first = await lab.work(begun.id, [metric], FakeModels(say))
    assert first.state is RunState.FINISHED
    assert first.summary is not None
    assert first.summary.metrics["asking"].reasons == {"rate_limited": 1}
    later = FakeModels()
    second = await lab.work(begun.id, [metric], later)
    assert later.asked == [("e2", 0)]
    assert second.summary is not None
    assert second.summary.metrics["asking"].n_scored == 6


async def test_repeats_ask_for_other_samples_and_code_is_not_repeated(lab: Lab) -> None:
    """A repetition asks the same with another sample; a case counts once, with the mean of its samples."""
    asking, code = AskingMetric(), code_metric("code", lambda _case: 1.0)
    version = lab.store([make_example(1)])
    begun = lab.begin(version, [asking, code], repeats=3)
    models = FakeModels(lambda _question, sample: 0.3 * (sample // 1000))
    run = await lab.work(begun.id, [asking, code], models)
    assert [sample for _, sample in models.asked] == [0, 1000, 2000]
    assert run.summary is not None
    assert run.summary.metrics["asking"].n_total == 1
    assert run.summary.metrics["asking"].mean == pytest.approx(0.3)
    with lab.state.session(read_only=True) as session:
        assert len(Runs(session, "default").scores(run.id, "code")) == 1


async def test_empty_answers_and_missing_fields_are_never_zero(lab: Lab) -> None:
    """An empty answer is an error, a missing one does not apply, each with its reason."""
    metric = AskingMetric()
    examples = [
        make_example(0),
        make_example(1, answer=Answer(text="  ")),
        make_example(2, answer=None),
        make_example(3, answer=Answer(text="x" * 1_000_000)),
    ]
    run = await lab.work(lab.begin(lab.store(examples), [metric]).id, [metric], FakeModels())
    with lab.state.session(read_only=True) as session:
        columns = Runs(session, "default").scores(run.id, "asking")
    assert list(columns.values) == [1.0, None, None, 1.0]
    assert list(columns.reasons) == [None, "empty_answer", "no_answer", None]
    assert columns.statuses[1] == ScoreStatus.ERROR
    assert columns.statuses[2] == ScoreStatus.NOT_APPLICABLE


async def test_interrupted_run_keeps_what_was_judged(lab: Lab) -> None:
    """Cancelling the work, as Ctrl-C does, leaves a run that is interrupted, with its scores written."""
    metric = AskingMetric()
    version = lab.store(make_example(number) for number in range(50))
    begun = lab.begin(version, [metric])

    is_stuck = asyncio.Event()

    class Stuck(FakeModels):
        async def ask(self, messages, shape, *, sample=0):  # type: ignore[no-untyped-def]
            answered = await super().ask(messages, shape, sample=sample)
            if len(self.asked) > 20:
                is_stuck.set()
                await asyncio.Event().wait()
            return answered

    work = asyncio.create_task(lab.work(begun.id, [metric], Stuck()))
    await asyncio.wait_for(is_stuck.wait(), 30)
    await asyncio.sleep(0)  # what was answered is scored by now, and nothing of it is written yet
    work.cancel()
    with pytest.raises(asyncio.CancelledError):
        await work
    run = lab.runs.get("default", begun.id)
    assert run.state is RunState.INTERRUPTED
    assert run.summary is not None
    assert run.summary.metrics["asking"].n_scored == 20


async def test_run_is_worked_on_by_one_process_only(any_lab: Lab) -> None:
    """While its holder lives nobody else gets it."""
    metric = code_metric("code", lambda _case: 1.0)
    begun = any_lab.begin(any_lab.store([make_example(1)]), [metric])
    any_lab.runs.claim(begun.id, make_holder(), project_id="default")
    with pytest.raises(RunIsHeld, match=begun.id):
        any_lab.runs.claim(begun.id, make_holder(), project_id="default")


async def test_cancelled_run_stops_within_a_second_or_two(lab: Lab) -> None:
    """Somebody else cancels; the process at work notices, writes nothing more and says so.

    What was judged is told with its interval while the run is under way, and afterwards too.
    """
    metric = AskingMetric()
    examples = (make_example(number, group=f"document {number // 2}") for number in range(8))
    begun = lab.begin(lab.store(examples), [metric])
    assert lab.runs.get("default", begun.id).summary is None

    class Slow(FakeModels):
        async def ask(self, messages, shape, *, sample=0):  # type: ignore[no-untyped-def]
            if len(self.asked) == 6:
                await asyncio.sleep(60)
            return await super().ask(messages, shape, sample=sample)

    work = asyncio.create_task(lab.work(begun.id, [metric], Slow(lambda question, _: int(question[1]) / 8)))
    await asyncio.sleep(0.3)
    so_far = lab.runs.get("default", begun.id)
    assert so_far.state is RunState.RUNNING
    assert so_far.summary is not None
    told = so_far.summary.metrics["asking"]
    assert (told.n_scored, so_far.summary.decided_cases) == (6, 6)
    assert told.mean == pytest.approx(2.5 / 8)
    assert "cluster" in (told.method or "")
    from pitwall.access.authenticators import LOCAL_OPERATOR

    lab.runs.cancel(begun.id, by=LOCAL_OPERATOR)
    with pytest.raises(RunLost, match="cancelled"):
        await asyncio.wait_for(work, 5)
    over = lab.runs.list("default", RunQuery()).items[0]
    assert over.state is RunState.CANCELLED
    assert over.summary is not None
    assert over.summary.metrics["asking"] == told


async def test_finished_run_without_failures_has_nothing_to_resume(lab: Lab) -> None:
    """Going on with it is refused by name."""
    from pitwall.access.authenticators import LOCAL_OPERATOR

    metric = code_metric("code", lambda _case: 1.0)
    run = await lab.work(lab.begin(lab.store([make_example(1)]), [metric]).id, [metric])
    with pytest.raises(RunIsOver, match="nothing in it failed"):
        lab.runs.prepare_resume(run.id, RunBudget(), by=LOCAL_OPERATOR)


async def test_limit_takes_the_first_cases_and_with_a_seed_drawn_ones(lab: Lab) -> None:
    """The same seed draws the same cases."""
    metric = code_metric("code", lambda _case: 1.0)
    version = lab.store(make_example(number) for number in range(20))

    async def positions(**options: int) -> list[int]:
        run = await lab.work(lab.begin(version, [metric], **options).id, [metric])
        with lab.state.session(read_only=True) as session:
            return list(Runs(session, "default").scores(run.id, "code").positions)

    assert await positions(limit=3) == [0, 1, 2]
    drawn = await positions(limit=3, seed=7)
    assert len(drawn) == 3
    assert drawn != [0, 1, 2]
    assert await positions(limit=3, seed=7) == drawn


async def test_minutes_of_the_budget_end_a_run(lab: Lab) -> None:
    """Also where no call is made that could refuse."""
    metric = AskingMetric()

    class Slow(FakeModels):
        async def ask(self, messages, shape, *, sample=0):  # type: ignore[no-untyped-def]
            await asyncio.sleep(60)

    begun = lab.begin(lab.store([make_example(1)]), [metric], budget=RunBudget(max_minutes=0.005))
    run = await lab.work(begun.id, [metric], Slow())
    assert run.state is RunState.STOPPED
    assert run.stop_reason == "The 0.005 minutes of --max-minutes are over."
