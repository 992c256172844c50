"""A bare HTTP/1.1 connection: cheap beside a server on the same cores."""

from __future__ import annotations

import socket
from collections.abc import Mapping
from dataclasses import dataclass
from types import TracebackType
from typing import Self

_RECEIVE_BYTES = 1 << 20


@dataclass(frozen=True, slots=True)
class Answer:
    """What a server answered; header names are lower case."""

    status: int
    headers: dict[str, str]
    body: bytes

    @property
    def retry_after_seconds(self) -> float:
        """How long the server asks to wait; a short while if it does not say."""
        try:
            return float(self.headers.get("retry-after", ""))
        except ValueError:
            return 0.05


class Connection:
    """One keep-alive connection to this machine.

    Raises:
        OSError: The server cannot be reached, or closed the connection in the middle of an answer.
    """

    def __init__(self, port: int, timeout_seconds: float = 60.0) -> None:
        self._socket = socket.create_connection(("127.0.0.1", port), timeout=timeout_seconds)
        self._socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._host = f"127.0.0.1:{port}"
        self._rest = b""

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Close the connection."""
        self._socket.close()

    def get(self, path: str) -> Answer:
        """Fetch a page."""
        self._socket.sendall(f"GET {path} HTTP/1.1\r\nhost: {self._host}\r\n\r\n".encode())
        return self._receive()

    def post(self, path: str, body: bytes | memoryview, headers: Mapping[str, str]) -> Answer:
        """Send a body."""
        lines = "".join(f"{name}: {value}\r\n" for name, value in headers.items())
        length = f"content-length: {len(body)}\r\n"
        self._socket.sendall(f"POST {path} HTTP/1.1\r\nhost: {self._host}\r\n{lines}{length}\r\n".encode())
        self._socket.sendall(body)
        return self._receive()

    def _receive(self) -> Answer:
        head, body = self._receive_head()
        status_line, *lines = head.decode("latin-1").split("\r\n")
        headers = {}
        for line in lines:
            name, _, value = line.partition(":")
            headers[name.strip().lower()] = value.strip()
        if headers.get("transfer-encoding") == "chunked":
            return Answer(int(status_line.split()[1]), headers, self._receive_chunks(body))
        length = int(headers.get("content-length", "0"))
        whole = self._fill(body, length)
        self._rest = whole[length:]
        return Answer(int(status_line.split()[1]), headers, whole[:length])

    def _receive_head(self) -> tuple[bytes, bytes]:
        data, self._rest = self._rest, b""
        while True:
            head, found, rest = data.partition(b"\r\n\r\n")
            if found:
                return head, rest
            data += self._more()

    def _receive_chunks(self, data: bytes) -> bytes:
        parts: list[bytes] = []
        while True:
            while b"\r\n" not in data:
                data += self._more()
            size_line, _, data = data.partition(b"\r\n")
            size = int(size_line.split(b";")[0], 16)
            data = self._fill(data, size + 2)
            if size == 0:
                self._rest = data[2:]
                return b"".join(parts)
            parts.append(data[:size])
            data = data[size + 2 :]

    def _fill(self, data: bytes, length: int) -> bytes:
        if len(data) >= length:
            return data
        parts, missing = [data], length - len(data)
        while missing > 0:
            parts.append(self._more())
            missing -= len(parts[-1])
        return b"".join(parts)

    def _more(self) -> bytes:
        data = self._socket.recv(_RECEIVE_BYTES)
        if not data:
            raise ConnectionError("the server closed the connection")
        return data
