"""Sending chunks to the store in this process."""

from __future__ import annotations

from pitwall.ingest.files.service import FileIngest
from pitwall.ingest.files.types import Chunk, KnownSource, Receipt
from pitwall.stores.state import IngestSource


class LocalSink:
    """The sources of a project.

    Args:
        files: Keeps them.
    """

    def __init__(self, files: FileIngest, project: str) -> None:
        self._files = files
        self._project = project

    def sources(self) -> list[KnownSource]:
        """Return every source of the project."""
        return [_known(source) for source in self._files.all(self._project)]

    def open(self, source_id: str, kind: str, path: str, fingerprint: str) -> KnownSource:
        """Return a source, making it with nothing imported if it is new."""
        return _known(
            self._files.open(self._project, source_id, kind=kind, path=path, fingerprint=fingerprint)
        )

    def send(self, chunk: Chunk) -> Receipt:
        """Store a chunk; see `FileIngest.take`."""
        return self._files.take(self._project, chunk)


def _known(source: IngestSource) -> KnownSource:
    return KnownSource(
        source_id=source.source_id,
        path=source.path,
        next_offset=source.next_offset,
        fingerprint=source.fingerprint,
        rows=source.rows,
        rejected=source.rejected,
    )
