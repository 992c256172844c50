"""An application that lets Pitwall's SDK turn on the instrumentations that are installed."""

from __future__ import annotations

from conversation import converse, openai_client, report  # type: ignore[import-not-found]

import pitwall

client = pitwall.init(service="shop-auto", instrument="auto")
with pitwall.request_context(request_id="request-7"):
    report(converse(openai_client()))
assert client.flush()
