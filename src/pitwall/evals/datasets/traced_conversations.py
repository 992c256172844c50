"""What a session says as an example: a conversation out of what its traces say; pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Final

from pitwall.evals.datasets.languages import find_language
from pitwall.evals.datasets.traced_examples import NO_QUESTION
from pitwall.evals.types import Answer, Example, Json, Turn

NO_SESSION: Final = "no_session"
"""The trace belongs to no session."""
ONE_TURN: Final = "one_turn"
"""The session is no conversation: traces by themselves make such examples."""


def conversation_example(session_id: str, told: Sequence[Example | str], *, is_cut: bool) -> Example | str:
    """The example of a session, or why it is none.

    Args:
        told: Of its traces, oldest first: each as an example, or why it is none.
        is_cut: Whether the session has earlier traces that were left out.
    """
    asked = [one for one in told if isinstance(one, Example)]
    if len(asked) < 2:
        return ONE_TURN if asked else next((one for one in told if isinstance(one, str)), NO_QUESTION)
    turns = tuple(map(_turn, asked))
    last = asked[-1]
    return Example(
        id=session_id,
        question=last.question,
        language=find_language(*_sides(turns)),
        group=session_id,
        # As in conversations of files: what is judged of the answer as such is the last turn's.
        answer=replace(last.answer or Answer(trace_id=last.trace_id), turns=turns),
        trace_id=last.trace_id,
        span_id=last.span_id,
        metadata={**_facts(asked), **_gaps(len(told) - len(asked), is_cut=is_cut)},
    )


def _turn(example: Example) -> Turn:
    answer = example.answer or Answer()
    return Turn(
        example.question, answer.text, answer.contexts or (), answer.latency_ms, trace_id=example.trace_id
    )


def _sides(turns: Sequence[Turn]) -> tuple[str, str]:
    """All that was asked, and all that was answered: one short turn does not decide the language."""
    return "\n".join(turn.question for turn in turns), "\n".join(turn.answer or "" for turn in turns)


def _facts(asked: Sequence[Example]) -> dict[str, Json]:
    first, last = asked[0], asked[-1]
    began = {name: first.metadata[name] for name in ("started_at",) if name in first.metadata}
    return {**last.metadata, **began, "session_id": last.group, "turn_count": len(asked)}


def _gaps(missing: int, *, is_cut: bool) -> dict[str, Json]:
    """What the conversation lacks: traces that said nothing, and earlier turns."""
    return {**({"missing_turns": missing} if missing else {}), **({"is_cut": True} if is_cut else {})}
