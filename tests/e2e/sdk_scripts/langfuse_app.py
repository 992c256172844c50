"""An application traced with langfuse 5: a decorated function, model calls, one it reports itself, scores."""

from __future__ import annotations

import os
from typing import Any

from conversation import CHAT_MODEL, MESSAGES, QUESTION, converse, report  # type: ignore[import-not-found]
from langfuse import get_client, observe, propagate_attributes  # type: ignore[import-not-found]
from langfuse.openai import OpenAI  # type: ignore[import-not-found]

langfuse = get_client()


@observe()
def answer(question: str) -> str:
    """Ask the models; every observation inside belongs to one session and user."""
    with propagate_attributes(session_id="session-1", user_id="user-1", tags=["shop"]):
        models: Any = OpenAI(base_url=os.environ["MODEL_URL"] + "/v1", api_key="not-needed", max_retries=0)
        seen = converse(models)
        own = report_own_generation()
        langfuse.score_current_trace(name="helpfulness", value=0.9, data_type="NUMERIC", comment="도움이 됨")
        report(seen, trace_id=langfuse.get_current_trace_id(), own_generation=own)
        return str(seen["chat"].text)


def report_own_generation() -> str:
    """A model call that the application reports itself, with usage and price; returns its id."""
    with langfuse.start_as_current_observation(
        name="own-generation", as_type="generation", model=CHAT_MODEL, input=MESSAGES
    ) as generation:
        generation.update(
            output="3일 안에 끝납니다.",
            usage_details={"input": 120, "output": 30, "input_cached_tokens": 80},
            cost_details={"input": 0.001, "output": 0.002, "total": 0.003},
        )
        generation.score(name="faithful", value=1, data_type="BOOLEAN")
        return str(generation.id)


def ask_again() -> None:
    """A tool and a search, as nested observations of their own types."""
    with langfuse.start_as_current_observation(name="search", as_type="retriever", input=QUESTION) as search:
        search.update(output=[{"id": "refund", "content": "영업일 3일"}])
        with langfuse.start_as_current_observation(name="lookup", as_type="tool", input={"order": 7}) as tool:
            tool.update(level="ERROR", status_message="order 7 not found")


assert langfuse.auth_check()
answer(QUESTION)
ask_again()
langfuse.create_score(
    name="review", value="good", trace_id=langfuse.create_trace_id(seed="yesterday"), data_type="CATEGORICAL"
)
langfuse.flush()
langfuse.shutdown()
