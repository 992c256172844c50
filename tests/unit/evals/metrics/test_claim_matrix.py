"""The arithmetic of the claim matrix: golden cases, and what holds for every matrix."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pitwall.evals.judging.claims import UNJUDGED, Judgement, Verdict
from pitwall.evals.judging.shapes import ClaimVerdicts
from pitwall.evals.metrics import claim_matrix as cm
from pitwall.evals.metrics.claim_matrix import ClaimMatrix, average_precision, f_measure
from pitwall.evals.metrics.registry import find
from pitwall.evals.metrics.scoring import score_case
from pitwall.evals.types import ScoreStatus
from pitwall.llm.types import CallFailed
from tests.support.scripted_judge import Asked, matrix_judge, verdict
from tests.unit.evals.metrics.golden import GOLDEN, judge_of, make_case, matrix_case, names

MATRIX = {golden["name"]: golden for golden in GOLDEN["matrix"]}
EXPECTED = [(name, metric) for name, golden in MATRIX.items() for metric in golden["expect"]]
FAMILY = list(MATRIX["RAGChecker"]["expect"])


@pytest.mark.parametrize("language", ["en", "ko"])
@pytest.mark.parametrize(("name", "metric"), EXPECTED)
async def test_matrix_gives_the_golden_numbers_in_both_languages(
    name: str, metric: str, language: str
) -> None:
    """From the questions to the score; the prompt's language does not touch the arithmetic."""
    golden = MATRIX[name]
    result = await score_case(find(metric), matrix_case(golden, language), judge_of(golden))
    assert result.value == pytest.approx(golden["expect"][metric], abs=1e-6)


async def test_whole_family_takes_five_calls_and_four_with_a_known_reference() -> None:
    """Sixteen metrics, one store: equal questions are one call; a reference is taken apart once."""
    golden = MATRIX["RAGChecker"]
    judge = judge_of(golden)
    for metric in FAMILY:
        await score_case(find(metric), matrix_case(golden), judge)
    assert judge.counts == {"Claims": 2, "ClaimVerdicts": 3}

    again = judge_of(golden)
    case = matrix_case(golden)
    await score_case(find("claim_recall"), replace(case, answer=replace(case.answer, contexts=())), again)
    assert again.counts == {"Claims": 1}
    for metric in FAMILY:
        await score_case(find(metric), case, again)
    assert sum(again.counts.values()) == 1 + 4


@pytest.mark.parametrize("metric", FAMILY)
async def test_metric_takes_the_calls_that_it_says(metric: str) -> None:
    """The estimate before a run is right for a case that has everything."""
    judge = judge_of(MATRIX["RAGChecker"])
    result = await score_case(find(metric), matrix_case(MATRIX["RAGChecker"]), judge)
    assert len(judge.asked) == len(set(result.calls)) == find(metric).spec.calls


@pytest.mark.parametrize("golden", GOLDEN["faithfulness"])
async def test_faithfulness_of_the_golden_cases(golden: dict[str, Any]) -> None:
    """Missing verdicts never raise the score."""
    claims, given_verdicts = names("c", golden["claims"]), golden.get("verdicts", {})
    contexts = golden.get("contexts", ["chunk"])
    judge = matrix_judge({"answer": claims})
    judge.rules[ClaimVerdicts] = lambda _: {
        "verdicts": [
            verdict(number, {"y": "supported", "n": "not_stated", "x": "contradicted"}[said], [1])
            for number, said in given_verdicts.items()
        ]
    }
    case = make_case(contexts=contexts)
    result = await score_case(find("faithfulness"), case, judge)
    assert result.status is ScoreStatus(golden.get("status", "scored"))
    assert result.value == golden.get("score")
    if "coverage" in golden:
        assert result.evidence["coverage"] == golden["coverage"]
    if "calls" in golden:
        assert len(judge.asked) == golden["calls"]
    for counterpart in {"unsupported_rate", "contradiction_rate"} & golden.keys():
        assert (await score_case(find(counterpart), case, judge)).value == golden[counterpart]


@pytest.mark.parametrize("golden", GOLDEN["nothing_to_judge"], ids=str)
async def test_nothing_to_judge_is_no_number_that_means_something_else(golden: dict[str, Any]) -> None:
    """A 0 only where it was judged that nothing is there; else a status and its reason."""
    answer, reference = names("a", golden.get("claims", 4)), names("r", golden.get("reference", 4))
    judge = matrix_judge(
        {"answer": answer, "reference": reference},
        {claim: [1] for claim in answer + reference},
        dict.fromkeys(answer, "r1") | dict.fromkeys(reference, "a1"),
    )
    everything = judge.rules[ClaimVerdicts]

    def without_the_first(asked: Asked) -> dict[str, Any]:
        said = everything(asked)
        assert not isinstance(said, CallFailed)
        return {"verdicts": [one for one in said["verdicts"] if one["id"] > golden.get("silent", 0)]}

    judge.rules[ClaimVerdicts] = without_the_first
    case = make_case(golden.get("answer", "answer"), names("chunk ", golden.get("contexts", 1)))
    result = await score_case(find(golden["metric"]), case, judge)
    told = (result.status, result.value, result.reason)
    assert told == (ScoreStatus(golden["status"]), golden.get("value"), golden["reason"])


@pytest.mark.parametrize(("useful", "expected"), GOLDEN["context_precision"])
def test_average_precision_of_the_golden_cases(useful: list[int], expected: float) -> None:
    """The same numbers as Ragas and DeepEval, without the 1e-10 of the former."""
    assert average_precision([bool(cell) for cell in useful]) == pytest.approx(expected, abs=1e-6)


def test_f_measure_of_nothing_is_zero() -> None:
    """Precision and recall of 0 have no mean to divide by."""
    assert f_measure(0.0, 0.0) == 0.0
    assert f_measure(0.5, 1.0, beta=2.0) == pytest.approx(5 * 0.5 / (4 * 0.5 + 1))


@st.composite
def matrices(draw: st.DrawFn, *, is_complete: bool = False) -> ClaimMatrix:
    n_chunks = draw(st.integers(1, 4))
    n_answer, n_reference = draw(st.integers(1, 5)), draw(st.integers(1, 5))

    def judged(n_claims: int, n_sources: int) -> tuple[Judgement, ...]:
        each = _judgements(n_sources, is_complete)
        return tuple(draw(st.lists(each, min_size=n_claims, max_size=n_claims)))

    return ClaimMatrix(
        n_chunks,
        tuple(names("a", n_answer)),
        tuple(names("r", n_reference)),
        judged(n_answer, n_chunks),
        judged(n_reference, n_chunks),
        judged(n_answer, n_reference),
        judged(n_reference, n_answer),
    )


def _judgements(n_sources: int, is_complete: bool) -> st.SearchStrategy[Judgement]:
    sources = st.sets(st.integers(0, n_sources - 1), min_size=1).map(lambda found: tuple(sorted(found)))
    said = st.builds(
        Judgement, st.sampled_from([Verdict.SUPPORTED, Verdict.CONTRADICTED]), st.just(""), sources
    )
    not_stated = st.just(Judgement(Verdict.NOT_STATED))
    return said | not_stated if is_complete else said | not_stated | st.just(UNJUDGED)


MEASURES = [
    cm.faithfulness,
    cm.known_faithfulness,
    cm.unsupported_rate,
    cm.contradiction_rate,
    cm.factual_precision,
    cm.factual_recall,
    cm.factual_correctness,
    cm.claim_recall,
    cm.context_precision,
    cm.context_precision_set,
    cm.context_precision_without_reference,
    cm.context_utilization,
    cm.noise_sensitivity_relevant,
    cm.noise_sensitivity_irrelevant,
    cm.hallucination,
    cm.self_knowledge,
]


def value(measure: cm.Measure, matrix: ClaimMatrix) -> float:
    found = measure(matrix).value
    assert found is not None
    return found


@given(matrix=matrices())
def test_measures_stay_within_bounds(matrix: ClaimMatrix) -> None:
    """Values and coverages are shares, whatever is known."""
    for measure in MEASURES:
        counted = measure(matrix)
        assert counted.value is None or 0 <= counted.value <= 1
        assert 0 <= counted.coverage <= 1


@given(matrix=matrices(is_complete=True))
def test_coverage_is_full_if_all_is_known(matrix: ClaimMatrix) -> None:
    """Nothing that a judge did say counts as unknown, not even `not_stated`."""
    assert {measure(matrix).coverage for measure in MEASURES} == {1.0}


@given(matrix=matrices())
def test_unsupported_is_what_is_not_faithful(matrix: ClaimMatrix) -> None:
    """Also where verdicts are missing; and it is made up of hallucination and self-knowledge."""
    unsupported = value(cm.unsupported_rate, matrix)
    assert value(cm.faithfulness, matrix) == pytest.approx(1 - unsupported)
    assert value(cm.hallucination, matrix) + value(cm.self_knowledge, matrix) == pytest.approx(unsupported)


@given(matrix=matrices())
def test_wrong_claims_bound_noise(matrix: ClaimMatrix) -> None:
    """Noise is a part of what is wrong and supported by contexts."""
    noise = value(cm.noise_sensitivity_relevant, matrix) + value(cm.noise_sensitivity_irrelevant, matrix)
    assert noise <= min(1 - value(cm.factual_precision, matrix), value(cm.faithfulness, matrix)) + 1e-9


@given(matrix=matrices())
def test_f1_lies_between_precision_and_recall(matrix: ClaimMatrix) -> None:
    """And is 0 if either of them is."""
    low, high = sorted([value(cm.factual_precision, matrix), value(cm.factual_recall, matrix)])
    assert low - 1e-9 <= value(cm.factual_correctness, matrix) <= high + 1e-9
    assert (value(cm.factual_correctness, matrix) == 0) == (low == 0)


@given(matrix=matrices(), data=st.data())
def test_order_of_claims_does_not_matter(matrix: ClaimMatrix, data: st.DataObject) -> None:
    """Shuffling the answer's claims with all that was said of them leaves every measure as it is."""
    order = data.draw(st.permutations(range(len(matrix.answer))))
    moved = {old: new for new, old in enumerate(order)}
    shuffled = replace(
        matrix,
        answer=tuple(matrix.answer[old] for old in order),
        answer_by_chunks=tuple(matrix.answer_by_chunks[old] for old in order),
        answer_by_reference=tuple(matrix.answer_by_reference[old] for old in order),
        reference_by_answer=tuple(
            replace(one, sources=tuple(moved[source] for source in one.sources))
            for one in matrix.reference_by_answer
        ),
    )
    for measure in MEASURES:
        assert measure(shuffled) == measure(matrix)


@given(matrix=matrices(), data=st.data())
def test_only_ranked_measures_look_at_the_order_of_chunks(matrix: ClaimMatrix, data: st.DataObject) -> None:
    """Precision of the set, noise and faithfulness are the same for every ranking."""
    moved = data.draw(st.permutations(range(matrix.n_chunks)))

    def move(judged: tuple[Judgement, ...]) -> tuple[Judgement, ...]:
        return tuple(replace(one, sources=tuple(moved[source] for source in one.sources)) for one in judged)

    shuffled = replace(
        matrix,
        answer_by_chunks=move(matrix.answer_by_chunks),
        reference_by_chunks=move(matrix.reference_by_chunks),
    )
    ranked = {cm.context_precision, cm.context_precision_without_reference}
    for measure in set(MEASURES) - ranked:
        assert measure(shuffled) == measure(matrix)
    assert set(ranked) <= set(MEASURES)
