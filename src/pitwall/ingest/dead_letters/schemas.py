"""Wire shapes of dead letters."""

from __future__ import annotations

import base64
from datetime import datetime
from typing import Any, Self

import orjson
from google.protobuf.json_format import MessageToDict
from google.protobuf.message import DecodeError
from pydantic import BaseModel, Field

from pitwall.core.vocabulary import TelemetryType
from pitwall.ingest.dead_letters.types import LetterHead, RetryResult, StoredLetter
from pitwall.ingest.masker import PROTOBUF
from pitwall.ingest.wire import OTLP_STREAMS
from pitwall.kit.paging import Page

_IDS = frozenset({"traceId", "spanId", "parentSpanId"})


class LetterView(BaseModel):
    """A dead letter without its body."""

    id: str = Field(description="32 hexadecimal digits.")
    received_at: datetime
    telemetry_type: str = Field(description="The stream it was meant for: traces, metrics, logs.")
    door: str = Field(description="How it came in.")
    reason: str = Field(description="Stable name of what is wrong.")
    message: str = Field(description="The same for people.")
    record_index: int = Field(description="Position of the record in the request it came with.")
    record_name: str = Field(description="Name of the span, metric or event; empty if it has none.")
    content_type: str = Field(description="Form of the body.")
    body_bytes: int = Field(description="True length of the body; at most 256 KB of it are kept.")

    @classmethod
    def of(cls, head: LetterHead) -> Self:
        """Return the view of a letter."""
        return cls(**{name: getattr(head, name) for name in cls.model_fields if hasattr(head, name)})


class LetterPage(BaseModel):
    """Dead letters, newest first."""

    dead_letters: list[LetterView]
    next_cursor: str | None = Field(description="Pass it as `cursor` for the next page; null at the end.")

    @classmethod
    def of(cls, page: Page[LetterHead]) -> Self:
        """Return the view of a page."""
        return cls(dead_letters=[LetterView.of(head) for head in page.items], next_cursor=page.next_cursor)


class WholeLetterView(LetterView):
    """A dead letter with what is kept of it."""

    body: str = Field(description="Base64 of the masked body as it is kept.")
    request: Any = Field(description="The body as OTLP/JSON; null if it cannot be read.")

    @classmethod
    def of_letter(cls, letter: StoredLetter) -> Self:
        """Return the view of a letter and its body."""
        body = base64.b64encode(letter.body).decode()
        return cls(**LetterView.of(letter.head).model_dump(), body=body, request=_read_body(letter))


class DeadLetterRejectionView(BaseModel):
    """A record that was rejected again."""

    index: int
    name: str
    reason: str
    message: str


class RetryView(BaseModel):
    """What sending a letter again did."""

    id: str
    accepted: int = Field(description="Records that are durable now.")
    rejected: list[DeadLetterRejectionView] = Field(description="Records that were rejected again.")
    is_removed: bool = Field(description="Whether the letter is gone; it stays if nothing was accepted.")

    @classmethod
    def of(cls, result: RetryResult) -> Self:
        """Return the view of a retry."""
        rejected = [
            DeadLetterRejectionView(
                index=record.index, name=record.name, reason=record.reason, message=record.message
            )
            for record in result.rejected
        ]
        return cls(id=result.id, accepted=result.accepted, rejected=rejected, is_removed=result.is_removed)


def _read_body(letter: StoredLetter) -> Any:
    """Return the body as JSON with hexadecimal ids, None if it is cut or broken."""
    try:
        if letter.head.content_type != PROTOBUF:
            return orjson.loads(letter.body)
        stream = OTLP_STREAMS[TelemetryType(letter.head.telemetry_type)]
        return _with_hex_ids(MessageToDict(stream.request_type.FromString(letter.body)))
    except (orjson.JSONDecodeError, DecodeError, ValueError, KeyError):
        return None


def _with_hex_ids(value: Any) -> Any:
    if isinstance(value, list):
        return [_with_hex_ids(item) for item in value]
    if not isinstance(value, dict):
        return value
    return {
        key: base64.b64decode(item).hex() if key in _IDS else _with_hex_ids(item)
        for key, item in value.items()
    }
