"""An application that lets Pitwall's SDK turn on the instrumentations that are installed."""

from __future__ import annotations

from conversation import converse, openai_client, report  # type: ignore[import-not-found]

import pitwall

client = pitwall.init(service="shop-auto", instrument="auto")
with pitwall.request_context(request_id="request-7"):
    seen = converse(openai_client())
report(seen, instrumented=[(one.library, one.module) for one in client.instrumented])
assert client.flush()
