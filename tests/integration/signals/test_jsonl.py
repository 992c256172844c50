"""Windows straight from JSON lines files: exact numbers, every bad line named, only new bytes read."""

from __future__ import annotations

import json
import random
from collections import defaultdict
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from pitwall.core.errors import InvalidInput, NotFound
from pitwall.signals.jsonl import JsonlReport, aggregate
from pitwall.stores.telemetry.engine import TelemetryEngine

FIVE_MINUTES = timedelta(minutes=5)
NOON = datetime(2026, 11, 20, 12, tzinfo=UTC)


def _call(**fields: Any) -> dict[str, Any]:
    call = {
        "ts": "2026-11-20T12:00:01.250Z",
        "event": "llm.call",
        "model": "qwen2.5:7b",
        "provider": "ollama",
        "success": True,
        "latency_ms": 100.0,
        "prompt_tokens": 10,
        "completion_tokens": 5,
        "error": None,
        "interaction_id": "r-1",
    }
    return {**call, **fields}


def _write(path: Path, *lines: object, end: str = "\n") -> Path:
    texts = [line if isinstance(line, str) else json.dumps(line, ensure_ascii=False) for line in lines]
    path.write_text("\n".join(texts) + end, encoding="utf-8")
    return path


def _summary(report: JsonlReport) -> dict[tuple[str, datetime], tuple[int, float | None, int]]:
    return {
        (window.labels.get("model", ""), window.start): (
            window.count,
            window.success_rate,
            window.prompt_tokens,
        )
        for window in report.windows
    }


def test_windows_are_what_plain_python_computes(telemetry_engine: TelemetryEngine, tmp_path: Path) -> None:
    """Counts, rates, tokens per window and model are exact, quantiles within 1 %, however the file is cut."""
    source = random.Random(5)
    calls = [
        _call(
            ts=(NOON + timedelta(seconds=source.uniform(0, 3600))).isoformat(),
            model=source.choice(["qwen2.5:7b", '모델 "가"']),
            success=source.random() < 0.9,
            latency_ms=round(source.lognormvariate(6, 1), 2),
            prompt_tokens=source.randrange(3000),
        )
        for _ in range(3000)
    ]
    expected: defaultdict[tuple[str, datetime], list[dict[str, Any]]] = defaultdict(list)
    for call in calls:
        seconds = (datetime.fromisoformat(call["ts"]) - NOON) // FIVE_MINUTES
        expected[(call["model"], NOON + seconds * FIVE_MINUTES)].append(call)
    path = _write(tmp_path / "llm_calls.jsonl", *calls)
    for chunk_bytes in (1 << 25, 50_000):
        report = aggregate(
            telemetry_engine, [path], window=FIVE_MINUTES, by=["model"], chunk_bytes=chunk_bytes
        )
        assert _summary(report) == {
            key: (
                len(group),
                sum(call["success"] for call in group) / len(group),
                sum(call["prompt_tokens"] for call in group),
            )
            for key, group in expected.items()
        }
        for window in report.windows:
            ranked = sorted(call["latency_ms"] for call in expected[(window.labels["model"], window.start)])
            assert window.p95_latency_ms is not None
            low, high = ranked[int(0.95 * (len(ranked) - 1))], ranked[int(0.95 * (len(ranked) - 1)) + 1]
            assert low * 0.989 <= window.p95_latency_ms <= high * 1.011


@settings(max_examples=20, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.lists(st.sampled_from(["call", "other", "broken", "blank", "timeless"]), min_size=1, max_size=30),
    st.integers(60, 600),
)
def test_every_line_is_accounted_for(
    telemetry_engine: TelemetryEngine, tmp_path: Path, kinds: list[str], chunk_bytes: int
) -> None:
    """Calls, other events and malformed lines add up to the lines; each malformed one has its number."""
    lines = {
        "call": json.dumps(_call()),
        "other": json.dumps({"ts": "2026-11-20T12:00:00Z", "event": "rag.retrieve", "hits": 3}),
        "broken": '{"ts":"2026-11-20T12:00:00Z","event":"llm.call"',
        "timeless": json.dumps(_call(ts="soon")),
        "blank": "",
    }
    path = _write(tmp_path / "mixed.jsonl", *(lines[kind] for kind in kinds))
    report = aggregate(telemetry_engine, [path], window=FIVE_MINUTES, chunk_bytes=chunk_bytes)
    bad = [number for number, kind in enumerate(kinds, 1) if kind in ("broken", "timeless")]
    assert report.lines == len(kinds)
    assert sum(window.count for window in report.windows) == kinds.count("call")
    assert report.other_events == kinds.count("other")
    assert report.malformed == len(bad)
    assert [line.number for line in report.malformed_lines] == bad[:20]


def test_bad_line_deep_in_a_large_file_has_its_number(
    telemetry_engine: TelemetryEngine, tmp_path: Path
) -> None:
    """Lines are numbered through all chunks, also those larger than what is on its way at once."""
    path = _write(tmp_path / "llm_calls.jsonl", *[_call()] * 20_000, "broken", *[_call()] * 5000, "broken")
    report = aggregate(telemetry_engine, [path], window=FIVE_MINUTES, chunk_bytes=3 << 20)
    assert [line.number for line in report.malformed_lines] == [20_001, 25_002]
    assert [window.count for window in report.windows] == [25_000]


def test_grown_file_costs_only_its_new_bytes(telemetry_engine: TelemetryEngine, tmp_path: Path) -> None:
    """A second pass reads what was added, and the numbers are those of one pass over everything."""
    path = _write(tmp_path / "llm_calls.jsonl", *[_call()] * 50, "broken")
    options: dict[str, Any] = {"window": FIVE_MINUTES, "by": ["model"]}
    checkpoints = tmp_path / "checkpoints"
    aggregate(telemetry_engine, [path], **options, checkpoints=checkpoints)
    added = json.dumps(_call(success=False)) + "\nalso broken\n"
    with path.open("a") as file:
        file.write(added)
    second = aggregate(telemetry_engine, [path], **options, checkpoints=checkpoints)
    fresh = aggregate(telemetry_engine, [path], **options)
    assert second.bytes_read == len(added)
    assert (second.windows, second.lines, second.malformed) == (fresh.windows, fresh.lines, fresh.malformed)
    assert [line.number for line in second.malformed_lines] == [53]
    assert aggregate(telemetry_engine, [path], **options, checkpoints=checkpoints).bytes_read == 0


def test_line_under_way_is_counted_once_it_is_whole(
    telemetry_engine: TelemetryEngine, tmp_path: Path
) -> None:
    """A last line that is still being written waits; one that only lacks its end counts."""
    line = json.dumps(_call())
    path = _write(tmp_path / "llm_calls.jsonl", line, line[:30], end="")
    checkpoints = tmp_path / "checkpoints"

    def count() -> int:
        report = aggregate(telemetry_engine, [path], window=FIVE_MINUTES, checkpoints=checkpoints)
        assert report.malformed == 0
        return sum(window.count for window in report.windows)

    assert count() == 1
    with path.open("a") as file:
        file.write(line[30:])
    assert count() == 2
    with path.open("a") as file:
        file.write("\n" + line + "\n")
    assert count() == 3


@pytest.mark.parametrize("change", ["replaced", "cut short"])
def test_other_file_under_the_same_name_starts_over(
    telemetry_engine: TelemetryEngine, tmp_path: Path, change: str
) -> None:
    """After a rotation or a truncation nothing of the earlier content is counted."""
    path = _write(tmp_path / "llm_calls.jsonl", *[_call()] * 20)
    checkpoints = tmp_path / "checkpoints"
    aggregate(telemetry_engine, [path], window=FIVE_MINUTES, checkpoints=checkpoints)
    if change == "replaced":
        other = _write(tmp_path / "new.jsonl", *[_call(latency_ms=1)] * 30)
        other.replace(path)
    else:
        _write(path, *[_call()] * 3)
    report = aggregate(telemetry_engine, [path], window=FIVE_MINUTES, checkpoints=checkpoints)
    assert sum(window.count for window in report.windows) == (30 if change == "replaced" else 3)


def test_times_of_all_spellings_fall_in_their_window(
    telemetry_engine: TelemetryEngine, tmp_path: Path
) -> None:
    """Zones, fractions and seconds since 1970 mean the same instant."""
    spellings = ["2026-11-20T12:00:01Z", "2026-11-20T21:00:01.5+09:00", "2026-11-20 12:00:01", "1795176001"]
    path = _write(tmp_path / "llm_calls.jsonl", *[_call(ts=spelling) for spelling in spellings])
    (window,) = aggregate(telemetry_engine, [path], window=FIVE_MINUTES).windows
    assert (window.start, window.count) == (NOON, 4)


def test_absent_is_not_zero(telemetry_engine: TelemetryEngine, tmp_path: Path) -> None:
    """Calls that do not say whether they succeeded or how long they took have no rate and no quantile."""
    path = _write(tmp_path / "llm_calls.jsonl", _call(success=None, latency_ms=None))
    (window,) = aggregate(telemetry_engine, [path], window=FIVE_MINUTES).windows
    assert (window.count, window.success_rate, window.p95_latency_ms) == (1, None, None)


def test_wrong_request_is_refused(telemetry_engine: TelemetryEngine, tmp_path: Path) -> None:
    """Unknown labels, broken windows and missing files are named."""
    path = _write(tmp_path / "llm_calls.jsonl", _call())
    with pytest.raises(InvalidInput, match="colour"):
        aggregate(telemetry_engine, [path], window=FIVE_MINUTES, by=["colour"])
    with pytest.raises(InvalidInput, match="whole number of seconds"):
        aggregate(telemetry_engine, [path], window=timedelta(milliseconds=1500))
    with pytest.raises(NotFound, match="missing"):
        aggregate(telemetry_engine, [tmp_path / "missing.jsonl"], window=FIVE_MINUTES)
