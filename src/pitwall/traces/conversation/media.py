"""Images, audio and files in messages: what they are, where, and how large; never what is in them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any, Final

from pitwall.traces.conversation.types import Part, PartType
from pitwall.traces.conversation.values import (
    JsonObject,
    data_url,
    encoded_size,
    parsed_member,
    readable,
    short_text,
)

_TYPE_NAMES: Final = frozenset({"mime_type", "mimetype", "media_type", "mediatype"})
_FORMAT_NAMES: Final = frozenset({"format"})
_ADDRESS_NAMES: Final = frozenset({"url", "uri", "file_uri", "fileuri", "image_url", "audio_url", "file_url"})
_NAME_NAMES: Final = frozenset({"filename", "file_name", "title", "displayname", "display_name"})
_ID_NAMES: Final = frozenset({"file_id", "fileid"})
_BYTES_NAMES: Final = frozenset("data file_data filedata base64 b64_json bytes blob".split())
_CONTENT_NAMES: Final = _BYTES_NAMES | {"content", "result", "image", "audio", "file"}
_ENCODED: Final = re.compile(r"(?:[A-Za-z0-9+/_=\s-]|\\/)*")
# A shorter text of the same letters is a word, unless its name says that it is bytes.
_MIN_ENCODED: Final = 64
_ADDRESS: Final = re.compile(r"[a-z][a-z0-9+.-]{1,20}://", re.IGNORECASE)
_MAX_MEMBERS: Final = 64
_MAX_DEPTH: Final = 4
_MAX_ADDRESS: Final = 2000
# The word in the type of a part that tells what it is; the first that fits.
_WORDS: Final = (("image", PartType.IMAGE), ("audio", PartType.AUDIO))


def read_media(kind: str, block: JsonObject) -> Part:
    """A part that stands for a file.

    Args:
        kind: What the SDK calls the part, such as `image_url` or `input_audio`.
        block: The part.
    """
    found = _Found()
    for name, value in _members(block, _MAX_DEPTH):
        found.take(name, value)
    return found.part(kind)


class _Found:
    """What the members of a part said, the first of each."""

    def __init__(self) -> None:
        self.media_type: str | None = None
        self.format: str | None = None
        self.address: str | None = None
        self.name: str | None = None
        self.words: str | None = None
        self.size: int | None = None

    def take(self, name: str, value: Any) -> None:
        if isinstance(value, list):
            # Numbers are the bytes themselves.
            self.size = len(value) if self.size is None else self.size
        elif not isinstance(value, str) or not value:
            return
        elif name == "transcript":
            self.words = self.words or readable(value)
        elif name in _TYPE_NAMES:
            self.media_type = self.media_type or short_text(value)
        elif name in _FORMAT_NAMES:
            self.format = self.format or short_text(value)
        elif name in _NAME_NAMES | _ID_NAMES:
            self.name = self.name or short_text(value)
        elif name in _CONTENT_NAMES | _ADDRESS_NAMES:
            self._take_content(name, value)

    def _take_content(self, name: str, value: str) -> None:
        whole = data_url(value)
        if whole is not None:
            self.media_type = self.media_type or whole[0]
            self.size = whole[1]
        elif _ADDRESS.match(value) or name in _ADDRESS_NAMES:
            self.address = self.address or readable(value[:_MAX_ADDRESS])
        elif not _is_encoded(name, value):
            self.words = self.words or readable(value)
        elif self.size is None:
            self.size = encoded_size(value)

    def part(self, kind: str) -> Part:
        part_type = _part_type(kind, self.media_type)
        media_type = self.media_type
        if media_type is None and self.format is not None:
            is_known = part_type is not PartType.FILE and "/" not in self.format
            media_type = f"{part_type}/{self.format}" if is_known else self.format
        text = self.words or self.address or self.name
        return Part(type=part_type, text=text, media_type=media_type, bytes=self.size)


def _is_encoded(name: str, value: str) -> bool:
    is_long = len(value) >= _MIN_ENCODED or name in _BYTES_NAMES
    return is_long and _ENCODED.fullmatch(value) is not None


def _part_type(kind: str, media_type: str | None) -> PartType:
    for word, part_type in _WORDS:
        if (media_type or "").startswith(f"{word}/"):
            return part_type
    named = next((part_type for word, part_type in _WORDS if word in kind), PartType.FILE)
    return PartType.FILE if media_type and not media_type.startswith(f"{named}/") else named


def _members(value: JsonObject, depth: int) -> Iterator[tuple[str, Any]]:
    """Members by lower-case name, outer ones first; what is nested stands for its parts."""
    inner: list[JsonObject] = []
    for name, member in list(value.items())[:_MAX_MEMBERS]:
        member = parsed_member(member) if name in ("image_url", "source") else member
        if isinstance(member, dict):
            inner.append(member)
        else:
            yield name.lower(), member
    if depth > 0:
        for member in inner:
            if _is_buffer(member):
                yield "bytes", list(member)
            else:
                yield from _members(member, depth - 1)


def _is_buffer(value: JsonObject) -> bool:
    """Bytes as JavaScript writes them: an object with a number for each."""
    return len(value) > 2 and "0" in value and "1" in value
