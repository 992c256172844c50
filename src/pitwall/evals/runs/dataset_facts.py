"""What a plan has to know of a dataset: how much there is, and which fields its cases have."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from threading import Lock

from pitwall.evals.metrics.needs import has
from pitwall.evals.metrics.types import Needs
from pitwall.evals.types import Answer, Case, Example
from pitwall.llm.tokens import estimate_tokens


@dataclass(frozen=True, slots=True)
class DatasetFacts:
    """A dataset version, counted.

    Attributes:
        fields: How many cases have each field that a metric may need.
        tokens: Of questions, answers, contexts and references, of all cases, about.
        turns: Of all conversations, those with an answer and contexts.
        with_contexts: Cases that hold contexts.
        thresholds: That the dataset asks for, by metric.
    """

    name: str
    version_id: str | None
    content_hash: str
    cases: int
    fields: Mapping[Needs, int]
    tokens: int
    thresholds: Mapping[str, float]
    turns: int = 0
    with_contexts: int = 0


@dataclass(frozen=True, slots=True)
class Counted:
    """Examples, counted."""

    cases: int
    fields: Mapping[Needs, int]
    tokens: int
    turns: int
    with_contexts: int


class KeptCounts:
    """Counts of versions, which never change: a run that is planned again reads no example twice."""

    def __init__(self, most: int = 64) -> None:
        self._most = most
        self._known: OrderedDict[tuple[str, frozenset[Needs], bool], Counted] = OrderedDict()
        self._lock = Lock()

    def of(
        self,
        version_id: str,
        examples: Callable[[], Iterable[Example]],
        given: frozenset[Needs],
        *,
        is_stored: bool,
    ) -> Counted:
        """Return what `count_fields` says of a version, counting its examples if nobody has yet."""
        key = (version_id, given, is_stored)
        with self._lock:
            known = self._known.get(key)
        if known is not None:
            return known
        counted = count_fields(examples(), given, is_stored=is_stored)
        with self._lock:
            self._known[key] = counted
            while len(self._known) > self._most:
                self._known.popitem(last=False)
        return counted


def count_fields(
    examples: Iterable[Example], given: frozenset[Needs] = frozenset(), *, is_stored: bool = False
) -> Counted:
    """Count which fields cases will have.

    Args:
        given: Fields that a target gives, so that every case may have them.
        is_stored: The target adds these to the stored answers, and gives no other ones.
    """
    fields = dict.fromkeys(Needs, 0)
    asked = [need for need in Needs if need not in given]
    cases = tokens = turns = with_contexts = 0
    for example in examples:
        case = Case(example, _answer(example, frozenset() if is_stored else given))
        cases += 1
        tokens += sum(map(estimate_tokens, texts_of(case)))
        with_contexts += bool(case.answer.contexts)
        turns += sum(turn.can_be_grounded for turn in case.answer.turns)
        for need in asked:
            fields[need] += has(case, need)
    return Counted(cases, {**fields, **dict.fromkeys(given, cases)}, tokens, turns, with_contexts)


def size_of(case: Case) -> int:
    """How many characters a case has."""
    return sum(map(len, texts_of(case)))


def texts_of(case: Case) -> Iterator[str]:
    """Yield the texts of a case."""
    answer, example = case.answer, case.example
    yield from filter(None, (example.question, example.reference, answer.text))
    for context in (*(answer.contexts or ()), *(example.reference_contexts or ())):
        yield context.text
    for turn in answer.turns:
        yield from filter(None, (turn.question, turn.answer, *(one.text for one in turn.contexts)))


def _answer(example: Example, given: frozenset[Needs]) -> Answer:
    """The stored answer; where a target answers, it says nothing of what will be there."""
    return Answer() if given else example.answer or Answer()
