"""Texts of model calls that advice is computed from: those of the latest part of the range."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

from pitwall.core.vocabulary import SpanKind
from pitwall.costs.advice.repeated_prompts import Repeats
from pitwall.costs.advice.shared_prefixes import Beginnings
from pitwall.costs.advice.statements import (
    CALLS,
    COST,
    FAILED,
    HOUR_SECONDS,
    IN_RANGE,
    WORK,
    WORK_COLUMNS,
    WORK_KEY,
    AdviceRange,
    examples,
    to_cell,
    to_work,
    work_key,
)
from pitwall.costs.advice.types import Cell, Work, WorkTotals
from pitwall.costs.advice.unused_context import Answered
from pitwall.stores.telemetry.engine import TelemetryEngine
from pitwall.traces.conditions import id_list
from pitwall.traces.content import decoded
from pitwall.traces.engine_settings import QUERY_SETTINGS
from pitwall.traces.retrieved import SpanFindings, read_retrieved

_PREFIX_WORKS: Final = 12
_TEXTS_PER_WORK: Final = 60
_PREFIX_CHARACTERS: Final = 24_000
_TRACES_WITH_DOCUMENTS: Final = 200
_DAY_SECONDS: Final = 24 * HOUR_SECONDS
# What else of a request decides what a model answers.
_PARAMETERS: Final = (
    "cityHash64(toString(mapSort(mapFilter((key, value) -> startsWith(key, 'gen_ai.request.') "
    "OR endsWith(key, 'invocation_parameters') OR endsWith(key, 'model_parameters'), attributes))))"
)
_SEARCHED_TRACES: Final = f"""
    SELECT trace_id FROM spans WHERE {IN_RANGE} AND kind IN ('llm', 'retriever', 'reranker')
    GROUP BY trace_id
    HAVING countIf(kind = 'llm' AND NOT is_usage_rollup) = 1
        AND countIf(kind != 'llm' AND document_count > 1) > 0
"""
_PAYLOADS: Final = f"FROM payloads WHERE {IN_RANGE} AND notEmpty(input)"


class CallTexts:
    """Questions about what calls said.

    Args:
        engine: The telemetry store; its calls block.
    """

    def __init__(self, engine: TelemetryEngine) -> None:
        self._engine = engine

    def retried(self, texts: AdviceRange) -> dict[Cell, tuple[int, float, list[str]]]:
        """Fetch calls that did not fail and were made again in their trace: how many, cost, traces.

        Again means after the call was over, with an input of the same length, tokens and beginning.
        """
        moment = "toUnixTimestamp64Milli(started_at)"
        rows = self._ask(
            f"""
            SELECT service, provider, model, sum(length(earlier)) AS calls,
                sum(arraySum(call -> call.3, earlier)) AS cost, {examples()}
            FROM (
                SELECT service, provider, model, trace_id,
                    arraySort(groupArray(({moment}, ifNull(duration_ms, 0), {COST}, {FAILED}))) AS tries,
                    arrayFilter((call, following) -> NOT call.4 AND following.1 >= call.1 + call.2,
                        arrayPopBack(tries), arrayPopFront(tries)) AS earlier
                FROM spans WHERE {CALLS} AND input_bytes > 0
                GROUP BY service, provider, model, trace_id, parent_span_id, name, input_bytes,
                    input_preview, input_tokens
                HAVING count() > 1 AND notEmpty(earlier)
            )
            GROUP BY service, provider, model
            """,
            texts,
        )
        return {to_cell(row): (row["calls"], row["cost"], row["trace_ids"]) for row in rows}

    def repeats(self, texts: AdviceRange) -> list[Repeats]:
        """Fetch repeats of whole inputs; what failed is left out, and what repeats within its trace."""
        same = f"PARTITION BY {WORK_COLUMNS}, parameters, text ORDER BY started_at"
        rows = self._ask(
            f"""
            SELECT {WORK_COLUMNS}, count() AS calls, countIf(pause <= {_DAY_SECONDS}) AS day_repeats,
                uniqExactIf(text, pause <= {_DAY_SECONDS}) AS different,
                sumIf(cost, pause <= {HOUR_SECONDS}) AS hour_usd,
                sumIf(cost, pause <= {_DAY_SECONDS}) AS day_usd,
                sumIf(cost, pause IS NOT NULL) AS all_usd,
                {examples("pause IS NOT NULL")}
            FROM (
                SELECT {WORK_COLUMNS}, cost, text, trace_id,
                    if(row_number() OVER same > 1 AND lagInFrame(trace_id) OVER same != trace_id,
                        dateDiff('second', lagInFrame(started_at) OVER same, started_at), NULL) AS pause
                FROM (
                    SELECT {WORK}, {_PARAMETERS} AS parameters, trace_id, span_id, started_at, {COST} AS cost
                    FROM spans WHERE {CALLS} AND NOT {FAILED} AND input_bytes > 0
                ) AS calls
                INNER JOIN (SELECT trace_id, span_id, sipHash128(input) AS text {_PAYLOADS}) AS texts
                USING (trace_id, span_id)
                WINDOW same AS ({same})
            )
            GROUP BY {WORK_COLUMNS}
            """,
            texts,
        )
        return [
            Repeats(
                work=to_work(row),
                calls=row["calls"],
                day_repeats=row["day_repeats"],
                distinct=row["different"],
                hour_usd=row["hour_usd"],
                day_usd=row["day_usd"],
                all_usd=row["all_usd"],
                trace_ids=row["trace_ids"],
            )
            for row in rows
        ]

    def beginnings(self, texts: AdviceRange, works: Sequence[WorkTotals]) -> list[Beginnings]:
        """Fetch how prompts of the works that send most uncached input begin, some of each."""
        dearest = sorted(works, key=lambda one: -one.uncached_tokens)[:_PREFIX_WORKS]
        if not dearest:
            return []
        rows = self._ask(
            f"""
            SELECT {WORK_COLUMNS}, groupArray((text, characters)) AS found, {examples()}
            FROM (
                SELECT {WORK}, trace_id, span_id FROM spans
                WHERE {CALLS} AND input_bytes > 0
                    AND {WORK_KEY} IN ({", ".join(work_key(one.work) for one in dearest)})
                ORDER BY cityHash64(span_id) LIMIT {_TEXTS_PER_WORK} BY {WORK_COLUMNS}
            ) AS calls
            INNER JOIN (
                SELECT trace_id, span_id, substringUTF8(input, 1, {_PREFIX_CHARACTERS}) AS text,
                    lengthUTF8(input) AS characters
                {_PAYLOADS}
            ) AS texts
            USING (trace_id, span_id)
            GROUP BY {WORK_COLUMNS}
            """,
            texts,
        )
        return [
            Beginnings(to_work(row), [(text, length) for text, length in row["found"]], row["trace_ids"])
            for row in rows
        ]

    def searched(self, texts: AdviceRange) -> dict[Work, int]:
        """Fetch how many calls of each work follow a search for documents, in traces of one call."""
        rows = self._ask(
            f"""
            SELECT {WORK}, count() AS calls FROM spans
            WHERE {CALLS} AND trace_id IN ({_SEARCHED_TRACES}) GROUP BY {WORK_COLUMNS}
            """,
            texts,
        )
        return {to_work(row): row["calls"] for row in rows}

    def answered(self, texts: AdviceRange) -> list[Answered]:
        """Fetch some traces in which one model call follows a search for documents."""
        traces = self._ask(
            f"{_SEARCHED_TRACES} ORDER BY cityHash64(trace_id) LIMIT {_TRACES_WITH_DOCUMENTS}", texts
        )
        if not traces:
            return []
        ids = id_list(row["trace_id"] for row in traces)
        rows = self._ask(
            f"""
            SELECT {WORK}, trace_id, kind, document_count, started_at, events, spans.attributes AS short,
                texts.attributes AS long, texts.input AS input, texts.output AS output
            FROM spans INNER JOIN (
                SELECT trace_id, span_id, input, output, attributes FROM payloads
                WHERE {IN_RANGE} AND trace_id IN {ids}
            ) AS texts USING (trace_id, span_id)
            WHERE {IN_RANGE} AND trace_id IN {ids} AND kind IN ('llm', 'retriever', 'reranker')
                AND NOT is_usage_rollup
            ORDER BY started_at
            """,
            texts,
        )
        by_trace: defaultdict[bytes, list[dict[str, Any]]] = defaultdict(list)
        for row in rows:
            by_trace[row["trace_id"]].append(row)
        return [one for spans in by_trace.values() for one in _answered(spans)]

    def _ask(self, sql: str, range_: AdviceRange) -> list[dict[str, Any]]:
        return self._engine.query(sql, range_.parameters(), settings=QUERY_SETTINGS).dicts()


def _answered(spans: Sequence[Mapping[str, Any]]) -> Iterator[Answered]:
    """The call of a trace with the documents that the last search before it brought."""
    call = next((span for span in spans if span["kind"] == SpanKind.LLM), None)
    searches = [span for span in spans if span["kind"] != SpanKind.LLM]
    for search in reversed(searches if call is not None else []):
        documents = [one.text for one in read_retrieved(_findings(search)) or [] if one.text]
        if len(documents) > 1:
            assert call is not None
            yield Answered(
                work=to_work(call),
                documents=documents,
                question=search["input"],
                prompt=call["input"],
                answer=call["output"],
                trace_id=call["trace_id"].hex(),
            )
            return


def _findings(span: Mapping[str, Any]) -> SpanFindings:
    return SpanFindings(
        kind=span["kind"],
        input=span["input"],
        output=span["output"],
        attributes=decoded({**span["short"], **span["long"]}),
        events=[(event["name"], decoded(event["attributes"])) for event in span["events"]],
        document_count=span["document_count"],
    )
