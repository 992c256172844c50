"""The archive of trace files: what moves, what stays, what is found and comes back, whatever kills it."""

from __future__ import annotations

import gzip
import os
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from pitwall.access.authenticators import LOCAL_OPERATOR
from pitwall.access.types import PrincipalKind
from pitwall.ingest.archive.errors import ArchiveDamaged, ArchiveInUse, ArchiveNotFound, ArchiveOccupied
from pitwall.ingest.archive.index import locked, read_index
from pitwall.ingest.archive.packing import Facts, holds, pack, unpack_facts
from pitwall.ingest.archive.types import Outcome
from pitwall.ingest.files.contents import open_content
from tests.unit.ingest.archive_store import Traces, call_lines, open_traces

ROOT = Path(__file__).resolve().parents[3]


@pytest.fixture
def traces(tmp_path: Path) -> Iterator[Traces]:
    with open_traces(tmp_path) as opened:
        yield opened


def _archived(traces: Traces, name: str = "llm_calls.jsonl.1", count: int = 100) -> str:
    """Write, import and archive a file; returns its name in the archive."""
    traces.take_in(traces.write(name, call_lines(count)))
    outcome = traces.run().files[-1]
    assert outcome.archive is not None, outcome
    return outcome.archive.name


def test_old_imported_file_is_packed_moved_and_in_the_index(traces: Traces) -> None:
    """The index tells its range, lines and hash; the packed file is private; the original is gone."""
    path = traces.write("llm_calls.jsonl.1", call_lines(100))
    size = path.stat().st_size
    traces.take_in(path)
    traces.run()
    (entry,) = read_index(traces.archived).values()
    assert not path.exists()
    assert (entry.rows, entry.bytes, entry.original) == (100, size, "llm_calls.jsonl.1")
    assert entry.since == datetime(2026, 10, 1, 9, tzinfo=UTC)
    assert entry.until == datetime(2026, 10, 1, 9, 1, 39, tzinfo=UTC)
    packed = traces.archived / entry.name
    assert packed.stat().st_mode & 0o777 == 0o600
    assert packed.stat().st_size == entry.packed_bytes < size / 5
    assert unpack_facts(packed).sha256 == entry.sha256


@pytest.mark.parametrize(
    ("name", "days", "imported", "reason"),
    [
        ("llm_calls.jsonl", 400, True, None),
        ("llm_calls.jsonl.1", 29, True, None),
        ("notes.jsonl.1", 400, True, None),
        ("llm_calls.jsonl.1", 31, False, "never imported"),
    ],
)
def test_file_that_is_live_young_foreign_or_not_imported_stays(
    traces: Traces, name: str, days: float, imported: bool, reason: str | None
) -> None:
    """A file that is followed, however old, a young one and one nobody imported are not touched."""
    path = traces.write(name, call_lines(5), days=days)
    if imported:
        traces.take_in(path)
    outcome = traces.run()
    assert path.exists()
    assert read_index(traces.archived) == {}
    reasons = [one.reason.en for one in outcome.files if one.reason is not None]
    assert reasons == ([] if reason is None else [f"it was {reason}"])


def test_file_that_is_imported_in_part_stays_with_the_place_where_the_import_stands(traces: Traces) -> None:
    """Lines that came after the import, and a torn last line, keep the file."""
    path = traces.write("llm_calls.jsonl.1", call_lines(10))
    traces.take_in(path)
    imported = path.stat().st_size
    modified = path.stat().st_mtime
    with path.open("a") as file:
        file.write('{"ts": "2026-10-01T10:00:00Z", "ev')
    os.utime(path, (modified, modified))
    (outcome,) = traces.run().files
    assert outcome.outcome is Outcome.KEPT
    assert outcome.reason is not None
    assert str(imported) in outcome.reason.en
    assert str(imported) in outcome.reason.ko
    assert path.exists()


def test_file_that_changes_while_it_is_packed_stays(traces: Traces, monkeypatch: pytest.MonkeyPatch) -> None:
    """Somebody who still writes loses nothing: the original stays, and the half archive is forgotten."""
    path = traces.write("llm_calls.jsonl.1", call_lines(10))
    traces.take_in(path)

    def pack_and_write(source: Path, target: Path) -> Facts:
        facts = pack(source, target)
        with source.open("a") as file:
            file.write("{}\n")
        return facts

    monkeypatch.setattr("pitwall.ingest.archive.service.pack", pack_and_write)
    (outcome,) = traces.run().files
    assert outcome.outcome is Outcome.KEPT
    assert path.read_text().endswith("{}\n")
    assert read_index(traces.archived) == {}


def test_gzip_file_is_archived_by_its_content(traces: Traces) -> None:
    """What rotation packed already is packed anew; hash and lines are those of the lines inside."""
    plain = traces.write("llm_calls.jsonl.1", call_lines(10))
    content = plain.read_bytes()
    packed = traces.directory / "llm_calls.jsonl.2.gz"
    packed.write_bytes(gzip.compress(content))
    os.utime(packed, (plain.stat().st_atime, plain.stat().st_mtime))
    plain.unlink()
    traces.take_in(packed)
    traces.run()
    (entry,) = read_index(traces.archived).values()
    assert (entry.rows, entry.bytes, entry.original) == (10, len(content), "llm_calls.jsonl.2.gz")
    assert not packed.exists()


def test_archive_is_found_by_range_and_by_text(traces: Traces) -> None:
    """A range that touches it finds it; a text in it, Korean too; an end before its begin does not."""
    name = _archived(traces)

    def found(since: str | None = None, until: str | None = None, contains: str = "") -> list[str]:
        start, end = (text and datetime.fromisoformat(text) for text in (since, until))
        return [one.name for one in traces.archive.list("default", start or None, end or None, contains)]

    assert found() == [name]
    assert found("2026-10-01T09:01:39Z") == [name]
    assert found("2026-10-01T09:01:40Z") == []
    assert found(until="2026-10-01T09:00:00Z") == []
    assert found(until="2026-10-01T09:00:01Z") == [name]
    assert found(contains="질문 42") == [name]
    assert found(contains="r-000100") == []
    assert traces.archive.list("other", None, None) == []


def test_restored_file_is_what_it_was_and_counts_nothing_twice(traces: Traces) -> None:
    """It is recognised as imported; restoring twice is fine; another file of its name is not overwritten."""
    name = _archived(traces)
    lines_before = list(traces.sink.lines)
    restored = traces.archive.restore(name, by=LOCAL_OPERATOR)
    assert restored.path == traces.directory / "llm_calls.jsonl.1"
    assert restored.path.read_text() == "".join(f"{line}\n" for line in call_lines(100))
    assert traces.take_in(restored.path) == 0
    assert traces.sink.lines == lines_before
    traces.archive.restore(name, by=LOCAL_OPERATOR)
    restored.path.write_text("other\n")
    with pytest.raises(ArchiveOccupied):
        traces.archive.restore(name, by=LOCAL_OPERATOR)
    with pytest.raises(ArchiveNotFound):
        traces.archive.restore("nothing", by=LOCAL_OPERATOR)


def test_import_of_an_archived_file_adds_nothing_where_it_was_imported(traces: Traces) -> None:
    """The importer knows the source by its content; where it was never imported all of it comes in."""
    name = _archived(traces)
    again = traces.archive.import_(name, by=LOCAL_OPERATOR)
    assert (again.rows, again.known) == (0, 100)
    traces.sink.known.clear()
    fresh = traces.archive.import_(name, by=LOCAL_OPERATOR)
    assert (fresh.rows, fresh.known) == (100, 0)


def test_key_of_another_project_finds_no_archive(traces: Traces) -> None:
    """An API key reaches the archive of its own project only; the server's own user every one."""
    name = _archived(traces)
    stranger = replace(LOCAL_OPERATOR, kind=PrincipalKind.API_KEY, project_id="other")
    for act in (traces.archive.import_, traces.archive.restore):
        with pytest.raises(ArchiveNotFound):
            act(name, by=stranger)
    assert traces.archive.import_(name, by=LOCAL_OPERATOR.on_project("other")).archive.name == name


def test_size_limit_deletes_the_oldest_and_only_with_the_setting(tmp_path: Path) -> None:
    """Without the limit nothing is deleted; with it the oldest go until the rest fits."""
    with open_traces(tmp_path) as traces:
        for number in (3, 2, 1):
            lines = call_lines(500, first=1000 * (4 - number))
            traces.take_in(traces.write(f"llm_calls.jsonl.{number}", lines, days=OLD[number]))
        assert traces.run().deleted == ()
        index = read_index(traces.archived)
        sizes = sorted(entry.packed_bytes for entry in index.values())
    assert len(sizes) == 3
    with open_traces(tmp_path, max_bytes=sum(sizes) - 1, sink=traces.sink) as limited:
        deleted = limited.run().deleted
        left = read_index(limited.archived)
    assert [entry.original for entry in deleted] == ["llm_calls.jsonl.3"]
    assert {path.name for path in limited.archived.glob("*.zst")} == set(left)
    assert len(left) == 2


OLD = {3: 60.0, 2: 50.0, 1: 40.0}


def test_damaged_archive_is_told_and_never_written_back(traces: Traces) -> None:
    """A bit that flipped is found before anything is restored."""
    name = _archived(traces)
    packed = traces.archived / name
    content = bytearray(packed.read_bytes())
    content[len(content) // 2] ^= 0xFF
    packed.write_bytes(content)
    with pytest.raises(ArchiveDamaged):
        traces.archive.restore(name, by=LOCAL_OPERATOR)
    assert not (traces.directory / "llm_calls.jsonl.1").exists()


def test_damaged_index_is_made_anew_from_the_packed_files(traces: Traces) -> None:
    """It is refused as it is; deleted, the next run reads every archive again; strangers are left alone."""
    name = _archived(traces)
    (entry,) = read_index(traces.archived).values()
    index = traces.archived / "index.json"
    index.write_text("{")
    with pytest.raises(ArchiveDamaged):
        traces.run()
    index.unlink()
    (traces.archived / "backup.zst").write_bytes(b"not ours")
    traces.run()
    (again,) = read_index(traces.archived).values()
    assert (again.name, again.sha256, again.rows, again.since) == (name, entry.sha256, 100, entry.since)
    assert (traces.archived / "backup.zst").exists()


def test_two_processes_do_not_work_on_the_archive_at_once(traces: Traces) -> None:
    """The second is refused; once the first is gone it may."""
    with locked(traces.archived), pytest.raises(ArchiveInUse):
        traces.run()
    traces.run()


# Kills the process at the n-th thing it does to the disk; prints how many there were if it lived.
_DYING = """
import os, sys
from pathlib import Path
from tests.unit.ingest.archive_store import NotedSink, open_traces, call_lines
root, fatal = Path(sys.argv[1]), int(sys.argv[2])
done = 0
def dying(original):
    def call(*arguments, **options):
        global done
        done += 1
        if done == fatal:
            os._exit(137)
        return original(*arguments, **options)
    return call
with open_traces(root) as traces:
    for path in sorted(traces.directory.glob("llm_calls.jsonl.*")):
        traces.take_in(path)
    os.fsync = dying(os.fsync)
    for name in ("replace", "unlink", "rename"):
        setattr(Path, name, dying(getattr(Path, name)))
    traces.run()
    print(done)
"""


@pytest.mark.timeout(300)
def test_killed_at_any_step_no_line_is_lost_or_there_twice(tmp_path: Path) -> None:
    """After a kill at each step of a run, the records stand somewhere whole, and the next run finishes.

    Wherever it dies, the lines of originals and indexed archives together are all lines; after the next run
    every line is in exactly one archive, no original is left, and no half file lies about.
    """
    steps = _steps(tmp_path / "count", 0)
    assert steps > 10
    for fatal in range(1, steps + 1):
        root = tmp_path / str(fatal)
        assert _steps(root, fatal) == -1
        with open_traces(root) as traces:
            everywhere = _lines_of(traces.directory.glob("llm_calls.jsonl.*")) + _lines_of(
                traces.archived.glob("*.zst")
            )
            assert set(everywhere) == set(call_lines(60)), fatal
            for path in sorted(traces.directory.glob("llm_calls.jsonl.*")):
                traces.take_in(path)
            traces.run()
            assert list(traces.directory.iterdir()) == [], fatal
            index = read_index(traces.archived)
            assert sorted(_lines_of(traces.archived / name for name in index)) == sorted(call_lines(60)), (
                fatal
            )
            assert {path.name for path in traces.archived.iterdir()} == {".lock", "index.json", *index}, fatal


def _steps(root: Path, fatal: int) -> int:
    """Run in a process that dies at a step; returns how many steps there were, -1 if it died."""
    root.mkdir()
    with open_traces(root) as traces:
        for number in range(2):
            traces.write(f"llm_calls.jsonl.{number + 1}", call_lines(30, first=30 * number))
    process = subprocess.run(
        [sys.executable, "-c", _DYING, str(root), str(fatal)],
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)},
        capture_output=True,
        text=True,
        check=False,
    )
    if process.returncode == 137:
        return -1
    assert process.returncode == 0, process.stderr
    return int(process.stdout.split()[-1])


def _lines_of(paths: Iterator[Path]) -> list[str]:
    lines: list[str] = []
    for path in paths:
        content = open_content(path)
        lines += content.read_at(0, 1 << 24).decode().splitlines()
        content.close()
    return lines


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.lists(
        st.one_of(
            st.binary(max_size=40).map(lambda line: line.replace(b"\n", b"")),
            st.integers(0, 2_000_000_000).map(lambda ts: b'{"ts": %d}' % ts),
        ),
        max_size=30,
    ),
    st.booleans(),
    st.integers(1, 50),
)
def test_facts_do_not_depend_on_how_a_file_is_cut(lines: list[bytes], has_end: bool, size: int) -> None:
    """Lines, range and hash are the same read in pieces of any size, whatever stands in the lines."""
    content = b"\n".join(lines) + (b"\n" if has_end and lines else b"")
    whole, pieces = Facts(), Facts()
    whole.add(content)
    for start in range(0, len(content), size):
        pieces.add(content[start : start + size])
    whole.finish()
    pieces.finish()
    assert (pieces.rows, pieces.size, pieces.sha256) == (whole.rows, len(content), whole.sha256)
    assert (pieces.since, pieces.until) == (whole.since, whole.until)
    assert whole.rows == sum(1 for line in content.split(b"\n") if line.strip())


@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.binary(max_size=3000), st.binary(min_size=1, max_size=8))
def test_packing_keeps_every_byte_and_finds_every_text(
    tmp_path_factory: pytest.TempPathFactory, content: bytes, text: bytes
) -> None:
    """Any bytes come back, and a text is found exactly if it stands in them."""
    folder = tmp_path_factory.mktemp("pack")
    source, target = folder / "a", folder / "b.zst"
    source.write_bytes(b"x" + content)
    facts = pack(source, target)
    assert unpack_facts(target).sha256 == facts.sha256
    assert facts.size == len(content) + 1
    assert holds(target, text) is (text in b"x" + content)
