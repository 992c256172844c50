"""A team's own pack: every source and function of the language, on records that a reader can add up."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from pitwall.kit.clock import ManualClock
from pitwall.signals.catalogue import load_catalogue
from pitwall.signals.service import Signals
from pitwall.signals.types import SignalQuery
from pitwall.signals.watermark import Watermark
from pitwall.stores.telemetry.engine import TelemetryEngine
from tests.integration.signals.telemetry import (
    NOON,
    insert_logs,
    insert_points,
    insert_scores,
    insert_spans,
    make_point,
    make_span,
)

MINUTE = timedelta(minutes=1)


@pytest.fixture
def ask(telemetry_engine: TelemetryEngine, project: str, clock: ManualClock, tmp_path: Path) -> Any:
    """Return the values of a signal that is written down on the spot."""

    def values(over: str, value: str, unit: str = "calls", **query: Any) -> list[float | None]:
        (tmp_path / "signals").mkdir(exist_ok=True)
        (tmp_path / "signals" / "own.yaml").write_text(
            "- name: own.signal\n  title: {en: Own, ko: 우리}\n  description: {en: Own., ko: 우리 신호.}\n"
            f'  over: "{over}"\n  value: "{value}"\n  unit: {unit}\n',
            encoding="utf-8",
        )
        signals = Signals(telemetry_engine, load_catalogue([tmp_path]), Watermark(clock, lambda: 0.0))
        asked = {"since": NOON, "until": NOON + MINUTE * 60, **query}
        return [row.value for row in signals.query(SignalQuery("own.signal", project, **asked)).rows]

    return values


@pytest.fixture
def spans(telemetry_engine: TelemetryEngine, project: str) -> None:
    """Four calls in three minutes, of two tenants."""
    rows = [(0, 10, "가'나", "a"), (0, 30, "x", "b"), (1, 50, "x", "b"), (2, 90, "x", "c")]
    insert_spans(
        telemetry_engine,
        project,
        [
            make_span(
                started_at=NOON + MINUTE * minute,
                duration_ms=duration,
                attributes={"tenant": tenant},
                session_id=session,
                status="error" if duration > 40 else "ok",
                error_class="timeout" if duration > 80 else "",
            )
            for minute, duration, tenant, session in rows
        ],
    )


@pytest.mark.parametrize(
    ("over", "value", "unit", "expected"),
    [
        ("spans where attributes['tenant'] = '가''나'", "count()", "calls", 1),
        ("spans where attributes['tenant'] in ('x', 'y')", "sum(duration_ms)", "ms", 170),
        ("spans where not (duration_ms < 40 or duration_ms > 80)", "count()", "calls", 1),
        ("spans where ttft_ms is null", "count()", "calls", 4),
        ("spans where ttft_ms is not null", "count()", "calls", None),
        ("spans", "distinct(session_id)", "users", 3),
        ("spans", "min(duration_ms)", "ms", 10),
        ("spans", "max(duration_ms)", "ms", 90),
        ("spans", "last(duration_ms)", "ms", 90),
        ("spans", "quantile(0.5, duration_ms where attributes['tenant'] = 'x')", "ms", 50),
        ("spans", "mean(duration_ms where status = 'error')", "ms", 70),
        ("spans", "ratio(error_class = 'timeout' of status = 'error')", "ratio", 0.5),
        ("spans where status = 'error'", "ratio(error_class = 'timeout')", "ratio", 0.5),
        ("spans where status = 'error'", "count()", "calls", 2),
        ("spans", "(max(duration_ms) - min(duration_ms)) / 2", "ms", 40),
        ("spans", "count(status = 'error') / count()", "ratio", 0.5),
        ("spans", "-1 * count()", "calls", -4),
    ],
)
@pytest.mark.usefixtures("spans")
def test_function_over_spans(ask: Any, over: str, value: str, unit: str, expected: float | None) -> None:
    """The answer over the hour is what one counts by hand, from rollups and from raw records alike."""
    for until in (NOON + MINUTE * 60, NOON + MINUTE * 60 + timedelta(seconds=1)):
        (answer,) = ask(over, value, unit, until=until)
        assert answer == (expected if expected is None else pytest.approx(expected, rel=0.011))


@pytest.mark.usefixtures("spans")
def test_moving_mean_looks_back_before_the_range(ask: Any) -> None:
    """The first window of a range has its past; windows without data are left out of the mean."""
    windows = {"since": NOON + MINUTE, "until": NOON + MINUTE * 5, "step": MINUTE}
    assert ask("spans", "moving_mean(2, count())", **windows) == [1.5, 1.0, 1.0, None]


@pytest.mark.usefixtures("spans")
def test_histogram_of_a_measured_number(ask: Any) -> None:
    """Buckets of a number that is not counted are intervals."""
    assert ask("spans", "histogram(duration_ms, 10.5, 50)") == [1, 2, 1]


@pytest.mark.usefixtures("spans")
def test_projects_own_rate(ask: Any) -> None:
    """Shares of a dimension add up to the whole."""
    assert ask("spans", "share(error_class)", "ratio") == [0.75, 0.25]


def test_logs_are_counted_by_severity(ask: Any, telemetry_engine: TelemetryEngine, project: str) -> None:
    """Logs are a source like spans."""
    rows = [[project, "2026-11-20 12:00:01", severity] for severity in ("ERROR", "INFO", "ERROR")]
    telemetry_engine.insert_rows("logs_in", ["project", "at", "severity"], rows)
    assert ask("logs", "ratio(severity = 'ERROR')", "ratio") == [pytest.approx(2 / 3)]


def test_corrected_score_counts_once(ask: Any, telemetry_engine: TelemetryEngine, project: str) -> None:
    """A score that was sent again with another value replaces the first."""
    columns = ["project", "score_id", "name", "at", "received_at", "value"]
    for received, value in (("2026-11-20 12:00:02", 0.0), ("2026-11-20 12:00:03", 1.0)):
        row = [project, "s-1", "faithfulness", "2026-11-20 12:00:01", received, value]
        telemetry_engine.insert_rows("scores_in", columns, [row])
    assert ask("scores where name = 'faithfulness'", "mean(value)", "ratio") == [1.0]
    assert ask("scores where name = 'faithfulness'", "count()", "scores") == [1.0]


def test_gauge_has_no_number_of_observations(
    telemetry_engine: TelemetryEngine, project: str, ask: Any
) -> None:
    """A histogram counts what it observed, also when that was nothing; a gauge counts nothing."""
    observed = [make_point("latency", 0, type="histogram", count=count) for count in (0, 8)]
    insert_points(telemetry_engine, project, [*observed, make_point("latency", 3)])
    assert ask("points where name = 'latency'", "mean(count)") == [4.0]


def test_log_without_a_severity_is_not_the_mildest(
    telemetry_engine: TelemetryEngine, project: str, ask: Any
) -> None:
    """OpenTelemetry sends 0 for what nobody said."""
    insert_logs(telemetry_engine, project, [{"at": NOON, "severity_number": n} for n in (0, 0, 9, 17)])
    assert ask("logs", "mean(severity_number)") == [13.0]


def test_scores_say_how_good_answers_are(
    telemetry_engine: TelemetryEngine, project: str, signals: Signals
) -> None:
    """The mean of a confidence, the part that matched, and the label of each framework; of others nothing."""
    scores: list[tuple[str, float | None, str]] = [
        ("confidence", 0.9, ""),
        ("confidence", 0.5, ""),
        ("confidence", None, "unsure"),
        *(("match", value, "") for value in (1.0, 1.0, 1.0, 0.0)),
        *(("framework", None, label) for label in ("GRI", "GRI", "SASB", "TCFD")),
    ]
    rows = [{"name": name, "value": value, "label": label} for name, value, label in scores]
    insert_scores(telemetry_engine, project, rows)

    def ask(name: str) -> Any:
        found = signals.query(SignalQuery(name, project, NOON, NOON + MINUTE * 60)).rows
        return [(dict(row.labels), row.value, row.count) for row in found]

    assert ask("quality.mean_confidence") == [({}, pytest.approx(0.7), 2)]
    assert ask("quality.match_rate") == [({}, 0.75, 4)]
    assert ask("quality.framework_share") == [
        ({"label": "GRI"}, 0.5, 4),
        ({"label": "SASB"}, 0.25, 4),
        ({"label": "TCFD"}, 0.25, 4),
    ]


def test_quality_that_nobody_judged_is_no_data(signals: Signals, project: str) -> None:
    """Without scores there is neither confidence nor a match rate, and no framework."""
    for name in ("quality.mean_confidence", "quality.match_rate"):
        (row,) = signals.query(SignalQuery(name, project, NOON, NOON + MINUTE * 60)).rows
        assert (row.value, row.band) == (None, "no_data")
    assert signals.query(SignalQuery("quality.framework_share", project, NOON, NOON + MINUTE * 60)).rows == []
