"""The demo's child processes end with it, whatever happens; real processes throughout."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import psutil
import pytest

from examples.processes import Child, ChildFailed, Children, free_port

ROOT = Path(__file__).resolve().parents[3]
SLEEP = "import time; time.sleep(60)"
# Starts a grandchild, says its id, and stays (or leaves at once).
WITH_GRANDCHILD = (
    "import subprocess, sys; "
    f"p = subprocess.Popen([sys.executable, '-c', {SLEEP!r}]); print(p.pid, flush=True)"
)
STUBBORN = (
    "import signal; signal.signal(signal.SIGTERM, signal.SIG_IGN); print('ready', flush=True); " + SLEEP
)


@pytest.fixture
def children(tmp_path: Path) -> Iterator[Children]:
    started = Children(tmp_path)
    yield started
    started.stop_all()


def start(children: Children, code: str, name: str = "child") -> Child:
    return children.start(name, [sys.executable, "-c", code], os.environ, ROOT)


def wait_until(is_true: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 10
    while not is_true():
        assert time.monotonic() < deadline, "it did not happen within 10 s"
        time.sleep(0.02)


def is_gone(pid: int) -> bool:
    """Whether a process has ended; a zombie nobody has waited for has."""
    try:
        return psutil.Process(pid).status() == psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return True


def said(child: Child) -> str:
    wait_until(lambda: child.log.read_text().endswith("\n"))
    return child.log.read_text().strip()


@pytest.mark.parametrize("stays", [True, False])
def test_stopping_ends_grandchildren_too(children: Children, stays: bool) -> None:
    """A child's own children end with it, even when the child has died before."""
    child = start(children, WITH_GRANDCHILD + (f"; {SLEEP}" if stays else ""))
    grandchild = int(said(child))
    if not stays:
        wait_until(lambda: child.process.poll() is not None)
    assert not is_gone(grandchild)
    children.stop(child)
    wait_until(lambda: is_gone(grandchild))
    assert child.process.returncode is not None


def test_child_that_ignores_sigterm_is_killed(children: Children) -> None:
    """After the grace time the group is killed."""
    child = start(children, STUBBORN)
    said(child)
    children.stop(child, grace_seconds=0.2)
    assert child.process.returncode == -signal.SIGKILL


def test_ended_child_is_reported_with_its_last_words(children: Children) -> None:
    """The failure names the child, its exit code and its last log lines."""
    child = start(children, "import sys; print('port is taken'); sys.exit(3)", name="voc-chat")
    wait_until(lambda: child.process.poll() is not None)
    with pytest.raises(ChildFailed, match=r"voc-chat ended with exit code 3(.|\n)*port is taken"):
        children.check()


def test_finishing_child_is_waited_for(children: Children) -> None:
    """A child that is meant to end may do so with 0; another code or too much time is a failure."""
    children.finish(start(children, "pass"), 10, lambda: None)
    children.check()
    with pytest.raises(ChildFailed, match="exit code 1"):
        children.finish(start(children, "raise SystemExit(1)"), 10, lambda: None)
    with pytest.raises(ChildFailed, match="did not finish"):
        children.finish(start(children, SLEEP), 0.2, lambda: None)


@pytest.mark.skipif(sys.platform != "linux", reason="the kernel ends orphans on Linux only")
def test_killed_parent_takes_its_children_along(tmp_path: Path) -> None:
    """Even after kill -9 of the demo no child stays behind."""
    code = (
        "import os, sys, time; from pathlib import Path; from examples.processes import Children; "
        f"children = Children(Path({str(tmp_path)!r})); "
        f"child = children.start('x', [sys.executable, '-c', {SLEEP!r}], os.environ, Path('.')); "
        "print(child.process.pid, flush=True); time.sleep(60)"
    )
    with subprocess.Popen([sys.executable, "-c", code], cwd=ROOT, stdout=subprocess.PIPE) as parent:
        assert parent.stdout is not None
        child = int(parent.stdout.readline())
        assert not is_gone(child)
        parent.kill()
    wait_until(lambda: is_gone(child))


def test_taken_port_is_replaced_by_a_free_one() -> None:
    """The preferred port is used when free, and never when somebody listens on it."""
    with socket.socket() as holder:
        holder.bind(("127.0.0.1", 0))
        holder.listen()
        taken = holder.getsockname()[1]
        assert free_port(taken) not in (taken, 0)
    assert free_port(taken) == taken
