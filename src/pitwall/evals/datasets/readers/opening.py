"""Opening a file: what format and encoding it has, unpacked if it is packed."""

from __future__ import annotations

import codecs
import gzip
import io
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import PurePath
from typing import BinaryIO

from pitwall.evals.datasets.errors import DatasetInvalid

FORMATS = ("json", "jsonl", "csv", "xlsx", "parquet")
_SUFFIXES = {
    ".json": "json",
    ".jsonl": "jsonl",
    ".ndjson": "jsonl",
    ".csv": "csv",
    ".tsv": "csv",
    ".xlsx": "xlsx",
    ".xlsm": "xlsx",
    ".parquet": "parquet",
}
_MARKS = {codecs.BOM_UTF8: "utf-8-sig", codecs.BOM_UTF16_LE: "utf-16", codecs.BOM_UTF16_BE: "utf-16"}
# What may stand before the first character of a text, and between its letters in UTF-16.
_AROUND = codecs.BOM_UTF8 + codecs.BOM_UTF16 + b"\x00 \t\r\n"
_ENCODINGS = ("utf-8", "cp949")
_CHUNK = 1 << 20
_FIRST_LINE = 1 << 20


@dataclass(frozen=True, slots=True)
class OpenFile:
    """A file that can be read.

    Attributes:
        name: As people know it, without folders.
        stream: Its bytes, unpacked; can be read from the start again.
        file_format: One of `FORMATS`.
        encoding: Of its text; None for what is no text.
    """

    name: str
    stream: BinaryIO
    file_format: str
    encoding: str | None

    @contextmanager
    def text(self, *, newline: str | None = None) -> Iterator[io.TextIOWrapper]:
        """Its text from the start; the bytes stay open."""
        self.stream.seek(0)
        assert self.encoding is not None
        text = io.TextIOWrapper(self.stream, self.encoding, newline=newline)
        try:
            yield text
        finally:
            text.detach()


def open_file(
    name: str,
    stream: BinaryIO,
    *,
    file_format: str | None = None,
    encoding: str | None = None,
    scratch: Callable[[], BinaryIO] = io.BytesIO,
    max_bytes: int | None = None,
) -> OpenFile:
    """Find out what a file is.

    Args:
        name: Its name; the suffix tells the format.
        stream: Its bytes, seekable.
        file_format: Instead of what name and content tell.
        encoding: Instead of what the content tells.
        scratch: Where a packed file is unpacked to.
        max_bytes: Most bytes of an unpacked file.

    Raises:
        DatasetInvalid: It is none of the formats, damaged, or no text.
    """
    name = PurePath(name.replace("\\", "/")).name or "file"
    if stream.read(2) == b"\x1f\x8b":
        stream = _unpack(name, stream, scratch(), max_bytes)
    stream.seek(0)
    known = _check_format(file_format) or _format(name, stream)
    if known in ("xlsx", "parquet"):
        return OpenFile(name, stream, known, None)
    found = _check_encoding(name, stream, encoding) if encoding else find_encoding(name, stream)
    opened = OpenFile(name, stream, known, found)
    if known == "json" and file_format is None and _has_lines(opened):
        return OpenFile(name, stream, "jsonl", found)
    return opened


def _check_format(file_format: str | None) -> str | None:
    if file_format is None or file_format in FORMATS:
        return file_format
    raise DatasetInvalid(f"There is no format {file_format!r}.", hint=f"There are {', '.join(FORMATS)}.")


def _format(name: str, stream: BinaryIO) -> str:
    head = stream.read(512)
    stream.seek(0)
    if head.startswith(b"PAR1"):
        return "parquet"
    suffix = PurePath(name.lower().removesuffix(".gz")).suffix
    if suffix in _SUFFIXES:
        return _SUFFIXES[suffix]
    if head.startswith(b"PK\x03\x04"):
        return "xlsx"
    if head.translate(None, _AROUND)[:1] in (b"{", b"["):
        return "json"
    if suffix == ".xls":
        raise DatasetInvalid(f"{name} is a workbook of the old form.", hint="Save it as .xlsx.")
    raise DatasetInvalid(
        f"{name} has no known format.",
        hint=f"Name it .json, .jsonl, .csv, .xlsx or .parquet, or say --format {'|'.join(FORMATS)}.",
    )


def _unpack(name: str, stream: BinaryIO, scratch: BinaryIO, max_bytes: int | None) -> BinaryIO:
    stream.seek(0)
    size = 0
    try:
        with gzip.GzipFile(fileobj=stream) as packed:
            while chunk := packed.read(_CHUNK):
                size += len(chunk)
                if max_bytes is not None and size > max_bytes:
                    raise DatasetInvalid(
                        f"{name} has more than {max_bytes:,} bytes when unpacked.",
                        hint="Split it into several files.",
                    )
                scratch.write(chunk)
    except (OSError, EOFError, zlib.error) as error:
        raise DatasetInvalid(f"{name} is packed and damaged: {error}.", hint="Pack it again.") from error
    return scratch


def find_encoding(name: str, stream: BinaryIO) -> str:
    """The encoding of a text: what its mark says, else UTF-8, else cp949.

    Raises:
        DatasetInvalid: It is none of these.
    """
    head = stream.read(4)
    stream.seek(0)
    marked = next((encoding for mark, encoding in _MARKS.items() if head.startswith(mark)), None)
    if marked is not None:
        return _check_encoding(name, stream, marked)
    failed = []
    for encoding in _ENCODINGS:
        at = _first_undecodable(stream, encoding)
        if at is None:
            return encoding
        failed.append(f"{encoding} at byte {at}")
    raise DatasetInvalid(
        f"{name} is no text that can be read: it is not {', nor '.join(failed)}.",
        code="dataset.encoding",
        hint="Save it as UTF-8, or name its encoding with --encoding.",
    )


def _check_encoding(name: str, stream: BinaryIO, encoding: str) -> str:
    try:
        at = _first_undecodable(stream, encoding)
    except LookupError as error:
        raise DatasetInvalid(
            f"There is no encoding {encoding!r}.", code="dataset.encoding", hint="Such as utf-8 or cp949."
        ) from error
    if at is None:
        return encoding
    raise DatasetInvalid(
        f"{name} is not {encoding}: byte {at} does not fit.",
        code="dataset.encoding",
        hint="Save it as UTF-8, or name another encoding with --encoding.",
    )


def _first_undecodable(stream: BinaryIO, encoding: str) -> int | None:
    """Where bytes are no text of an encoding; None if all are."""
    decoder = codecs.getincrementaldecoder(encoding)()
    stream.seek(0)
    read = 0
    try:
        while chunk := stream.read(_CHUNK):
            decoder.decode(chunk)
            read += len(chunk)
        decoder.decode(b"", final=True)
    except UnicodeDecodeError as error:
        return read + error.start
    finally:
        stream.seek(0)
    return None


def _has_lines(opened: OpenFile) -> bool:
    """Whether a `.json` file is JSON lines: its first line is an object and another one follows."""
    with opened.text() as text:
        first = text.readline(_FIRST_LINE).strip()
        second = text.readline(_FIRST_LINE).strip()
    return first.startswith("{") and first.endswith("}") and second.startswith("{")
