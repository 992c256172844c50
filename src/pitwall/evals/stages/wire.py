"""The written form of what is said of stages: the same in the API and on the command line."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import Any, Final

from pitwall.evals.stages.canonical import event_json
from pitwall.evals.stages.errors import problem_view
from pitwall.evals.stages.guide import Evidence, Finding
from pitwall.evals.stages.matching import Pair
from pitwall.evals.stages.reporting import StageReport
from pitwall.evals.stages.summary import EventValues, StageNumbers, StageSummary
from pitwall.evals.stages.types import Ingested, StageEvent, StageRun
from pitwall.kit.durations import format_instant
from pitwall.kit.i18n import Text

SHOWN_PAIRS: Final = 200
Json = dict[str, Any]


def ingested_view(ingested: Ingested) -> Json:
    """What became of events."""
    return {
        "added": ingested.added,
        "known": ingested.known,
        "runs": list(ingested.run_ids),
        "skipped": [problem_view(one) for one in ingested.skipped],
        "skipped_count": ingested.skipped_count,
    }


def run_view(run: StageRun) -> Json:
    """A run that has events."""
    return {
        "run_id": run.run_id,
        "event_count": run.event_count,
        "first_at": format_instant(run.first_at),
        "last_at": format_instant(run.last_at),
        "labelled_cases": len(run.relevance),
    }


def event_view(measured: EventValues) -> Json:
    """An event with its metrics."""
    metrics = [{"metric": one.metric, "value": one.value, "reason": one.reason} for one in measured.values]
    return {**event_json(measured.event), "metrics": metrics}


def report_view(report: StageReport) -> Json:
    """What events and spans say of a run."""
    return {
        "run_id": report.run_id,
        "run": None if report.run is None else run_view(report.run),
        "events": [_stage_view(stage) for stage in report.events],
        "spans": [_stage_view(stage) for stage in report.spans],
        "are_spans_known": report.are_spans_known,
        "missing": list(report.missing),
        "is_cut": report.is_cut,
        "labelled_cases": report.labelled_cases,
        "side_by_side": _side_by_side(report.pairs),
        "guide": [_finding_view(finding) for finding in report.findings],
    }


def _stage_view(stage: StageSummary) -> Json:
    return {
        "stage_type": stage.stage_type,
        "events": stage.events,
        "failed": stage.failed,
        "retried": stage.retried,
        "metrics": [_numbers_view(numbers) for numbers in stage.numbers],
    }


def _numbers_view(numbers: StageNumbers) -> Json:
    metric = numbers.metric
    return {
        "metric": metric.name,
        "title": _text_view(metric.title),
        "unit": metric.unit,
        "direction": None if metric.direction is None else metric.direction.value,
        "n_total": numbers.n_total,
        "n_scored": numbers.n_scored,
        "reasons": dict(numbers.reasons),
        "mean": numbers.mean,
        "low": numbers.low,
        "high": numbers.high,
        "p95": numbers.p95,
        "threshold": numbers.threshold,
        "judged_by": "p95" if metric.is_judged_by_p95 else "mean",
        "n_failed": numbers.n_failed,
        "verdict": numbers.verdict.value,
    }


def _side_by_side(pairs: Sequence[Pair]) -> Json:
    matched = Counter(None if pair.matched_by is None else pair.matched_by.value for pair in pairs)
    return {
        "matched_by_span_id": matched["span_id"],
        "matched_by_trace_id": matched["trace_id"],
        "only_events": sum(pair.span is None for pair in pairs),
        "only_spans": sum(pair.event is None for pair in pairs),
        "steps": [_pair_view(pair) for pair in pairs[:SHOWN_PAIRS]],
        "is_cut": len(pairs) > SHOWN_PAIRS,
    }


def _pair_view(pair: Pair) -> Json:
    either = pair.event or pair.span
    assert either is not None
    return {
        "stage_type": either.stage_type,
        "event": None if pair.event is None else _step_view(pair.event),
        "span": None if pair.span is None else _step_view(pair.span),
        "matched_by": None if pair.matched_by is None else pair.matched_by.value,
    }


def _step_view(event: StageEvent) -> Json:
    return {
        "stage_id": event.stage_id,
        "stage_name": event.stage_name,
        "status": event.status,
        "duration_ms": event.duration_ms,
        "trace_id": event.trace_id,
        "span_id": event.span_id,
    }


def _finding_view(finding: Finding) -> Json:
    return {
        "rule": finding.rule.name,
        "stage": finding.rule.stage,
        "text": _text_view(finding.text),
        "advice": [_text_view(one) for one in finding.rule.advice],
        "evidence": [_evidence_view(one) for one in finding.evidence],
    }


def _evidence_view(evidence: Evidence) -> Json:
    numbers = evidence.numbers
    return {
        "metric": numbers.metric.name,
        "source": evidence.source,
        "value": numbers.judged,
        "threshold": numbers.threshold,
        "n_scored": numbers.n_scored,
        "n_total": numbers.n_total,
    }


def _text_view(text: Text) -> Json:
    return {"en": text.en, "ko": text.ko}
