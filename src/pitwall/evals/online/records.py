"""What rules say of traces, as scores beside their spans: through the same log as all telemetry."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Final

from pitwall.core.vocabulary import TelemetryType
from pitwall.evals.online.types import LEFT_OUT, Arrival, OnlineRule, Result
from pitwall.evals.types import ScoreStatus
from pitwall.ingest.counters import Outcome
from pitwall.ingest.mapping.records import Score, encode_scores
from pitwall.ingest.service import AppendLog, IngestService
from pitwall.kit.clock import to_unix_nano
from pitwall.kit.hashing import json_hash

DOOR: Final = "online_evaluation"
RULE: Final = "pitwall.online.rule"
IDENTITY: Final = "pitwall.score.identity"
REASON: Final = "pitwall.score.reason"
_MAX_EXPLANATION: Final = 2_000


class ScoreWriter:
    """Writes scores; they are durable when a call returns.

    Args:
        log: Takes scores.
        ingest: Counts them.
    """

    def __init__(self, log: AppendLog, ingest: IngestService) -> None:
        self._log = log
        self._ingest = ingest

    def write(self, project: str, scores: Sequence[Score], door: str = DOOR) -> None:
        """Store scores; one of the same id replaces the earlier one.

        Raises:
            LimitExceeded, Unavailable: Nothing is promised, write all of them again.
        """
        if not scores:
            return
        self._log.append(TelemetryType.SCORES, project, encode_scores(scores), len(scores), door).result()
        self._ingest.metrics.count_outcome(door, TelemetryType.SCORES, Outcome(accepted=len(scores)))


def to_scores(rule: OnlineRule, arrival: Arrival, results: Sequence[Result], now: datetime) -> list[Score]:
    """What a rule said of a trace, as scores; what the budget left out is none."""
    return [_score(rule, arrival, one, now) for one in results if one.status != LEFT_OUT]


def score_id(rule_id: str, trace_id: str, metric: str) -> str:
    """The id of a score: the same however often a trace is judged, so that a repetition replaces it."""
    return json_hash(["online", rule_id, trace_id, metric])


def _score(rule: OnlineRule, arrival: Arrival, one: Result, now: datetime) -> Score:
    is_scored, is_error = one.status == ScoreStatus.SCORED, one.status == ScoreStatus.ERROR
    attributes = {RULE: rule.name, IDENTITY: one.identity, REASON: one.reason}
    return Score(
        score_id=score_id(rule.id, arrival.trace_id, one.metric),
        name=one.metric,
        at_unix_nano=to_unix_nano(now),
        value=one.value,
        label="" if is_scored or is_error else str(one.status),
        explanation=(one.explanation or "")[:_MAX_EXPLANATION],
        trace_id=bytes.fromhex(arrival.trace_id),
        span_id=bytes.fromhex(arrival.span_id),
        source="llm" if one.is_judged else "code",
        evaluator=rule.name,
        error_type=(one.reason or str(one.status)) if is_error else "",
        environment=arrival.environment,
        service=arrival.service,
        attributes={name: value for name, value in attributes.items() if value is not None},
    )
