"""An application that sets up the OpenTelemetry SDK itself and turns on OpenLLMetry's instrumentation."""

from __future__ import annotations

from conversation import converse, openai_client, report  # type: ignore[import-not-found]
from opentelemetry import trace
from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
from opentelemetry.instrumentation.openai import OpenAIInstrumentor  # type: ignore[import-not-found]
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor

provider = TracerProvider()
provider.add_span_processor(BatchSpanProcessor(OTLPSpanExporter()))
trace.set_tracer_provider(provider)
OpenAIInstrumentor().instrument()

with trace.get_tracer(__name__).start_as_current_span("answer") as span:
    span.set_attribute("traceloop.span.kind", "workflow")
    span.set_attribute("traceloop.association.properties.session_id", "session-1")
    span.set_attribute("traceloop.association.properties.user_id", "user-1")
    report(converse(openai_client()))
provider.shutdown()
