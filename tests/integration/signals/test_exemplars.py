"""Exemplars: the traces behind a value, from every source, the worst first."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pitwall.kit.clock import ManualClock
from pitwall.signals.catalogue import core_pack, load_catalogue
from pitwall.signals.errors import ExpressionInvalid, QuestionInvalid, UnknownSignal
from pitwall.signals.service import Signals
from pitwall.signals.types import ExemplarQuery, Exemplars, SignalQuery
from pitwall.signals.watermark import Watermark
from pitwall.stores.telemetry.engine import TelemetryEngine
from tests.integration.signals.telemetry import (
    NOON,
    Row,
    insert_logs,
    insert_points,
    insert_spans,
    make_point,
    make_span,
    random_spans,
)

HOUR = timedelta(hours=1)
MINUTE = timedelta(minutes=1)


def _trace(number: int) -> str:
    return f"trace{number:011d}"


def _hex(number: int) -> str:
    return _trace(number).encode().hex()


def _span(number: int, **columns: Any) -> Row:
    started = NOON + MINUTE * (number % 60)
    own = {"trace_id": _trace(number), "span_id": f"s{number:07d}", "started_at": started}
    return make_span(**{**own, "name": f"call {number}", **columns})


def _find(signals: Signals, project: str, name: str, **query: Any) -> Exemplars:
    return signals.exemplars(ExemplarQuery(name, project, NOON, NOON + HOUR, **query))


def _traces(found: Exemplars) -> list[str]:
    return [one.trace_id for one in found.exemplars]


def test_slowest_calls_stand_behind_a_quantile(
    signals: Signals, telemetry_engine: TelemetryEngine, project: str
) -> None:
    """Each with what a list shows of it; what did not say how long it took is left out."""
    spans = [_span(n, duration_ms=float(n)) for n in range(1, 20)]
    insert_spans(telemetry_engine, project, [*spans, _span(30, duration_ms=None)])
    found = _find(signals, project, "llm.p95_latency_ms", limit=3)
    assert found.order == "highest"
    assert [one.value for one in found.exemplars] == [19, 18, 17]
    first = found.exemplars[0]
    assert (first.trace_id, first.span_id) == (_hex(19), b"s0000019".hex())
    assert (first.name, first.service, first.model) == ("call 19", "voc-chat", "qwen2.5:7b")
    assert (first.status, first.duration_ms) == ("ok", 19)
    assert first.unix_nano == (NOON + 19 * MINUTE).timestamp() * 1e9


def test_failures_stand_behind_a_success_rate(
    signals: Signals, telemetry_engine: TelemetryEngine, project: str
) -> None:
    """The newest first; without any failure it is the newest calls, and the order says so."""
    insert_spans(telemetry_engine, project, [_span(n) for n in range(5)])
    found = _find(signals, project, "llm.success_rate")
    assert (found.order, _traces(found)) == ("newest", [_hex(n) for n in (4, 3, 2, 1, 0)])
    failures = [_span(n, status="error", error_class="timeout") for n in (10, 11)]
    insert_spans(telemetry_engine, project, failures)
    found = _find(signals, project, "llm.success_rate")
    assert (found.order, _traces(found)) == ("failed", [_hex(11), _hex(10)])
    assert {one.status for one in found.exemplars} == {"error"}


def test_no_errors_have_no_exemplars(
    signals: Signals, telemetry_engine: TelemetryEngine, project: str
) -> None:
    """Behind a count of 0 stands nothing."""
    insert_spans(telemetry_engine, project, [_span(1)])
    assert _find(signals, project, "llm.errors").exemplars == []
    assert _traces(_find(signals, project, "llm.requests")) == [_hex(1)]


def test_each_trace_stands_once_with_its_worst_record(
    signals: Signals, telemetry_engine: TelemetryEngine, project: str
) -> None:
    """A trace with hundreds of slow calls does not crowd out the others; a span that came twice is one."""
    busy = [
        _span(1, span_id=f"b{n:07d}", started_at=NOON, duration_ms=1000.0 + n, name="busy")
        for n in range(700)
    ]
    others = [_span(n, duration_ms=float(n)) for n in (2, 3)]
    insert_spans(telemetry_engine, project, [*busy, *others, others[0]])
    found = _find(signals, project, "llm.p95_latency_ms", limit=3)
    assert _traces(found) == [_hex(1), _hex(3), _hex(2)]
    assert found.exemplars[0].value == 1699


def test_window_labels_and_condition_narrow(
    signals: Signals, telemetry_engine: TelemetryEngine, project: str
) -> None:
    """Only what the point of the series counted: half-open window, its labels, the question's condition."""
    spans = [
        _span(1),
        _span(2, model="gpt-4o"),
        _span(3, service="search"),
        _span(4, attributes={"tenant": "x"}),
        _span(60, started_at=NOON + HOUR),
        _span(61, started_at=NOON - timedelta(microseconds=1)),
    ]
    insert_spans(telemetry_engine, project, spans)
    insert_spans(telemetry_engine, f"{project}-other", [_span(9)])
    assert _traces(_find(signals, project, "llm.requests")) == [_hex(n) for n in (4, 3, 2, 1)]
    labels = (("model", "qwen2.5:7b"), ("service", "voc-chat"))
    assert _traces(_find(signals, project, "llm.requests", labels=labels)) == [_hex(4), _hex(1)]
    where = "attributes['tenant'] = 'x'"
    assert _traces(_find(signals, project, "llm.requests", labels=labels, where=where)) == [_hex(4)]


def test_bucket_and_value_of_a_breakdown_narrow(
    signals: Signals, telemetry_engine: TelemetryEngine, project: str
) -> None:
    """A bar of a distribution has the records in it."""
    spans = [
        *(_span(n, kind="retriever", document_count=n) for n in (0, 4, 5, 6)),
        _span(20, status="error", error_class="timeout"),
        _span(21, status="error", error_class="provider"),
    ]
    insert_spans(telemetry_engine, project, spans)
    found = _find(signals, project, "rag.hits_distribution", labels=(("bucket", "4-5"),))
    assert [(one.trace_id, one.value) for one in found.exemplars] == [(_hex(5), 5), (_hex(4), 4)]
    failed = _find(signals, project, "llm.errors_by_class", labels=(("error_class", "timeout"),))
    assert (failed.order, _traces(failed)) == ("failed", [_hex(20)])


def test_formula_shows_its_numerator(
    signals: Signals, telemetry_engine: TelemetryEngine, project: str
) -> None:
    """Cost per request is worse with costly calls, whatever kind they are."""
    spans = [_span(n, cost_usd=f"0.{n}", kind="embedding") for n in (1, 3, 2)]
    insert_spans(telemetry_engine, project, spans)
    found = _find(signals, project, "cost.usd_per_request", labels=(("service", "voc-chat"),))
    assert (found.order, [one.value for one in found.exemplars]) == ("highest", [0.3, 0.2, 0.1])


def test_sum_of_two_columns_ranks_by_both(
    signals: Signals, telemetry_engine: TelemetryEngine, project: str
) -> None:
    """The call with the most tokens in and out together comes first."""
    tokens = {1: (10, 1), 2: (1, 11), 3: (5, 5)}
    spans = [
        _span(n, token_source="provider", input_tokens=sent, output_tokens=written)
        for n, (sent, written) in tokens.items()
    ]
    insert_spans(telemetry_engine, project, [*spans, _span(4, token_source="missing")])
    found = _find(signals, project, "llm.tokens")
    assert [(one.trace_id, one.value) for one in found.exemplars] == [
        (_hex(2), 12),
        (_hex(1), 11),
        (_hex(3), 10),
    ]


@pytest.fixture
def own(telemetry_engine: TelemetryEngine, clock: ManualClock, tmp_path: Path) -> Any:
    """Return signals with one that is written down on the spot."""

    def signals(over: str, value: str, better: str = "lower", unit: str = "calls") -> Signals:
        (tmp_path / "signals").mkdir(exist_ok=True)
        (tmp_path / "signals" / "own.yaml").write_text(
            "- name: own.signal\n  title: {en: Own, ko: 우리}\n  description: {en: Own., ko: 우리 신호.}\n"
            f'  over: "{over}"\n  value: "{value}"\n  unit: {unit}\n  better: {better}\n',
            encoding="utf-8",
        )
        return Signals(telemetry_engine, load_catalogue([tmp_path]), Watermark(clock, lambda: 0.0))

    return signals


def test_logs_lead_to_their_traces(own: Any, telemetry_engine: TelemetryEngine, project: str) -> None:
    """A record has the span it was written in; without a span the root; without a trace it leads nowhere."""
    insert_spans(
        telemetry_engine, project, [_span(1), _span(1, span_id="s-inside", parent_span_id="s0000001")]
    )
    insert_logs(
        telemetry_engine,
        project,
        [
            {"at": NOON, "severity": "ERROR", "trace_id": _trace(1), "span_id": ""},
            {"at": NOON, "severity": "ERROR", "trace_id": _trace(2), "span_id": "s0000002"},
            {"at": NOON + MINUTE, "severity": "ERROR"},
            {"at": NOON, "severity": "INFO", "trace_id": _trace(3)},
        ],
    )
    found = _find(own("logs", "ratio(severity = 'ERROR')", unit="ratio"), project, "own.signal")
    assert found.order == "failed"
    by_trace = {one.trace_id: one for one in found.exemplars}
    assert set(by_trace) == {_hex(1), _hex(2)}
    assert (by_trace[_hex(1)].span_id, by_trace[_hex(1)].name) == (None, "call 1")
    assert (by_trace[_hex(2)].span_id, by_trace[_hex(2)].name) == (b"s0000002".hex(), None)


def test_scores_lead_to_their_traces(own: Any, telemetry_engine: TelemetryEngine, project: str) -> None:
    """The worst judged first, with the last value of a score that was corrected."""
    insert_spans(telemetry_engine, project, [_span(n) for n in (1, 2)])
    columns = ["project", "score_id", "name", "at", "received_at", "value", "trace_id", "span_id"]
    for score, received, value, number in (("a", 2, 0.1, 1), ("a", 3, 0.9, 1), ("b", 2, 0.4, 2)):
        at = "2026-11-20 12:00:01"
        row = [project, score, "faithfulness", at, f"2026-11-20 12:00:0{received}", value, _trace(number), ""]
        telemetry_engine.insert_rows("scores_in", columns, [row])
    signals = own("scores where name = 'faithfulness'", "mean(value)", "higher", "ratio")
    found = _find(signals, project, "own.signal")
    assert (found.order, [one.value for one in found.exemplars]) == ("lowest", [0.4, 0.9])
    assert [one.name for one in found.exemplars] == ["call 2", "call 1"]


def test_points_lead_to_the_requests_kept_beside_them(
    own: Any, telemetry_engine: TelemetryEngine, project: str
) -> None:
    """A metric counts many requests; some clients keep exemplars of them."""
    insert_spans(telemetry_engine, project, [_span(1)])
    kept = [
        {"at": "2026-11-20 12:00:03", "value": 7.5, "trace_id": _trace(1), "span_id": "s0000001"},
        {"at": "2026-11-20 12:00:04", "value": 9.0},
    ]
    point = make_point("latency", 0, type="histogram", count=2, sum=16.5, exemplars=kept)
    insert_points(telemetry_engine, project, [point, make_point("other", 1)])
    found = _find(own("points where name = 'latency'", "sum(sum)"), project, "own.signal")
    assert found.order == "newest"
    assert [(one.trace_id, one.value, one.name) for one in found.exemplars] == [(_hex(1), 7.5, "call 1")]


NAMES = ["llm.requests", "llm.success_rate", "llm.p95_latency_ms", "rag.hit_rate", "llm.fallback_rate"]


@settings(max_examples=30, deadline=None)
@given(
    name=st.sampled_from(NAMES),
    service=st.sampled_from(["voc-chat", "search", "nobody"]),
    start=st.integers(0, 50),
    length=st.integers(1, 30),
)
def test_value_has_exemplars_exactly_where_it_has_observations(
    telemetry_engine: TelemetryEngine, name: str, service: str, start: int, length: int
) -> None:
    """Behind every point with a count stands a trace, and none behind a point without."""
    project = "exemplars-of-random-spans"
    if not telemetry_engine.query(f"SELECT 1 FROM spans WHERE project = '{project}' LIMIT 1").rows:
        insert_spans(telemetry_engine, project, random_spans(31, 400))
    signals = _core(telemetry_engine)
    since = NOON + start * MINUTE
    until = since + length * MINUTE
    rows = signals.query(SignalQuery(name, project, since, until, None, ("service",))).rows
    counts = {row.labels["service"]: row.count for row in rows}
    found = signals.exemplars(ExemplarQuery(name, project, since, until, (("service", service),)))
    assert bool(found.exemplars) == bool(counts.get(service))
    assert all(since.timestamp() <= one.unix_nano / 1e9 < until.timestamp() for one in found.exemplars)


def _core(engine: TelemetryEngine) -> Signals:
    clock = ManualClock(NOON + 2 * HOUR)
    return Signals(engine, load_catalogue([core_pack()]), Watermark(clock, lambda: 0.0))


@pytest.mark.parametrize(
    ("query", "error"),
    [
        ({"name": "llm.removed"}, UnknownSignal),
        ({"labels": (("colour", "red"),)}, QuestionInvalid),
        ({"labels": (("environment", "x"), ("kind", "llm"))}, QuestionInvalid),
        ({"where": "modle = 'x'"}, ExpressionInvalid),
        ({"where": "model ="}, ExpressionInvalid),
        ({"until": NOON}, QuestionInvalid),
    ],
)
def test_wrong_question_is_refused(
    signals: Signals, project: str, query: dict[str, Any], error: type[Exception]
) -> None:
    """What is wrong is named."""
    asked = {"name": "llm.requests", "since": NOON, "until": NOON + HOUR, **query}
    with pytest.raises(error):
        signals.exemplars(ExemplarQuery(project=project, **asked))


def test_hostile_label_is_a_value(signals: Signals, project: str) -> None:
    """It travels as a parameter, whatever it looks like."""
    labels = (("model", "' OR 1=1; DROP TABLE spans --"),)
    assert _find(signals, project, "llm.requests", labels=labels).exemplars == []
