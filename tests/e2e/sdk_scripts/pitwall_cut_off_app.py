"""An application whose server is away for longer than it waits; it loses spans and counts them."""

from __future__ import annotations

import json
import sys
import time

import pitwall

limits = pitwall.Limits(
    max_queue_spans=10, max_batch_spans=10, retry_seconds=0.2, metrics_interval_seconds=0.5
)
client = pitwall.init(service="shop-cut-off", limits=limits)


def work(spans: int) -> None:
    """Make some spans."""
    for _ in range(spans):
        with pitwall.parse_step():
            pass


work(30)
deadline = time.monotonic() + 30
while set(client.tally().dropped) != {"queue_full", "export_failed"} or client.tally().queued:
    assert time.monotonic() < deadline, client.tally()
    time.sleep(0.05)
sys.stdout.write("lost\n")
sys.stdout.flush()
sys.stdin.readline()  # the server is there again
work(5)
assert client.flush(20)
tally = client.tally()
sys.stdout.write(json.dumps({"exported": tally.exported, "dropped": tally.dropped}) + "\n")
