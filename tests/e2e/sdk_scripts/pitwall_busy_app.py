"""An application that makes more spans than its small queue holds; it must lose some and know how many."""

from __future__ import annotations

import json
import sys

import pitwall

client = pitwall.init(
    service="shop-busy", limits=pitwall.Limits(max_queue_spans=50, max_batch_spans=50, linger_seconds=5.0)
)
for _ in range(2_000):
    with pitwall.parse_step():
        pass
assert client.flush()
tally = client.tally()
sys.stdout.write(json.dumps({"exported": tally.exported, "dropped": tally.dropped_total}) + "\n")
