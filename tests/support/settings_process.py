"""A server of its own process that takes one trace and tells what its settings made of the store.

    PITWALL_... python -m tests.support.settings_process DATA_DIR

One line of JSON on stdout; only in this process can the memory limit of the engine be read.
"""

from __future__ import annotations

import asyncio
import json
import os
import sys
from pathlib import Path
from typing import Any

import httpx

from pitwall.kit.clock import SystemClock
from pitwall.server.compose import compose
from pitwall.server.lifecycle import Mode, Pitwall
from pitwall.server.telemetry import TelemetryLog, TelemetryStore
from pitwall.server.web import build_app
from pitwall.settings import load_settings
from pitwall.stores.telemetry.engine import TelemetryEngine
from pitwall.stores.telemetry.retention import current_retention

QUESTION = "Refund to kim@example.com, card 4111 1111 1111 1111, key sk-abcdefghijklmnopqrstuvwxyz012345"


async def run(data_dir: Path) -> dict[str, Any]:
    """Start everything but the ports, send a trace through the door, and look into the store."""
    settings = load_settings(environ=os.environ, flags={"data_dir": data_dir})
    pitwall = compose(settings, Mode.OFFLINE, SystemClock(), local_token="unused")
    store, log = pitwall.components
    assert isinstance(store, TelemetryStore)
    assert isinstance(log, TelemetryLog)
    await pitwall.start()
    try:
        await _send_trace(pitwall)
        await asyncio.to_thread(log.writer.drain, 60.0)
        return await asyncio.to_thread(_look, store.engine)
    finally:
        await pitwall.stop(30.0)


async def _send_trace(pitwall: Pitwall) -> None:
    attribute = {"key": "gen_ai.input.messages", "value": {"stringValue": QUESTION}}
    span = {"traceId": "ab" * 16, "spanId": os.urandom(8).hex(), "name": "chat", "attributes": [attribute]}
    span |= {"startTimeUnixNano": "1780000000000000000", "endTimeUnixNano": "1780000001000000000"}
    body = {"resourceSpans": [{"scopeSpans": [{"spans": [span]}]}]}
    transport = httpx.ASGITransport(build_app(pitwall), client=("127.0.0.1", 0))
    async with httpx.AsyncClient(transport=transport, base_url="http://127.0.0.1") as client:
        answer = await client.post("/v1/traces", json=body)
    assert answer.status_code == 200, answer.text


def _look(engine: TelemetryEngine) -> dict[str, Any]:
    memory = "SELECT value FROM system.server_settings WHERE name = 'max_server_memory_usage'"
    return {
        "question": engine.query("SELECT input FROM payloads ORDER BY received_at DESC").scalar(),
        "retention_days": current_retention(engine),
        "memory_bytes": int(engine.query(memory).scalar()),
        "query_seconds": engine.query("SELECT getSetting('max_execution_time')").scalar(),
    }


if __name__ == "__main__":
    sys.stdout.write(json.dumps(asyncio.run(run(Path(sys.argv[1])))) + "\n")
