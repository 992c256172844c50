"""An application traced with arize-phoenix-otel and OpenInference's instrumentation of openai."""

from __future__ import annotations

import os

from conversation import QUESTION, converse, openai_client, report  # type: ignore[import-not-found]
from openinference.instrumentation import using_attributes  # type: ignore[import-not-found]
from openinference.instrumentation.openai import OpenAIInstrumentor  # type: ignore[import-not-found]
from phoenix.otel import register  # type: ignore[import-not-found]

# Without an endpoint it sends by gRPC, to the host of PHOENIX_COLLECTOR_ENDPOINT and PHOENIX_GRPC_PORT.
endpoint = os.environ.get("HTTP_ENDPOINT")
tracer_provider = register(
    project_name="shop-chat",
    batch=True,
    verbose=False,
    endpoint=endpoint,
    protocol="http/protobuf" if endpoint else "infer",
)
OpenAIInstrumentor().instrument(tracer_provider=tracer_provider)
tracer = tracer_provider.get_tracer(__name__)


@tracer.chain
def answer(question: str) -> str:
    seen = converse(openai_client())
    report(seen)
    return str(seen["chat"].text)


with using_attributes(session_id="session-1", user_id="user-1"):
    answer(QUESTION)
tracer_provider.shutdown()
