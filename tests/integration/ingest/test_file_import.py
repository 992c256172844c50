"""Files imported once: again, under other names, packed, grown, after crashes, with bad lines."""

from __future__ import annotations

import gzip
import os
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from pitwall.core.errors import Unavailable
from pitwall.ingest.files.errors import InvalidLine, OffsetMismatch
from pitwall.ingest.files.service import FileIngest
from pitwall.ingest.files.types import Chunk
from pitwall.stores.state import Projects
from pitwall.stores.telemetry.engine import TelemetryEngine
from tests.integration.ingest.file_store import (
    JSONL,
    FileStore,
    call_line,
    ids,
    open_file_store,
    write_calls,
)


@pytest.fixture
def store(tmp_path: Path, telemetry_engine: TelemetryEngine, project: str) -> Iterator[FileStore]:
    with open_file_store(tmp_path / "data", telemetry_engine, project) as opened:
        yield opened


def test_same_file_adds_nothing_under_any_name(store: FileStore, tmp_path: Path) -> None:
    """Imported again, copied, renamed or packed, a file is what it was."""
    path = tmp_path / "llm_calls.jsonl"
    write_calls(path, range(200))
    assert store.import_file(path, chunk_bytes=4096).rows == 200
    copy = Path(shutil.copy(path, tmp_path / "copy.jsonl"))
    packed = tmp_path / "llm_calls.jsonl.1.gz"
    packed.write_bytes(gzip.compress(path.read_bytes()))
    path.rename(tmp_path / "llm_calls.jsonl.2")
    for again in (copy, packed, tmp_path / "llm_calls.jsonl.2"):
        progress = store.import_file(again)
        assert (progress.rows, progress.skipped, progress.bytes_sent) == (0, 200, 0)
    assert store.request_ids() == ids(range(200))


def test_import_makes_its_project(store: FileStore, tmp_path: Path) -> None:
    """A project that was only ever named with --project is listed like any other, once."""
    write_calls(tmp_path / "a.jsonl", range(3))
    write_calls(tmp_path / "b.jsonl", range(3, 6))
    store.import_file(tmp_path / "a.jsonl")
    store.import_file(tmp_path / "b.jsonl")
    with store.state.session(read_only=True) as connection:
        assert [found.id for found in Projects(connection).list()].count(store.project) == 1


def test_grown_file_continues_in_any_form(store: FileStore, tmp_path: Path) -> None:
    """What was added is imported, also from a packed copy under another name."""
    path = tmp_path / "a.jsonl"
    write_calls(path, range(10))
    store.import_file(path)
    write_calls(path, range(10, 25))
    packed = tmp_path / "b.jsonl.gz"
    packed.write_bytes(gzip.compress(path.read_bytes()))
    assert store.import_file(packed).rows == 15
    write_calls(path, range(25, 30))
    assert store.import_file(path).rows == 5
    assert store.request_ids() == ids(range(30))


def test_old_copy_adds_nothing_and_other_file_adds_all(store: FileStore, tmp_path: Path) -> None:
    """A file that begins the same and is shorter is an old copy; one that goes on otherwise is another."""
    path, old, other = tmp_path / "a.jsonl", tmp_path / "old.jsonl", tmp_path / "other.jsonl"
    write_calls(path, range(100))
    store.import_file(path)
    write_calls(old, range(60))
    write_calls(other, [*range(60), *range(500, 550)])
    assert store.import_file(old).rows == 0
    assert store.import_file(other).rows == 110
    assert store.request_ids() == ids([*range(100), *range(60), *range(500, 550)])


def test_truncated_file_begins_anew(store: FileStore, tmp_path: Path) -> None:
    """The same file, emptied and written to again, also if it begins as it did."""
    path = tmp_path / "a.jsonl"
    write_calls(path, range(50))
    store.import_file(path)
    os.truncate(path, 0)
    write_calls(path, range(3))
    assert store.import_file(path).rows == 3
    assert store.import_file(path).rows == 0
    assert store.count() == 53


def test_line_without_end_is_taken_when_it_is_whole(store: FileStore, tmp_path: Path) -> None:
    """A torn last line waits for its rest; a whole one needs no line end."""
    path = tmp_path / "a.jsonl"
    line = call_line(2)
    path.write_bytes(call_line(1) + line[:40])
    progress = store.import_file(path)
    assert (progress.rows, progress.has_torn_line) == (1, True)
    path.write_bytes(call_line(1) + line[:-1])
    progress = store.import_file(path)
    assert (progress.rows, progress.has_torn_line) == (1, False)
    path.write_bytes(call_line(1) + line + call_line(3))
    assert store.import_file(path).rows == 1
    assert store.request_ids() == ids([1, 2, 3])


def test_malformed_line_stops_before_its_chunk(store: FileStore, tmp_path: Path) -> None:
    """File, line and reason are said; what came before the chunk is stored, and nothing of it twice later."""
    path = tmp_path / "a.jsonl"
    path.write_bytes(
        b"".join(map(call_line, range(40))) + b"{oops\n" + b"".join(map(call_line, range(40, 60)))
    )
    with pytest.raises(InvalidLine, match=r"a\.jsonl:41: it is no JSON") as caught:
        store.import_file(path, chunk_bytes=2000)
    assert caught.value.details["line"] == 41
    before = store.count()
    assert 0 < before < 40
    assert store.count("dead_letters") == 0
    progress = store.import_file(path, chunk_bytes=2000, skip_invalid=True)
    assert (progress.rows, progress.rejected) == (60 - before, 1)
    assert store.request_ids() == ids(range(60))


def test_rejected_lines_are_kept_with_their_place(store: FileStore, tmp_path: Path) -> None:
    """Bad lines and records that may not be stored become dead letters; an unknown event stops nothing."""
    path = tmp_path / "a.jsonl"
    unknown = b'{"event": "gpu.load", "ts": 1795176000}\n'
    ancient = call_line(7).replace(b"2026-11-20", b"1970-01-02")
    path.write_bytes(call_line(1) + unknown)
    assert store.import_file(path).rejected == 1
    path.write_bytes(call_line(1) + unknown + b"[]\n" + ancient + call_line(2))
    progress = store.import_file(path, skip_invalid=True)
    assert (progress.rows, progress.rejected) == (1, 2)
    letters = store.query("record_name, reason, door, body", "dead_letters", "ORDER BY record_index")
    assert [letter[:3] for letter in letters] == [
        (f"{path}:2", "unknown_event", "jsonl"),
        (f"{path}:3", "malformed", "jsonl"),
        (f"{path}:4", "time_out_of_range", "jsonl"),
    ]
    assert letters[0][3] == unknown.decode().strip()


def test_line_too_long_is_put_aside_and_passed(store: FileStore, tmp_path: Path) -> None:
    """A line of five megabytes does not stand in the way of those behind it."""
    path = tmp_path / "a.jsonl"
    path.write_bytes(call_line(1) + b'{"event": "' + b"x" * (5 << 20) + b'"}\n' + call_line(2))
    progress = store.import_file(path, skip_invalid=True)
    assert (progress.rows, progress.rejected, progress.bytes_read) == (2, 1, path.stat().st_size)
    assert store.query("reason", "dead_letters") == [("line_too_long",)]
    write_calls(path, [3])
    assert store.import_file(path).rows == 1


def test_chunk_elsewhere_is_refused_with_the_right_offset(store: FileStore, tmp_path: Path) -> None:
    """A client that is wrong about where a source stands is told."""
    store.sink.open("s", "jsonl", "a.jsonl", "f")
    chunk = Chunk("s", 7, 1, call_line(1), len(call_line(1)), "a.jsonl", "f", False, JSONL)
    with pytest.raises(OffsetMismatch) as caught:
        store.sink.send(chunk)
    assert caught.value.details == {"expected_offset": 0}
    assert store.count() == 0


def test_two_importers_of_one_file_share_the_work(store: FileStore, tmp_path: Path) -> None:
    """Whoever comes second goes on where the first one stands."""
    from pitwall.ingest.files.contents import open_content
    from pitwall.ingest.files.importer import FileImport, ImportOptions

    path = tmp_path / "a.jsonl"
    write_calls(path, range(100))
    steps = iter(range(3))

    def interfere(_progress: object) -> None:
        if next(steps, None) is not None:
            store.import_file(path, chunk_bytes=3000)

    slow = FileImport(
        path, open_content(path), store.sink, ImportOptions(JSONL, chunk_bytes=1500), on_progress=interfere
    )
    slow.advance(is_final=True)
    slow.close()
    assert store.request_ids() == ids(range(100))


class _Crash(BaseException):
    """The process ends here."""


@pytest.mark.parametrize("chunk_bytes", [700, 5_000, 1 << 20])
def test_crash_between_log_and_offset_is_exact(
    tmp_path: Path, telemetry_engine: TelemetryEngine, project: str, chunk_bytes: int, monkeypatch: Any
) -> None:
    """Records that are durable without their offset are found again, however the file is cut next time."""
    path = tmp_path / "a.jsonl"
    bad = b"{oops\n"
    path.write_bytes(b"".join(map(call_line, range(30))) + bad + b"".join(map(call_line, range(30, 80))))
    saves = iter([None, None, None])
    save = FileIngest._save

    def crash_later(self: FileIngest, *arguments: Any) -> None:
        if next(saves, "crash") == "crash":
            raise _Crash
        save(self, *arguments)

    with open_file_store(tmp_path / "data", telemetry_engine, project) as store:
        monkeypatch.setattr(FileIngest, "_save", crash_later)
        with pytest.raises(_Crash):
            store.import_file(path, chunk_bytes=4_000, skip_invalid=True)
        monkeypatch.setattr(FileIngest, "_save", save)
        assert store.count() > sum(source.rows for source in store.files.all(project))
    write_calls(path, range(80, 100))
    with open_file_store(tmp_path / "data", telemetry_engine, project) as store:
        progress = store.import_file(path, chunk_bytes=chunk_bytes, skip_invalid=True)
        assert store.request_ids() == ids(range(100))
        assert store.count("dead_letters") == 1
        (source,) = store.files.all(project)
        assert (source.rows, source.rejected, source.next_offset) == (100, 1, path.stat().st_size)
        assert progress.rows + progress.skipped == 100


def test_failed_save_is_exact_in_the_same_process(store: FileStore, tmp_path: Path, monkeypatch: Any) -> None:
    """The offset cannot be noted once; the importer tries again and nothing is there twice."""
    path = tmp_path / "a.jsonl"
    write_calls(path, range(60))
    saves = iter(range(2))
    save = FileIngest._save

    def fail_once(self: FileIngest, *arguments: Any) -> None:
        if next(saves, None) == 1:
            raise Unavailable("The state store is locked.", details={"retry_after_seconds": 0})
        save(self, *arguments)

    monkeypatch.setattr(FileIngest, "_save", fail_once)
    progress = store.import_file(path, chunk_bytes=3_000)
    assert progress.rows + progress.skipped == 60
    assert store.request_ids() == ids(range(60))


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_any_growth_gives_the_same_rows(
    data: st.DataObject,
    tmp_path_factory: pytest.TempPathFactory,
    telemetry_engine: TelemetryEngine,
    project: str,
) -> None:
    """However a file grows between imports, in pieces of lines too, every line is there once."""
    directory = tmp_path_factory.mktemp("growth")
    name = f"{project}-{directory.name}"
    whole = b"".join(map(call_line, range(25)))
    cuts = sorted(data.draw(st.lists(st.integers(0, len(whole)), max_size=5)))
    chunk_bytes = data.draw(st.sampled_from([300, 1_000, 1 << 20]))
    with open_file_store(directory / "data", telemetry_engine, name) as store:
        path = directory / "a.jsonl"
        for end in [*cuts, len(whole)]:
            path.write_bytes(whole[:end])
            store.import_file(path, chunk_bytes=chunk_bytes)
        assert store.request_ids() == ids(range(25))


def test_otlp_lines_of_all_kinds_survive_a_crash(
    tmp_path: Path, telemetry_engine: TelemetryEngine, project: str, monkeypatch: Any
) -> None:
    """Points and log records have no ids; they are found again by their line."""
    at = "1795176000000000000"
    span = {
        "traceId": "1" * 32,
        "spanId": "2" * 16,
        "name": "x",
        "startTimeUnixNano": at,
        "endTimeUnixNano": at,
    }
    import json

    lines = [
        {"resourceSpans": [{"scopeSpans": [{"spans": [span]}]}]},
        {"resourceMetrics": [{"scopeMetrics": [{"metrics": [_gauge(at)]}]}]},
        {
            "resourceLogs": [
                {"scopeLogs": [{"logRecords": [{"timeUnixNano": at, "body": {"stringValue": "hi"}}]}]}
            ]
        },
    ]
    path = tmp_path / "otlp.jsonl"
    path.write_text("".join(json.dumps(line) + "\n" for line in lines))
    save = FileIngest._save

    def crash(*_arguments: Any) -> None:
        raise _Crash

    with open_file_store(tmp_path / "data", telemetry_engine, project) as store:
        monkeypatch.setattr(FileIngest, "_save", crash)
        with pytest.raises(_Crash):
            store.import_file(path)
        monkeypatch.setattr(FileIngest, "_save", save)
    with open_file_store(tmp_path / "data", telemetry_engine, project) as store:
        assert store.import_file(path).skipped == 3
        assert [store.count(table) for table in ("spans", "points", "logs")] == [1, 1, 1]


def _gauge(at: str) -> dict[str, Any]:
    return {"name": "queue.depth", "gauge": {"dataPoints": [{"asDouble": 2.5, "timeUnixNano": at}]}}
