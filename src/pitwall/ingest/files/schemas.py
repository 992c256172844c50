"""Wire shapes of sources and chunks."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Literal, Self

from pydantic import Base64Bytes, BaseModel, ConfigDict, Field

from pitwall.ingest.files.types import MAX_CHUNK_BYTES, Chunk, Reader, Receipt
from pitwall.stores.state import IngestSource

SourceKind = Literal["jsonl", "csv"]
Data = Annotated[Base64Bytes, Field(max_length=2 * MAX_CHUNK_BYTES)]


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid")


class NewSource(_Strict):
    """A source to be opened."""

    kind: SourceKind
    path: str = Field(max_length=4096, description="What the file is called.")
    fingerprint: str = Field(max_length=1024, description="Kept for the client, to find the source again.")


class SourceView(BaseModel):
    """How far a source is imported."""

    source_id: str
    kind: str
    path: str = Field(description="What the file was called last.")
    next_offset: int = Field(description="Bytes that are durable; the next chunk begins there.")
    fingerprint: str
    rows: int = Field(description="Records accepted so far.")
    rejected: int = Field(description="Lines put aside so far.")
    updated_at: datetime

    @classmethod
    def of(cls, source: IngestSource) -> Self:
        """Return the view of a source."""
        return cls(**{name: getattr(source, name) for name in cls.model_fields})


class SourceList(BaseModel):
    """The sources of a project, by path."""

    sources: list[SourceView]


class ReaderBody(_Strict):
    """How lines become records."""

    kind: SourceKind
    service: str = Field("", description="Service of records that name none.")
    environment: str = Field("", description="Environment of records that name none.")
    mapping: list[str] = Field([], description="Column map, such as `started_at=TIMESTAMP`.")
    constants: dict[str, str] = Field({}, description="Values of fields that no column has.")
    timezone: str = Field("UTC", description="Of times that have none.")
    columns: list[str] = Field([], description="Column names of a CSV file.")
    delimiter: str = Field(",", min_length=1, max_length=1)

    def reader(self) -> Reader:
        """Return the reader described."""
        fields = self.model_dump()
        return Reader(**{**fields, "mapping": tuple(self.mapping), "columns": tuple(self.columns)})


class ChunkBody(_Strict):
    """Neighbouring whole lines of a source."""

    reader: ReaderBody
    path: str = Field(max_length=4096, description="What the file is called now.")
    fingerprint: str = Field(max_length=1024, description="Replaces the source's once the chunk is stored.")
    first_line: int = Field(ge=1, description="Line number of the first line, for messages.")
    skip_invalid: bool = Field(False, description="Put malformed lines aside instead of refusing the chunk.")
    data: Data = Field(description="The lines, in base64.")
    length: int | None = Field(
        None,
        description="Bytes this covers, if `data` is the beginning of one line too long to be sent.",
    )

    def chunk(self, source_id: str, offset: int) -> Chunk:
        """Return the chunk described."""
        return Chunk(
            source_id=source_id,
            offset=offset,
            first_line=self.first_line,
            data=self.data,
            length=len(self.data) if self.length is None else max(self.length, len(self.data)),
            path=self.path,
            fingerprint=self.fingerprint,
            skip_invalid=self.skip_invalid,
            reader=self.reader.reader(),
        )


class RejectionView(BaseModel):
    """A line that was put aside."""

    line: int
    reason: str
    message: str


class ReceiptView(BaseModel):
    """What became of a chunk; all of it is durable."""

    next_offset: int = Field(description="Where the next chunk begins.")
    accepted: int = Field(description="Records stored now.")
    rejected: int = Field(description="Lines and records put aside now.")
    repeated: int = Field(description="Records that were there already.")
    rejections: list[RejectionView] = Field(description="The first few of those put aside.")

    @classmethod
    def of(cls, receipt: Receipt) -> Self:
        """Return the view of a receipt."""
        rejections = [
            RejectionView(line=item.line, reason=item.reason, message=item.message)
            for item in receipt.rejections
        ]
        return cls(
            next_offset=receipt.next_offset,
            accepted=receipt.accepted,
            rejected=receipt.rejected,
            repeated=receipt.repeated,
            rejections=rejections,
        )
