"""A model server on HTTP, OpenAI's and Ollama's way, that answers well or misbehaves as a test says."""

from __future__ import annotations

import asyncio
import json
import re
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from typing import Any


@dataclass(frozen=True)
class Asked:
    """A request as it came."""

    path: str
    headers: Mapping[str, str]
    body: Any

    @property
    def is_ollama(self) -> bool:
        return self.path.startswith("/api/")

    @property
    def text(self) -> str:
        """What the last message of the user says."""
        return str(self.body["messages"][-1]["content"])

    @property
    def mode(self) -> str:
        """How a structured reply is asked for."""
        if "tools" in self.body:
            return "tools"
        form = self.body.get("format") if self.is_ollama else self.body.get("response_format")
        if form is None:
            return "fenced" if "```json" in self.text else "plain"
        if isinstance(form, dict):
            return "json_schema" if self.is_ollama else str(form["type"])
        return "json_object"


@dataclass(frozen=True)
class Act:
    """What the server does with a request.

    Attributes:
        content: Text of the reply; ignored where `body` is given.
        body: The whole document, or text that is none.
        drop: Close the connection without an answer.
    """

    content: str = "{}"
    finish: str = "stop"
    refusal: str | None = None
    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)
    body: Any = None
    delay_seconds: float = 0.0
    drop: bool = False


Rule = Callable[[Asked], Act]


def verdicts(asked: Asked) -> Act:
    """Say `yes` of every item `n: text` of the question."""
    numbers = re.findall(r"^(\d+): ", asked.text, re.MULTILINE)
    return Act(json.dumps({"verdicts": [{"id": int(number), "verdict": "yes"} for number in numbers]}))


class JudgeServer:
    """The server; `asked` has all requests, `rule` answers them, `script` goes before it."""

    def __init__(self, rule: Rule = verdicts) -> None:
        self.rule = rule
        self.script: list[Act | Rule] = []
        self.asked: list[Asked] = []
        self.most_at_once = 0
        self.port = 0
        self._at_once = 0
        self._lock = threading.Lock()
        self._loop = asyncio.new_event_loop()
        self._ready = threading.Event()
        self._thread = threading.Thread(target=self._run, daemon=True)

    @property
    def url(self) -> str:
        """Base address for Ollama's wire."""
        return f"http://127.0.0.1:{self.port}"

    @property
    def openai_url(self) -> str:
        """Base address for OpenAI's wire."""
        return f"{self.url}/v1"

    @property
    def chats(self) -> list[Asked]:
        """Requests for a chat reply."""
        return [one for one in self.asked if one.path.endswith(("/chat/completions", "/api/chat"))]

    def start(self) -> None:
        self._thread.start()
        assert self._ready.wait(10)

    def stop(self) -> None:
        if not self._thread.is_alive():
            return
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(10)

    def _run(self) -> None:
        asyncio.set_event_loop(self._loop)
        server = self._loop.run_until_complete(asyncio.start_server(self._serve, "127.0.0.1", 0))
        self.port = server.sockets[0].getsockname()[1]
        self._ready.set()
        self._loop.run_forever()
        server.close()
        for task in asyncio.all_tasks(self._loop):
            task.cancel()
        self._loop.run_until_complete(asyncio.sleep(0))
        self._loop.close()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while (asked := await _read(reader)) is not None:
                if not await self._answer(asked, writer):
                    break
        except (ConnectionError, asyncio.IncompleteReadError):
            pass
        finally:
            writer.close()

    async def _answer(self, asked: Asked, writer: asyncio.StreamWriter) -> bool:
        with self._lock:
            self.asked.append(asked)
            step = self.script.pop(0) if self.script else self.rule
        self._at_once += 1
        self.most_at_once = max(self.most_at_once, self._at_once)
        try:
            act = step if isinstance(step, Act) else (_other(asked) or step(asked))
            if act.delay_seconds:
                await asyncio.sleep(act.delay_seconds)
        finally:
            self._at_once -= 1
        if act.drop:
            return False
        content = _document(asked, act)
        lines = [
            f"HTTP/1.1 {act.status} x",
            f"content-length: {len(content)}",
            "content-type: application/json",
        ]
        lines += [f"{name}: {value}" for name, value in act.headers.items()]
        writer.write("\r\n".join([*lines, "", ""]).encode() + content)
        await writer.drain()
        return True


async def _read(reader: asyncio.StreamReader) -> Asked | None:
    head = await reader.readuntil(b"\r\n\r\n")
    first, *lines = head.decode().split("\r\n")
    headers = {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in lines)}
    length = int(headers.get("content-length", 0))
    body = json.loads(await reader.readexactly(length)) if length else None
    return Asked(first.split(" ")[1], headers, body)


def _other(asked: Asked) -> Act | None:
    """Answer what is no chat: lists of models and embeddings."""
    if asked.path == "/v1/models":
        return Act(body={"data": [{"id": "judge"}]})
    if asked.path == "/api/tags":
        return Act(body={"models": [{"name": "judge"}]})
    if asked.path == "/v1/embeddings":
        data = [
            {"index": place, "embedding": _vector(text)} for place, text in enumerate(asked.body["input"])
        ]
        return Act(body={"data": data[::-1], "usage": {"prompt_tokens": 3 * len(data)}})
    if asked.path == "/api/embed":
        vectors = [_vector(text) for text in asked.body["input"]]
        return Act(body={"embeddings": vectors, "prompt_eval_count": 3 * len(vectors)})
    return None


def _vector(text: str) -> list[float]:
    return [float(len(text)), 0.5, 0.25]


def _document(asked: Asked, act: Act) -> bytes:
    if act.body is not None:
        return act.body.encode() if isinstance(act.body, str) else json.dumps(act.body).encode()
    if act.status != 200:
        return json.dumps({"error": {"message": f"status {act.status}"}}).encode()
    name = "tools" in asked.body and asked.body["tools"][0]["function"]["name"]
    if asked.is_ollama:
        function = {"function": {"name": name, "arguments": json.loads(act.content)}} if name else None
        message = {"content": "", "tool_calls": [function]} if function else {"content": act.content}
        counts = {"prompt_eval_count": 11, "eval_count": 7}
        return json.dumps({"message": message, "done": True, "done_reason": act.finish, **counts}).encode()
    call = {"id": "c", "type": "function", "function": {"name": name, "arguments": act.content}}
    said: dict[str, Any] = {"content": None, "tool_calls": [call]} if name else {"content": act.content}
    said["refusal"] = act.refusal
    choice = {"index": 0, "message": said, "finish_reason": act.finish}
    return json.dumps({"choices": [choice], "usage": {"prompt_tokens": 11, "completion_tokens": 7}}).encode()


def after(seconds: float, rule: Rule = verdicts) -> Rule:
    """The rule, answering late."""
    return lambda asked: replace(rule(asked), delay_seconds=seconds)


def wait_until(happened: Callable[[], bool], seconds: float = 10.0) -> None:
    """Wait for something that other threads or processes do."""
    deadline = time.monotonic() + seconds
    while not happened():
        assert time.monotonic() < deadline, "it did not happen"
        time.sleep(0.01)


@contextmanager
def running_judge(rule: Rule = verdicts) -> Iterator[JudgeServer]:
    """Run a server for the time of a block."""
    server = JudgeServer(rule)
    server.start()
    try:
        yield server
    finally:
        server.stop()
