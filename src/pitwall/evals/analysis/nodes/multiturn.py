"""Conversations: how scores and latencies go over their turns, for runs that have turns."""

from __future__ import annotations

from collections import defaultdict
from typing import Any, Final

import numpy as np

from pitwall.evals.analysis.measuring import rounded
from pitwall.evals.analysis.types import NothingToSay, Output, RunData
from pitwall.kit.i18n import Text

_MOST_TURNS: Final = 30
_NO_TURNS = Text("The cases are no conversations.", "대화형 케이스가 없습니다.")


def multiturn(data: RunData) -> Output:
    """Describe turns by their place in the conversation."""
    latencies: dict[int, list[float]] = defaultdict(list)
    values: dict[int, list[float]] = defaultdict(list)
    lengths = [len(one.turn_latencies_ms) for one in data.texts if one.turn_latencies_ms]
    for one in data.texts:
        for number, latency in enumerate(one.turn_latencies_ms, 1):
            if latency is not None:
                latencies[number].append(latency)
        for turn in one.turns or ():
            if turn.get("value") is not None:
                values[int(turn["turn"])].append(float(turn["value"]))
    if not lengths:
        raise NothingToSay(_NO_TURNS)
    last = min(max(lengths), _MOST_TURNS)
    return {
        "conversations": len(lengths),
        "turns": {"mean": rounded(float(np.mean(lengths))), "most": max(lengths)},
        "by_turn": [_turn(number, latencies[number], values[number]) for number in range(1, last + 1)],
    }


def _turn(number: int, latencies: list[float], values: list[float]) -> dict[str, Any]:
    return {
        "turn": number,
        "n_latency": len(latencies),
        "latency_ms_p50": rounded(float(np.median(latencies))) if latencies else None,
        "latency_ms_p95": rounded(float(np.quantile(latencies, 0.95))) if latencies else None,
        "n_faithfulness": len(values),
        "faithfulness": rounded(float(np.mean(values))) if values else None,
    }
