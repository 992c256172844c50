"""Fetches a page within bounds of time and size."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass

import httpx

from pitwall.ingest.scrape.types import MAX_PAGE_BYTES, Target

_ACCEPT = "application/openmetrics-text;version=1.0.0;q=0.5,text/plain;version=0.0.4;q=0.4,*/*;q=0.1"
_OPENMETRICS = "application/openmetrics-text"
_PLAIN = frozenset({"text/plain", "", "application/octet-stream"})


@dataclass(frozen=True, slots=True)
class Fetched:
    """The text of a page and which of the two formats it is."""

    text: str
    is_openmetrics: bool


class ScrapeFailed(Exception):
    """A page did not come or is no page of metrics; the message says why."""


async def fetch(client: httpx.AsyncClient, target: Target) -> Fetched:
    """Get the page of a target; nothing of it is kept beyond the limit.

    Raises:
        ScrapeFailed: It did not come in time, is too large, or is something else than metrics.
    """
    try:
        async with asyncio.timeout(target.timeout_seconds):
            return await _read(client, target)
    except TimeoutError:
        raise ScrapeFailed(f"it did not answer within {target.timeout_seconds:g} s") from None
    except (httpx.HTTPError, httpx.InvalidURL) as error:
        raise ScrapeFailed(str(error) or type(error).__name__) from error


async def _read(client: httpx.AsyncClient, target: Target) -> Fetched:
    headers = {"accept": _ACCEPT}
    if target.bearer_token is not None:
        headers["authorization"] = f"Bearer {target.bearer_token}"
    async with client.stream("GET", target.url, headers=headers) as answer:
        if answer.status_code != httpx.codes.OK:
            raise ScrapeFailed(f"it answered {answer.status_code} {answer.reason_phrase}")
        media_type = answer.headers.get("content-type", "").partition(";")[0].strip().lower()
        if media_type != _OPENMETRICS and media_type not in _PLAIN:
            raise ScrapeFailed(f"it answered {media_type}, which is no page of metrics")
        body = bytearray()
        async for part in answer.aiter_bytes():
            body += part
            if len(body) > MAX_PAGE_BYTES:
                raise ScrapeFailed(f"its page is larger than {MAX_PAGE_BYTES // 1024**2} MiB")
    return Fetched(body.decode("utf-8", "replace"), media_type == _OPENMETRICS)
