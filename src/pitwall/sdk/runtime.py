"""The one place that knows which client is running: a tracer for the helpers, and what they may capture."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from opentelemetry import trace
from opentelemetry.trace import Tracer

from pitwall.sdk.otlp import LogEvent

SCOPE_NAME = "pitwall.sdk"


@dataclass(slots=True)
class Runtime:
    """State of the process, changed only by `init` and `shutdown`."""

    tracer: Tracer
    capture_content: bool = True
    send_score: Callable[[LogEvent], bool] | None = None


# Before `init` spans go to whatever OpenTelemetry provider the application has set up, or nowhere.
runtime = Runtime(tracer=trace.get_tracer(SCOPE_NAME))
