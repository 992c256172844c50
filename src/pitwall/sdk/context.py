"""What every span and log line of one request carries: request id, company, user, session, variant.

And which span is the request's, so that something can be said of the whole. Both live in the OpenTelemetry
context, so they follow asyncio tasks and whatever copies that context to a thread.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from contextvars import Token
from types import MappingProxyType
from typing import Any, Final

from opentelemetry import context as otel_context
from opentelemetry.context import Context
from opentelemetry.trace import Span, get_current_span
from opentelemetry.trace.propagation import _SPAN_KEY

from pitwall.sdk import names

# Where OpenTelemetry keeps the current span; reading it directly spares the hot path two calls.
SPAN_CONTEXT_KEY: Final = _SPAN_KEY
BOUND_CONTEXT_KEY: Final = otel_context.create_key("pitwall-bound")
_REQUEST_SPAN_KEY: Final = otel_context.create_key("pitwall-request-span")
EMPTY: Mapping[str, Any] = MappingProxyType({})

attach = otel_context.attach
current_context = otel_context.get_current


def detach(token: Token[Context]) -> None:
    """Restore the context from before `attach`.

    An abandoned generator may be closed in another context than the one it was opened in; that one is gone,
    so there is nothing to restore and nothing to report.
    """
    var = getattr(token, "var", None)
    if var is None:  # a custom OpenTelemetry runtime context with tokens of its own
        otel_context.detach(token)
        return
    try:
        var.reset(token)
    except ValueError:
        return


def context_of(span: Span) -> Context:
    """The current context with `span` as the current span; outside of a request it begins one."""
    context = current_context()
    if _REQUEST_SPAN_KEY in context:
        return Context({**context, SPAN_CONTEXT_KEY: span})
    return Context({**context, SPAN_CONTEXT_KEY: span, _REQUEST_SPAN_KEY: _outermost(context, span)})


def context_of_request(span: Span) -> Context:
    """The current context with `span` as the current span and as that of the request being served."""
    return Context({**current_context(), SPAN_CONTEXT_KEY: span, _REQUEST_SPAN_KEY: span})


def _outermost(context: Context, span: Span) -> Span:
    """The span that another instrumentation has begun around `span` in this process, else `span`."""
    around = context.get(SPAN_CONTEXT_KEY)
    return around if isinstance(around, Span) and around.is_recording() else span


def request_span() -> Span:
    """The span of the running request; the current one where the request cannot be told."""
    current = get_current_span()
    request = current_context().get(_REQUEST_SPAN_KEY)
    if not isinstance(request, Span):
        return current
    is_same_trace = request.get_span_context().trace_id == current.get_span_context().trace_id
    return request if is_same_trace else current


def bound_attributes(context: Context | None = None) -> Mapping[str, Any]:
    """Attributes bound in `context` (default: the current one); empty outside of a request."""
    bound = (current_context() if context is None else context).get(BOUND_CONTEXT_KEY)
    return bound if isinstance(bound, Mapping) else EMPTY


def current_request_id() -> str | None:
    """The id of the request being served, None outside of one."""
    value = bound_attributes().get(names.REQUEST_ID)
    return value if isinstance(value, str) else None


def current_trace_id() -> str | None:
    """The id of the trace under way as 32 hex digits, None outside of one: what later feedback names."""
    trace_id = get_current_span().get_span_context().trace_id
    return f"{trace_id:032x}" if trace_id else None


def with_bound(attributes: Mapping[str, Any], base: Context | None = None) -> Context:
    """A copy of `base` (default: the current context) with `attributes` on top of those already bound."""
    context = current_context() if base is None else base
    merged = {**bound_attributes(), **{key: value for key, value in attributes.items() if value is not None}}
    return Context({**context, BOUND_CONTEXT_KEY: MappingProxyType(merged)})


@contextmanager
def request_context(
    *,
    request_id: str | None = None,
    company: str | None = None,
    user_id: str | None = None,
    session_id: str | None = None,
    variant: str | None = None,
    experiment: str | None = None,
    run_id: str | None = None,
    attributes: Mapping[str, str | bool | int | float] | None = None,
) -> Iterator[None]:
    """Bind identity to every span that starts inside the block; what is None keeps its outer value.

    Args:
        request_id: The request this work belongs to (X-Request-ID, interaction id).
        company: The customer company on whose behalf the work is done.
        user_id: The person or account.
        session_id: The conversation.
        variant: The arm of an experiment.
        experiment: The experiment.
        run_id: The evaluation, pipeline or runbook run that causes the work.
        attributes: Further span attributes.
    """
    values: dict[str, Any] = {
        **(attributes or {}),
        names.REQUEST_ID: request_id,
        names.COMPANY: company,
        names.USER_ID: user_id,
        names.SESSION_ID: session_id,
        names.VARIANT: variant,
        names.EXPERIMENT: experiment,
        names.RUN_ID: run_id,
    }
    token = attach(with_bound(values))
    try:
        yield
    finally:
        detach(token)


def mark_request(
    *,
    fallback: bool | None = None,
    company: str | None = None,
    user_id: str | None = None,
    session_id: str | None = None,
    attributes: Mapping[str, str | bool | int | float] | None = None,
) -> None:
    """Say something of the whole request, from anywhere inside it; what is None is not said.

    It stands on the root span of the request: the one of `RequestContextMiddleware` or of the framework, in a
    worker the outermost `@observe` or helper. To have an identity on all later spans, too, use
    `request_context`.

    Args:
        fallback: Whether the request was answered by a fallback. `requests.fallback_rate` is taken over the
            requests that say, so say it when there was none, too.
        company: The customer company, if only the body of the request tells.
        user_id: The person or account, likewise.
        session_id: The conversation, likewise.
        attributes: Further span attributes.
    """
    values = {
        **(attributes or {}),
        names.FALLBACK: fallback,
        names.COMPANY: company,
        names.USER_ID: user_id,
        names.SESSION_ID: session_id,
    }
    request_span().set_attributes({key: value for key, value in values.items() if value is not None})
