"""Finding missed questions, and making datasets of them; calls block."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from functools import cache
from typing import Final

from pitwall.access.types import Principal
from pitwall.core.errors import InvalidInput, NotFound
from pitwall.core.vocabulary import SpanKind
from pitwall.evals.datasets.appending import Appended
from pitwall.evals.datasets.from_traces import ProductionExamples
from pitwall.evals.datasets.traced_examples import said_plainly, trace_example
from pitwall.evals.metrics.errors import UnknownMetric
from pitwall.evals.metrics.registry import Registry
from pitwall.evals.metrics.types import MetricSpec
from pitwall.evals.missed.clustering import cluster
from pitwall.evals.missed.reasons import find_reasons
from pitwall.evals.missed.repository import MAX_ROOTS, MissedRepository
from pitwall.evals.missed.types import MissedQuestions, MissedReason, MissedTrace, Root, RootTexts
from pitwall.evals.missed.windows import Windows
from pitwall.evals.text.refusal import find_refusal
from pitwall.kit.text import normalise
from pitwall.traces.conversation import Side
from pitwall.traces.opening import MAX_PAGE_SPANS, OpenQuery
from pitwall.traces.service import Traces
from pitwall.traces.types import Selection
from pitwall.traces.wire import read_filters, read_selection

MAX_OPENED: Final = 300
"""Missed traces whose texts are read, the newest."""
DEFAULT_RANGE: Final = "now-7d"
_THREADS: Final = 4


@dataclass(frozen=True, slots=True, kw_only=True)
class MissedQuery:
    """Which missed questions are asked for.

    Attributes:
        filters: As `column:operator:value`; all hold for the root span.
        reasons: Only these; empty for all.
    """

    since: str | None = None
    until: str | None = None
    filters: Sequence[str] = ()
    reasons: Collection[MissedReason] = ()


class Missed:
    """Finds missed questions.

    Args:
        repository: Knows roots, searches and scores.
        traces: Knows the texts.
        registry: Knows the thresholds of metrics.
        production: Makes datasets of traces.
    """

    def __init__(
        self,
        repository: MissedRepository,
        traces: Traces,
        registry: Callable[[], Registry],
        production: ProductionExamples,
    ) -> None:
        self._repository = repository
        self._traces = traces
        self._registry = registry
        self._production = production

    def find(self, project: str, query: MissedQuery) -> MissedQuestions:
        """Return the missed questions of a time range, the most frequent first.

        Raises:
            InvalidInput: A time or a filter cannot be understood.
        """
        selection, (since, until) = self._selection(project, query)
        roots = self._repository.roots(selection)
        looked_at = roots[:MAX_ROOTS]
        find_spec = cache(self._find_spec)
        known = find_reasons(
            looked_at,
            self._repository.without_hits(project, since, until),
            self._repository.scores(project, since),
            find_spec,
        )
        wanted = [root for root in looked_at if _is_wanted(known.get(root.trace_id, ()), query.reasons)]
        opened = self._open(project, wanted[:MAX_OPENED], known)
        missed = [one for one in opened if one is not None and _is_wanted(one.reasons, query.reasons)]
        asked = [one for one in missed if one.question]
        seen_since = max(since, _left_out_until(roots, MAX_ROOTS), _left_out_until(wanted, MAX_OPENED))
        windows = Windows(since_nano=since, until_nano=until, seen_since_nano=seen_since)
        return MissedQuestions(
            windows=windows,
            requests_by_window=windows.count(root.unix_nano for root in looked_at),
            missed_by_window=windows.count(one.unix_nano for one in missed),
            looked_at=len(looked_at),
            missed=len(missed),
            reasons=Counter(reason for one in missed for reason in sorted(one.reasons)),
            without_question=len(missed) - len(asked),
            is_cut=len(roots) > MAX_ROOTS or len(wanted) > MAX_OPENED,
            clusters=cluster(asked),
        )

    def make_dataset(
        self, name: str, query: MissedQuery, clusters: Collection[str] = (), *, by: Principal
    ) -> Appended:
        """Add missed questions to a dataset, which is made if there is none; equal questions once.

        Args:
            clusters: Ids of those that are wanted; empty for all.

        Raises:
            NotPermitted: The caller may not act.
            InvalidInput: A cluster is not among the missed questions of the range, or there are none.
        """
        found = self.find(by.project_id, query).clusters
        unknown = sorted(set(clusters) - {one.id for one in found})
        if unknown:
            raise InvalidInput(
                f"No missed questions of this time have the id {unknown[0]!r}.",
                code="missed.unknown_cluster",
                hint="Ask for them again with the same since, until and filters.",
            )
        chosen = [one for one in found if not clusters or one.id in clusters]
        ids = [trace.trace_id for one in chosen for trace in one.traces]
        source = {
            "kind": "missed_questions",
            "since": query.since,
            "until": query.until,
            "filters": list(query.filters),
            "reasons": sorted(query.reasons),
            "clusters": sorted(clusters),
        }
        return self._production.from_ids(name, ids, source, by=by)

    def _selection(self, project: str, query: MissedQuery) -> tuple[Selection, tuple[int, int]]:
        now = self._traces.clock.now()
        selection = read_selection(
            project,
            filters=read_filters(query.filters, now=now),
            since=query.since or DEFAULT_RANGE,
            until=query.until or "now",
            now=now,
        )
        assert selection.since_nano is not None
        assert selection.until_nano is not None
        return selection, (selection.since_nano, selection.until_nano)

    def _open(
        self, project: str, roots: Sequence[Root], known: dict[str, set[MissedReason]]
    ) -> list[MissedTrace | None]:
        """What was asked and answered; traces are opened only where their roots do not say it."""
        texts = self._repository.texts(project, roots)

        def read(root: Root) -> MissedTrace | None:
            missed = MissedTrace(
                trace_id=root.trace_id,
                unix_nano=root.unix_nano,
                question="",
                reasons=frozenset(known[root.trace_id]),
            )
            said = _said_by_root(root, texts.get(root.trace_id), missed.reasons)
            return self._read(project, missed) if said is None else _kept(missed, *said)

        with ThreadPoolExecutor(_THREADS) as pool:
            return list(pool.map(read, roots))

    def _read(self, project: str, missed: MissedTrace) -> MissedTrace | None:
        """A missed trace with its question; None if the whole answer is no refusal and all else is well."""
        query = OpenQuery(project=project, trace_id=missed.trace_id, limit=MAX_PAGE_SPANS)
        try:
            example = trace_example(self._traces.open_trace(query))
        except NotFound:  # its retention ended a moment ago
            return None
        if isinstance(example, str):
            return missed
        return _kept(missed, example.question, (example.answer.text if example.answer else None) or "")

    def _find_spec(self, name: str) -> MetricSpec | None:
        try:
            return self._registry().find(name).spec
        except (UnknownMetric, InvalidInput):
            return None


def _said_by_root(
    root: Root, texts: RootTexts | None, reasons: Collection[MissedReason]
) -> tuple[str, str] | None:
    """Question and answer; None if they stand elsewhere, or the answer does and it counts as refused."""
    if texts is None or root.kind in (SpanKind.LLM, SpanKind.AGENT):
        return None
    question, answer = said_plainly(texts.input, Side.INPUT), said_plainly(texts.output, Side.OUTPUT)
    if not question or (answer is None and (texts.output or MissedReason.REFUSAL in reasons)):
        return None
    return normalise(question), normalise(answer or "")


def _kept(missed: MissedTrace, question: str, answer: str) -> MissedTrace | None:
    """A missed trace with what was said; None if the whole answer is no refusal and all else is well."""
    is_refusal = bool(answer) and find_refusal(answer) is not None
    kept = missed.reasons if is_refusal else missed.reasons - {MissedReason.REFUSAL}
    return replace(missed, question=question, answer=answer, reasons=kept) if kept else None


def _left_out_until(newest_first: Sequence[Root], most: int) -> int:
    """The moment from which on none were left out; 0 if there are no more than are looked at."""
    return newest_first[most].unix_nano + 1 if len(newest_first) > most else 0


def _is_wanted(reasons: Collection[MissedReason], wanted: Collection[MissedReason]) -> bool:
    return bool(reasons) and (not wanted or any(reason in wanted for reason in reasons))
