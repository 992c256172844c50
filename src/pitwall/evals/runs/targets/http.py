"""Answers of a service, asked over HTTP."""

from __future__ import annotations

import asyncio
import os
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final
from urllib.parse import urlsplit

import httpx
import orjson

from pitwall.evals.metrics.types import Needs
from pitwall.evals.runs.targets.reply import (
    ReplyUnreadable,
    Usage,
    fields_of_reply,
    read_calls,
    read_contexts,
    read_text,
    read_usage,
)
from pitwall.evals.runs.targets.template import fill
from pitwall.evals.types import Answer, Example
from pitwall.kit.ids import format_span_id, format_trace_id, new_id

_MAY_PASS: Final = frozenset({408, 425, 429, 500, 502, 503, 504})
_FIRST_PAUSE_SECONDS = 0.5
_LONGEST_PAUSE_SECONDS = 30.0
_SHOWN = 200


@dataclass(frozen=True, slots=True, kw_only=True)
class HttpTargetPlan:
    """How a service is asked.

    Attributes:
        body: JSON in which `{question}` and other fields are filled in.
        headers: As they are sent: with secrets.
        answer: Place of the answer in the reply.
        contexts: Place of the contexts; None if it tells none.
        tool_calls: Place of the tools that were called, likewise.
        usage: Place of what the answer took: tokens and cost, likewise.
    """

    url: str
    run_id: str
    body: Any
    headers: Mapping[str, str] = field(default_factory=dict, repr=False)
    answer: str = "answer"
    contexts: str | None = None
    tool_calls: str | None = None
    usage: str | None = None
    timeout_seconds: float = 60.0
    retries: int = 2
    concurrency: int = 8


class _Failed(Exception):
    """A try gave nothing; `may_pass` if another one may."""

    def __init__(self, message: str, *, may_pass: bool, wait_seconds: float | None = None) -> None:
        super().__init__(message)
        self.may_pass = may_pass
        self.wait_seconds = wait_seconds


class HttpTarget:
    """Asks a service for answers; each question has a request id and a trace of its own."""

    def __init__(self, plan: HttpTargetPlan) -> None:
        self._plan = plan
        self._slots = asyncio.Semaphore(plan.concurrency)
        # Certificates are read only for what needs them.
        is_tls = urlsplit(plan.url).scheme == "https"
        self._client = httpx.AsyncClient(
            timeout=plan.timeout_seconds,
            limits=httpx.Limits(max_connections=plan.concurrency),
            verify=is_tls,
            trust_env=is_tls,
        )

    @property
    def gives(self) -> frozenset[Needs]:
        """The answer and how long it took, and what else the reply is said to tell."""
        return fields_of_reply(self._plan.contexts, self._plan.tool_calls, self._plan.usage)

    async def answer(self, example: Example) -> Answer:
        """Ask until there is an answer, or no point in asking again."""
        async with self._slots:
            tries = 0
            while True:
                tries += 1
                trace_id = format_trace_id(os.urandom(16))
                try:
                    return await self._ask(example, trace_id)
                except _Failed as failed:
                    if not failed.may_pass or tries > self._plan.retries:
                        return Answer(error=str(failed), trace_id=trace_id)
                    await asyncio.sleep(_pause(tries, failed.wait_seconds))

    async def close(self) -> None:
        """Close all connections."""
        await self._client.aclose()

    async def _ask(self, example: Example, trace_id: str) -> Answer:
        plan = self._plan
        started = time.monotonic()
        try:
            reply = await self._client.post(
                plan.url, content=orjson.dumps(fill(plan.body, example)), headers=self._headers(trace_id)
            )
        except httpx.TimeoutException:
            raise _Failed(
                f"{plan.url} did not answer within {plan.timeout_seconds:g} s.", may_pass=True
            ) from None
        except httpx.HTTPError as error:
            why = str(error) or type(error).__name__
            raise _Failed(f"{plan.url} cannot be reached: {why}.", may_pass=True) from error
        latency_ms = (time.monotonic() - started) * 1000
        if not reply.is_success:
            raise _Failed(
                f"{plan.url} answered {reply.status_code}: {reply.text[:_SHOWN]}",
                may_pass=reply.status_code in _MAY_PASS,
                wait_seconds=_retry_after(reply),
            )
        return self._read(reply, latency_ms, trace_id)

    def _read(self, reply: httpx.Response, latency_ms: float, trace_id: str) -> Answer:
        plan = self._plan
        try:
            body = orjson.loads(reply.content)
            contexts = None if plan.contexts is None else read_contexts(body, plan.contexts)
            text = read_text(body, plan.answer)
            calls = None if plan.tool_calls is None else read_calls(body, plan.tool_calls)
            usage = Usage() if plan.usage is None else read_usage(body, plan.usage)
        except ReplyUnreadable as error:
            raise _Failed(str(error), may_pass=False) from error
        except ValueError as error:
            raise _Failed(f"The reply is no JSON: {reply.text[:_SHOWN]!r}.", may_pass=False) from error
        return Answer(
            text=text,
            contexts=contexts,
            tool_calls=calls,
            latency_ms=latency_ms,
            input_tokens=usage.input_tokens,
            output_tokens=usage.output_tokens,
            cost_usd=usage.cost_usd,
            trace_id=trace_id,
        )

    def _headers(self, trace_id: str) -> dict[str, str]:
        span_id = format_span_id(os.urandom(8))
        return {
            "content-type": "application/json",
            "x-request-id": new_id(),
            "x-run-id": self._plan.run_id,
            "traceparent": f"00-{trace_id}-{span_id}-01",
            **self._plan.headers,
        }


def _retry_after(reply: httpx.Response) -> float | None:
    value = reply.headers.get("retry-after", "")
    return float(value) if value.isdecimal() else None


def _pause(tries: int, wait_seconds: float | None) -> float:
    pause = _FIRST_PAUSE_SECONDS * 2 ** (tries - 1) if wait_seconds is None else wait_seconds
    return min(pause, _LONGEST_PAUSE_SECONDS)
