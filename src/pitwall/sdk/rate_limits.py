"""Limiting how many requests a user, a key or a client may send, with the `limits` library."""

from __future__ import annotations

import asyncio
import hashlib
import logging
import math
import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase
from typing import TYPE_CHECKING, Any

import orjson
from opentelemetry.trace import get_current_span

from pitwall.core.errors import InvalidInput
from pitwall.sdk import names
from pitwall.sdk.context import bound_attributes, current_request_id
from pitwall.sdk.counting import counters
from pitwall.sdk.middleware import ASGIApp, Receive, Scope, Send

if TYPE_CHECKING:
    from limits import RateLimitItem

_log = logging.getLogger("pitwall.sdk")
_UNTOLD_PATH = "(no route)"
_ALLOWED, _REFUSED, _UNCHECKED = "allowed", "refused", "unchecked"
Who = Callable[[Scope], str | None]


@dataclass(frozen=True, slots=True)
class RateLimit:
    """How many requests one caller may send.

    Args:
        limit: `10/second`, `100 per minute`; several with `;` all hold.
        by: Whose requests are counted together: `user` (the one that `RequestContextMiddleware` found), `key`
            (the bearer token or X-API-Key), `client` (the address), `all`, or a function of the ASGI scope.
            Who cannot be told is counted by address.
        paths: Shell patterns of the paths it holds for.
        methods: HTTP methods it holds for; all if empty.
        per_route: Whether each route has a count of its own.
        name: In answers and signals; `by` and the limit if not given.
    """

    limit: str
    by: str | Who = "client"
    paths: Sequence[str] = ("*",)
    methods: Sequence[str] = ()
    per_route: bool = False
    name: str = ""


@dataclass(frozen=True, slots=True)
class _Rule:
    """A limit that has been read."""

    items: tuple[RateLimitItem, ...]
    who: Who
    given: RateLimit
    name: str

    def holds_for(self, scope: Scope) -> bool:
        methods = self.given.methods
        path = str(scope.get("path", ""))
        return (not methods or scope.get("method") in methods) and any(
            fnmatchcase(path, pattern) for pattern in self.given.paths
        )

    def counted_under(self, scope: Scope) -> tuple[str, ...]:
        who = self.who(scope) or f"client:{_client(scope)}"
        return (self.name, who, _route(scope)) if self.given.per_route else (self.name, who)


class RateLimitMiddleware:
    """Answers 429 with Retry-After and problem+json when a caller sends too much.

    Every request that a limit looks at is counted, allowed or refused, in `requests.rate_limited_rate`. When
    the store of the counts cannot be reached, requests pass: that is logged and counted, too. Put it inside
    of `RequestContextMiddleware`, so that a refused request has its span and its id.

    Args:
        app: The application.
        limits: What holds; a text is a limit by client address.
        storage: Where counts are: `memory://` of this process, or shared by several, `redis://127.0.0.1:6379`.
        strategy: `moving-window` (exact), `sliding-window-counter` (little memory) or `fixed-window`.
        timeout_seconds: How long a request may wait for the store of the counts.

    Raises:
        InvalidInput: The `limits` library is not installed, or a limit, the storage or the strategy is none.
    """

    def __init__(
        self,
        app: ASGIApp,
        limits: Iterable[RateLimit | str],
        storage: str = "memory://",
        strategy: str = "moving-window",
        timeout_seconds: float = 0.5,
    ) -> None:
        self._app = app
        self._rules = [_read(given if isinstance(given, RateLimit) else RateLimit(given)) for given in limits]
        self._limiter = _limiter(storage, strategy)
        self._timeout_seconds = timeout_seconds

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        rules = [rule for rule in self._rules if rule.holds_for(scope)] if scope["type"] == "http" else []
        refusal = await self._refusal(rules, scope) if rules else None
        if refusal is None:
            await self._app(scope, receive, send)
        else:
            await refusal.answer(send)

    async def _refusal(self, rules: Sequence[_Rule], scope: Scope) -> _Refusal | None:
        """The limit that is exceeded, None when the request may pass."""
        try:
            async with asyncio.timeout(self._timeout_seconds):
                refusal = await self._exceeded(rules, scope)
        except Exception:  # noqa: BLE001  # a store that is away must not take the application with it
            _log.warning("sdk.rate_limit_not_checked", exc_info=True)
            _count(rules, _UNCHECKED)
            return None
        if refusal is None:
            _count(rules, _ALLOWED)
        return refusal

    async def _exceeded(self, rules: Sequence[_Rule], scope: Scope) -> _Refusal | None:
        """Ask all limits, and only when all let it pass count the request for them."""
        asked = [(rule, item, rule.counted_under(scope)) for rule in rules for item in rule.items]
        for ask in (self._limiter.test, self._limiter.hit):
            for rule, item, key in asked:
                if not await ask(item, *key):
                    return await self._refused(rule, item, key)
        return None

    async def _refused(self, rule: _Rule, item: RateLimitItem, key: tuple[str, ...]) -> _Refusal:
        reset_at = (await self._limiter.get_window_stats(item, *key)).reset_time
        _count([rule], _REFUSED)
        span = get_current_span()
        span.set_attribute(names.RATE_LIMIT_RULE, rule.name)
        return _Refusal(rule.name, str(item), max(1, math.ceil(reset_at - time.time())))


@dataclass(frozen=True, slots=True)
class _Refusal:
    rule: str
    limit: str
    retry_after_seconds: int

    async def answer(self, send: Send) -> None:
        headers = [
            (b"content-type", b"application/problem+json"),
            (b"content-length", str(len(self._content())).encode()),
            (b"retry-after", str(self.retry_after_seconds).encode()),
            (b"cache-control", b"no-store"),
        ]
        await send({"type": "http.response.start", "status": 429, "headers": headers})
        await send({"type": "http.response.body", "body": self._content()})

    def _content(self) -> bytes:
        body: dict[str, Any] = {
            "type": "urn:pitwall:problem:limit.exceeded",
            "title": "Too Many Requests",
            "status": 429,
            "code": "limit.exceeded",
            "detail": f"The limit {self.rule} of {self.limit} is reached.",
            "hint": f"Try again in {self.retry_after_seconds} s.",
            "details": {"limit": self.rule, "retry_after_seconds": self.retry_after_seconds},
        }
        if (request_id := current_request_id()) is not None:
            body["instance"] = f"urn:pitwall:request:{request_id}"
        return orjson.dumps(body)


def _read(given: RateLimit) -> _Rule:
    if not callable(given.by) and given.by not in _WHO:
        raise InvalidInput(f"A limit by {given.by!r} is not known.", hint=f"Use one of {sorted(_WHO)}.")
    _need_limits()
    from limits import parse_many

    try:
        items = tuple(parse_many(given.limit))
    except ValueError as error:
        raise InvalidInput(f"{given.limit!r} is no limit.", hint="It looks like 100/minute.") from error
    who = given.by if callable(given.by) else _WHO[given.by]
    by = "function" if callable(given.by) else given.by
    return _Rule(items, who, given, given.name or f"{by} {given.limit}")


def _limiter(storage: str, strategy: str) -> Any:
    _need_limits()
    from limits.aio.strategies import STRATEGIES
    from limits.errors import ConfigurationError
    from limits.storage import storage_from_string

    if strategy not in STRATEGIES:
        raise InvalidInput(
            f"The strategy {strategy!r} is not known.", hint=f"Use one of {sorted(STRATEGIES)}."
        )
    address = storage if storage.startswith("async+") else f"async+{storage}"
    try:
        options = {"implementation": "redispy"} if "redis" in address.partition(":")[0] else {}
        storage_of_counts: Any = storage_from_string(address, **options)
        make_limiter: Any = STRATEGIES[strategy]
        return make_limiter(storage_of_counts)
    except ConfigurationError as error:
        raise InvalidInput(
            f"The storage {storage.partition(':')[0]!r} cannot be used: {error}",
            hint="Use memory:// or redis://..., with its client library installed.",
        ) from error


def _need_limits() -> None:
    try:
        import limits  # noqa: F401
    except ImportError as error:
        raise InvalidInput(
            "RateLimitMiddleware needs the library limits, which is not installed.",
            hint='pip install "pitwall[limits]"',
        ) from error


def _count(rules: Iterable[_Rule], outcome: str) -> None:
    for rule in rules:
        counters.add(names.METRIC_RATE_LIMITED, "{request}", {names.RULE: rule.name, names.OUTCOME: outcome})


def _user(_: Scope) -> str | None:
    user = bound_attributes().get(names.USER_ID)
    return f"user:{user}" if user else None


def _key(scope: Scope) -> str | None:
    """The caller's key, hashed: the store of the counts is no place for secrets."""
    headers = dict(scope.get("headers") or ())
    key = headers.get(b"x-api-key") or headers.get(b"authorization")
    return f"key:{hashlib.sha256(key).hexdigest()[:32]}" if key else None


def _client(scope: Scope) -> str:
    client = scope.get("client")
    return str(client[0]) if client else "unknown"


_WHO: dict[str, Who] = {"user": _user, "key": _key, "client": lambda _: None, "all": lambda _: "all"}


def _route(scope: Scope) -> str:
    """The template of the route that a Starlette application will find, so that ids make no new counts."""
    for route in getattr(scope.get("app"), "routes", ()):
        match, _ = route.matches(scope)
        if match.name == "FULL":
            return f"{scope.get('method')} {getattr(route, 'path', _UNTOLD_PATH)}"
    return _UNTOLD_PATH if "app" in scope else str(scope.get("path", ""))
