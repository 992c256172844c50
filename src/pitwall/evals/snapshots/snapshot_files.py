"""Reads snapshots that were written to files."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import orjson

from pitwall.core.errors import InvalidInput
from pitwall.evals.snapshots.envelope import COMMAND, VERSION


class SnapshotInvalid(InvalidInput):
    """A file is no snapshot."""

    default_code = "snapshot.invalid"


def read_snapshot(path: Path) -> dict[str, Any]:
    """Return the data of a snapshot.

    Raises:
        SnapshotInvalid: The file holds something else.
    """
    try:
        content = orjson.loads(path.read_bytes())
    except OSError as error:
        raise SnapshotInvalid(f"{path} cannot be read: {error.strerror}.") from error
    except orjson.JSONDecodeError as error:
        raise SnapshotInvalid(f"{path}, line {error.lineno}: no valid JSON, {error.msg}.") from error
    data = content.get("data") if isinstance(content, dict) else None
    if not isinstance(data, dict) or content.get("command") != COMMAND:
        raise SnapshotInvalid(
            f"{path} is no snapshot.",
            hint="Write one with `pitwall ops snapshot --run-id RUN --output FILE`.",
        )
    if content.get("version") != VERSION:
        raise SnapshotInvalid(
            f"{path} has form {content.get('version')!r}; this version of Pitwall reads form {VERSION}.",
            hint="Compare it with the version of Pitwall that wrote it.",
        )
    return data
