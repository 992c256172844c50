"""`/api/v1/datasets`: looking at datasets with the scope read, making and deleting them with act."""

from __future__ import annotations

import asyncio
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Query, Request
from fastapi.responses import StreamingResponse
from starlette.responses import Response

from pitwall.access.dependencies import requires
from pitwall.access.types import Principal
from pitwall.core.vocabulary import Scope
from pitwall.evals.datasets.exports import MEDIA_TYPES
from pitwall.evals.datasets.fields import read_columns
from pitwall.evals.datasets.from_traces import ProductionExamples
from pitwall.evals.datasets.schemas import (
    AppendedDataset,
    DatasetDifference,
    DatasetFromIncident,
    DatasetFromTraces,
    DatasetList,
    DatasetVersionList,
    DeletedDataset,
    ExampleList,
    ImportedDataset,
    OneDataset,
)
from pitwall.evals.datasets.service import Datasets, Upload
from pitwall.evals.datasets.types import ReadOptions
from pitwall.evals.datasets.uploading import UPLOAD, receive
from pitwall.evals.datasets.wire import (
    appended_view,
    dataset_view,
    difference_view,
    example_view,
    imported_view,
    version_view,
)
from pitwall.kit.json_answers import json_response

Reader = Annotated[Principal, requires(Scope.READ)]
Operator = Annotated[Principal, requires(Scope.ACT)]
Limit = Annotated[int, Query(ge=1, le=500, description="Rows at most.")]
Cursor = Annotated[str | None, Query(description="`next_cursor` of the page before.")]
Version = Annotated[
    str | None, Query(description="Its number, or the label of the file; the newest unless said otherwise.")
]
Format = Literal["json", "jsonl", "csv", "xlsx", "parquet"]
_FILE: Any = {200: {"description": "The file.", "content": {media: {} for media in MEDIA_TYPES.values()}}}


def datasets_router(datasets: Datasets, production: ProductionExamples | None) -> APIRouter:
    """Return the endpoints of datasets.

    Args:
        datasets: Who keeps them.
        production: Who makes them out of traces; None without a telemetry store.
    """
    router = APIRouter(prefix="/api/v1/datasets", tags=["datasets"])
    if production is not None:
        _add_production(router, production)
    _add_lists(router, datasets)
    _add_one(router, datasets)
    _add_changes(router, datasets)
    return router


def _add_lists(router: APIRouter, datasets: Datasets) -> None:
    @router.get("", summary="List datasets", responses={200: {"model": DatasetList}})
    def list_datasets(principal: Reader, limit: Limit = 100, cursor: Cursor = None) -> Response:
        """Return the datasets of the project by name, each with its newest version."""
        page = datasets.list(principal.project_id, limit=limit, cursor=cursor)
        rows = [dataset_view(one) for one in page.items]
        return json_response({"datasets": rows, "next_cursor": page.next_cursor})

    @router.get("/{name}/versions", summary="List versions", responses={200: {"model": DatasetVersionList}})
    def list_versions(principal: Reader, name: str, limit: Limit = 100, cursor: Cursor = None) -> Response:
        """Return the versions of a dataset, newest first."""
        page = datasets.versions(principal.project_id, name, limit=limit, cursor=cursor)
        rows = [version_view(one) for one in page.items]
        return json_response({"versions": rows, "next_cursor": page.next_cursor})

    @router.get("/{name}/examples", summary="List examples", responses={200: {"model": ExampleList}})
    def list_examples(
        principal: Reader, name: str, version: Version = None, limit: Limit = 50, cursor: Cursor = None
    ) -> Response:
        """Return the examples of a version in their order."""
        _, chosen = datasets.get(principal.project_id, name, version)
        page = datasets.examples(principal.project_id, chosen, limit=limit, cursor=cursor)
        return json_response(
            {
                "version": version_view(chosen),
                "examples": [example_view(position, example) for position, example in page.items],
                "next_cursor": page.next_cursor,
            }
        )


def _add_one(router: APIRouter, datasets: Datasets) -> None:
    @router.get("/{name}", summary="Show a dataset", responses={200: {"model": OneDataset}})
    def get_dataset(principal: Reader, name: str, version: Version = None) -> Response:
        """Return a dataset with one of its versions; its examples are paged apart."""
        dataset, chosen = datasets.get(principal.project_id, name, version)
        return json_response({**dataset_view(dataset), "version": version_view(chosen)})

    @router.get("/{name}/diff", summary="Compare two versions", responses={200: {"model": DatasetDifference}})
    def diff(
        principal: Reader,
        name: str,
        before: Annotated[str, Query(description="Number or label of a version.")],
        after: Version = None,
        limit: Limit = 100,
    ) -> Response:
        """Return the ids of examples that came, went or changed; `limit` is for each kind."""
        found = datasets.compare(principal.project_id, name, before, after)
        return json_response(difference_view(found, limit))

    @router.get("/{name}/export", summary="Export a dataset", responses=_FILE, response_class=Response)
    def export(
        principal: Reader,
        name: str,
        format: Annotated[  # noqa: A002 - the parameter's name
            Format, Query(description="`json` is EvalVault's form; only `jsonl` loses nothing.")
        ] = "jsonl",
        version: Version = None,
    ) -> StreamingResponse:
        """Return a version as a file."""
        content = datasets.export(principal.project_id, name, version, format)
        headers = {"content-disposition": f'attachment; filename="dataset.{format}"'}
        return StreamingResponse(content, media_type=MEDIA_TYPES[format], headers=headers)


def _add_changes(router: APIRouter, datasets: Datasets) -> None:
    @router.post(
        "",
        status_code=201,
        summary="Import a dataset",
        openapi_extra=UPLOAD,
        responses={
            200: {"model": ImportedDataset, "description": "There is such a version already."},
            201: {"model": ImportedDataset},
        },
    )
    async def import_dataset(
        request: Request,
        principal: Operator,
        file: Annotated[
            str, Query(description="Name of the file; its suffix tells the format.", max_length=300)
        ],
        name: Annotated[
            str | None, Query(description="Of the dataset; else what the file says, else the file's name.")
        ] = None,
        format: Annotated[Format | None, Query(description="Instead of what name and content tell.")] = None,  # noqa: A002
        encoding: Annotated[str | None, Query(description="Of a text file.", max_length=40)] = None,
        language: Annotated[
            str | None, Query(description="Of examples that do not say theirs.", max_length=35)
        ] = None,
        sheet: Annotated[str | None, Query(description="Of a workbook.")] = None,
        separator: Annotated[
            str, Query(description="Between contexts in a cell that holds no list; empty for one context.")
        ] = "|",
        map: Annotated[  # noqa: A002 - the parameter's name
            list[str] | None,
            Query(description="`field=column`, instead of all known names; `field=` for none."),
        ] = None,
        skip_invalid: Annotated[bool, Query(description="Leave out what is no example.")] = False,
    ) -> Response:
        """Make a version of a dataset out of a file, sent as the body: JSON, JSONL, CSV, XLSX or Parquet.

        Examples that the newest version has already, in whatever order, make no new one.
        """
        options = ReadOptions(
            file_format=format,
            encoding=encoding,
            language=language,
            separator=separator,
            sheet=sheet,
            columns=read_columns(map or ()),
            skip_invalid=skip_invalid,
        )
        with datasets.scratch() as body:
            await receive(request.stream(), body)
            made = await asyncio.to_thread(
                datasets.import_file, Upload(file, body), options, name=name, by=principal
            )
        return json_response(imported_view(made), status_code=201 if made.is_new else 200)

    @router.delete("/{name}", summary="Delete a dataset", responses={200: {"model": DeletedDataset}})
    def delete_dataset(principal: Operator, name: str, version: Version = None) -> Response:
        """Delete one version, or without one the whole dataset; refused while runs use it."""
        gone = datasets.delete(name, by=principal, version=version)
        return json_response({"name": name, "versions": [version_view(one) for one in gone]})


def _add_production(router: APIRouter, production: ProductionExamples) -> None:
    made: Any = {200: {"model": AppendedDataset}}

    @router.post("/from-traces", summary="Make examples of traces", responses=made)
    def from_traces(principal: Operator, body: DatasetFromTraces) -> Response:
        """Add traces to a dataset as a new version: question and answer of the root span, documents that
        were found, and the ids of trace and span.
        """
        return json_response(appended_view(production.from_traces(body.dataset, body.choice(), by=principal)))

    @router.post("/from-incident", summary="Make examples of an incident", responses=made)
    def from_incident(principal: Operator, body: DatasetFromIncident) -> Response:
        """Add the traces that stand for an incident to a dataset as a new version."""
        return json_response(
            appended_view(production.from_incident(body.dataset, body.incident, by=principal))
        )
