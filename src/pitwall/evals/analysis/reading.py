"""Reading a run for its analysis: scores as columns, facts of every case, the texts of some."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from itertools import islice
from typing import Any, Final

import numpy as np

from pitwall.evals.analysis.terms import terms
from pitwall.evals.analysis.types import CaseData, CaseText, MetricData, PastMetric, PastRun, RunData
from pitwall.evals.comparison.passing import unanswered, unknown
from pitwall.evals.comparison.score_columns import ScoreReader
from pitwall.evals.comparison.slices import facts_of
from pitwall.evals.comparison.trends import judged_cases
from pitwall.evals.comparison.types import MetricColumns, RunColumns
from pitwall.evals.datasets.canonical import answer_of
from pitwall.evals.datasets.service import Datasets
from pitwall.evals.runs.repository import Runs
from pitwall.evals.runs.types import EvalRun, RunQuery, RunState
from pitwall.evals.types import Answer, Example
from pitwall.kit.clock import Clock
from pitwall.stats.clusters import cluster_codes
from pitwall.stores.state import StateStore

MOST_TEXTS: Final = 2_000
"""Cases whose texts are looked into; spread evenly over the run."""
MOST_CHARS: Final = 4_000
"""Of the contexts of a case together, and of an answer; questions are cut at a tenth."""
MOST_RUNS: Final = 10
_BATCH: Final = 500
_MOST_LISTED: Final = 200
_NAMES: Final = (
    "question_chars",
    "question_words",
    "answer_chars",
    "context_count",
    "context_chars",
    "has_reference",
    "keyword_overlap",
    "reference_terms",
    "latency_ms",
)


class AnalysisReader:
    """Reads runs; calls block."""

    def __init__(self, state: StateStore, datasets: Datasets, clock: Clock) -> None:
        self._state = state
        self._datasets = datasets
        self._clock = clock

    def read(self, run: EvalRun) -> RunData:
        """Return everything that an analysis of a run looks at."""
        with self._state.session(read_only=True) as session:
            columns = ScoreReader(session).run(run)
            past = self._past(Runs(session, run.project_id), run)
            previous = ScoreReader(session).run(past[-2]) if len(past) > 1 else None
        ids, positions = self._cases(run, columns)
        collected = _Collected(ids, positions)
        self._fill(run, collected)
        cases = collected.cases()
        groups = {case: group for case, group in zip(ids, collected.groups, strict=True) if group is not None}
        return RunData(
            run_id=run.id,
            name=run.name,
            dataset=run.dataset,
            dataset_hash=run.dataset_hash,
            judge=None if run.plan.judge is None else run.plan.judge.model,
            metrics=[_aligned(one, ids) for one in columns.metrics.values()],
            cases=cases,
            texts=collected.texts,
            cut_texts=collected.cut,
            history=[_past_run(one) for one in past],
            columns=replace(columns, groups=groups),
            previous=None if previous is None else replace(previous, groups=groups),
            seed=run.plan.seed or 0,
        )

    def _past(self, runs: Runs, run: EvalRun) -> list[EvalRun]:
        """The last finished runs of the same cases up to this one, which is the last; oldest first."""
        before = RunQuery(
            dataset=run.dataset,
            state=RunState.FINISHED,
            after=(run.created_at, run.id),
            limit=_MOST_LISTED,
        )
        same = [one for one in runs.list(before, self._clock.now()) if judged_cases(one) == judged_cases(run)]
        return [*reversed(same[: MOST_RUNS - 1]), run]

    def _cases(self, run: EvalRun, columns: RunColumns) -> tuple[list[str], dict[int, int]]:
        """Ids of the cases in the order of the dataset, and the row of each position of it."""
        distinct = {id(metric.case_ids): name for name, metric in columns.metrics.items()}
        known: dict[int, str] = {}
        with self._state.session(read_only=True) as session:
            for name in distinct.values():
                known.update(Runs(session, run.project_id).case_names(run.id, name))
        ordered = sorted(known)
        return [known[position] for position in ordered], {at: row for row, at in enumerate(ordered)}

    def _fill(self, run: EvalRun, collected: _Collected) -> None:
        examples: Iterator[tuple[int, Example]] = iter(())
        if run.dataset_version_id is not None:
            examples = self._datasets.iterate(run.project_id, run.dataset_version_id)
        wanted = (pair for pair in examples if pair[0] in collected.rows)
        while batch := list(islice(wanted, _BATCH)):
            positions = [position for position, _ in batch]
            sampled = [position for position in positions if collected.is_sampled(position)]
            with self._state.session(read_only=True) as session:
                runs = Runs(session, run.project_id)
                answers = runs.answers(run.id, positions)
                evidence = runs.evidence(run.id, sampled) if sampled else {}
            for position, example in batch:
                kept = answers.get(position)
                answer = example.answer if kept is None else answer_of(kept)
                collected.add(position, example, answer, evidence.get(position, ()))


class _Collected:
    """What is kept of the cases while they pass by."""

    def __init__(self, ids: Sequence[str], rows: Mapping[int, int]) -> None:
        n = len(ids)
        self.ids = ids
        self.positions = list(rows)
        self.rows = rows
        self.questions: list[str | None] = [None] * n
        self.groups: list[str | None] = [None] * n
        self.texts: list[CaseText] = []
        self.cut = 0
        self._facts: dict[str, list[str | None]] = {}
        self._numbers = {name: np.full(n, np.nan) for name in _NAMES}
        self._step = max(1.0, n / MOST_TEXTS)

    def is_sampled(self, position: int) -> bool:
        """Whether the texts of a case are kept."""
        row = self.rows[position]
        return int(row / self._step) != int((row - 1) / self._step) or row == 0

    def add(
        self,
        position: int,
        example: Example,
        answer: Answer | None,
        evidence: Sequence[Mapping[str, Any]],
    ) -> None:
        """Note a case."""
        row = self.rows[position]
        self.questions[row] = example.question[: MOST_CHARS // 10]
        self.groups[row] = example.group
        for name, value in facts_of(example).items():
            if name != "group":
                if name not in self._facts:
                    self._facts[name] = [None] * len(self.ids)
                self._facts[name][row] = value
        self._measure(row, example, answer)
        if self.is_sampled(position):
            self._keep(row, example, answer, evidence)

    def cases(self) -> CaseData:
        """Return the columns, which nobody writes to any more."""
        for values in self._numbers.values():
            values.setflags(write=False)
        return CaseData(
            ids=self.ids,
            positions=self.positions,
            questions=self.questions,
            facts=self._facts,
            groups=cluster_codes(self.groups),
            numbers=self._numbers,
        )

    def _measure(self, row: int, example: Example, answer: Answer | None) -> None:
        numbers = self._numbers
        numbers["question_chars"][row] = len(example.question)
        numbers["question_words"][row] = len(example.question.split())
        numbers["has_reference"][row] = float(bool(example.reference))
        if answer is None:
            return
        if answer.text is not None:
            numbers["answer_chars"][row] = len(answer.text)
        if answer.contexts is not None:
            numbers["context_count"][row] = len(answer.contexts)
            numbers["context_chars"][row] = sum(len(one.text) for one in answer.contexts)
        if answer.latency_ms is not None:
            numbers["latency_ms"][row] = answer.latency_ms

    def _keep(
        self, row: int, example: Example, answer: Answer | None, evidence: Sequence[Mapping[str, Any]]
    ) -> None:
        contexts, was_cut = _cut(None if answer is None else answer.contexts)
        self.cut += was_cut
        kept = CaseText(
            row=row,
            question=example.question[: MOST_CHARS // 10],
            answer=None if answer is None or answer.text is None else answer.text[:MOST_CHARS],
            reference=None if example.reference is None else example.reference[:MOST_CHARS],
            contexts=contexts,
            claims=_found(evidence, "claims"),
            turn_latencies_ms=() if answer is None else tuple(turn.latency_ms for turn in answer.turns),
            turns=_found(evidence, "turns"),
        )
        self.texts.append(kept)
        found = set(terms("\n".join(contexts or ())))
        self._numbers["keyword_overlap"][row] = _share(kept.question, found)
        self._numbers["reference_terms"][row] = _share(kept.reference, found)


def _share(wanted: str | None, found: set[str]) -> float:
    """Share of the content words of a text that contexts have; NaN without either."""
    asked = set(terms(wanted or ""))
    return len(asked & found) / len(asked) if asked and found else math.nan


def _cut(contexts: Sequence[Any] | None) -> tuple[tuple[str, ...] | None, bool]:
    """Texts of contexts up to a length all together; a chunk that had no room stays as an empty text."""
    if contexts is None:
        return None, False
    left, kept, was_cut = MOST_CHARS, list[str](), False
    for one in contexts:
        kept.append(one.text[:left])
        was_cut |= len(one.text) > left
        left = max(0, left - len(one.text))
    return tuple(kept), was_cut


def _found(evidence: Sequence[Mapping[str, Any]], name: str) -> Sequence[Mapping[str, Any]] | None:
    """The claims or turns of the first evidence that has them as this part knows them."""
    for one in evidence:
        entries = one.get(name)
        if not isinstance(entries, list) or not all(isinstance(entry, dict) for entry in entries):
            continue
        if name != "claims" or any("by_chunks" in entry for entry in entries):
            return entries
    return None


def _aligned(metric: MetricColumns, ids: Sequence[str]) -> MetricData:
    rows = {case: row for row, case in enumerate(ids)}
    at = [rows[case] for case in metric.case_ids]

    def put(column: np.ndarray[Any, Any], absent: float) -> np.ndarray[Any, Any]:
        placed = np.full(len(ids), absent, dtype=column.dtype)
        placed[at] = column
        placed.setflags(write=False)
        return placed

    failed = np.zeros(len(metric.case_ids), dtype=np.bool_)
    failed[[row for row, why in metric.reasons.items() if why.startswith("error:")]] = True
    return MetricData(
        name=metric.name,
        identity=metric.identity,
        direction=metric.direction,
        unit=metric.unit,
        threshold=metric.threshold,
        values=put(metric.values, np.nan),
        failed=put(failed, False),
        unanswered=put(unanswered(metric), False),
        unknown=put(unknown(metric), False),
        reasons=dict(Counter(metric.reasons.values()).most_common()),
    )


def _past_run(run: EvalRun) -> PastRun:
    metrics = {} if run.summary is None else run.summary.metrics
    return PastRun(
        run.id,
        run.finished_at or run.created_at,
        {
            name: PastMetric(one.identity, one.mean, one.low, one.high, one.n_scored)
            for name, one in metrics.items()
        },
    )
