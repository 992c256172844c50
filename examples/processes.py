"""Child processes of the demo: started in groups of their own, watched, and stopped without leaving orphans.

Standard library only, like everything `examples/demo.py` needs.
"""

from __future__ import annotations

import contextlib
import ctypes
import os
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

_PR_SET_PDEATHSIG = 1
_LIBC = ctypes.CDLL(None) if sys.platform == "linux" else None


class ChildFailed(Exception):
    """A child ended by itself or did not become ready; the message ends with its last log lines."""


@dataclass(frozen=True, slots=True)
class Child:
    """A running process, the leader of its own group, and where it writes."""

    name: str
    process: subprocess.Popen[bytes]
    log: Path

    def tail(self, lines: int = 15) -> str:
        """The last lines it wrote."""
        written = self.log.read_text(encoding="utf-8", errors="replace").splitlines()
        return "\n".join(f"    {line}" for line in written[-lines:]) or "    (nothing was written)"

    def failure(self, what: str) -> ChildFailed:
        return ChildFailed(f"{self.name} {what}; its last log lines:\n{self.tail()}")


class Children:
    """All children, in the order they were started."""

    def __init__(self, log_folder: Path) -> None:
        self._log_folder = log_folder
        self._running: list[Child] = []

    def start(self, name: str, command: Sequence[str], env: Mapping[str, str], folder: Path) -> Child:
        """Start a process in a group of its own; on Linux it also ends when this one is killed."""
        log = self._log_folder / f"{name}.log"
        with log.open("wb") as output:
            process = subprocess.Popen(
                list(command),
                env=dict(env),
                cwd=folder,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                start_new_session=True,
                preexec_fn=_die_with_parent if _LIBC else None,  # noqa: PLW1509 - the demo has no threads
            )
        child = Child(name, process, log)
        self._running.append(child)
        return child

    def check(self) -> None:
        """Raise ChildFailed if one of them has ended."""
        for child in self._running:
            code = child.process.poll()
            if code is not None:
                raise child.failure(f"ended with exit code {code}")

    def finish(self, child: Child, timeout_seconds: float, keep_waiting: Callable[[], None]) -> None:
        """Wait for a child that ends by itself.

        Raises:
            ChildFailed: It took too long or ended with another exit code than 0.
        """
        deadline = time.monotonic() + timeout_seconds
        while child.process.poll() is None:
            keep_waiting()
            if time.monotonic() > deadline:
                raise child.failure(f"did not finish within {timeout_seconds:g} s")
            time.sleep(0.05)
        self._running.remove(child)
        if child.process.returncode:
            raise child.failure(f"ended with exit code {child.process.returncode}")

    def stop(self, child: Child, grace_seconds: float = 10.0) -> None:
        """End a child and everything in its group: SIGTERM first, SIGKILL after the grace time."""
        self._running.remove(child)
        _signal_group(child, signal.SIGTERM)
        with contextlib.suppress(subprocess.TimeoutExpired):
            child.process.wait(grace_seconds)
        _signal_group(child, signal.SIGKILL)
        child.process.wait()

    def stop_all(self) -> None:
        """End all that still run, the newest first."""
        for child in reversed(list(self._running)):
            self.stop(child)


def free_port(preferred: int) -> int:
    """The preferred port of the loopback interface if nobody has it, any free one otherwise."""
    for port in (preferred, 0):
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            with contextlib.suppress(OSError):
                probe.bind(("127.0.0.1", port))
                return int(probe.getsockname()[1])
    raise ChildFailed("no free port on 127.0.0.1")


def fetch(url: str, timeout_seconds: float = 2.0) -> bytes | None:
    """The body of a 200 answer; None for any other answer or none."""
    try:
        with urllib.request.urlopen(url, timeout=timeout_seconds) as response:
            return bytes(response.read())
    except (urllib.error.URLError, TimeoutError, ConnectionError):
        return None


def _die_with_parent() -> None:
    if _LIBC is not None:
        _LIBC.prctl(_PR_SET_PDEATHSIG, signal.SIGTERM)


def _signal_group(child: Child, number: signal.Signals) -> None:
    """Signal the group, which may outlive its leader; an empty group is fine."""
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(child.process.pid, number)
