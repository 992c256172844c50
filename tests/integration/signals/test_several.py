"""Several questions at once: the answers of single questions, few statements, errors that stay apart."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pitwall.core.errors import PitwallError
from pitwall.kit.clock import ManualClock
from pitwall.signals import repository
from pitwall.signals.catalogue import Catalogue, core_pack, load_catalogue
from pitwall.signals.service import Signals
from pitwall.signals.several import answers_in_rows, answers_in_series
from pitwall.signals.types import Answer, SignalQuery, SignalResult
from pitwall.signals.watermark import Watermark
from pitwall.stores.telemetry.engine import QueryTimedOut, Rows, StoreUnavailable, TelemetryEngine
from tests.integration.signals.telemetry import (
    NOON,
    insert_points,
    insert_spans,
    make_point,
    make_span,
    random_spans,
)

HOUR = timedelta(hours=1)
MINUTE = timedelta(minutes=1)
CATALOGUE = load_catalogue([core_pack()])
TILES = [
    "requests.p95_latency_ms",
    "requests.per_minute",
    "requests.error_rate",
    "llm.tokens",
    "llm.requests",
    "llm.success_rate",
    "llm.errors",
    "llm.retries",
    "llm.timeouts",
    "rag.hit_rate",
    "parse.success_rate",
    "cost.usd_per_request",
]

Question = Mapping[str, Any]


@pytest.fixture(scope="module")
def filled(telemetry_engine: TelemetryEngine) -> str:
    """A project with sixteen hours of spans and a gauge."""
    insert_spans(telemetry_engine, "several", random_spans(5, 6000, length=16 * HOUR))
    gauge = [make_point("pitwall.requests.in_progress", n, at=NOON + n * HOUR) for n in range(1, 16)]
    insert_points(telemetry_engine, "several", gauge)
    return "several"


class Watched:
    """The engine, with the statements it was asked; some may fail."""

    def __init__(self, engine: TelemetryEngine, fail: Callable[[str], Exception | None]) -> None:
        self._engine = engine
        self._fail = fail
        self.asked: list[str] = []

    def query(self, sql: str, *arguments: Any, **options: Any) -> Rows:
        self.asked.append(sql)
        error = self._fail(sql)
        if error is not None:
            raise error
        return self._engine.query(sql, *arguments, **options)


@pytest.fixture
def watch(
    telemetry_engine: TelemetryEngine, catalogue: Catalogue, clock: ManualClock
) -> Callable[..., tuple[Signals, Watched]]:
    """Signals over an engine that tells what it was asked."""

    def watched(fail: Callable[[str], Exception | None] = lambda _: None) -> tuple[Signals, Watched]:
        engine = Watched(telemetry_engine, fail)
        return Signals(engine, catalogue, Watermark(clock, lambda: 0.0)), engine  # type: ignore[arg-type]

    return watched


def _lengths(most: timedelta) -> st.SearchStrategy[timedelta]:
    whole = st.integers(1, most // MINUTE).map(lambda count: count * MINUTE)
    return st.sampled_from([5 * MINUTE, HOUR, 4 * HOUR, most]) | whole | st.just(timedelta(seconds=90))


CONDITIONS = ["service = 'search'", "environment = '' and service = 'search'", "duration_ms > 200", "model ="]
RANGES = st.tuples(st.sampled_from([NOON, NOON + HOUR, NOON + 7 * MINUTE]), _lengths(15 * HOUR))
QUESTIONS = st.builds(
    lambda name, range_, step, by, where: SignalQuery(
        name, "several", range_[0], range_[0] + range_[1], step, by, where
    ),
    st.sampled_from([*(signal.name for signal in CATALOGUE), "llm.removed"]),
    st.shared(RANGES, key="one") | RANGES,
    st.sampled_from([None, None, MINUTE, 5 * MINUTE, HOUR, timedelta(seconds=30)]),
    st.sampled_from([(), (), ("service",), ("service", "model"), ("colour",)]),
    st.sampled_from(
        [
            "",
            "",
            "service = 'search'",
            "environment = '' and service = 'search'",
            "duration_ms > 200",
            "model =",
        ]
    ),
)


@settings(max_examples=40, deadline=None)
@given(questions=st.lists(QUESTIONS, min_size=1, max_size=12))
def test_answers_are_those_of_single_questions(
    telemetry_engine: TelemetryEngine, filled: str, questions: list[SignalQuery]
) -> None:
    """Whatever is asked together, every question has the answer, or the error, it has by itself."""
    clock = ManualClock(NOON + 10 * HOUR)
    signals = Signals(telemetry_engine, CATALOGUE, Watermark(clock, lambda: 0.0))
    together = signals.query_many(questions)
    for question, answer in zip(questions, together, strict=True):
        _assert_same(answer, _single(signals, question))


def _single(signals: Signals, question: SignalQuery) -> Answer:
    try:
        return signals.query(question)
    except PitwallError as error:
        return error


def _assert_same(answer: Answer, single: Answer) -> None:
    if isinstance(single, PitwallError):
        assert isinstance(answer, PitwallError)
        assert (type(answer), answer.message, answer.hint) == (type(single), single.message, single.hint)
        return
    assert isinstance(answer, SignalResult)
    assert (answer.name, answer.windows, answer.tables) == (single.name, single.windows, single.tables)
    assert len(answer.series) == len(single.series)
    for one, other in zip(answer.series, single.series, strict=True):
        assert (one.labels, one.counts, one.bands) == (other.labels, other.counts, other.bands)
        # A sum of floating point numbers may be added up in another order.
        assert _numbers(one.values) == pytest.approx(_numbers(other.values), rel=1e-12, nan_ok=True)


def _numbers(values: Sequence[float | None]) -> list[float]:
    return [math.nan if value is None else value for value in values]


def _board(since: str = "2026-11-20T12:00:00Z", **more: Any) -> list[Question]:
    """Twelve tiles as the UI asks for them: the line, the value and the value before."""
    ranges = [
        {"since": since, "until": "2026-11-20T13:00:00Z", "step": "1m"},
        {"since": since, "until": "2026-11-20T13:00:00Z"},
        {"since": "2026-11-20T11:00:00Z", "until": since},
    ]
    return [{"name": name, **range_, **more} for name in TILES for range_ in ranges]


@pytest.mark.parametrize("where", [None, "environment = '' and service = 'search'"])
def test_board_of_twelve_tiles_is_a_statement_per_grid(
    watch: Callable[..., tuple[Signals, Watched]], filled: str, where: str | None
) -> None:
    """36 questions over three grids are three statements, and none of them reads raw records."""
    signals, engine = watch()
    answers = answers_in_series(signals, filled, _board(where=where))
    assert len(engine.asked) == 3
    assert {table for answer in answers for table in answer["tables"]} <= {"spans_by_minute", "spans_by_hour"}
    assert [answer["name"] for answer in answers] == [name for name in TILES for _ in range(3)]


def test_shared_condition_is_read_past_once(
    watch: Callable[..., tuple[Signals, Watched]], filled: str
) -> None:
    """What all questions demand narrows the rows of the statement, where the engine can skip them."""
    signals, engine = watch()
    names = ("llm.requests", "llm.success_rate")
    answers_in_series(
        signals, filled, [{"name": name, "last": "1h", "where": "model = 'm'"} for name in names]
    )
    (sql,) = engine.asked
    assert sql.count("kind =") == sql.count("model =") == 1
    assert sql.index("WHERE") < sql.index("kind =")


def test_series_names_windows_once(signals: Signals, filled: str) -> None:
    """The series shape has the values of the rows shape, window by window."""
    question = {"name": "llm.requests", "since": "2026-11-20T12:00:00Z", "until": "2026-11-20T14:00:00Z"}
    asked = [{**question, "step": "30m", "by": ["service"]}]
    (in_series,) = answers_in_series(signals, filled, asked)
    (in_rows,) = answers_in_rows(signals, filled, asked)
    rebuilt = [
        dict(zip(("labels", "start", "complete", "value", "count", "band"), row, strict=True))
        for one in in_series["series"]
        for row in zip(
            [one["labels"]] * 4,
            in_series["starts"],
            in_series["complete"],
            one["values"],
            one["counts"],
            one["bands"],
            strict=True,
        )
    ]
    assert rebuilt == [{key: row[key] for key in row if key != "end"} for row in in_rows["rows"]]
    assert in_series["complete"] == [True, True, False, False]
    head = {"name", "unit", "since", "until", "step_seconds", "by", "watermark", "tables"}
    assert set(in_series) == head | {"starts", "complete", "series"}


@pytest.mark.parametrize(
    ("wrong", "code"),
    [
        ({"name": "llm.removed"}, "signal.not_found"),
        ({"name": "llm.requests", "since": "yesterday"}, "signal.question_invalid"),
        ({"name": "llm.requests", "by": ["colour"]}, "signal.question_invalid"),
        ({"name": "llm.requests", "where": "model ="}, "signal.expression_invalid"),
    ],
)
def test_wrong_question_leaves_the_others_their_answers(
    signals: Signals, filled: str, wrong: Question, code: str
) -> None:
    """In series a board keeps its other tiles; in rows the whole request is refused, as ever."""
    asked = [{"name": "llm.requests", "last": "1h"}, wrong, {"name": "rag.hit_rate", "last": "1h"}]
    first, failed, last = answers_in_series(signals, filled, asked)
    assert (failed["name"], failed["error"]["code"]) == (wrong["name"], code)
    assert failed["error"]["detail"]
    assert first["series"][0]["counts"][0] > 0
    assert last["series"][0]["counts"][0] > 0
    with pytest.raises(PitwallError) as refused:
        answers_in_rows(signals, filled, asked)
    assert refused.value.code == code


def test_statement_that_takes_too_long_costs_only_its_own_questions(
    watch: Callable[..., tuple[Signals, Watched]], filled: str
) -> None:
    """A tile that reads raw records and runs out of time does not blank the board."""
    signals, _ = watch(lambda sql: QueryTimedOut("Too slow.") if "FROM spans WHERE" in sql else None)
    slow = {"name": "llm.requests", "last": "1h", "where": "duration_ms > 1"}
    quick, failed = answers_in_series(signals, filled, [{"name": "llm.requests", "last": "1h"}, slow])
    assert quick["series"][0]["counts"][0] > 0
    assert failed["error"]["code"] == "telemetry_store.query_timed_out"


def test_store_that_cannot_be_reached_fails_the_request(
    watch: Callable[..., tuple[Signals, Watched]], filled: str
) -> None:
    """There is nothing to show then, and the caller should come back later."""
    signals, _ = watch(lambda _: StoreUnavailable("Gone."))
    with pytest.raises(StoreUnavailable):
        answers_in_series(signals, filled, _board())


def test_questions_too_large_together_are_asked_alone(
    watch: Callable[..., tuple[Signals, Watched]],
    telemetry_engine: TelemetryEngine,
    project: str,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """A limit on the size of an answer holds for the question, not for its company."""
    calls = [make_span(kind=kind, model=f"{kind}-{n}") for kind in ("llm", "embedding") for n in range(3)]
    insert_spans(telemetry_engine, project, calls)
    monkeypatch.setattr(repository, "MAX_ROWS", 3)
    signals, engine = watch()
    names = ("llm.requests", "stage.mean_embedding_ms")
    asked = [{"name": name, "last": "1h", "by": ["model"]} for name in names]
    answers = answers_in_series(signals, project, asked)
    assert [len(answer["series"]) for answer in answers] == [3, 3]
    assert len(engine.asked) == 3


def test_all_questions_are_as_of_one_moment(
    telemetry_engine: TelemetryEngine, catalogue: Catalogue, filled: str
) -> None:
    """A clock that moves on while the questions are read does not give them different ranges."""
    clock = ManualClock(NOON + HOUR)

    def lag() -> float:
        clock.advance(61)
        return 0.0

    signals = Signals(telemetry_engine, catalogue, Watermark(clock, lag))
    answers = answers_in_series(signals, filled, [{"name": name, "since": "now-1h"} for name in TILES])
    assert len({(answer["since"], answer["until"], answer["watermark"]) for answer in answers}) == 1
