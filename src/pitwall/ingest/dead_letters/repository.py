"""All SQL about dead letters."""

from __future__ import annotations

import base64
import re
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

from pitwall.ingest.dead_letters.types import LetterFilter, LetterHead, StoredLetter
from pitwall.stores.telemetry.engine import TelemetryEngine

LETTER_ID = re.compile(r"[0-9a-f]{32}")
_HEAD = (
    "dead_letter_id, toUnixTimestamp64Milli(received_at) AS received_ms, telemetry_type, door, reason, "
    "message, record_index, record_name, content_type, body_bytes"
)


class DeadLetters:
    """The dead letters of a telemetry store; calls block.

    Args:
        engine: The store.
    """

    def __init__(self, engine: TelemetryEngine) -> None:
        self._engine = engine

    def list(
        self, project: str, wanted: LetterFilter, *, before: tuple[int, str] | None, limit: int
    ) -> Sequence[LetterHead]:
        """Return the newest letters.

        Args:
            before: Only letters older than this position: (received, Unix milliseconds; id).
        """
        conditions = ["project = {project:String}"]
        parameters: dict[str, Any] = {"project": project, "limit": limit}
        if wanted.telemetry_type is not None:
            conditions.append("telemetry_type = {telemetry_type:String}")
            parameters["telemetry_type"] = wanted.telemetry_type
        if wanted.reason is not None:
            conditions.append("reason = {reason:String}")
            parameters["reason"] = wanted.reason
        if before is not None:
            conditions.append(
                "(received_at, dead_letter_id) < "
                "(fromUnixTimestamp64Milli({before:Int64}, 'UTC'), {id:String})"
            )
            parameters["before"], parameters["id"] = before
        rows = self._engine.query(
            f"SELECT {_HEAD} FROM dead_letters WHERE {' AND '.join(conditions)} "
            "ORDER BY received_at DESC, dead_letter_id DESC LIMIT {limit:UInt32}",
            parameters,
        )
        return [_head(row) for row in rows.rows]

    def find(self, project: str, letter_id: str) -> StoredLetter | None:
        """Return one letter of a project, the newest if it came more than once."""
        rows = self._engine.query(
            # Base64, because the client reads strings as UTF-8.
            f"SELECT {_HEAD}, base64Encode(body) FROM dead_letters "
            "WHERE project = {project:String} AND dead_letter_id = {id:String} "
            "ORDER BY received_at DESC LIMIT 1",
            {"project": project, "id": letter_id},
        )
        if not rows.rows:
            return None
        *head, body = rows.rows[0]
        return StoredLetter(_head(head), base64.b64decode(body))

    def remove(self, project: str, letter_id: str) -> None:
        """Delete a letter; nothing happens if it is gone already."""
        assert LETTER_ID.fullmatch(letter_id)
        self._engine.command(
            f"DELETE FROM dead_letters WHERE project = {_quoted(project)} AND dead_letter_id = '{letter_id}'"
        )


def _head(row: Sequence[Any]) -> LetterHead:
    letter_id, received_ms, *texts, index, name, content_type, body_bytes = row
    telemetry_type, door, reason, message = texts
    return LetterHead(
        id=letter_id,
        received_at=datetime.fromtimestamp(received_ms / 1000, UTC),
        telemetry_type=telemetry_type,
        door=door,
        reason=reason,
        message=message,
        record_index=index,
        record_name=name,
        content_type=content_type,
        body_bytes=body_bytes,
    )


def _quoted(text: str) -> str:
    return "'" + text.replace("\\", "\\\\").replace("'", "\\'") + "'"
