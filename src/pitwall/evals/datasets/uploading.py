"""A file as the body of a request, taken in without holding it in memory."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from typing import Any, BinaryIO, Final

from pitwall.core.errors import InvalidInput
from pitwall.evals.datasets.service import MAX_BYTES

UPLOAD: Final[Any] = {
    "requestBody": {
        "required": True,
        "content": {"application/octet-stream": {"schema": {"type": "string", "format": "binary"}}},
    }
}
"""What OpenAPI says of such a body."""


async def receive(stream: AsyncIterator[bytes], body: BinaryIO) -> None:
    """Write a body to a file, which stands at its start afterwards.

    Raises:
        InvalidInput: It is larger than a dataset may be.
    """
    size = 0
    async for chunk in stream:
        size += len(chunk)
        if size > MAX_BYTES:
            raise InvalidInput(
                f"The file has more than {MAX_BYTES:,} bytes.",
                code="dataset.too_large",
                hint="Pack it with gzip, or split it into several files.",
            )
        await asyncio.to_thread(body.write, chunk)
    body.seek(0)
