"""An application without a line about telemetry; `opentelemetry-instrument` watches it."""

from __future__ import annotations

from conversation import converse, openai_client, report  # type: ignore[import-not-found]

report(converse(openai_client()))
