"""Which questions ask nearly the same: by their content words and letters, in Korean and English; pure.

The result depends on the questions alone, not on their order.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final

from pitwall.evals.missed.types import Cluster, MissedTrace
from pitwall.evals.text.stems import FUNCTION_WORDS, stem
from pitwall.evals.text.tokens import characters, words
from pitwall.kit.hashing import content_hash

SAME_FROM: Final = 0.6
"""Share of common words or letter pairs from which on two questions count as one."""
_ASKING: Final = frozenset(
    "언제 어떻게 어디 어디서 어디에서 얼마 얼마나 무엇 뭐 뭔가요 왜 누가 누구 어느 어떤 몇 좀 혹시 그 "
    "이 저 수 것 거 되나요 하나요 인가요 있나요 없나요 오나요 가나요 나요 되요 돼요 될까요 할까요 할 "
    "하는 하면 되는 되는지 하는지 있는지 무엇인가요 있습니까 됩니까 합니까 입니까 알려주세요 알려줘 "
    "알려 주세요 해주세요 해줘 궁금해요 궁금합니다 가능한가요 가능하나요 please tell me i my we our you "
    "your get".split()
)
"""Words with which one asks, and not what one asks about."""


@dataclass(frozen=True, slots=True)
class _Question:
    """What a question has in common with others."""

    words: frozenset[str]
    pairs: frozenset[str]


@dataclass(slots=True)
class _Group:
    leader: _Question
    wordings: list[str]


def cluster(traces: Iterable[MissedTrace]) -> list[Cluster]:
    """Put traces together whose questions ask nearly the same, the most frequent first."""
    by_wording: dict[str, list[MissedTrace]] = defaultdict(list)
    for trace in traces:
        by_wording[same_wording(trace.question)].append(trace)
    groups: list[_Group] = []
    for wording in sorted(by_wording, key=lambda one: (-len(by_wording[one]), one)):
        _join(groups, wording, min(one.question for one in by_wording[wording]))
    found = [_cluster([by_wording[one] for one in group.wordings]) for group in groups]
    return sorted(found, key=lambda one: (-len(one.traces), -one.traces[0].unix_nano, one.id))


def same_wording(question: str) -> str:
    """A question without blanks, marks and case."""
    return "".join(characters(question)) or question.strip()


def likeness(one: str, other: str) -> float:
    """How much two questions have in common, from 0 to 1."""
    return _likeness(_read(one), _read(other))


def _join(groups: list[_Group], wording: str, text: str) -> None:
    """Put a wording into the group that is most like it, or into one of its own."""
    question = _read(text)
    likest = max(groups, key=lambda group: _likeness(group.leader, question), default=None)
    if likest is not None and _likeness(likest.leader, question) >= SAME_FROM:
        likest.wordings.append(wording)
    else:
        groups.append(_Group(question, [wording]))


def _read(question: str) -> _Question:
    every = [stem(word) for word in words(question)]
    content = [word for word in every if word not in _ASKING and word not in FUNCTION_WORDS] or every
    letters = "".join(content) or question
    pairs = {letters[at : at + 2] for at in range(max(1, len(letters) - 1))}
    return _Question(frozenset(content), frozenset(pairs))


def _likeness(one: _Question, other: _Question) -> float:
    return max(_dice(one.words, other.words), _dice(one.pairs, other.pairs))


def _dice(one: frozenset[str], other: frozenset[str]) -> float:
    total = len(one) + len(other)
    return 2 * len(one & other) / total if total else 0.0


def _cluster(by_wording: Sequence[Sequence[MissedTrace]]) -> Cluster:
    traces = sorted(
        (trace for some in by_wording for trace in some), key=lambda one: (-one.unix_nano, one.trace_id)
    )
    leader = by_wording[0]
    question = Counter(trace.question for trace in leader).most_common()
    most = question[0][1]
    wording = min(text for text, count in question if count == most)
    return Cluster(
        id=content_hash(same_wording(wording)),
        question=wording,
        wordings=len(by_wording),
        reasons=Counter(reason for trace in traces for reason in sorted(trace.reasons)),
        traces=traces,
    )
