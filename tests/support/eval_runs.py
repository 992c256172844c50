"""What tests of evaluation runs share: examples, metrics of their own, judges, ways to do a run."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any

from pydantic import BaseModel

from pitwall.access.authenticators import LOCAL_OPERATOR
from pitwall.evals.datasets.service import Datasets
from pitwall.evals.datasets.staging import NewVersion
from pitwall.evals.datasets.types import DatasetVersion
from pitwall.evals.metrics.types import CodeMetric, Family, Metric, MetricSpec, Needs
from pitwall.evals.runs.dataset_facts import DatasetFacts, count_fields
from pitwall.evals.runs.execution import Attempt, Judge, execute
from pitwall.evals.runs.journal import Journal, make_holder
from pitwall.evals.runs.planning import ProfileFacts, Ruler, RunOptions, plan_run
from pitwall.evals.runs.selection import selected
from pitwall.evals.runs.service import EvalRuns, NewRun
from pitwall.evals.runs.targets.opening import fields_given
from pitwall.evals.runs.targets.stored import StoredAnswers
from pitwall.evals.runs.targets.types import Target
from pitwall.evals.runs.types import EvalRun, JudgeFacts, Plan, Where
from pitwall.evals.types import Answer, Case, Context, Example, Score, ScoreStatus
from pitwall.kit.clock import Clock, SystemClock
from pitwall.kit.i18n import Text
from pitwall.llm.counters import CallCounts
from pitwall.llm.types import Answered, CallFailed, Message, Models
from pitwall.stores.state import StateStore
from tests.support.judge_server import Act, Asked

_NO_TEXT = Text("", "")
JUDGE = JudgeFacts("judge", "openai")


def make_example(number: int, **fields: Any) -> Example:
    """An example with an answer that says something to judge."""
    answer = Answer(text=f"Answer {number}.", contexts=(Context(f"Context {number}."),))
    values = {"question": f"Question {number}?", "reference": f"Answer {number}.", "answer": answer}
    return Example(id=f"e{number}", **{**values, **fields})


def spec(name: str, **fields: Any) -> MetricSpec:
    """Facts about a metric of a test."""
    return MetricSpec(name, 1, Family.ANSWER, _NO_TEXT, _NO_TEXT, **fields)


def code_metric(name: str, function: Callable[[Case], float | None], **fields: Any) -> CodeMetric:
    """A metric that gives what a function says; None does not apply."""

    def judge(case: Case) -> Score:
        value = function(case)
        if value is None:
            return Score(name, ScoreStatus.NOT_APPLICABLE, reason="nothing_to_say")
        return Score(name, ScoreStatus.SCORED, value)

    return CodeMetric(spec(name, **fields), judge)


class Said(BaseModel):
    """What the judge of a test replies."""

    value: float


@dataclass(frozen=True)
class AskingMetric:
    """A metric that asks a judge once about each case; what it cannot get is an error, as everywhere."""

    name: str = "asking"

    @property
    def spec(self) -> MetricSpec:
        return spec(self.name, calls=1, needs=frozenset({Needs.ANSWER}))

    async def score(self, case: Case, models: Models | None) -> Score:
        assert models is not None
        said = await models.ask([Message("user", case.example.id)], Said)
        return Score(self.name, ScoreStatus.SCORED, said.value.value, calls=said.calls)


Say = Callable[[str, int], float]


@dataclass
class FakeModels:
    """Models that say what a function of question and sample says; it may raise `CallFailed`."""

    say: Say = lambda _question, _sample: 1.0
    asked: list[tuple[str, int]] = field(default_factory=list)

    async def ask(self, messages: Sequence[Message], shape: Any, *, sample: int = 0) -> Answered[Any]:
        question = messages[-1].content
        self.asked.append((question, sample))
        return Answered(shape(value=self.say(question, sample)), (f"key-{question}-{sample}",))

    async def embed(self, texts: Sequence[str]) -> list[list[float]]:
        raise NotImplementedError


def failing(error: CallFailed) -> Say:
    """What says nothing but fails."""

    def fail(_question: str, _sample: int) -> float:
        raise error

    return fail


@dataclass
class Lab:
    """A project in which runs are made of metrics and examples of a test."""

    state: StateStore
    clock: Clock = field(default_factory=SystemClock)

    def __post_init__(self) -> None:
        self.datasets = Datasets(self.state, self.clock)
        self.runs = EvalRuns(self.state, self.clock)

    def store(self, examples: Iterable[Example], name: str = "qa") -> DatasetVersion:
        new = NewVersion(label=None, thresholds={}, source={"kind": "test"})
        return self.datasets.add(name, examples, new, by=LOCAL_OPERATOR).version

    def plan(self, version: DatasetVersion, metrics: Sequence[Metric], **options: Any) -> Plan:
        known = {metric.spec.name: metric for metric in metrics}
        ruler = Ruler(known.__getitem__, lambda metric, *_: f"{metric.spec.name}@{metric.spec.version}")
        asked = RunOptions(metrics=tuple(known), **options)
        profile = ProfileFacts(name="test", judge=JUDGE)
        plan, _ = plan_run(asked, self.facts(version, asked), profile, ruler)
        return plan

    def facts(self, version: DatasetVersion, options: RunOptions) -> DatasetFacts:
        numbered = self.datasets.iterate("default", version.id)
        counted = count_fields((example for _, example in numbered), fields_given(options.target))
        return DatasetFacts(
            name="qa",
            version_id=version.id,
            content_hash=version.content_hash,
            cases=counted.cases,
            fields=counted.fields,
            tokens=counted.tokens,
            thresholds=version.thresholds,
            turns=counted.turns,
        )

    def begin(self, version: DatasetVersion, metrics: Sequence[Metric], **options: Any) -> EvalRun:
        plan = self.plan(version, metrics, **options)
        cases = min(plan.limit or plan.available, plan.available)
        new = NewRun(
            name="test",
            dataset=self.facts(version, RunOptions()),
            plan=plan,
            cases=cases,
            calls=cases * len(metrics),
            where=Where.CLI,
        )
        return self.runs.add(new, by=LOCAL_OPERATOR)

    async def work(
        self,
        run_id: str,
        metrics: Sequence[Metric],
        models: Models | None = None,
        target: Target | None = None,
    ) -> EvalRun:
        """Claim a run and work on it until it is over."""
        run = self.runs.claim(run_id, make_holder(), project_id="default")
        assert run.holder is not None
        numbered = self.datasets.iterate("default", run.dataset_version_id or "")
        judge = None if models is None else Judge(models, CallCounts, 16)
        attempt = Attempt(
            run=run,
            metrics=metrics,
            examples=partial(selected, numbered, run.plan),
            target=target or StoredAnswers(),
            judge=judge,
            journal=Journal(self.state, self.clock, "default", run.id, run.holder),
        )
        return await execute(attempt)


def claims_judge(asked: Asked) -> Act:
    """Answer the questions of faithfulness as a judge does who finds everything supported."""
    properties = asked.body["response_format"]["json_schema"]["schema"]["properties"]
    if "claims" in properties:
        return Act(json.dumps({"claims": ["One claim.", "Another claim."]}))
    numbers = re.findall(r"^(\d+): ", asked.text, re.MULTILINE)
    verdicts = [{"id": int(n), "reason": "Said so.", "verdict": "supported", "sources": [1]} for n in numbers]
    return Act(json.dumps({"verdicts": verdicts}))


def write_models(directory: Path, url: str, **fields: Any) -> Path:
    """Write a file of models with the profile `judge`; returns it."""
    entry = {"provider": "vllm", "model": "judge", "base_url": url, **fields}
    path = directory / "models.yaml"
    path.write_text(json.dumps({"profiles": {"judge": {"llm": entry}}}))
    return path


def write_dataset(path: Path, count: int, **fields: Any) -> Path:
    """Write a dataset file of examples with answers, contexts and references."""
    cases = [
        {
            "id": f"e{number}",
            "question": f"Question {number}?",
            "answer": f"Answer {number}.",
            "contexts": [f"Context {number}."],
            "ground_truth": f"Answer {number}.",
            **fields,
        }
        for number in range(count)
    ]
    path.write_text(json.dumps({"name": "qa", "version": "1", "test_cases": cases}))
    return path
