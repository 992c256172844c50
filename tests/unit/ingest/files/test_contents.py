"""Bytes of files, plain, packed and on a pipe; what rotation calls them; by what they are known."""

from __future__ import annotations

import gzip
import os
import threading
from pathlib import Path

import pytest
from backports import zstd

from pitwall.core.errors import InvalidInput, NotFound
from pitwall.ingest.files.contents import StreamedInput, open_content
from pitwall.ingest.files.discovery import trace_files, with_rotated
from pitwall.ingest.files.identity import Fingerprint, find_source, new_source_id, read_head
from pitwall.ingest.files.types import KnownSource

DATA = b"".join(f"line {number}\n".encode() for number in range(5_000))


@pytest.mark.parametrize("pack", [bytes, gzip.compress, zstd.compress])
def test_packed_files_read_like_plain_ones(tmp_path: Path, pack: type[bytes]) -> None:
    """From any place, forwards and back; a packed one is told by its first bytes, not by its name."""
    path = tmp_path / "a.log"
    path.write_bytes(pack(DATA))
    content = open_content(path)
    for offset, length in [(0, 10), (40_000, 100), (7, 20), (len(DATA) - 3, 50), (len(DATA) + 9, 5)]:
        assert content.read_at(offset, length) == DATA[offset : offset + length]
    content.close()


def test_two_packed_members_are_one_file(tmp_path: Path) -> None:
    """As some rotators write them."""
    path = tmp_path / "a.gz"
    path.write_bytes(gzip.compress(b"one\n") + gzip.compress(b"two\n"))
    content = open_content(path)
    assert content.read_at(0, 100) == b"one\ntwo\n"
    content.close()


def test_damaged_file_is_said(tmp_path: Path) -> None:
    """With its name."""
    path = tmp_path / "a.gz"
    path.write_bytes(gzip.compress(DATA)[:100])
    content = open_content(path)
    with pytest.raises(InvalidInput, match=r"a\.gz cannot be unpacked"):
        content.read_at(0, len(DATA))
    content.close()


def test_missing_file_and_directory_are_said(tmp_path: Path) -> None:
    """With their names."""
    with pytest.raises(NotFound, match="nothing"):
        open_content(tmp_path / "nothing")
    with pytest.raises(InvalidInput, match="is not a file"):
        open_content(tmp_path)


def test_large_offsets_are_exact(tmp_path: Path) -> None:
    """Beyond what 32 bits hold."""
    path = tmp_path / "sparse"
    with path.open("wb") as file:
        file.seek((5 << 30) + 17)
        file.write(b"here\n")
    content = open_content(path)
    assert content.read_at((5 << 30) + 17, 10) == b"here\n"
    assert content.total_bytes == (5 << 30) + 22
    content.close()


def test_pipe_gives_what_has_come_and_waits_for_a_line() -> None:
    """Half a line waits for its rest; whole lines do not wait for more of them."""
    reading, writing = os.pipe()
    stream = StreamedInput(reading)
    os.write(writing, b"one\ntwo\nthr")
    assert stream.read_at(0, 1000) == b"one\ntwo\nthr"
    threading.Timer(0.2, lambda: os.write(writing, b"ee\n")).start()
    assert stream.read_at(8, 1000) == b"three\n"
    os.close(writing)
    assert stream.read_at(14, 1000) == b""
    with pytest.raises(InvalidInput, match="differs"):
        stream.read_at(0, 1)
    stream.close()


def test_rotated_files_are_found_and_others_are_not(tmp_path: Path) -> None:
    """Numbers and dates behind the name or before its suffix, packed or not."""
    mine = {
        "llm_calls.jsonl",
        "llm_calls.jsonl.1",
        "llm_calls.jsonl.12.gz",
        "llm_calls.jsonl-20261120",
        "llm_calls-2026-11-20.jsonl.zst",
        "llm_calls.1.jsonl",
    }
    others = {
        "llm_calls.jsonl.lock",
        "llm_calls.jsonl.tmp",
        "llm_calls_old.jsonl",
        "my_llm_calls.jsonl",
        "x.jsonl",
    }
    for name in mine | others | {"cache.jsonl"}:
        (tmp_path / name).touch()
    assert {path.name for path in with_rotated(tmp_path / "llm_calls.jsonl")} == mine
    assert {path.name for path in trace_files(tmp_path)} == mine | {"cache.jsonl"}
    assert trace_files(tmp_path / "missing") == []


def source_of(data: bytes, *, inode: str = "1:1", source_id: str = "s") -> KnownSource:
    """Return a source of which these bytes are imported."""
    head = data[: data[:4096].rfind(b"\n") + 1]
    fingerprint = Fingerprint.of_head(head, inode).moved_past(data, inode)
    return KnownSource(source_id, "a", len(data), fingerprint.encode())


@pytest.mark.parametrize(
    ("data", "is_known", "is_old_copy"),
    [
        (DATA, True, False),
        (DATA + b"more\n", True, False),
        (DATA[:20_007], True, True),
        (DATA[:7], True, True),
        (DATA[:-7] + b"other\n\n", False, False),
        (b"line 1\n" + DATA, False, False),
        (b"line 0\nline 2\n", False, False),
    ],
)
def test_file_is_known_by_its_beginning_and_where_it_stands(
    tmp_path: Path, data: bytes, is_known: bool, is_old_copy: bool
) -> None:
    """The same bytes, more of them, fewer of them, or others."""
    path = tmp_path / "a"
    path.write_bytes(data)
    content = open_content(path)
    match = find_source(content, read_head(content, is_final=True), [source_of(DATA)])
    content.close()
    assert (match is not None) == is_known
    assert (match is not None and match.is_old_copy) == is_old_copy


def test_same_file_that_became_shorter_is_another_source(tmp_path: Path) -> None:
    """It was truncated; its new lines are new."""
    path = tmp_path / "a"
    path.write_bytes(DATA[:700])
    content = open_content(path)
    head = read_head(content, is_final=True)
    assert find_source(content, head, [source_of(DATA, inode=content.inode)]) is None
    content.close()
    assert new_source_id(head, []) != new_source_id(
        head, [source_of(DATA, source_id=new_source_id(head, []))]
    )


def test_file_without_a_whole_line_is_not_known_yet(tmp_path: Path) -> None:
    """Half a line could become anything, unless the file will not grow."""
    path = tmp_path / "a"
    path.write_bytes(b"half")
    content = open_content(path)
    assert read_head(content, is_final=False) == b""
    assert read_head(content, is_final=True) == b"half"
    content.close()
