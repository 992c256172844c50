"""Hiding secrets in what was rejected: text by text, so that the request around them can still be read."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from google.protobuf.message import DecodeError, Message

from pitwall.ingest.mirrors import text_fields
from pitwall.ingest.wire import OtlpStream

PROTOBUF = "application/x-protobuf"


@dataclass(frozen=True, slots=True)
class Masker:
    """The masking rules in force.

    Attributes:
        text: Returns a text with its secrets replaced.
        raw: The same for bytes of unknown structure, keeping their length.
    """

    text: Callable[[str], str]
    raw: Callable[[bytes], bytes]

    def mask_request(self, stream: OtlpStream, body: bytes, content_type: str) -> bytes:
        """Mask a request body; one that cannot be parsed is overwritten in place.

        In place would not do for the others: a pattern may run on into the length of the next field.
        """
        if content_type != PROTOBUF:
            return self.raw(body)
        try:
            message = stream.request_type.FromString(body)
        except DecodeError:
            return self.raw(body)
        self._mask(message)
        return bytes(message.SerializeToString())

    def _mask(self, message: Message) -> None:
        texts = text_fields(message.DESCRIPTOR)
        for field, value in message.ListFields():
            if field.message_type is not None:
                for child in value if field.is_repeated else (value,):
                    self._mask(child)
            elif field.name in texts and not field.is_repeated:
                self._replace(message, field.name, value, self.text(value))
            elif field.name == "bytes_value":
                self._replace(message, field.name, value, self.raw(value))

    @staticmethod
    def _replace(message: Any, name: str, old: str | bytes, new: str | bytes) -> None:
        if new != old:
            setattr(message, name, new)
