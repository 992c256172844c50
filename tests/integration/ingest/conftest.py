"""The mapping of the shared store, with a table that keeps what it made."""

from __future__ import annotations

from pathlib import Path

import pytest

from pitwall.ingest.mapping.oracle import Context
from pitwall.ingest.pricing.assemble import assemble
from pitwall.ingest.pricing.book import PriceBook
from pitwall.stores.telemetry.engine import TelemetryEngine
from tests.integration.ingest.mapping_rows import RECEIVED, SpanMapping, Stages


@pytest.fixture(scope="session")
def price_book() -> PriceBook:
    return assemble()


@pytest.fixture(scope="session")
def captured_spans(telemetry_engine: TelemetryEngine) -> str:
    """Return the table that keeps every row of `spans_in` until the next test."""
    telemetry_engine.command("CREATE TABLE IF NOT EXISTS captured_spans AS spans_in ENGINE = Memory")
    telemetry_engine.command(
        "CREATE MATERIALIZED VIEW IF NOT EXISTS capture_spans TO captured_spans AS SELECT * FROM spans_in"
    )
    return "captured_spans"


@pytest.fixture
def stages(telemetry_engine: TelemetryEngine, tmp_path: Path, project: str) -> Stages:
    return Stages(telemetry_engine, tmp_path, project)


@pytest.fixture
def mapping(stages: Stages, captured_spans: str, price_book: PriceBook) -> SpanMapping:
    context = Context(project=stages.project, log_position=1, received_unix_nano=RECEIVED, book=price_book)
    return SpanMapping(stages, context)
