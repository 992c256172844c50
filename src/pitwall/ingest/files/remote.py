"""Sending chunks to the API, of a running server or of the data directory itself."""

from __future__ import annotations

import base64
from dataclasses import asdict
from typing import Any

from pitwall.access.client import ApiClient
from pitwall.core.errors import Conflict, InvalidInput
from pitwall.ingest.files.errors import InvalidLine, OffsetMismatch
from pitwall.ingest.files.types import Chunk, KnownSource, Receipt, Rejection

_SOURCES = "/api/v1/ingest/sources"


class RemoteSink:
    """The sources of a project behind an API.

    Args:
        client: Where requests go.
        project: Project to work on; None for the key's own.
    """

    def __init__(self, client: ApiClient, project: str | None) -> None:
        self._client = client
        self._scope = {"project": project}

    def use(self, client: ApiClient) -> None:
        """Go on with another client."""
        self.close()
        self._client = client

    def close(self) -> None:
        """Close the client."""
        self._client.close()

    def sources(self) -> list[KnownSource]:
        """Return every source of the project."""
        return [_known(source) for source in self._client.get(_SOURCES, self._scope)["sources"]]

    def open(self, source_id: str, kind: str, path: str, fingerprint: str) -> KnownSource:
        """Return a source, making it with nothing imported if it is new."""
        body = {"kind": kind, "path": path, "fingerprint": fingerprint}
        answer = self._client.request("PUT", f"{_SOURCES}/{source_id}", params=self._scope, body=body)
        return _known(answer)

    def send(self, chunk: Chunk) -> Receipt:
        """Store a chunk.

        Raises:
            OffsetMismatch, InvalidLine, LimitExceeded, Unavailable: See `SourceSink`.
        """
        parameters = {**self._scope, "offset": chunk.offset}
        path = f"{_SOURCES}/{chunk.source_id}/chunks"
        try:
            answer = self._client.post(path, _chunk_body(chunk), parameters)
        except Conflict as error:
            if error.code != OffsetMismatch.default_code:
                raise
            raise OffsetMismatch(error.message, hint=error.hint, details=error.details) from error
        except InvalidInput as error:
            if error.code != InvalidLine.default_code:
                raise
            raise InvalidLine(error.message, hint=error.hint, details=error.details) from error
        rejections = tuple(Rejection(**item) for item in answer.pop("rejections"))
        return Receipt(**answer, rejections=rejections)


def _chunk_body(chunk: Chunk) -> dict[str, Any]:
    is_cut = chunk.length > len(chunk.data)
    return {
        "reader": asdict(chunk.reader),
        "path": chunk.path,
        "fingerprint": chunk.fingerprint,
        "first_line": chunk.first_line,
        "skip_invalid": chunk.skip_invalid,
        "data": base64.b64encode(chunk.data).decode(),
        "length": chunk.length if is_cut else None,
    }


def _known(source: dict[str, Any]) -> KnownSource:
    return KnownSource(**{name: source[name] for name in KnownSource.__dataclass_fields__})
