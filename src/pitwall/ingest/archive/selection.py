"""Which files may go into the archive: rotated away, old, quiet, and imported to their end."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from pathlib import Path

from pitwall.core.errors import InvalidInput, NotFound
from pitwall.ingest.files.contents import open_content
from pitwall.ingest.files.discovery import TRACE_FILES, trace_files
from pitwall.ingest.files.identity import find_source, read_head
from pitwall.ingest.files.types import KnownSource
from pitwall.kit.i18n import Text

EMPTY = Text("it is empty", "빈 파일입니다")
UNKNOWN = Text("it was never imported", "수집한 적이 없는 파일입니다")
OLD_COPY = Text("it is an earlier copy of another file", "다른 파일의 이전 사본입니다")
UNREADABLE = Text("it cannot be read", "읽을 수 없는 파일입니다")
BEHIND = Text("it is imported up to byte {offset} only", "{offset}바이트까지만 수집되었습니다")


def old_files(directory: Path, before: datetime) -> list[Path]:
    """The rotated trace files of a directory that nobody has written since a time, oldest first.

    The present file of each name is never among them, however old: it is written and followed.
    """
    limit = before.timestamp()
    found = []
    for path in trace_files(directory):
        if path.name in TRACE_FILES or path.is_symlink():
            continue
        try:
            status = path.stat()
        except FileNotFoundError:
            continue
        if status.st_mtime < limit:
            found.append(path)
    return found


def why_kept(path: Path, sources: Sequence[KnownSource]) -> Text | None:
    """Why a file must stay: not all of it is imported; None if it may go."""
    try:
        content = open_content(path)
    except (NotFound, InvalidInput):
        return UNREADABLE
    try:
        head = read_head(content, is_final=True)
        if not head:
            return EMPTY
        match = find_source(content, head, sources)
        if match is None:
            return UNKNOWN
        if match.is_old_copy:
            return OLD_COPY
        offset = match.source.next_offset
        if content.read_at(offset, 1):
            return Text(BEHIND.en.format(offset=offset), BEHIND.ko.format(offset=offset))
        return None
    except InvalidInput:
        return UNREADABLE
    finally:
        content.close()
