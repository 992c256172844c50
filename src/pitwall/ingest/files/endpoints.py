"""`/api/v1/ingest/sources`: files sent in chunks, each taken exactly once."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Path, Query

from pitwall.access.dependencies import requires
from pitwall.access.types import Principal
from pitwall.core.vocabulary import Scope
from pitwall.ingest.files.schemas import ChunkBody, NewSource, ReceiptView, SourceList, SourceView
from pitwall.ingest.files.service import FileIngest
from pitwall.stores.state import check_project_id

Sender = Annotated[Principal, requires(Scope.INGEST)]
SourceId = Annotated[str, Path(pattern=r"^[A-Za-z0-9._-]{1,128}$", description="Chosen by the client.")]


def sources_router(files: FileIngest) -> APIRouter:
    """Return the endpoints of sources."""
    router = APIRouter(prefix="/api/v1/ingest/sources", tags=["ingest"])

    @router.get("", summary="List sources")
    def list_sources(principal: Sender) -> SourceList:
        """Return how far every file of the project is imported."""
        return SourceList(sources=[SourceView.of(source) for source in files.all(principal.project_id)])

    @router.put("/{source_id}", summary="Open a source")
    def open_source(principal: Sender, source_id: SourceId, body: NewSource) -> SourceView:
        """Return where a source stands; one that is not known is made and begins at 0."""
        project = check_project_id(principal.project_id)
        source = files.open(project, source_id, kind=body.kind, path=body.path, fingerprint=body.fingerprint)
        return SourceView.of(source)

    @router.post("/{source_id}/chunks", summary="Send a chunk of a source")
    def send_chunk(
        principal: Sender,
        source_id: SourceId,
        body: ChunkBody,
        offset: Annotated[int, Query(ge=0, description="Byte of the source the chunk begins with.")],
    ) -> ReceiptView:
        """Store whole lines of a source; 409 with `expected_offset` if it stands elsewhere.

        Without `skip_invalid` a malformed line is answered with 422, and nothing of the chunk is stored.
        """
        return ReceiptView.of(files.take(principal.project_id, body.chunk(source_id, offset)))

    return router
