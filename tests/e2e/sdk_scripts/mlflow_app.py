"""An application traced with mlflow, whose spans go out by OTLP."""

from __future__ import annotations

import mlflow  # type: ignore[import-not-found]
from conversation import QUESTION, converse, openai_client, report  # type: ignore[import-not-found]

mlflow.openai.autolog()
IDENTITY = {"mlflow.trace.session": "session-1", "mlflow.trace.user": "user-1"}


@mlflow.trace(span_type="CHAIN", attributes=IDENTITY)
def answer(question: str) -> str:
    seen = converse(openai_client())
    report(seen)
    return str(seen["chat"].text)


answer(QUESTION)
mlflow.flush_trace_async_logging()
