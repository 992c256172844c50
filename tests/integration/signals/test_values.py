"""Signals against plain Python on the same spans, and what a window is when there is little or no data."""

from __future__ import annotations

import statistics
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from pitwall.core.vocabulary import Band
from pitwall.ingest.pricing.assemble import assemble
from pitwall.ingest.pricing.book import PICO, Rates
from pitwall.kit.clock import ManualClock
from pitwall.signals.errors import ExpressionInvalid, QuestionInvalid, UnknownSignal
from pitwall.signals.service import Signals
from pitwall.signals.types import SignalQuery, SignalRow
from pitwall.stores.telemetry.engine import TelemetryEngine
from tests.integration.signals.telemetry import NOON, Row, insert_spans, make_span, random_spans

HOUR = timedelta(hours=1)
MINUTE = timedelta(minutes=1)
SPANS = random_spans(11, 3000)

Records = list[Row]


@pytest.fixture(scope="module")
def filled(telemetry_engine: TelemetryEngine) -> str:
    """A project with an hour of spans that plain Python knows, too."""
    insert_spans(telemetry_engine, "values", SPANS)
    return "values"


def _of(kind: str) -> Records:
    return [span for span in SPANS if span["kind"] == kind]


def _known(records: Records, column: str) -> list[float]:
    return [float(span[column]) for span in records if span[column] is not None]


def _tokens(records: Records) -> Records:
    return [
        span
        for span in records
        if span["token_source"] in ("provider", "estimated") and not span["is_usage_rollup"]
    ]


def _share(records: Records, holds: Callable[[Row], bool]) -> float:
    return sum(map(holds, records)) / len(records)


def _cost() -> float:
    priced = [span for span in SPANS if span["cost_usd"] is not None and not span["is_usage_rollup"]]
    return float(sum(Decimal(span["cost_usd"]) for span in priced))


def _at_todays_price(usd: Callable[[Row, Rates], float]) -> float:
    """What the model calls of a model with a price come to in 30 days, at the pace of the hour."""
    book = assemble(None)
    price = book.price_on(book.find("openai", "gpt-4o"), datetime.now(UTC).date())
    assert price is not None
    calls = [span for span in _tokens(_of("llm")) if span["model"] == "gpt-4o"]
    return 30 * 24 * sum(usd(span, price.rates[0]) for span in calls) / PICO


EXPECTED: dict[str, Callable[[], float]] = {
    "llm.requests": lambda: len(_of("llm")),
    "llm.requests_per_minute": lambda: len(_of("llm")) / 60,
    "llm.requests_per_day": lambda: len(_of("llm")) * 24,
    "llm.success_rate": lambda: _share(_of("llm"), lambda span: span["status"] != "error"),
    "llm.failure_rate": lambda: _share(_of("llm"), lambda span: span["status"] == "error"),
    "llm.errors": lambda: sum(span["status"] == "error" for span in _of("llm")),
    "llm.timeouts": lambda: sum(span["error_class"] == "timeout" for span in _of("llm")),
    "llm.retries": lambda: sum(_known(_of("llm"), "retry_count")),
    "llm.retries_per_call": lambda: statistics.fmean(_known(_of("llm"), "retry_count")),
    "llm.mean_latency_ms": lambda: statistics.fmean(_known(_of("llm"), "duration_ms")),
    "llm.mean_ttft_ms": lambda: statistics.fmean(_known(_of("llm"), "ttft_ms")),
    "llm.fallback_rate": lambda: statistics.fmean(_known(_of("llm"), "is_fallback")),
    "llm.input_tokens": lambda: sum(_known(_tokens(_of("llm")), "input_tokens")),
    "llm.cached_tokens": lambda: sum(_known(_tokens(_of("llm")), "cache_read_tokens")),
    "llm.output_tokens_per_call": lambda: statistics.fmean(_known(_tokens(_of("llm")), "output_tokens")),
    "llm.tokens_per_day": lambda: (
        24
        * (
            sum(_known(_tokens(_of("llm")), "input_tokens"))
            + sum(_known(_tokens(_of("llm")), "output_tokens"))
        )
    ),
    "llm.token_efficiency": lambda: (
        sum(_known(_tokens(_of("llm")), "output_tokens")) / sum(_known(_tokens(_of("llm")), "input_tokens"))
    ),
    "cost.usd": _cost,
    "cost.usd_per_month": lambda: _cost() * 24 * 30,
    "cost.caching_saving_usd_per_month": lambda: _at_todays_price(
        lambda span, rates: span["uncached_input_tokens"] * (rates.input - rates.cache_read)
    ),
    "cost.shorter_prompts_saving_usd_per_month": lambda: _at_todays_price(
        lambda span, rates: (
            0.1 * (span["uncached_input_tokens"] * rates.input + span["cache_read_tokens"] * rates.cache_read)
        )
    ),
    "cost.usd_per_request": lambda: _cost() / len(_of("http")),
    "requests.count": lambda: len(_of("http")),
    "requests.succeeded": lambda: sum(span["status"] != "error" for span in _of("http")),
    "requests.failed": lambda: sum(span["status"] == "error" for span in _of("http")),
    "requests.error_rate": lambda: _share(_of("http"), lambda span: span["status"] == "error"),
    "rag.hit_rate": lambda: _share(
        [span for span in _of("retriever") if span["document_count"] is not None],
        lambda span: span["document_count"] > 0,
    ),
    "rag.mean_selected_documents": lambda: statistics.fmean(_known(_of("reranker"), "document_count")),
    "rag.rerank_rate": lambda: statistics.fmean(_known(_of("retriever"), "rerank_enabled")),
    "embedding.texts": lambda: sum(_known(_of("embedding"), "embedding_count")),
    "cache.embed_hit_rate": lambda: statistics.fmean(_known(_of("cache"), "cache_hit")),
    "parse.success_rate": lambda: statistics.fmean(_known(_of("parser"), "parse_ok")),
    "stage.mean_vector_search_ms": lambda: statistics.fmean(_known(_of("retriever"), "duration_ms")),
    "stage.mean_llm_ms": lambda: statistics.fmean(_known(_of("llm"), "duration_ms")),
    "data.token_coverage": lambda: (
        len(_tokens(_of("llm")))
        / sum(span["token_source"] == "missing" or span in _tokens([span]) for span in _of("llm"))
    ),
}


def _whole(signals: Signals, name: str, project: str) -> SignalRow:
    (row,) = signals.query(SignalQuery(name, project, NOON, NOON + HOUR)).rows
    return row


@pytest.mark.parametrize("name", EXPECTED)
def test_signal_is_what_plain_python_computes(signals: Signals, filled: str, name: str) -> None:
    """The value over an hour equals the definition written out in Python."""
    assert _whole(signals, name, filled).value == pytest.approx(EXPECTED[name](), rel=1e-9)


@pytest.mark.parametrize("name", ["llm.p50_latency_ms", "llm.p95_latency_ms", "llm.p99_latency_ms"])
def test_latency_quantile_is_within_one_percent(signals: Signals, filled: str, name: str) -> None:
    """A quantile over rollups is at most 1 % off the neighbours of its rank."""
    ranked = sorted(_known(_of("llm"), "duration_ms"))
    position = float(name[5:7]) / 100 * (len(ranked) - 1)
    value = _whole(signals, name, filled).value
    assert value is not None
    assert ranked[int(position)] * 0.989 <= value <= ranked[int(position) + 1] * 1.011


def test_distribution_has_every_bucket(signals: Signals, filled: str) -> None:
    """Buckets hold the records between their bounds; an empty bucket of known data is a true 0."""
    result = signals.query(SignalQuery("rag.hits_distribution", filled, NOON, NOON + HOUR))
    counts = {row.labels["bucket"]: row.value for row in result.rows}
    assert list(counts) == ["0", "1", "2", "3", "4-5", "6-10", "11-20", "21+"]
    hits = _known(_of("retriever"), "document_count")
    assert counts == {
        "0": hits.count(0), "1": hits.count(1), "2": 0, "3": hits.count(3), "4-5": 0,
        "6-10": hits.count(7), "11-20": 0, "21+": 0,
    }  # fmt: skip
    assert {row.count for row in result.rows} == {len(hits)}


def test_shares_of_models_add_up(signals: Signals, filled: str) -> None:
    """The shares of all models are those of plain Python, and 1 together."""
    rows = signals.query(SignalQuery("llm.model_share", filled, NOON, NOON + HOUR)).rows
    models = [span["model"] for span in _of("llm")]
    assert {row.labels["model"]: row.value for row in rows} == {
        model: pytest.approx(models.count(model) / len(models)) for model in set(models)
    }


def test_errors_beyond_the_most_frequent_are_put_together(
    signals: Signals, telemetry_engine: TelemetryEngine, project: str
) -> None:
    """Five error classes are shown by name, the others as one."""
    classes = ["timeout"] * 7 + ["rate_limit"] * 6 + ["provider"] * 5 + ["parse"] * 4 + ["auth"] * 3
    classes += ["network"] * 2 + ["internal"]
    insert_spans(telemetry_engine, project, [make_span(status="error", error_class=name) for name in classes])
    rows = signals.query(SignalQuery("llm.errors_by_class", project, NOON, NOON + HOUR)).rows
    assert {row.labels["error_class"]: row.value for row in rows} == {
        "timeout": 7, "rate_limit": 6, "provider": 5, "parse": 4, "auth": 3, "(other)": 3,
    }  # fmt: skip


@settings(
    max_examples=15,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(
    st.integers(0, 3000), st.integers(60, 3600), st.sampled_from([37, 60, 90, 300, 420, 3600]), st.booleans()
)
def test_sums_over_windows_are_the_total(
    signals: Signals, filled: str, offset: int, length: int, step: int, by_model: bool
) -> None:
    """However time is cut into windows, and whatever splits them, every span is counted once."""
    since = NOON + timedelta(seconds=offset)
    by = ("model",) if by_model else ()
    query = SignalQuery(
        "llm.requests", filled, since, since + timedelta(seconds=length), timedelta(seconds=step), by
    )
    result = signals.query(query)
    inside = [span for span in _of("llm") if result.since <= span["started_at"] < result.until]
    assert sum(row.count for row in result.rows) == len(inside)
    assert sum(row.value or 0 for row in result.rows) == len(inside)


def test_empty_window_of_a_known_series_has_no_value(
    signals: Signals, telemetry_engine: TelemetryEngine, project: str
) -> None:
    """A window without calls is a row without a value, not a 0 and not a gap."""
    insert_spans(telemetry_engine, project, [make_span(started_at=NOON + MINUTE * n) for n in (0, 2)])
    rows = signals.query(SignalQuery("llm.requests", project, NOON, NOON + MINUTE * 3, MINUTE)).rows
    assert [(row.value, row.count, row.band) for row in rows] == [
        (1.0, 1, Band.NORMAL),
        (None, 0, Band.NO_DATA),
        (1.0, 1, Band.NORMAL),
    ]


def test_series_without_any_data_in_the_range_is_not_invented(
    signals: Signals, telemetry_engine: TelemetryEngine, project: str
) -> None:
    """Split by model only models that were seen have rows; the whole always has its windows."""
    insert_spans(telemetry_engine, project, [make_span(kind="parser", model="parser-model", parse_ok=True)])
    split = signals.query(SignalQuery("llm.requests", project, NOON, NOON + HOUR, MINUTE * 30, ("model",)))
    whole = signals.query(SignalQuery("llm.requests", project, NOON, NOON + HOUR, MINUTE * 30))
    assert split.rows == []
    assert [row.value for row in whole.rows] == [None, None]


def test_unknown_is_not_counted_as_no(
    signals: Signals, telemetry_engine: TelemetryEngine, project: str
) -> None:
    """Searches that do not say how much they found change no rate."""
    found = [make_span(kind="retriever", document_count=count) for count in (3, 0, None, None)]
    insert_spans(telemetry_engine, project, found)
    row = _whole(signals, "rag.hit_rate", project)
    assert (row.value, row.count, row.band) == (0.5, 2, Band.NO_DATA)


@pytest.mark.parametrize("length", [timedelta(minutes=2), timedelta(seconds=90)])
def test_call_that_does_not_say_how_long_it_took_has_no_latency(
    signals: Signals, telemetry_engine: TelemetryEngine, project: str, length: timedelta
) -> None:
    """It is a call like any other, and no call of 0 ms; read from rollups and, in odd windows, from spans."""
    spans = [make_span(duration_ms=duration) for duration in (None, None, 40.0, 60.0)]
    insert_spans(telemetry_engine, project, spans)

    def ask(name: str) -> SignalRow:
        return signals.query(SignalQuery(name, project, NOON, NOON + length)).rows[0]

    mean, p50 = ask("llm.mean_latency_ms"), ask("llm.p50_latency_ms")
    assert (ask("llm.requests").value, mean.value, mean.count, p50.count) == (4, 50, 2, 2)
    assert 40 * 0.99 <= (p50.value or 0) <= 60 * 1.01


def test_latency_of_calls_that_never_say_is_absent(
    signals: Signals, telemetry_engine: TelemetryEngine, project: str
) -> None:
    """No 0 ms and no judgement, however many calls there are."""
    insert_spans(telemetry_engine, project, [make_span(duration_ms=None)] * 30)
    row = _whole(signals, "llm.p95_latency_ms", project)
    assert (row.value, row.count, row.band) == (None, 0, Band.NO_DATA)


@pytest.mark.parametrize("length", [timedelta(minutes=2), timedelta(seconds=90), timedelta(hours=1)])
@pytest.mark.parametrize(
    ("name", "kind", "column", "expected"),
    [
        ("llm.retries", "llm", "retry_count", 3),
        ("llm.retries_per_call", "llm", "retry_count", 1.5),
        ("embedding.texts", "embedding", "embedding_count", 3),
    ],
)
def test_numbers_nobody_said_are_absent(
    signals: Signals,
    telemetry_engine: TelemetryEngine,
    project: str,
    length: timedelta,
    name: str,
    kind: str,
    column: str,
    expected: float,
) -> None:
    """No 0 with a count: from minutes, spans and hours; once some say, only those are counted."""

    def ask() -> tuple[float | None, int]:
        (row,) = signals.query(SignalQuery(name, project, NOON, NOON + length)).rows
        return row.value, row.count

    insert_spans(telemetry_engine, project, [make_span(kind=kind)] * 30)
    assert ask() == (None, 0)
    insert_spans(telemetry_engine, project, [make_span(kind=kind, **{column: count}) for count in (1, 2)])
    assert ask() == (expected, 2)


def test_calls_that_were_never_tried_again_are_a_true_zero(
    signals: Signals, telemetry_engine: TelemetryEngine, project: str
) -> None:
    """Whoever says 0 is counted."""
    insert_spans(telemetry_engine, project, [make_span(retry_count=0)] * 20 + [make_span()] * 5)
    row = _whole(signals, "llm.retries_per_call", project)
    assert (row.value, row.count, row.band) == (0.0, 20, Band.NORMAL)


@pytest.mark.parametrize(
    ("over", "expected"),
    [
        ("http_status >= 400", 1),
        ("http_status < 400", 2),
        ("http_status is null", 4),
        ("embedding_count < 5", 3),
        ("embedding_count is null", 4),
    ],
)
def test_condition_on_a_number_nobody_said_does_not_hold(
    signals: Signals, telemetry_engine: TelemetryEngine, project: str, over: str, expected: int
) -> None:
    """A span without a status is no success; stored as 0, it is still unknown."""
    said = [make_span(http_status=status, embedding_count=3) for status in (200, 204, 500)]
    insert_spans(telemetry_engine, project, [*said, *[make_span()] * 4])
    query = SignalQuery("llm.requests", project, NOON, NOON + HOUR, where=over)
    assert signals.query(query).rows[0].value == expected


def test_no_errors_among_known_calls_is_zero(
    signals: Signals, telemetry_engine: TelemetryEngine, project: str
) -> None:
    """Calls that are known to be fine make 0 timeouts; that is data."""
    insert_spans(telemetry_engine, project, [make_span()] * 3)
    row = _whole(signals, "llm.timeouts", project)
    assert (row.value, row.count) == (0.0, 3)


def test_division_by_an_absent_number_is_absent(
    signals: Signals, telemetry_engine: TelemetryEngine, project: str
) -> None:
    """Cost without requests has no cost per request."""
    insert_spans(
        telemetry_engine,
        project,
        [make_span(parent_span_id="parent00", cost_usd="0.5", token_source="provider")],
    )
    assert _whole(signals, "cost.usd", project).value == 0.5
    assert _whole(signals, "cost.usd_per_request", project).value is None


def test_window_is_complete_when_the_watermark_has_passed(
    signals: Signals, clock: ManualClock, telemetry_engine: TelemetryEngine, project: str
) -> None:
    """A window that still may grow says so, and does so again after the clock was set back."""
    insert_spans(telemetry_engine, project, [make_span()])
    query = SignalQuery("llm.requests", project, NOON + HOUR - MINUTE, NOON + HOUR + MINUTE, MINUTE)
    assert [row.is_complete for row in signals.query(query).rows] == [True, False]
    clock.jump(-3600)
    assert [row.is_complete for row in signals.query(query).rows] == [False, False]


def test_late_span_changes_its_window(
    signals: Signals, telemetry_engine: TelemetryEngine, project: str
) -> None:
    """What arrives after its window was read is in the next answer."""
    insert_spans(telemetry_engine, project, [make_span()])
    assert _whole(signals, "llm.requests", project).value == 1
    insert_spans(telemetry_engine, project, [make_span(span_id="late0000")])
    assert _whole(signals, "llm.requests", project).value == 2


def test_condition_narrows_the_records(signals: Signals, filled: str) -> None:
    """`where` asks the same of fewer records."""
    query = SignalQuery(
        "llm.requests", filled, NOON, NOON + HOUR, where="model = 'gpt-4o' and service = 'search'"
    )
    expected = [s for s in _of("llm") if s["model"] == "gpt-4o" and s["service"] == "search"]
    assert signals.query(query).rows[0].value == len(expected)


def test_projects_do_not_mix(signals: Signals, filled: str, project: str) -> None:
    """Another project's spans are nobody else's."""
    assert filled != project
    assert _whole(signals, "llm.requests", project).value is None


def test_whole_board_gives_the_numbers_of_single_questions(signals: Signals, filled: str) -> None:
    """Asking for all signals at once is a shortcut, not another way to compute."""
    for result in signals.current(filled, MINUTE * 30, ("service",)):
        single = signals.query(SignalQuery(result.name, filled, result.since, result.until, by=result.by))
        assert single.rows == result.rows


def test_question_that_does_not_fit_is_refused(signals: Signals, project: str) -> None:
    """Unknown signals, labels and columns are named."""
    end = NOON + HOUR
    with pytest.raises(UnknownSignal):
        signals.query(SignalQuery("llm.nonsense", project, NOON, end))
    with pytest.raises(QuestionInvalid, match="It can be split by service"):
        signals.query(SignalQuery("requests.count", project, NOON, end, by=("model",)))
    with pytest.raises(ExpressionInvalid, match="Did you mean model"):
        signals.query(SignalQuery("llm.requests", project, NOON, end, where="modle = 'x'"))


def test_saving_is_unknown_where_tokens_have_no_price(
    telemetry_engine: TelemetryEngine, project: str, signals: Signals
) -> None:
    """A model of one's own saves neither 0 nor anything else: nobody knows."""
    span = make_span(token_source="provider", input_tokens=900, uncached_input_tokens=900)
    insert_spans(telemetry_engine, project, [span])
    for name in ("cost.caching_saving_usd_per_month", "cost.shorter_prompts_saving_usd_per_month"):
        row = _whole(signals, name, project)
        assert (row.value, row.count, row.band) == (None, 0, Band.NO_DATA), name
