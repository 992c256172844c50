"""Questions over ten million spans, asked through HTTP on one connection, the engine's condition cache off.

Every question differs from the one before it (another trace, model, day or text), each answer is read whole,
and what it says is checked outside the measured time.
"""

from __future__ import annotations

import json
import random
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Final
from urllib.parse import urlencode

from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest

from benchmarks.harness.dataset import DAYS, DataSet, provide
from benchmarks.harness.quantiles import milliseconds
from benchmarks.harness.registry import Context, Step
from benchmarks.harness.results import Bar, Figure, at_most
from benchmarks.harness.server import PitwallServer, running_pitwall
from benchmarks.harness.traffic import MARK_LENGTH, MODELS, SPANS_PER_TRACE
from benchmarks.harness.wire import Connection

_DAY: Final = timedelta(hours=24)
_WARM_UP_CALLS: Final = 3
_SHOWN_TRACES: Final = 50
_FREQUENT_TEXTS: Final = ("단어39", "w14", "단어0 단어0")


class Unanswered(Exception):
    """A question got no sound answer; the message says which."""


class Empty(Unanswered):
    """A question about a signal was answered without any value, so its time would say nothing."""


@dataclass(slots=True)
class Asker:
    """Asks questions of one server.

    Attributes:
        calls: How many calls a measured question takes.
    """

    data: DataSet
    connection: Connection
    is_quick: bool
    rng: random.Random = field(default_factory=lambda: random.Random(7))

    def time(self, make_path: Callable[[], str], calls: int, check: Callable[[Any], bool]) -> list[float]:
        """Ask `calls` times; returns seconds per call.

        Raises:
            Unanswered: An answer is not 200, or not sound.
        """
        seconds = []
        calls = max(2, calls // 20) if self.is_quick else calls
        for number in range(_WARM_UP_CALLS + calls):
            path = make_path()
            began = time.perf_counter()
            answer = self.connection.get(path)
            took = time.perf_counter() - began
            if answer.status != 200:
                raise Unanswered(f"GET {path} answered {answer.status}: {answer.body[:200].decode()}")
            if not check(json.loads(answer.body)):
                raise Unanswered(f"GET {path} answered what cannot be right: {answer.body[:200].decode()}")
            if number >= _WARM_UP_CALLS:
                seconds.append(took)
        return seconds

    def random_start(self, length: timedelta) -> datetime:
        """Choose where a stretch of the data set begins, at whole five minutes."""
        steps = (timedelta(days=DAYS) - length) // timedelta(minutes=5)
        return self.data.end - length - self.rng.randrange(steps + 1) * timedelta(minutes=5)


def measure(context: Context) -> list[Figure]:
    """Ask every kind of question; what cannot be asked is told, and the rest goes on."""
    data = provide(context, context.size(10_000_000, 200_000))
    with (
        running_pitwall(data.data_dir, use_condition_cache=False) as server,
        Connection(server.port) as connection,
    ):
        asker = Asker(data, connection, context.is_quick)
        figures = []
        for question in _QUESTIONS:
            context.say(f"asking: {question.claim}")
            try:
                figures += question.ask(asker, question)
            except Unanswered as problem:
                figures.append(question.figure(asker, None, str(problem)))
        figures.append(_memory(server, asker))
    return figures


@dataclass(frozen=True, slots=True)
class Question:
    """One kind of question and its bar in milliseconds."""

    claim: str
    bar_ms: float | None
    calls: int
    ask: Callable[[Asker, Question], list[Figure]]

    def figure(self, asker: Asker, seconds: list[float] | None, note: str = "") -> Figure:
        """Make the figure: p95 over all calls."""
        size = f"{asker.data.spans:,} spans, {len(seconds or [])} calls"
        bar = None if self.bar_ms is None else at_most(self.bar_ms)
        if not seconds:
            return Figure(f"{self.claim}, p95", size, "ms", None, bar, note)
        told = f"p50 {milliseconds(seconds, 0.5):.1f} ms{'; ' if note else ''}{note}"
        return Figure(f"{self.claim}, p95", size, "ms", milliseconds(seconds, 0.95), bar, told)


def _newest(asker: Asker, question: Question) -> list[Figure]:
    path = f"/api/v1/traces?limit={_SHOWN_TRACES}"
    return [question.figure(asker, asker.time(lambda: path, question.calls, _has_fifty))]


def _has_fifty(answer: Any) -> bool:
    return len(_rows(answer)) == _SHOWN_TRACES


def _rows(answer: Any) -> list[Any]:
    """The rows of a list, under whatever name the answer gives them."""
    lists = [value for value in answer.values() if isinstance(value, list)]
    return lists[0] if lists else []


def _one_trace(asker: Asker, question: Question) -> list[Figure]:
    def path() -> str:
        number = asker.rng.randrange(asker.data.requests)
        return f"/api/v1/traces/{asker.rng.choice(asker.data.pool.trace_ids(number))}"

    def is_whole(answer: Any) -> bool:
        return json.dumps(answer).count('"span_id"') >= SPANS_PER_TRACE

    return [question.figure(asker, asker.time(path, question.calls, is_whole))]


def _model_and_error(asker: Asker, question: Question) -> list[Figure]:
    def path() -> str:
        filters = [("filter", f"model:eq:{asker.rng.choice(MODELS)}"), ("filter", "status:eq:error")]
        first_days = asker.data.end - timedelta(days=DAYS - 10)
        until = max(asker.random_start(timedelta(0)), first_days).isoformat()
        return f"/api/v1/traces?{urlencode([*filters, ('until', until), ('limit', _SHOWN_TRACES)])}"

    found = asker.time(path, question.calls, _has_fifty if not asker.is_quick else bool)
    return [question.figure(asker, found, "until a random time of the last 20 days")]


def _full_text(asker: Asker, question: Question) -> list[Figure]:
    def path(text: str) -> str:
        since = (asker.data.end - _DAY).isoformat()
        until = asker.data.end.isoformat()
        return (
            f"/api/v1/traces?{urlencode({'q': text, 'since': since, 'until': until, 'limit': _SHOWN_TRACES})}"
        )

    kinds: list[tuple[str, Callable[[], str], Callable[[Any], bool]]] = [
        ("one match", lambda: path(_known_text(asker)), lambda answer: len(_rows(answer)) == 1),
        ("no match", lambda: path(f"absent{asker.rng.randrange(10**9)}"), lambda answer: not _rows(answer)),
        ("many matches", lambda: path(asker.rng.choice(_FREQUENT_TEXTS)), _has_fifty),
    ]
    return [
        question.figure(asker, asker.time(make, question.calls, check), kind) for kind, make, check in kinds
    ]


def _known_text(asker: Asker) -> str:
    """The mark of a text that one span of the last day has, and no other span."""
    data = asker.data
    number = asker.rng.choice(data.requests_since(_DAY))
    request = ExportTraceServiceRequest.FromString(bytes(data.pool.body(number, data.end_of(number))))
    root = asker.rng.choice(request.resource_spans[0].scope_spans[0].spans[::SPANS_PER_TRACE])
    texts = {item.key: item.value.string_value for item in root.attributes}
    return texts["input.value"][:MARK_LENGTH]


@dataclass(frozen=True, slots=True)
class _Signal:
    name: str
    is_by_model: bool


@dataclass(slots=True)
class _Times:
    """Seconds per call by signal, and the signals that the data set has nothing for."""

    by_name: dict[str, list[float]] = field(default_factory=dict)
    empty: list[str] = field(default_factory=list)

    @property
    def note(self) -> str:
        """Names what was left out; empty if nothing was."""
        return f"; not timed, no value in this data: {', '.join(self.empty)}" if self.empty else ""


def _signals(asker: Asker) -> list[_Signal]:
    listed = json.loads(asker.connection.get("/api/v1/signals").body)["signals"]
    return [_Signal(signal["name"], "model" in signal["by"]) for signal in listed]


def _all_signals(length: timedelta, step: str) -> Callable[[Asker, Question], list[Figure]]:
    """Ask every signal of the core pack, by model if it can be split so; the bar is for the slowest."""

    def ask(asker: Asker, question: Question) -> list[Figure]:
        timed = _time_signals(asker, question, length, step)
        times = timed.by_name
        if not times:
            raise Empty("No signal has a value in this data.")
        slowest = sorted(times, key=lambda name: -milliseconds(times[name], 0.95))
        named = ", ".join(f"{name} {milliseconds(times[name], 0.95):.0f}" for name in slowest[:5])
        everything = [seconds for found in times.values() for seconds in found]
        all_calls = Question(f"{question.claim}, all {len(times)} signals", question.bar_ms, 0, ask)
        one = Question(f"{question.claim}, slowest signal", question.bar_ms, 0, ask)
        return [
            all_calls.figure(asker, everything),
            one.figure(asker, times[slowest[0]], f"slowest: {named} ms{timed.note}"),
        ]

    return ask


def _time_signals(asker: Asker, question: Question, length: timedelta, step: str) -> _Times:
    timed = _Times()
    for signal in _signals(asker):
        try:
            path = _signal_path(asker, signal, length, step)
            timed.by_name[signal.name] = asker.time(path, question.calls, _has_values)
        except Empty:
            timed.empty.append(signal.name)
    return timed


def _signal_path(asker: Asker, signal: _Signal, length: timedelta, step: str) -> Callable[[], str]:
    def path() -> str:
        since = asker.random_start(length)
        asked = {"name": signal.name, "since": since.isoformat(), "until": (since + length).isoformat()}
        asked |= {"step": step} | ({"by": "model"} if signal.is_by_model else {})
        return f"/api/v1/signals/query?{urlencode(asked)}"

    return path


def _has_values(answer: Any) -> bool:
    if any(row["value"] is not None for row in answer["rows"]):
        return True
    raise Empty(f"{answer['name']} has no value between {answer['since']} and {answer['until']}")


def _fine_month(asker: Asker, question: Question) -> list[Figure]:
    length = timedelta(days=DAYS)
    make = _signal_path(asker, _Signal("llm.p95_latency_ms", is_by_model=True), length, "5m")
    return [question.figure(asker, asker.time(make, question.calls, _has_values))]


def _exact_sum(asker: Asker, question: Question) -> list[Figure]:
    """Count all model calls by a signal: the number is known exactly, which checks the road of the others."""
    since = asker.data.end - timedelta(days=DAYS + 1)
    until = asker.data.end + timedelta(hours=1)
    asked = {"name": "llm.requests", "since": since.isoformat(), "until": until.isoformat(), "by": "model"}
    calls = asker.data.spans // SPANS_PER_TRACE

    def is_exact(answer: Any) -> bool:
        return bool(sum(row["value"] for row in answer["rows"]) == calls)

    path = f"/api/v1/signals/query?{urlencode(asked)}"
    return [question.figure(asker, asker.time(lambda: path, question.calls, is_exact), f"exactly {calls:,}")]


def _memory(server: PitwallServer, asker: Asker) -> Figure:
    size = f"{asker.data.spans:,} spans stored, after the questions above"
    bar: Bar | None = at_most(600)
    note = "the claim's hour of queries is the benchmark `memory`"
    return Figure("resident memory", size, "MB", server.rss_mb(), bar, note)


_QUESTIONS: Final = (
    Question("newest 50 traces", 20, 200, _newest),
    Question("trace by id", 25, 300, _one_trace),
    Question("model + error filter, first 50", 70, 200, _model_and_error),
    Question("full text, last 24 h", 300, 40, _full_text),
    Question("signal over 24 h in 5 min steps by model", 50, 20, _all_signals(_DAY, "5m")),
    Question("signal over 30 days in 1 h steps by model", 100, 10, _all_signals(timedelta(days=DAYS), "1h")),
    Question("p95 latency over 30 days in 5 min steps by model", None, 10, _fine_month),
    Question("model calls of all data, one window", None, 10, _exact_sum),
)

STEPS: Final = (Step("queries", "questions over 10 million spans through HTTP", measure, 12),)
