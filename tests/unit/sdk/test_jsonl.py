"""Trace files: every line whole, sizes bounded, crashes healed."""

from __future__ import annotations

import json
import os
import threading
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pitwall.sdk.jsonl import RotatingJsonl, TraceFiles
from tests.unit.sdk.recording import Recorded

GENEROUS = 1 << 20


def lines_of(directory: Path, name: str = "f.jsonl") -> list[dict[str, Any]]:
    """All records, the oldest first, over all rotated files; fails on a line that is not JSON."""
    numbered = sorted(directory.glob(f"{name}.[0-9]*"), key=lambda path: -int(path.suffix[1:]))
    files = [*numbered, directory / name]
    return [json.loads(line) for path in files if path.exists() for line in path.read_bytes().splitlines()]


@settings(deadline=None, max_examples=40)
@given(
    batches=st.lists(st.lists(st.text(max_size=60), max_size=8), max_size=12),
    max_bytes=st.integers(40, 400),
    keep=st.integers(0, 4),
    reopen=st.booleans(),
)
def test_rotation_keeps_the_newest_lines_whole(
    tmp_path_factory: pytest.TempPathFactory,
    batches: list[list[str]],
    max_bytes: int,
    keep: int,
    reopen: bool,
) -> None:
    """Whatever is written: files stay small, at most `keep` of them, and hold the newest records in order."""
    directory = tmp_path_factory.mktemp("rotation")
    file = RotatingJsonl(directory / "f.jsonl", max_bytes, keep)
    written: list[dict[str, Any]] = []
    for batch in batches:
        records = [{"n": len(written) + offset, "text": text} for offset, text in enumerate(batch)]
        assert file.append(records) == len(records)
        written += records
        if reopen:
            file.close()
    file.close()
    found = lines_of(directory)
    assert found == written[len(written) - len(found) :]
    rotated = list(directory.glob("f.jsonl.[0-9]*"))
    assert len(rotated) <= keep
    longest = max((len(json.dumps(record)) + 20 for record in written), default=0)
    for path in (*rotated, directory / "f.jsonl"):
        assert not path.exists() or path.stat().st_size <= max(max_bytes, longest)
    if written:
        assert found[-1] == written[-1]


@pytest.mark.parametrize("cut", range(1, 24))
def test_torn_last_line_is_healed(tmp_path: Path, cut: int) -> None:
    """A process killed at any byte of its last line costs that line only; the next start writes below it."""
    path = tmp_path / "f.jsonl"
    file = RotatingJsonl(path, GENEROUS, 2)
    file.append([{"n": 1}, {"n": 2, "text": "torn off"}])
    file.close()
    whole = path.read_bytes()
    last_line = whole.splitlines(keepends=True)[-1]
    path.write_bytes(whole[: len(whole) - len(last_line) + cut])
    after = RotatingJsonl(path, GENEROUS, 2)
    after.append([{"n": 3}])
    after.close()
    lines = path.read_bytes().splitlines()
    assert json.loads(lines[0]) == {"n": 1}
    assert json.loads(lines[-1]) == {"n": 3}
    assert path.read_bytes().endswith(b"\n")


def test_short_write_is_not_glued_to_the_next_line(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A disk that takes half a line loses that record; the next one stands on a line of its own."""
    file = RotatingJsonl(tmp_path / "f.jsonl", GENEROUS, 2)
    real_write = os.write
    monkeypatch.setattr(os, "write", lambda fd, data: real_write(fd, data[:5]))
    assert file.append([{"n": 1}, {"n": 2}]) == 0
    monkeypatch.undo()
    assert file.append([{"n": 3}]) == 1
    file.close()
    assert (tmp_path / "f.jsonl").read_bytes() == b'{"n":\n{"n":3}\n'


def test_two_writers_share_a_file_through_rotation(tmp_path: Path) -> None:
    """Two processes' writers on one file, rotating: no line is lost, torn or doubled."""

    def write(base: int) -> None:
        file = RotatingJsonl(tmp_path / "f.jsonl", 2_000, 100)
        for number in range(300):
            file.append([{"n": base + number}])
        file.close()

    threads = [threading.Thread(target=write, args=(base,)) for base in (0, 1_000)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    numbers = [record["n"] for record in lines_of(tmp_path)]
    assert sorted(numbers) == [*range(300), *range(1_000, 1_300)]


def test_file_rotated_by_another_process_is_let_go(tmp_path: Path) -> None:
    """A writer does not go on filling a file that someone else has moved away."""
    path = tmp_path / "f.jsonl"
    file = RotatingJsonl(path, GENEROUS, 2)
    file.append([{"n": 1}])
    path.rename(tmp_path / "f.jsonl.1")
    (tmp_path / "f.jsonl").write_bytes(b'{"n":2}\n')
    file.append([{"n": 3}])
    file.close()
    assert path.read_bytes() == b'{"n":2}\n{"n":3}\n'


def test_removed_file_is_made_again(tmp_path: Path) -> None:
    """Someone tidies up while the application runs; later lines go to a new file."""
    path = tmp_path / "f.jsonl"
    file = RotatingJsonl(path, GENEROUS, 2)
    file.append([{"n": 1}])
    path.unlink()
    file.append([{"n": 2}])
    file.close()
    assert lines_of(tmp_path) == [{"n": 2}]


def test_unwritable_directory_is_counted_and_logged_once(
    tmp_path: Path, recorded: Recorded, caplog: pytest.LogCaptureFixture
) -> None:
    """No exception reaches anyone; what was lost is known."""
    from pitwall.sdk import llm_call

    (tmp_path / "file").write_text("in the way")
    for _ in range(3):
        llm_call(model="m").start().end()
    files = TraceFiles(tmp_path / "file" / "traces", GENEROUS, 2)
    assert [files.write_spans([span]) for span in recorded] == [1, 1, 1]
    assert [record.getMessage().split()[0] for record in caplog.records] == ["sdk.trace_file_failed"]
