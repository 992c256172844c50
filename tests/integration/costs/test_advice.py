"""Advice over a real store: planted savings are found with their amount, and nothing where there is none."""

from __future__ import annotations

import json
import random
from collections.abc import Sequence
from datetime import timedelta
from typing import Any

import pytest

from pitwall.costs.advice.service import Advisor, AdvisorParts
from pitwall.costs.advice.types import Advice, Confidence, Kind, Suggestion
from pitwall.ingest.pricing.assemble import assemble
from pitwall.ingest.pricing.book import PICO
from pitwall.kit.clock import ManualClock
from pitwall.stores.telemetry.engine import TelemetryEngine
from tests.integration.costs.telemetry import (
    NOW,
    Row,
    insert_scores,
    insert_spans,
    make_call,
    make_search,
)

BOOK = assemble(None)
DAYS = 10
MONTH = 30 / DAYS


def _rate(model: str, name: str, provider: str = "openai") -> float:
    price = BOOK.price_on(BOOK.find(provider, model), NOW.date())
    assert price is not None
    return float(getattr(price.rates[0], name)) / PICO


def _cost(model: str, input_tokens: int, output_tokens: int, cached: int = 0) -> float:
    fresh = (input_tokens - cached) * _rate(model, "input")
    return fresh + cached * _rate(model, "cache_read") + output_tokens * _rate(model, "output")


def _call(minutes: float, text: str, *, tokens: int = 500, cached: int = 0, **columns: Any) -> Row:
    """A call so many minutes after the begin of the ten days; what it costs is what its tokens cost."""
    model = str(columns.get("model", "gpt-4o"))
    call = {
        "model": model,
        "name": f"chat {model}",
        "input": text,
        "output": "fine",
        "input_tokens": tokens,
        "uncached_input_tokens": tokens - cached,
        "cache_read_tokens": cached,
    }
    at = NOW - timedelta(days=DAYS) + timedelta(minutes=minutes)
    return {**make_call(at, _cost(model, tokens, 100, cached)), **call, **columns}


def _quiet_calls(count: int = 400) -> list[Row]:
    """Calls of which none could be spared: each its own question, all about as long."""
    source = random.Random(7)
    every = DAYS * 1440 / count
    return [
        _call(
            number * every,
            f"{source.randrange(10**12)} what does number {number} mean?",
            tokens=source.randrange(450, 550),
        )
        for number in range(count)
    ]


@pytest.fixture
def advisor(telemetry_engine: TelemetryEngine, clock: ManualClock) -> Advisor:
    return Advisor(AdvisorParts(telemetry_engine, lambda: BOOK, clock, timedelta(days=14)))


def _of(advice: Advice, kind: Kind) -> Suggestion:
    (found,) = [one for one in advice.suggestions if one.kind is kind]
    return found


def _kinds(advice: Advice) -> Sequence[Kind]:
    return [one.kind for one in advice.suggestions]


def test_nothing_is_suggested_where_nothing_is_to_save(
    advisor: Advisor, telemetry_engine: TelemetryEngine, project: str
) -> None:
    """Different questions, alike in length, that all succeed: silence, not a small number."""
    insert_spans(telemetry_engine, project, _quiet_calls())
    advice = advisor.advise(project)
    assert (advice.suggestions, advice.skipped) == ([], [])
    assert (advice.combined.usd, advice.combined.high_usd) == (0, 0)
    assert advice.basis.days == pytest.approx(DAYS)
    assert advice.basis.texts_share == 1


def test_project_without_calls_is_told_why_it_has_no_advice(advisor: Advisor, project: str) -> None:
    """Nothing is known, which is no advice to change nothing."""
    advice = advisor.advise(project)
    assert advice.suggestions == []
    assert {one.kind for one in advice.skipped} == set(Kind)


def test_calls_without_a_price_save_nothing(
    advisor: Advisor, telemetry_engine: TelemetryEngine, project: str
) -> None:
    """What a model without a price would save nobody guesses."""
    own = {"model": "our-own", "provider": "", "input": "the same"}
    calls = [make_call(NOW - timedelta(hours=n), None, **own) for n in range(100)]
    insert_spans(telemetry_engine, project, calls)
    assert advisor.advise(project).suggestions == []


def test_repeated_prompts_are_found(
    advisor: Advisor, telemetry_engine: TelemetryEngine, project: str
) -> None:
    """Ten questions asked every two hours: all but the first are repeats of the day before."""
    repeated = [
        _call(number * 120 + question, f"question {question}")
        for number in range(100)
        for question in range(10)
    ]
    insert_spans(telemetry_engine, project, [*_quiet_calls(), *repeated])
    found = _of(advisor.advise(project), Kind.REPEATED_PROMPTS)
    cost = _cost("gpt-4o", 500, 100)
    assert found.usd == pytest.approx(990 * cost * MONTH, rel=0.02)
    assert found.low_usd == 0  # none comes again within the hour
    assert found.evidence["repeats_in_24h"] == 990
    assert found.evidence["repeated_inputs"] == 10
    assert found.confidence is Confidence.MEDIUM
    assert len(found.trace_ids) == 3


@pytest.mark.parametrize("difference", ["temperature", "model", "same_trace", "failed", "a day apart"])
def test_what_no_cache_would_answer_is_no_repeat(
    advisor: Advisor, telemetry_engine: TelemetryEngine, project: str, difference: str
) -> None:
    """Other parameters, other models, several samples in one trace, failures, and what is too old."""
    cases: dict[str, list[Row]] = {
        "temperature": [{"attributes": {"gen_ai.request.temperature": f"0.{n}"}} for n in range(9)],
        "model": [{"model": model} for model in ("gpt-4o", "gpt-4o-mini", "gpt-4.1", "gpt-4.1-mini", "o3")],
        "same_trace": [{"trace_id": "one-trace-of-all", "span_id": f"span{n:04d}"} for n in range(9)],
        "failed": [{"parse_ok": False, "cost_usd": "0.000000001"} for n in range(9)],
        "a day apart": [{"started_at": NOW - timedelta(days=n, minutes=n)} for n in range(9)],
    }
    calls = [_call(n, "the same question", **one) for n, one in enumerate(cases[difference])]
    insert_spans(telemetry_engine, project, [*_quiet_calls(100), *calls])
    assert Kind.REPEATED_PROMPTS not in _kinds(advisor.advise(project))


PREFIX = "You answer questions about our products. " + " ".join(f"Rule {n}: be exact." for n in range(300))


def test_shared_prefix_is_found(advisor: Advisor, telemetry_engine: TelemetryEngine, project: str) -> None:
    """A system prompt of 2,000 tokens before each question, none of it cached, a call a minute."""
    calls = [_call(n, f"{PREFIX} {n} what is it?", tokens=2010) for n in range(600)]
    insert_spans(telemetry_engine, project, calls)
    found = _of(advisor.advise(project), Kind.SHARED_PREFIXES)
    saved = _rate("gpt-4o", "input") - _rate("gpt-4o", "cache_read")
    share = len(PREFIX) / (len(PREFIX) + 17)
    assert found.usd == pytest.approx(599 * 2010 * share * saved * MONTH, rel=0.02)
    assert 0 < found.low_usd < found.usd <= found.high_usd
    assert found.evidence["begins"] == PREFIX[:80]


@pytest.mark.parametrize("case", ["cached", "short", "rare", "no cached price"])
def test_prefix_that_caching_does_not_help_is_no_suggestion(
    advisor: Advisor, telemetry_engine: TelemetryEngine, project: str, case: str
) -> None:
    """Cached already, too short for providers, hours apart, or of a model without a price for it."""
    cases: dict[str, Row] = {
        "cached": {"tokens": 2010, "cached": 1900},
        "short": {"tokens": 900},
        "rare": {"tokens": 2010},
        "no cached price": {"tokens": 2010, "model": "gpt-4"},
    }
    pause = 90 if case == "rare" else 1
    calls = [_call(n * pause, f"{PREFIX} {n} what is it?", **cases[case]) for n in range(150)]
    insert_spans(telemetry_engine, project, calls)
    assert Kind.SHARED_PREFIXES not in _kinds(advisor.advise(project))


def test_prompts_far_longer_than_their_peers_are_found(
    advisor: Advisor, telemetry_engine: TelemetryEngine, project: str
) -> None:
    """Twenty prompts of 20,000 tokens among four hundred of 500."""
    long = [_call(n * 30, f"long {n}", tokens=20_000) for n in range(20)]
    insert_spans(telemetry_engine, project, [*_quiet_calls(), *long])
    found = _of(advisor.advise(project), Kind.LONG_PROMPTS)
    most = 20 * (20_000 - 500) * _rate("gpt-4o", "input") * MONTH
    assert found.high_usd == pytest.approx(most, rel=0.01)
    assert found.low_usd < found.usd <= found.high_usd
    assert found.evidence["long_calls"] == 20


def test_failed_calls_that_were_paid_for_are_found(
    advisor: Advisor, telemetry_engine: TelemetryEngine, project: str
) -> None:
    """Thirty failures with a cost: those that could be prevented are the least, retries come on top."""
    failed = [
        _call(n * 20, f"fails {n}", status="error", error_class="parse" if n < 10 else "timeout")
        for n in range(30)
    ]
    retried = [
        _call(n * 20 + again, f"again {n}", trace_id=f"retried{n:09d}", name="ask")
        for n in range(8)
        for again in (0, 1)
    ]
    insert_spans(telemetry_engine, project, [*_quiet_calls(), *failed, *retried])
    found = _of(advisor.advise(project), Kind.FAILED_CALLS)
    cost = _cost("gpt-4o", 500, 100) * MONTH
    assert found.low_usd == pytest.approx(10 * cost)
    assert found.usd == pytest.approx(30 * cost)
    assert found.high_usd == pytest.approx(38 * cost, rel=0.01)
    assert found.evidence["by_class"] == {"timeout": 20, "parse": 10}


def test_failures_that_nobody_can_prevent_may_save_nothing(
    advisor: Advisor, telemetry_engine: TelemetryEngine, project: str
) -> None:
    """A provider that times out may go on doing so: the least that is saved is nothing."""
    failed = [_call(n * 20, f"fails {n}", status="error", error_class="timeout") for n in range(30)]
    insert_spans(telemetry_engine, project, [*_quiet_calls(100), *failed])
    found = _of(advisor.advise(project), Kind.FAILED_CALLS)
    assert found.low_usd == 0
    assert found.usd == pytest.approx(30 * _cost("gpt-4o", 500, 100) * MONTH)


def test_answers_that_could_not_be_parsed_are_failures(
    advisor: Advisor, telemetry_engine: TelemetryEngine, project: str
) -> None:
    """They were paid for and are of no use."""
    wrong = [_call(n * 20, f"unreadable {n}", parse_ok=False) for n in range(30)]
    insert_spans(telemetry_engine, project, [*_quiet_calls(), *wrong])
    found = _of(advisor.advise(project), Kind.FAILED_CALLS)
    assert found.low_usd == found.usd == pytest.approx(30 * _cost("gpt-4o", 500, 100) * MONTH)


def _scored(
    engine: TelemetryEngine, project: str, means: dict[str, float], *, count: int = 200, tokens: int = 500
) -> None:
    """Calls of several models on the same work, each with a score around the mean of its model."""
    source = random.Random(5)
    calls, scores = [], []
    for model, mean in means.items():
        size = tokens if model == "gpt-4o" else 500
        for number in range(count):
            call = _call(number * 60, f"{model} {number}", model=model, tokens=size, prompt_name="sum up")
            calls.append(call)
            scores.append(
                {
                    "name": "correct",
                    "trace_id": call["trace_id"],
                    "span_id": call["span_id"] if number % 2 else "",
                    "at": call["started_at"],
                    "value": min(1.0, max(0.0, source.gauss(mean, 0.1))),
                }
            )
    insert_spans(engine, project, calls)
    insert_scores(engine, project, scores)


def test_cheaper_model_that_is_as_good_is_found(
    advisor: Advisor, telemetry_engine: TelemetryEngine, project: str
) -> None:
    """The same scores at a sixteenth of the price."""
    _scored(telemetry_engine, project, {"gpt-4o": 0.8, "gpt-4o-mini": 0.8})
    found = _of(advisor.advise(project), Kind.CHEAPER_MODEL)
    saved = _cost("gpt-4o", 500, 100) - _cost("gpt-4o-mini", 500, 100)
    assert found.usd == pytest.approx(200 * saved * MONTH, rel=0.01)
    assert (found.evidence["model"], found.evidence["cheaper_model"]) == ("gpt-4o", "gpt-4o-mini")
    assert found.evidence["scores"][0]["count"] == 200
    assert "gpt-4o-mini" in found.title.ko


@pytest.mark.parametrize(
    ("means", "options"),
    [
        ({"gpt-4o": 0.8, "gpt-4o-mini": 0.7}, {}),
        ({"gpt-4o": 0.8, "gpt-4o-mini": 0.8}, {"count": 20}),
        ({"gpt-4o": 0.8, "gpt-4o-mini": 0.8}, {"tokens": 1500}),
        ({"gpt-4o": 0.8}, {}),
    ],
)
def test_nothing_is_said_of_a_model_that_is_not_shown_to_be_as_good(
    advisor: Advisor,
    telemetry_engine: TelemetryEngine,
    project: str,
    means: dict[str, float],
    options: dict[str, int],
) -> None:
    """Worse, too few scores, other work, or nothing to compare with."""
    _scored(telemetry_engine, project, means, **options)
    assert Kind.CHEAPER_MODEL not in _kinds(advisor.advise(project))


WORDS = [
    f"{a}{b}{c}"
    for a in ("kor", "lam", "mip", "nest")
    for b in ("ab", "el", "iv", "oz")
    for c in ("an", "et")
]


def _with_documents(number: int, used: int, total: int, source: random.Random) -> list[Row]:
    """A search that brings documents and a call whose answer draws on the first of them."""
    documents = [
        f"Document {number}-{rank} tells "
        + " ".join(f"{source.choice(WORDS)}{source.randrange(10**6)}" for _ in range(60))
        for rank in range(total)
    ]
    answer = " ".join(word for text in documents[:used] for word in text.split()[3:11])
    trace: Row = {"trace_id": f"searched{number:08d}"}
    listed = json.dumps([{"id": str(rank), "content": text} for rank, text in enumerate(documents)])
    at = NOW - timedelta(days=DAYS) + timedelta(hours=number)
    search = {**make_search(at, f"question {number}", listed), "document_count": total, **trace}
    prompt = f"Answer question {number} from these. " + " ".join(documents)
    call = _call(number * 60 + 1, prompt, tokens=3000, output=answer, name="answer", **trace)
    return [search, call]


def test_documents_that_no_answer_draws_on_are_found(
    advisor: Advisor, telemetry_engine: TelemetryEngine, project: str
) -> None:
    """Two of eight documents are used: three quarters of the context could go."""
    source = random.Random(1)
    rows = [row for number in range(60) for row in _with_documents(number, 2, 8, source)]
    insert_spans(telemetry_engine, project, rows)
    found = _of(advisor.advise(project), Kind.UNUSED_CONTEXT)
    assert found.evidence["keep_documents"] == 2
    assert found.evidence["documents_per_prompt"] == 8
    assert found.usd == pytest.approx(60 * 3000 * 0.75 * _rate("gpt-4o", "input") * MONTH, rel=0.06)


def test_calls_without_a_search_have_no_documents_to_spare(
    advisor: Advisor, telemetry_engine: TelemetryEngine, project: str
) -> None:
    """Half of the calls of the same name follow no search: what they send is not saved."""
    source = random.Random(1)
    rows = [row for number in range(60) for row in _with_documents(number, 2, 8, source)]
    alone = [_call(number * 61, f"alone {number}", tokens=3000, name="answer") for number in range(60)]
    insert_spans(telemetry_engine, project, [*rows, *alone])
    found = _of(advisor.advise(project), Kind.UNUSED_CONTEXT)
    assert found.usd == pytest.approx(60 * 3000 * 0.75 * _rate("gpt-4o", "input") * MONTH, rel=0.06)


def test_documents_that_answers_draw_on_stay(
    advisor: Advisor, telemetry_engine: TelemetryEngine, project: str
) -> None:
    """All of four documents are used."""
    source = random.Random(2)
    rows = [row for number in range(60) for row in _with_documents(number, 4, 4, source)]
    insert_spans(telemetry_engine, project, rows)
    assert Kind.UNUSED_CONTEXT not in _kinds(advisor.advise(project))


def test_overlapping_savings_are_not_counted_twice(
    advisor: Advisor, telemetry_engine: TelemetryEngine, project: str
) -> None:
    """Everything repeats and begins alike: together no more is saved than is spent."""
    calls = [_call(n, f"{PREFIX} {n % 5}", tokens=2010) for n in range(600)]
    insert_spans(telemetry_engine, project, calls)
    advice = advisor.advise(project)
    assert {Kind.REPEATED_PROMPTS, Kind.SHARED_PREFIXES} <= set(_kinds(advice))
    spent = 600 * _cost("gpt-4o", 2010, 100) * MONTH
    assert sum(one.usd for one in advice.suggestions) > spent
    assert max(one.usd for one in advice.suggestions) <= advice.combined.usd < spent
    assert advice.combined.low_usd <= advice.combined.usd <= advice.combined.high_usd <= spent * (1 + 1e-9)


def test_one_day_of_calls_is_told_to_be_little(
    advisor: Advisor, telemetry_engine: TelemetryEngine, project: str
) -> None:
    """An hour is not made a month of, and the confidence is low."""
    calls = [make_call(NOW - timedelta(minutes=n), 0.1, input="the same") for n in range(1, 61)]
    insert_spans(telemetry_engine, project, calls)
    found = _of(advisor.advise(project), Kind.REPEATED_PROMPTS)
    assert found.confidence is Confidence.LOW
    assert found.usd == pytest.approx(59 * 0.1 * 30)


def test_only_the_latest_texts_are_read_and_the_share_is_told(
    advisor: Advisor,
    telemetry_engine: TelemetryEngine,
    project: str,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """With room for half of the texts, what repeats in them is made the whole of."""
    monkeypatch.setattr("pitwall.costs.advice.repository.MAX_TEXT_BYTES", 600 * 5)
    calls = [_call(n * 24, f"question {n % 10}") for n in range(600)]
    insert_spans(telemetry_engine, project, calls)
    advice = advisor.advise(project)
    assert 0.4 < advice.basis.texts_share < 0.6
    found = _of(advice, Kind.REPEATED_PROMPTS)
    assert found.usd == pytest.approx(590 * _cost("gpt-4o", 500, 100) * MONTH, rel=0.03)
    assert f"{advice.basis.texts_share * 100:.0f} %" in found.note.en
