"""Bringing one file to the store: from where its source stands to its present end, in chunks."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TypeVar

from pitwall.core.errors import Conflict, InvalidInput, LimitExceeded, Unavailable
from pitwall.ingest.files.column_map import parse_map
from pitwall.ingest.files.contents import Content
from pitwall.ingest.files.cutting import cut_lines, cut_records, first_record, is_whole_object, parse_header
from pitwall.ingest.files.errors import OffsetMismatch
from pitwall.ingest.files.identity import Fingerprint, find_source, new_source_id, read_head
from pitwall.ingest.files.types import (
    MAX_CHUNK_BYTES,
    Chunk,
    KnownSource,
    Reader,
    Receipt,
    Rejection,
    SourceSink,
)

Answer = TypeVar("Answer")

CHUNK_BYTES = 1 << 20
_LONG_LINE_KEPT_BYTES = 64 * 1024
_FIRST_PAUSE_SECONDS = 0.2
_LONGEST_PAUSE_SECONDS = 5.0
_KEPT_REJECTIONS = 20


@dataclass(frozen=True, slots=True)
class ImportOptions:
    """How files are imported.

    Attributes:
        skip_invalid: Put malformed lines aside and go on.
        patience_seconds: How long to try again while the store does not take anything.
        chunk_bytes: About how much is sent at once.
    """

    reader: Reader
    skip_invalid: bool = False
    patience_seconds: float = 60.0
    chunk_bytes: int = CHUNK_BYTES


@dataclass(slots=True)
class Progress:
    """What became of one file so far.

    Attributes:
        rows: Records stored now.
        rejected: Lines put aside now.
        skipped: Records that were there already, from earlier imports.
        bytes_read: How far the file is read, from its beginning.
        bytes_sent: Bytes imported now.
        has_torn_line: The last line has no end yet; it is left for the next time.
        rejections: The first few lines put aside.
    """

    path: Path
    source_id: str = ""
    rows: int = 0
    rejected: int = 0
    skipped: int = 0
    bytes_read: int = 0
    bytes_sent: int = 0
    has_torn_line: bool = False
    rejections: list[Rejection] = field(default_factory=list)


class FileImport:
    """One file on its way; it may be renamed meanwhile, and grow.

    Args:
        path: What it is called now; for messages.
        content: The open file; closed with `close`.
        sink: Where chunks go.
        on_progress: Told after each chunk.
        sleep: Waits.
    """

    def __init__(
        self,
        path: Path,
        content: Content,
        sink: SourceSink,
        options: ImportOptions,
        *,
        on_progress: Callable[[Progress], None] | None = None,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self.progress = Progress(path)
        self._content = content
        self._sink = sink
        self._options = options
        self._reader = options.reader
        self._on_progress = on_progress
        self._sleep = sleep
        self._source: KnownSource | None = None
        self._fingerprint: Fingerprint | None = None
        self._is_old_copy = False
        self._waited_seconds = 0.0
        self._next_pause = _FIRST_PAUSE_SECONDS

    @property
    def path(self) -> Path:
        """What the file is called now."""
        return self.progress.path

    @path.setter
    def path(self, path: Path) -> None:
        self.progress.path = path

    @property
    def offset(self) -> int:
        """Bytes of the file that are imported."""
        return 0 if self._source is None else self._source.next_offset

    @property
    def is_old_copy(self) -> bool:
        """Whether the file ends before what was imported of its source already."""
        return self._is_old_copy

    def is_same_file(self) -> bool:
        """Whether the file still is what was read: not truncated, not written anew."""
        if self._source is None or self._fingerprint is None or self._is_old_copy:
            return True
        total = self._content.total_bytes
        if total is not None and total < self.offset:
            return False
        return total is None or self._fingerprint.has_tail_at(self._content, self.offset)

    def advance(self, *, is_final: bool) -> int:
        """Import what is there now.

        Args:
            is_final: The file will not grow: a last line without an end is taken if it is whole.

        Returns:
            Bytes imported.

        Raises:
            InvalidLine: A line is malformed and is not to be skipped.
            LimitExceeded, Unavailable: The store took nothing for as long as the options say.
        """
        if self._source is None and not self._begin(is_final=is_final):
            return 0
        sent_before = self.progress.bytes_sent
        while not self._is_old_copy:
            data, length = self._next(is_final=is_final)
            if not length:
                break
            self._send(data, length)
        return self.progress.bytes_sent - sent_before

    def close(self) -> None:
        """Let go of the file."""
        self._content.close()

    def _begin(self, *, is_final: bool) -> bool:
        """Find or make the source; False if the file has nothing yet to know it by."""
        head = read_head(self._content, is_final=is_final)
        if not head:
            return False
        if self._reader.kind == "csv":
            self._reader = self._with_columns()
        known = self._persist(self._sink.sources)
        match = find_source(self._content, head, known)
        if match is not None:
            self._source, self._fingerprint = match.source, match.fingerprint
            self._is_old_copy = match.is_old_copy
            self.progress.skipped = match.source.rows
        else:
            self._source = KnownSource(new_source_id(head, known), str(self.path), 0, "")
            self._fingerprint = Fingerprint.of_head(head, self._content.inode)
            self._source = self._open(str(self.path), self._fingerprint.encode())
        self.progress.source_id = self._source.source_id
        self.progress.bytes_read = self.offset
        return True

    def _next(self, *, is_final: bool) -> tuple[bytes, int]:
        """Return the next lines, and how many bytes of the file they are; nothing at the present end."""
        size = self._options.chunk_bytes
        while True:
            data = self._content.read_at(self.offset, size)
            lines = self._cut(data)
            if lines:
                return lines, len(lines)
            if len(data) < size:
                return self._last_line(data, is_final=is_final)
            if size >= MAX_CHUNK_BYTES:
                return self._long_line(data)
            size = min(4 * size, MAX_CHUNK_BYTES)

    def _cut(self, data: bytes) -> bytes:
        return cut_records(data, self._reader.delimiter) if self._reader.kind == "csv" else cut_lines(data)

    def _last_line(self, data: bytes, *, is_final: bool) -> tuple[bytes, int]:
        is_taken = is_final and bool(data) and (self._reader.kind == "csv" or is_whole_object(data))
        self.progress.has_torn_line = bool(data.strip()) and not is_taken
        return (data, len(data)) if is_taken else (b"", 0)

    def _long_line(self, data: bytes) -> tuple[bytes, int]:
        """Measure a line that is too long to be sent; its beginning stands for it."""
        if self._reader.kind == "csv":
            line = self._require_fingerprint().lines + 1
            raise InvalidInput(
                f"{self.path}:{line}: a row is longer than {MAX_CHUNK_BYTES:,} bytes.",
                code="ingest.row_too_long",
                hint="A quote in it may have no counterpart.",
            )
        length = len(data)
        while True:
            more = self._content.read_at(self.offset + length, self._options.chunk_bytes)
            end = more.find(b"\n") + 1
            if end:
                return data[:_LONG_LINE_KEPT_BYTES], length + end
            if not more:
                return b"", 0
            length += len(more)

    def _send(self, data: bytes, length: int) -> None:
        before = self._require_fingerprint()
        fingerprint = before.moved_past(self._covered(data, length), self._content.inode)
        if length > len(data):
            fingerprint = replace(fingerprint, lines=before.lines + 1)
        chunk = Chunk(
            source_id=self._require_source().source_id,
            offset=self.offset,
            first_line=before.lines + 1,
            data=data,
            length=length,
            path=str(self.path),
            fingerprint=fingerprint.encode(),
            skip_invalid=self._options.skip_invalid,
            reader=self._reader,
        )
        receipt = self._deliver(chunk)
        if receipt is not None:
            self._note(chunk, fingerprint, receipt)

    def _covered(self, data: bytes, length: int) -> bytes:
        """Return the bytes that the next tail is made of."""
        if length == len(data):
            return data
        kept = min(length, _LONG_LINE_KEPT_BYTES)
        return self._content.read_at(self.offset + length - kept, kept)

    def _deliver(self, chunk: Chunk) -> Receipt | None:
        """Send a chunk; None if it has to be cut again, from where the source stands now."""
        try:
            return self._sink.send(chunk)
        except (LimitExceeded, Unavailable) as error:
            self._pause(error)
        except Conflict as error:
            if error.code != OffsetMismatch.default_code:
                raise
        # Whether the chunk arrived is not known, or somebody else imports the same file: the store knows.
        before, after = self._require_source(), self._open(chunk.path, chunk.fingerprint)
        if after.next_offset == chunk.end:
            return Receipt(chunk.end, after.rows - before.rows, after.rejected - before.rejected)
        if after.next_offset != before.next_offset:
            self.progress.skipped += after.rows - before.rows
            self._source, self._fingerprint = after, Fingerprint.parse(after.fingerprint)
        return None

    def _open(self, name: str, fingerprint: str) -> KnownSource:
        source_id = self._require_source().source_id
        return self._persist(lambda: self._sink.open(source_id, self._reader.kind, name, fingerprint))

    def _persist(self, call: Callable[[], Answer]) -> Answer:
        """Call until it is answered or patience is over."""
        while True:
            try:
                return call()
            except (LimitExceeded, Unavailable) as error:
                self._pause(error)

    def _pause(self, error: LimitExceeded | Unavailable) -> None:
        """Wait before the next try; raise the error if that was the last."""
        if self._waited_seconds >= self._options.patience_seconds:
            raise error
        pause = float(error.details.get("retry_after_seconds", self._next_pause))
        pause = min(pause, _LONGEST_PAUSE_SECONDS)
        self._next_pause = min(2 * self._next_pause, _LONGEST_PAUSE_SECONDS)
        self._waited_seconds += pause
        self._sleep(pause)

    def _note(self, chunk: Chunk, fingerprint: Fingerprint, receipt: Receipt) -> None:
        source = self._require_source()
        self._source = replace(
            source,
            next_offset=receipt.next_offset,
            fingerprint=chunk.fingerprint,
            rows=source.rows + receipt.accepted + receipt.repeated,
            rejected=source.rejected + receipt.rejected,
        )
        self._fingerprint = fingerprint
        self._waited_seconds, self._next_pause = 0.0, _FIRST_PAUSE_SECONDS
        progress = self.progress
        progress.rows += receipt.accepted
        progress.rejected += receipt.rejected
        progress.skipped += receipt.repeated
        progress.bytes_read = receipt.next_offset
        progress.bytes_sent += chunk.length
        progress.rejections += receipt.rejections[: _KEPT_REJECTIONS - len(progress.rejections)]
        if self._on_progress is not None:
            self._on_progress(progress)

    def _with_columns(self) -> Reader:
        """Return the reader with the file's column names, once they fit its map."""
        beginning = self._content.read_at(0, MAX_CHUNK_BYTES)
        columns = parse_header(first_record(beginning, self._reader.delimiter), self._reader.delimiter)
        reader = replace(self._reader, columns=columns)
        parse_map(reader.mapping, reader.constants, timezone=reader.timezone).check_columns(columns)
        return reader

    def _require_source(self) -> KnownSource:
        assert self._source is not None, "a source is found before it is read"
        return self._source

    def _require_fingerprint(self) -> Fingerprint:
        assert self._fingerprint is not None, "a source is found before it is read"
        return self._fingerprint
