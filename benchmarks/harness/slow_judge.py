"""A judge on HTTP that answers questions of faithfulness after a fixed time; a process of its own.

    python -m benchmarks.harness.slow_judge 0.2

Its port is the first line on stdout; when its stdin ends, it writes how many calls it answered and how many
were under way at most, and ends.
"""

from __future__ import annotations

import asyncio
import json
import re
import sys
from dataclasses import dataclass
from typing import Any

from benchmarks.harness.judge_replies import reply


@dataclass
class _Judge:
    delay_seconds: float
    calls: int = 0
    at_once: int = 0
    most_at_once: int = 0

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while True:
                head = await reader.readuntil(b"\r\n\r\n")
                length = re.search(rb"content-length: (\d+)", head.lower())
                body = await reader.readexactly(int(length[1]) if length else 0)
                content = await self._answer(json.loads(body))
                writer.write(
                    b"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\n"
                    + f"content-length: {len(content)}\r\n\r\n".encode()
                    + content
                )
                await writer.drain()
        except (ConnectionError, asyncio.IncompleteReadError):
            pass
        finally:
            writer.close()

    async def _answer(self, body: dict[str, Any]) -> bytes:
        self.calls += 1
        self.at_once += 1
        self.most_at_once = max(self.most_at_once, self.at_once)
        await asyncio.sleep(self.delay_seconds)
        self.at_once -= 1
        message = {"role": "assistant", "content": reply(body)}
        choice = {"index": 0, "message": message, "finish_reason": "stop"}
        usage = {"prompt_tokens": 600, "completion_tokens": 80, "total_tokens": 680}
        known = {"id": "1", "object": "chat.completion", "created": 0, "model": "judge"}
        return json.dumps({**known, "choices": [choice], "usage": usage}).encode()


async def _main(delay_seconds: float) -> None:
    judge = _Judge(delay_seconds)
    server = await asyncio.start_server(judge.serve, "127.0.0.1", 0)
    print(server.sockets[0].getsockname()[1], flush=True)
    await asyncio.to_thread(sys.stdin.read)
    print(json.dumps({"calls": judge.calls, "most_at_once": judge.most_at_once}), flush=True)


if __name__ == "__main__":
    asyncio.run(_main(float(sys.argv[1])))
