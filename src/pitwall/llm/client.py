"""One HTTP client for all model endpoints: attempts, and retries of what may pass, within limits."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from types import ModuleType
from typing import Any, Final
from urllib.parse import urlsplit

import orjson

from pitwall.kit.clock import Clock
from pitwall.kit.light_imports import import_lightly
from pitwall.llm import ollama_wire, openai_wire
from pitwall.llm.limits import EndpointLimiter, Slot, SlotOutcome
from pitwall.llm.loopback import LoopbackTransport
from pitwall.llm.transports import CONNECT_SECONDS, Answer, NoAddress, NoAnswer, NoConnection, Transport
from pitwall.llm.types import Api, CallFailure, ModelEndpoint
from pitwall.llm.wire import WireFailure, WireRequest, error_in_reply, failure_of_status

WIRES: Final[Mapping[Api, ModuleType]] = {Api.OPENAI: openai_wire, Api.OLLAMA: ollama_wire}
_HERE = frozenset({"127.0.0.1", "localhost", "::1"})
# Attempts at most, by what went wrong with the last one; what is not listed is not tried again.
_ATTEMPTS: Final = {
    CallFailure.RATE_LIMITED: 8,
    CallFailure.UNAVAILABLE: 4,
    CallFailure.NETWORK: 4,
    CallFailure.TIMEOUT: 2,
}
_FIRST_PAUSE_SECONDS = 0.5
_LONGEST_PAUSE_SECONDS = 30.0
_LONGEST_RETRY_AFTER_SECONDS = 300.0
_OVERLOADS = frozenset({CallFailure.RATE_LIMITED, CallFailure.TIMEOUT})


class AttemptFailed(Exception):
    """An attempt gave nothing; `failure` says why."""

    def __init__(self, failure: WireFailure) -> None:
        super().__init__(failure.message)
        self.failure = failure


@dataclass(frozen=True, slots=True)
class Attempted:
    """What came of a request with all its attempts: a body, or why there is none."""

    body: Mapping[str, Any] | None
    failure: WireFailure | None
    attempts: int
    latency_ms: float


@dataclass(slots=True)
class ModelClient:
    """Sends requests to model endpoints.

    Args:
        clock: Measures latency; reads Retry-After.
        sleep: Waits between attempts; an argument for tests.
        random: Jitter.
    """

    clock: Clock
    sleep: Callable[[float], Awaitable[None]] = asyncio.sleep
    random: random.Random = field(default_factory=random.Random)
    _here: LoopbackTransport = field(default_factory=LoopbackTransport)
    _internet: Transport | None = None

    async def send(
        self,
        endpoint: ModelEndpoint,
        request: WireRequest,
        limiter: EndpointLimiter,
        *,
        expected_tokens: int = 0,
        check: Callable[[], None] = lambda: None,
        tokens_of: Callable[[Mapping[str, Any]], int | None] = lambda _: None,
    ) -> Attempted:
        """Send a request until it is answered or there is no point in trying again.

        Args:
            expected_tokens: What the endpoint's limit of tokens is charged with until `tokens_of` the answer
                is known.
            check: Called before each attempt; what it raises ends the call.
        """
        attempts = 0
        while True:
            check()
            async with limiter.slot(expected_tokens) as slot:
                attempts += 1
                body, failure = await self._attempt(endpoint, request, slot)
                if body is not None:
                    slot.used_tokens = tokens_of(body)
            latency_ms = (self.clock.monotonic() - slot.started_at) * 1000
            if failure is None or not _is_worth_another(failure, attempts):
                return Attempted(body, failure, attempts, latency_ms)
            if failure.retry_after_seconds is None:
                await self.sleep(self._pause_seconds(attempts))

    async def _attempt(
        self, endpoint: ModelEndpoint, request: WireRequest, slot: Slot
    ) -> tuple[Mapping[str, Any] | None, WireFailure | None]:
        try:
            body = await self.request(endpoint, request)
        except AttemptFailed as error:
            failure = error.failure
            slot.outcome = SlotOutcome.OVERLOADED if failure.failure in _OVERLOADS else SlotOutcome.UNKNOWN
            if (wait := failure.retry_after_seconds) is not None and wait <= _LONGEST_RETRY_AFTER_SECONDS:
                slot.pause_seconds = wait * self.random.uniform(1.0, 1.1)
            return None, failure
        slot.outcome = SlotOutcome.FINE
        return body, None

    async def request(self, endpoint: ModelEndpoint, request: WireRequest) -> Mapping[str, Any]:
        """Make one attempt, without limits.

        Raises:
            AttemptFailed: It gave nothing.
        """
        try:
            async with asyncio.timeout(endpoint.timeout_seconds):
                answer = await self._exchange(endpoint, request)
        except TimeoutError:
            message = f"No answer within {endpoint.timeout_seconds:g} s."
            raise AttemptFailed(WireFailure(CallFailure.TIMEOUT, message, can_pass=True)) from None
        except NoConnection:
            message = f"No connection within {CONNECT_SECONDS:g} s."
            raise AttemptFailed(WireFailure(CallFailure.NETWORK, message, can_pass=True)) from None
        except NoAnswer as error:
            message = f"The connection failed: {error}."
            raise AttemptFailed(WireFailure(CallFailure.NETWORK, message, can_pass=True)) from error
        except NoAddress as error:
            message = f"{endpoint.base_url!r} is no address that can be called: {error}."
            raise AttemptFailed(WireFailure(CallFailure.REJECTED, message)) from error
        return self._body(answer)

    async def _exchange(self, endpoint: ModelEndpoint, request: WireRequest) -> Answer:
        headers = {"content-type": "application/json"}
        if endpoint.api_key is not None:
            headers["authorization"] = f"Bearer {endpoint.api_key.get_secret_value()}"
        url = endpoint.base_url.rstrip("/") + request.path
        content = None if request.body is None else orjson.dumps(request.body)
        method = "GET" if content is None else "POST"
        return await self._transport(url).exchange(method, url, headers, content)

    def _body(self, answer: Answer) -> Mapping[str, Any]:
        try:
            body = orjson.loads(answer.content)
        except ValueError:
            body = answer.content.decode(errors="replace")
        if not 200 <= answer.status < 300:
            now = self.clock.now()
            raise AttemptFailed(failure_of_status(answer.status, answer.headers, body, now))
        if not isinstance(body, dict):
            message = f"{answer.status} with a body that is no JSON object: {str(body)[:200]!r}"
            raise AttemptFailed(WireFailure(CallFailure.UNAVAILABLE, message, can_pass=True))
        if (inside := error_in_reply(body)) is not None:
            raise AttemptFailed(failure_of_status(inside[0], answer.headers, body, self.clock.now()))
        return body

    def _transport(self, url: str) -> Transport:
        """Only what leaves this machine needs certificates and proxies."""
        try:
            parts = urlsplit(url)
        except ValueError as error:
            raise NoAddress(str(error)) from error
        is_here = parts.scheme == "http" and parts.hostname in _HERE
        return self._here if is_here else self._elsewhere()

    def _elsewhere(self) -> Transport:
        if self._internet is None:
            import_lightly("httpx")
            from pitwall.llm.internet import InternetTransport  # slow to import

            self._internet = InternetTransport()
        return self._internet

    def _pause_seconds(self, attempts: int) -> float:
        longest = min(_LONGEST_PAUSE_SECONDS, _FIRST_PAUSE_SECONDS * 2 ** (attempts - 1))
        return self.random.uniform(longest / 2, longest)

    async def aclose(self) -> None:
        """Close all connections."""
        await self._here.aclose()
        if self._internet is not None:
            await self._internet.aclose()


def _is_worth_another(failure: WireFailure, attempts: int) -> bool:
    if not failure.can_pass or attempts >= _ATTEMPTS.get(failure.failure, 1):
        return False
    return (failure.retry_after_seconds or 0.0) <= _LONGEST_RETRY_AFTER_SECONDS
