"""Cases of a run as people look at them: pages of them, and one with everything that explains its scores."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import groupby
from typing import Any

from pitwall.core.errors import InvalidInput, NotFound
from pitwall.evals.datasets.canonical import answer_of
from pitwall.evals.datasets.service import Datasets
from pitwall.evals.runs.distribution import Distribution, distribute
from pitwall.evals.runs.repository import Runs
from pitwall.evals.runs.summary import case_verdict
from pitwall.evals.runs.types import CaseQuery, EvalRun, Plan, ScoreColumns, StoredScore
from pitwall.evals.types import Answer, Example
from pitwall.kit.paging import InvalidCursor, Page, decode_cursor, encode_cursor
from pitwall.stores.state import StateStore

_BATCH = 500


class CaseNotFound(NotFound):
    """The run has no such case."""

    default_code = "eval_case.not_found"


@dataclass(frozen=True, slots=True)
class JudgedCase:
    """A case of a run.

    Attributes:
        example: None if the dataset version is no longer there.
        answer: That was judged; None if none is kept.
        scores: By metric and repetition.
        passed: Whether it passes, as the pass rate of the run counts it; None if nothing can be said.
    """

    position: int
    example_id: str
    example: Example | None
    answer: Answer | None
    scores: Sequence[StoredScore]
    passed: bool | None


class RunReader:
    """Reads what runs came to; calls block."""

    def __init__(self, state: StateStore, datasets: Datasets) -> None:
        self._state = state
        self._datasets = datasets

    def cases(self, run: EvalRun, query: CaseQuery, cursor: str | None = None) -> Page[JudgedCase]:
        """Return a page of cases.

        Raises:
            InvalidInput: The metric is none of the run's, or the cursor belongs to another list.
        """
        metrics = {metric.name: metric for metric in run.plan.metrics}
        if query.metric is not None and query.metric not in metrics:
            raise InvalidInput(
                f"The run {run.id} does not judge {query.metric!r}.",
                code="eval_run.metric_unknown",
                hint=f"Its metrics are {', '.join(metrics)}.",
            )
        kind = f"eval_cases.{run.id}.{query.filter}.{query.metric}.{query.worst_first}"
        after = None if cursor is None else _read_cursor(kind, cursor)
        wanted = replace(query, after=after, limit=query.limit + 1)
        with self._state.session(read_only=True) as session:
            found = Runs(session, run.project_id).case_positions(run.id, metrics, wanted)
        page = found[: query.limit]
        cases = self._load(run, [position for _, position in page], with_content=False)
        if len(found) <= query.limit:
            return Page(cases)
        return Page(cases, encode_cursor(kind, *page[-1]))

    def case(self, run: EvalRun, position: int) -> JudgedCase:
        """Return one case with evidence and calls.

        Raises:
            CaseNotFound: The run has judged none at this position.
        """
        found = self._load(run, [position], with_content=True)
        if not found:
            raise CaseNotFound(
                f"The run {run.id} has no case {position}.",
                hint=f"List them with `pitwall eval show {run.id} --cases`.",
            )
        return found[0]

    def columns(self, run: EvalRun, metric: str) -> ScoreColumns:
        """Return the scores of a metric as columns."""
        with self._state.session(read_only=True) as session:
            return Runs(session, run.project_id).scores(run.id, metric)

    def distributions(self, run: EvalRun) -> dict[str, Distribution]:
        """Return how the scores of each metric of a run are spread; repetitions of a case count each."""
        return {
            metric.name: distribute(
                metric, [value for value in self.columns(run, metric.name).values if value is not None]
            )
            for metric in run.plan.metrics
        }

    def all_cases(self, run: EvalRun, *, with_content: bool) -> Iterator[JudgedCase]:
        """Yield every case of a run in order of position, a few hundred at a time."""
        query, cursor = CaseQuery(limit=_BATCH), None
        while True:
            page = self.cases(run, query, cursor)
            positions = [case.position for case in page.items]
            yield from self._load(run, positions, with_content=True) if with_content else page.items
            cursor = page.next_cursor
            if cursor is None:
                return

    def _load(self, run: EvalRun, positions: Sequence[int], *, with_content: bool) -> list[JudgedCase]:
        if not positions:
            return []
        with self._state.session(read_only=True) as session:
            runs = Runs(session, run.project_id)
            scores = runs.scores_of(run.id, positions, with_content=with_content)
            answers = runs.answers(run.id, positions)
        examples = self._examples(run, positions)
        grouped = {
            position: list(group) for position, group in groupby(scores, key=lambda score: score.position)
        }
        return [
            _case(run.plan, grouped[position], examples.get(position), answers.get(position))
            for position in positions
            if position in grouped
        ]

    def _examples(self, run: EvalRun, positions: Sequence[int]) -> dict[int, Example]:
        if run.dataset_version_id is None:
            return {}
        return self._datasets.at(run.project_id, run.dataset_version_id, positions)


def _case(
    plan: Plan, scores: Sequence[StoredScore], example: Example | None, kept: Mapping[str, Any] | None
) -> JudgedCase:
    stored = None if example is None else example.answer
    answer = stored if kept is None else answer_of(kept)
    first = scores[0]
    return JudgedCase(first.position, first.example_id, example, answer, scores, case_verdict(plan, scores))


def _read_cursor(kind: str, cursor: str) -> tuple[float | None, int]:
    try:
        value, position = decode_cursor(kind, cursor)
    except (InvalidCursor, ValueError) as error:
        raise InvalidInput(f"The {error}.", code="cursor.invalid") from error
    return None if value is None else float(value), int(position or 0)
