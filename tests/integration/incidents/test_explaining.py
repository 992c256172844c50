"""Planted causes are found in telemetry, and where there is none, none is told."""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from typing import Any

import pytest

from pitwall.changes.service import told_entry
from pitwall.changes.types import ChangeFacts, ListedChange, ToldChange, ToldKind
from pitwall.incidents.book import Book
from pitwall.incidents.explainer import Explainer
from pitwall.incidents.explanation import Explanation, Status
from pitwall.incidents.explanation_texts import explanation_text
from pitwall.incidents.explanation_wire import explanation_view
from pitwall.incidents.schemas import ContributionView, IncidentExplanationView
from pitwall.incidents.types import Grouping
from pitwall.kit.clock import ManualClock
from pitwall.signals.catalogue import core_pack, load_catalogue
from pitwall.signals.service import Signals
from pitwall.signals.watermark import Watermark
from pitwall.stores.telemetry.engine import TelemetryEngine
from tests.integration.signals.telemetry import Row, insert_spans, make_span
from tests.unit.incidents.events import NOON, make_event

BEGIN = NOON - timedelta(minutes=1)
LATER = NOON + timedelta(minutes=20)
MODELS = ("qwen2.5:7b", "gpt-4o", "llama3")


@pytest.fixture
def signals(telemetry_engine: TelemetryEngine) -> Signals:
    clock = ManualClock(LATER)
    return Signals(telemetry_engine, load_catalogue([core_pack()]), Watermark(clock, lambda: 0.0))


class Story:
    """Calls before and during an incident, with what is the same for all drawn at random."""

    def __init__(self, engine: TelemetryEngine, project: str, seed: int = 20261120) -> None:
        self.source = random.Random(seed)
        self._engine = engine
        self._project = project
        self._rows: list[Row] = []

    def calls(self, when: str, count: int, columns: Callable[[], dict[str, Any]]) -> Story:
        """Add calls of the hour before or of the twenty minutes since."""
        start, minutes = (BEGIN - timedelta(minutes=60), 60) if when == "before" else (BEGIN, 20)
        for _ in range(count):
            id_ = self.source.randbytes(24)
            row = make_span(
                trace_id=id_[:16].hex()[:16],
                span_id=id_[16:].hex()[:8],
                started_at=start + timedelta(minutes=self.source.uniform(0, minutes)),
                model=self.source.choice(MODELS),
                version="1.0",
                environment=self.source.choice(["prod", "test"]),
                name=self.source.choice(["answer", "summarise"]),
                duration_ms=self.source.uniform(80, 120),
            )
            self._rows.append({**row, **columns()})
        return self

    def fails(self, share: float, error_class: str = "provider") -> dict[str, Any]:
        """A call that fails with a probability."""
        if self.source.random() >= share:
            return {}
        return {"status": "error", "error_class": error_class}

    def store(self) -> None:
        """Put everything into the store."""
        insert_spans(self._engine, self._project, self._rows)


@pytest.fixture
def story(telemetry_engine: TelemetryEngine, project: str) -> Story:
    return Story(telemetry_engine, project)


def _explain(
    signals: Signals,
    project: str,
    signal: str = "llm.failure_rate",
    *,
    labels: dict[str, str] | None = None,
    where: str = "",
    changes: Sequence[ListedChange] = (),
    now: datetime = LATER,
) -> Explanation:
    book = Book(project, Grouping(), [], 1)
    labels = {"service": "voc-chat"} if labels is None else labels
    book.enter(make_event(minutes=5, signal=signal, labels=labels, records=where, project=project))
    explainer = Explainer(signals, lambda *_: changes)
    found = explainer.explain(project, book.incidents[0], now)
    view = explanation_view(found)
    IncidentExplanationView.model_validate(view)
    assert set(view) == set(IncidentExplanationView.model_fields)
    for one in view["contributions"]:
        assert set(one) == set(ContributionView.model_fields)
    return found


def _first(found: Explanation) -> tuple[str, str]:
    return found.contributions[0].dimension, found.contributions[0].part.slice.name


def test_model_that_fails_is_found(
    story: Story, signals: Signals, project: str, telemetry_engine: TelemetryEngine
) -> None:
    """With its numbers, how its calls end, and traces of its failures."""

    def now() -> dict[str, Any]:
        model = story.source.choice(MODELS)
        return {"model": model, **story.fails(0.5 if model == "gpt-4o" else 0.01, "timeout")}

    story.calls("before", 900, lambda: story.fails(0.01)).calls("now", 300, now).store()
    found = _explain(signals, project)
    assert (found.status, _first(found)) == (Status.EXPLAINED, ("model", "gpt-4o"))
    part = found.contributions[0].part
    assert part.share > 0.85
    assert part.rate_effect is not None
    assert part.rate_effect > 0.8 * part.share
    assert [one.part.slice.name for one in found.contributions if one.is_outcome] == ["timeout"]
    traces = ", ".join(f"unhex('{id_}')" for id_ in found.contributions[0].example_trace_ids)
    rows = telemetry_engine.query(
        "SELECT DISTINCT model, error_class FROM spans "
        f"WHERE project = '{project}' AND trace_id IN ({traces})"
    ).rows
    assert [tuple(row) for row in rows] == [("gpt-4o", "timeout")]
    text = explanation_text(found)
    assert "of the change comes from model gpt-4o" in text.en
    assert "It became worse itself." in text.en
    assert "ended as error class timeout" in text.en
    assert "모델 gpt-4o" in text.ko


def test_source_of_documents_that_finds_nothing_is_found(
    story: Story, signals: Signals, project: str
) -> None:
    """Where searches look is called the source of documents, which the component of other spans is not."""

    def search(empty: float) -> dict[str, Any]:
        source = story.source.choice(["faq", "contracts", "manuals"])
        found = 0 if story.source.random() < (empty if source == "contracts" else 0.05) else 3
        return {"kind": "retriever", "component": source, "document_count": found}

    story.calls("before", 900, lambda: search(0.05)).calls("now", 300, lambda: search(0.9)).store()
    found = _explain(signals, project, "rag.hit_rate")
    assert (found.status, _first(found)) == (Status.EXPLAINED, ("component", "contracts"))
    text = explanation_text(found)
    assert "of the change comes from document source contracts" in text.en
    assert "문서 출처 contracts" in text.ko


def test_two_models_that_fail_are_both_found(story: Story, signals: Signals, project: str) -> None:
    """The stronger one first."""

    def now() -> dict[str, Any]:
        model = story.source.choice([*MODELS, "phi4", "gemma3"])
        return {"model": model, **story.fails({"gpt-4o": 0.6, "phi4": 0.4}.get(model, 0.01))}

    def before() -> dict[str, Any]:
        return {"model": story.source.choice([*MODELS, "phi4", "gemma3"]), **story.fails(0.01)}

    story.calls("before", 1500, before).calls("now", 500, now).store()
    found = _explain(signals, project)
    assert [one.part.slice.name for one in found.contributions if not one.is_outcome] == ["gpt-4o", "phi4"]
    assert "Next come model phi4" in explanation_text(found).en


def test_slow_new_version_is_found_in_a_mean_and_a_quantile(
    story: Story, signals: Signals, project: str
) -> None:
    """It was not there before; without it nothing would have changed."""

    def now() -> dict[str, Any]:
        if story.source.random() < 0.4:
            return {"version": "1.1", "duration_ms": story.source.uniform(800, 1200)}
        return {}

    story.calls("before", 900, dict).calls("now", 300, now).store()
    for signal in ("llm.mean_latency_ms", "llm.p95_latency_ms"):
        found = _explain(signals, project, signal)
        assert (found.status, _first(found)) == (Status.EXPLAINED, ("version", "1.1")), signal
        assert found.contributions[0].part.share == pytest.approx(1, abs=0.1), signal
    assert "of the records beyond 1" in explanation_text(found).en
    assert found.contributions[0].without == pytest.approx(118, abs=3)


def test_shift_of_calls_alone_is_told_as_such(story: Story, signals: Signals, project: str) -> None:
    """No model became worse: more calls go to the one that fails often."""

    def call(share: float) -> dict[str, Any]:
        model = "llama3" if story.source.random() < share else "gpt-4o"
        return {"model": model, **story.fails(0.4 if model == "llama3" else 0.01)}

    story.calls("before", 1500, lambda: call(0.1)).calls("now", 500, lambda: call(0.7)).store()
    found = _explain(signals, project)
    assert (found.status, _first(found)) == (Status.EXPLAINED, ("model", "llama3"))
    part = found.contributions[0].part
    assert part.mix_effect is not None
    assert part.mix_effect > 0.8 * part.share
    text = explanation_text(found)
    assert "its part of the records went from 1" in text.en
    assert "비중이" in text.ko


def test_failures_everywhere_have_no_single_cause(story: Story, signals: Signals, project: str) -> None:
    """All models fail alike; only how they end can be told."""
    story.calls("before", 900, lambda: story.fails(0.02))
    story.calls("now", 300, lambda: story.fails(0.3, "rate_limit")).store()
    found = _explain(signals, project)
    assert found.status is Status.SPREAD
    assert all(one.is_outcome for one in found.contributions)
    assert "No single value stands out" in explanation_text(found).en


def test_nothing_new_is_no_change(story: Story, signals: Signals, project: str) -> None:
    """A limit that was always exceeded."""
    story.calls("before", 900, lambda: story.fails(0.2)).calls("now", 300, lambda: story.fails(0.2)).store()
    found = _explain(signals, project)
    assert (found.status, list(found.contributions)) == (Status.NO_CHANGE, [])
    assert "no clear change" in explanation_text(found).en


@pytest.mark.parametrize("seed", range(20))
def test_noise_of_a_quantile_is_never_explained(
    telemetry_engine: TelemetryEngine, signals: Signals, project: str, seed: int
) -> None:
    """The same lognormal latencies before and now."""
    story = Story(telemetry_engine, project, seed)

    def call() -> dict[str, Any]:
        return {"duration_ms": story.source.lognormvariate(6, 1)}

    story.calls("before", 600, call).calls("now", 150, call).store()
    found = _explain(signals, project, "llm.p95_latency_ms")
    assert found.status in (Status.NO_CHANGE, Status.SPREAD)


def test_sum_names_what_grew(story: Story, signals: Signals, project: str) -> None:
    """Calls tripled, all of them of one prompt, which charts cannot split by."""
    story.calls("before", 900, lambda: {"prompt_name": story.source.choice(["a", "b", "c"])})
    story.calls("now", 300, lambda: {"prompt_name": story.source.choice(["a", "b", "c"])})
    story.calls("now", 600, lambda: {"prompt_name": "c"}).store()
    found = _explain(signals, project, "llm.requests")
    assert (found.status, _first(found)) == (Status.EXPLAINED, ("prompt_name", "c"))
    assert found.before.value == pytest.approx(900 * 26 / 60, rel=0.4), "as many as in a stretch as long"
    assert found.contributions[0].part.share == pytest.approx(1, abs=0.15)
    assert "in as long a time of the 1h before" in explanation_text(found).en


def test_labels_and_condition_of_the_alert_narrow_what_is_compared(
    story: Story, signals: Signals, project: str
) -> None:
    """Failures of another service, and of what the rule leaves out, are not looked at."""

    def noise() -> dict[str, Any]:
        return {"service": "search", "model": "bad", **story.fails(0.9)}

    def left_out() -> dict[str, Any]:
        return {"name": "ignored", "model": "bad", **story.fails(0.9)}

    story.calls("before", 900, lambda: story.fails(0.01))
    story.calls("now", 300, lambda: story.fails(0.3)).calls("now", 300, noise).calls("now", 300, left_out)
    story.store()
    found = _explain(signals, project, where="name != 'ignored'")
    assert found.now.count == 300
    assert found.status is Status.SPREAD


def test_alert_about_one_model_is_compared_with_the_others(
    story: Story, signals: Signals, project: str
) -> None:
    """What its labels say is no explanation; how it is elsewhere is told."""

    def now() -> dict[str, Any]:
        model = story.source.choice(MODELS)
        return {"model": model, **story.fails(0.5 if model == "gpt-4o" else 0.01)}

    story.calls("before", 900, lambda: story.fails(0.01)).calls("now", 300, now)
    story.calls("now", 300, lambda: {"service": "search", **story.fails(0.9)}).store()
    found = _explain(signals, project, labels={"service": "voc-chat", "model": "gpt-4o"})
    assert found.status is Status.SPREAD
    assert found.elsewhere is not None
    before, after = found.elsewhere
    assert (after.count + found.now.count, before.count + found.before.count) == (300, 900)
    assert after.value is not None
    assert after.value < 0.05
    assert "Apart from gpt-4o it was" in explanation_text(found).en
    assert "gpt-4o 외에는" in explanation_text(found).ko


def test_longer_baseline_is_taken_where_the_hour_before_is_thin(
    story: Story, signals: Signals, project: str
) -> None:
    """A quiet service is compared with its day."""
    story.calls("before", 900, lambda: {"started_at": BEGIN - timedelta(hours=story.source.uniform(2, 20))})
    story.calls("now", 300, lambda: story.fails(0.3)).store()
    found = _explain(signals, project)
    assert found.baseline is not None
    assert found.baseline.until - found.baseline.since == timedelta(hours=24)
    assert found.before.count == 900


@pytest.mark.parametrize(("before", "now"), [(0, 100), (100, 5), (0, 0)])
def test_too_little_data_is_said(story: Story, signals: Signals, project: str, before: int, now: int) -> None:
    """Instead of a guess."""
    story.calls("before", before, dict).calls("now", now, lambda: story.fails(0.5)).calls(
        "now", 1, lambda: {"service": "other"}
    ).store()
    found = _explain(signals, project)
    assert found.status is Status.NOT_ENOUGH_DATA
    assert f"{now:,} records" in explanation_text(found).en
    assert "부족합니다" in explanation_text(found).ko


@pytest.mark.parametrize(
    ("signal", "labels", "where"),
    [
        ("no.such_signal", {}, ""),
        ("llm.model_share", {}, ""),
        ("llm.failure_rate", {"instance": "10.0.0.1:9100"}, ""),
        ("llm.failure_rate", {}, "this is no condition"),
    ],
)
def test_what_cannot_be_compared_is_said(
    signals: Signals, project: str, signal: str, labels: dict[str, str], where: str
) -> None:
    """An alert of somebody else, a distribution, labels that records do not have."""
    found = _explain(signals, project, signal, labels=labels, where=where)
    assert found.status is Status.NOT_APPLICABLE
    assert signal in explanation_text(found).en


def _told(title: str, minutes: float, **facts: Any) -> ListedChange:
    at = NOON + timedelta(minutes=minutes)
    told = ChangeFacts(kind=ToldKind.DEPLOY, title=title, **facts)
    return told_entry(ToldChange(id=title, at=at, facts=told, by="ci", recorded_at=at))


def test_changes_around_the_beginning_are_told(story: Story, signals: Signals, project: str) -> None:
    """Those of the service alone, first the one whose new value explains most."""

    def now() -> dict[str, Any]:
        return {"version": "1.1", **story.fails(0.5)} if story.source.random() < 0.5 else story.fails(0.01)

    story.calls("before", 900, lambda: story.fails(0.01)).calls("now", 300, now).store()
    changes = [
        _told("index rebuilt", 3),
        _told("voc-chat 1.1", -2, service="voc-chat", before="1.0", after="1.1"),
        _told("search 7", 1, service="search"),
    ]
    found = _explain(signals, project, changes=changes)
    assert _first(found) == ("version", "1.1")
    text = explanation_text(found).en
    assert "Changed 7m before the first alert: deploy: voc-chat 1.1 (1.0 → 1.1), voc-chat." in text
    assert text.index("voc-chat 1.1") < text.index("index rebuilt")
    assert "search 7" not in text


def test_every_signal_of_the_catalogue_can_be_looked_at(story: Story, signals: Signals, project: str) -> None:
    """None of them fails, whatever it is computed of."""
    story.calls("before", 60, lambda: story.fails(0.1)).calls("now", 60, lambda: story.fails(0.5)).store()
    statuses = {
        signal.name: _explain(signals, project, signal.name, labels={}).status for signal in signals.catalogue
    }
    assert Status.FAILED not in statuses.values()
    assert statuses["llm.failure_rate"] in (Status.EXPLAINED, Status.SPREAD)
