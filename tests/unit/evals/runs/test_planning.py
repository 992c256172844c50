"""From what is asked for to a plan: thresholds and where they came from, and what is refused by name."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import pytest

from pitwall.evals.metrics.errors import UnknownMetric
from pitwall.evals.metrics.registry import identity, load
from pitwall.evals.metrics.types import Metric, Needs
from pitwall.evals.runs.dataset_facts import DatasetFacts, KeptCounts, count_fields
from pitwall.evals.runs.errors import PlanInvalid
from pitwall.evals.runs.estimate import cases_of, estimate
from pitwall.evals.runs.planning import ProfileFacts, Ruler, RunOptions, plan_run, threshold_of
from pitwall.evals.runs.types import JudgeFacts, Mode, Plan, RunBudget, ThresholdFrom
from pitwall.evals.types import Answer, Context, Example, Turn
from tests.support.eval_runs import AskingMetric, make_example, spec

RULER = Ruler(load().find, identity)
JUDGED = ProfileFacts(name="dev", judge=JudgeFacts("judge", "openai"), thresholds={"faithfulness": 0.6})


def facts(cases: int = 10, thresholds: Mapping[str, float] | None = None, **fields: int) -> DatasetFacts:
    has = {need: fields.get(need.value, 0) for need in Needs}
    return DatasetFacts("qa", "v1", "hash", cases, has, cases * 100, thresholds or {})


FULL = facts(answer=10, contexts=10, reference=10)


def plan(
    options: RunOptions, dataset: DatasetFacts = FULL, profile: ProfileFacts = JUDGED
) -> tuple[Plan, Sequence[Metric]]:
    return plan_run(options, dataset, profile, RULER)


@pytest.mark.parametrize(
    ("flag", "dataset", "profile", "expected"),
    [
        (0.9, 0.8, 0.6, (0.9, ThresholdFrom.FLAG)),
        (None, 0.8, 0.6, (0.8, ThresholdFrom.DATASET)),
        (None, None, 0.6, (0.6, ThresholdFrom.PROFILE)),
        (None, None, None, (0.7, ThresholdFrom.DEFAULT)),
    ],
)
def test_threshold_comes_from_the_strongest_source(
    flag: float | None, dataset: float | None, profile: float | None, expected: tuple[float, ThresholdFrom]
) -> None:
    """Flag before dataset before profile before the metric's own, and the plan says which."""

    def of(value: float | None) -> dict[str, float]:
        return {} if value is None else {"m": value}

    options = RunOptions(thresholds=of(flag))
    assert threshold_of(spec("m"), options, of(dataset), of(profile)) == expected


def test_metric_without_a_threshold_passes_or_fails_nobody() -> None:
    """Unless somebody asks for one."""
    plain = spec("m", threshold=None)
    assert threshold_of(plain, RunOptions(), {}, {}) == (None, None)
    assert threshold_of(plain, RunOptions(), {"m": 5.0}, {}) == (5.0, ThresholdFrom.DATASET)


def test_plan_names_metrics_with_identity_and_judge() -> None:
    """What is needed to compare the run later stands in its plan."""
    made, metrics = plan(RunOptions(metrics=("faithfulness", "exact_match")))
    assert [metric.name for metric in made.metrics] == ["faithfulness", "exact_match"]
    assert made.metrics[0].threshold == 0.6
    assert "judge=judge" in made.metrics[0].identity
    assert "judge" not in made.metrics[1].identity
    assert made.judge == JUDGED.judge
    assert [metric.spec.name for metric in metrics] == ["faithfulness", "exact_match"]


def test_run_without_judged_metrics_has_no_judge() -> None:
    """A profile that is not needed does not become part of the plan."""
    made, _ = plan(RunOptions(metrics=("exact_match",)))
    assert (made.judge, made.profile) == (None, None)


@pytest.mark.parametrize(
    ("options", "dataset", "profile", "said"),
    [
        ({"metrics": ("context_recall",)}, facts(answer=10), JUDGED, "needs .*none of the 10 cases of 'qa'"),
        ({"metrics": ("faithfulness",)}, FULL, ProfileFacts(), "asks a judge, and no profile is chosen"),
        ({"metrics": ("semantic_similarity",)}, FULL, JUDGED, "needs an embedding model"),
        ({"metrics": ("exact_match",), "budget": RunBudget(max_calls=0)}, FULL, JUDGED, "--max-calls is 0"),
        ({"metrics": ("exact_match",), "limit": -1}, FULL, JUDGED, "--limit is -1"),
        (
            {"metrics": ("faithfulness",), "budget": RunBudget(max_cost_usd=1.0)},
            FULL,
            JUDGED,
            "price of 'judge' is not known",
        ),
        (
            {"metrics": ("exact_match",), "thresholds": {"faithfulness": 0.5}},
            FULL,
            JUDGED,
            "names 'faithfulness', which the run does not judge",
        ),
        ({"metrics": ("exact_match",), "thresholds": {"exact_match": 3.0}}, FULL, JUDGED, "outside"),
        ({"metrics": ("exact_match",), "mode": Mode.SIMPLE}, FULL, JUDGED, "has its own metrics"),
        ({"metrics": ()}, FULL, JUDGED, "at least one metric"),
    ],
)
def test_nonsense_is_refused_by_name(
    options: dict[str, Any], dataset: DatasetFacts, profile: ProfileFacts, said: str
) -> None:
    """Every refusal says what is wrong and has a way out."""
    with pytest.raises(PlanInvalid, match=said) as refused:
        plan(RunOptions(**options), dataset, profile)
    assert refused.value.hint


def test_all_problems_are_told_at_once() -> None:
    """Nobody has to try four times."""
    options = RunOptions(metrics=("faithfulness", "context_recall"), limit=0)
    with pytest.raises(PlanInvalid) as refused:
        plan(options, facts(answer=10), ProfileFacts())
    for part in ("--limit is 0", "'faithfulness' needs contexts", "'context_recall' needs", "asks a judge"):
        assert part in refused.value.message


def test_each_problem_says_which_member_of_the_request_it_is_about() -> None:
    """A form shows it at its field, in the language of the reader."""
    given = {"exact_match": 3.0, "chrf": 0.5}
    options = RunOptions(
        metrics=("exact_match", "faithfulness"), thresholds=given, budget=RunBudget(max_calls=-1), repeats=0
    )
    with pytest.raises(PlanInvalid) as refused:
        plan(options, facts(reference=10, contexts=10), ProfileFacts())
    errors = refused.value.details["errors"]
    assert [one["where"] for one in errors] == [
        "budget.max_calls",
        "repeats",
        "thresholds.exact_match",
        "thresholds.chrf",
        "metrics",
        "metrics",
        "profile",
    ]
    assert all(one["text"]["en"] == one["message"] != one["text"]["ko"] for one in errors)


def test_unknown_metric_is_named_with_near_ones() -> None:
    with pytest.raises(UnknownMetric) as refused:
        plan(RunOptions(metrics=("faithfulnes",)))
    assert "faithfulness" in (refused.value.hint or "")


def test_preset_takes_what_the_dataset_has_the_fields_for() -> None:
    """Metrics that nobody named are left out where they cannot judge; named ones are refused."""
    made, _ = plan(RunOptions(), facts(answer=10, contexts=10))
    names = [metric.name for metric in made.metrics]
    assert "faithfulness" in names
    assert "context_recall" not in names


def test_simple_mode_is_two_metrics() -> None:
    made, _ = plan(RunOptions(mode=Mode.SIMPLE))
    assert [metric.name for metric in made.metrics] == ["faithfulness", "answer_relevancy"]


def test_estimate_counts_calls_of_cases_that_can_be_judged() -> None:
    """Times repetitions, of the cases of the limit; what it costs is unknown without a price."""
    asking = AskingMetric()
    ruler = Ruler(lambda _name: asking, lambda _metric, _judge, _embedding: "asking@1")
    options = RunOptions(metrics=("asking",), limit=5, repeats=2)
    made, metrics = plan_run(options, facts(answer=8), JUDGED, ruler)
    expected = estimate(made, metrics, facts(answer=8), JUDGED.cost)
    assert cases_of(made) == 5
    assert expected.calls == 8  # four of five cases have an answer, twice
    assert expected.cost_usd is None
    assert expected.seconds is None
    priced = estimate(made, metrics, facts(answer=8), lambda given, taken: (given + taken) / 1e6, pace=0.25)
    assert priced.seconds == 2.0
    assert priced.cost_usd == pytest.approx((priced.input_tokens + priced.output_tokens) / 1e6)


def test_estimate_counts_the_turns_of_conversations() -> None:
    """Two calls for each turn that can be judged, however many a case has; each is as long as a turn."""
    context = (Context("Context."),)
    turn = Turn("Question?", "Answer.", context)
    conversations = [(turn,) * 5, (turn, turn, Turn("Question?", "Answer."))]
    counted = count_fields(make_example(n, answer=Answer(turns=one)) for n, one in enumerate(conversations))
    dataset = replace(facts(cases=2), fields=counted.fields, tokens=counted.tokens, turns=counted.turns)
    made, metrics = plan(RunOptions(metrics=("turn_faithfulness",)), dataset)
    expected = estimate(made, metrics, dataset, JUDGED.cost)
    assert (counted.turns, expected.calls) == (7, 14)
    assert expected.input_tokens == 2 * counted.tokens + 14 * 500
    limited, _ = plan(RunOptions(metrics=("turn_faithfulness",), limit=1), dataset)
    assert estimate(limited, metrics, dataset, JUDGED.cost).calls == 8


def test_fields_of_a_dataset_are_counted_by_what_metrics_need() -> None:
    """Empty lists are there, missing fields are not; a target gives what it will tell."""
    examples = [
        make_example(1),
        make_example(2, reference=None, answer=Answer(text="a", contexts=())),
        make_example(3, answer=Answer(turns=(Turn("q", "a"),), latency_ms=3.0)),
        make_example(4, answer=None, reference_contexts=(Context("c"),)),
    ]
    counted = count_fields(examples)
    assert counted.cases == 4
    wanted = {
        Needs.ANSWER: 2,
        Needs.CONTEXTS: 2,
        Needs.REFERENCE: 3,
        Needs.REFERENCE_CONTEXTS: 1,
        Needs.TURNS: 1,
        Needs.LATENCY: 1,
        Needs.COST: 0,
    }
    assert {need: counted.fields[need] for need in wanted} == wanted
    given = count_fields(examples, frozenset({Needs.ANSWER, Needs.LATENCY}))
    assert (given.fields[Needs.ANSWER], given.fields[Needs.CONTEXTS]) == (4, 0)


def test_version_is_counted_once_for_each_kind_of_target() -> None:
    """Whoever fills in a form plans again and again; a version never changes."""
    read: list[str] = []
    counts = KeptCounts(most=2)

    def count(version: str, given: frozenset[Needs] = frozenset()) -> int:
        def examples() -> list[Example]:
            read.append(version)
            return [make_example(1)]

        return counts.of(version, examples, given, is_stored=False).cases

    answering = frozenset({Needs.ANSWER})
    assert [count("v1"), count("v1"), count("v1", answering), count("v2"), count("v1")] == [1] * 5
    assert read == ["v1", "v1", "v2", "v1"]  # the oldest of three made room
