"""Running a server: ports, event loop, signals, the runtime file, and a clean end."""

from __future__ import annotations

import asyncio
import contextlib
import gc
import os
import signal
import socket
import sys
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, NoReturn

import structlog
import uvicorn
import uvloop

from pitwall import __version__
from pitwall.access.tokens import new_secret
from pitwall.kit.clock import Clock, SystemClock
from pitwall.kit.durations import format_instant
from pitwall.server.compose import compose
from pitwall.server.doors import Door, bind_doors, probe_door, url_of
from pitwall.server.lifecycle import Mode, Pitwall
from pitwall.settings import Settings
from pitwall.stores.data_dir import DataDirLock, RuntimeInfo, remove_runtime_file, write_runtime_file

if TYPE_CHECKING:
    from pitwall.server.edge import Edge

log = structlog.get_logger(__name__)

EXIT_STUCK = 1
_KEEP_ALIVE_SECONDS = (
    75  # longer than exporters wait between two batches, so that they find their connection open
)
_DRAIN_SECONDS = 5


@dataclass(frozen=True, slots=True)
class Run:
    """One run of a server.

    Attributes:
        on_ready: Called once requests are served.
        environ: The environment, where references of channels to secrets look.
    """

    settings: Settings
    mode: Mode
    on_ready: Callable[[Pitwall], None]
    environ: Mapping[str, str] = field(default_factory=dict, repr=False)


def run_server(run: Run, clock: Clock | None = None) -> None:
    """Run until SIGTERM or SIGINT, and end cleanly.

    Raises:
        DataDirInUse: Another process owns the data directory.
        PortTaken: A port is taken.
        UnsafeBinding: A stranger could reach the server, and there is no API key.
        PitwallError: A part could not start.
    """
    clock = clock or SystemClock()
    settings = run.settings
    with contextlib.ExitStack() as stack:
        since = format_instant(clock.now())
        stack.enter_context(DataDirLock(settings.data_dir, f"pitwall {run.mode}", since=since))
        sockets = bind_doors(settings.server.host, _doors(settings))
        for bound in sockets.values():
            stack.callback(bound.close)
        addresses = {name: url_of(bound) for name, bound in sockets.items()}
        if settings.server.grpc_port and run.mode is Mode.UP:
            grpc_door = Door("otlp_grpc", settings.server.grpc_port, "--grpc-port")
            addresses[grpc_door.name] = probe_door(settings.server.host, grpc_door)
        token = new_secret()
        pitwall = compose(settings, run.mode, clock, local_token=token, environ=run.environ)
        pitwall.addresses.update(addresses)
        info = RuntimeInfo(
            pid=os.getpid(),
            url=next(iter(pitwall.addresses.values())),
            started_at=since,
            version=__version__,
            token=token,
            addresses=pitwall.addresses,
        )
        with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
            late = runner.run(_run(run, pitwall, info, list(sockets.values())))
            if late:
                _leave_at_once(late)


def _doors(settings: Settings) -> list[Door]:
    return [
        Door("http", settings.server.port, "--port"),
        Door("otlp_http", settings.server.otlp_port, "--otlp-port"),
    ]


async def _run(run: Run, pitwall: Pitwall, info: RuntimeInfo, sockets: list[socket.socket]) -> list[str]:
    """Start everything, serve until told to stop, stop everything; returns what did not stop in time."""
    stop, served = asyncio.Event(), asyncio.Event()
    # Imports the web framework while the store opens.
    building = asyncio.create_task(asyncio.to_thread(_build_app, pitwall))
    starting = asyncio.create_task(_start(pitwall, building, served))
    with _set_on_signals(stop):
        try:
            await _serve(run, pitwall, info, _Serving(sockets, building, starting, served, stop))
        finally:
            remove_runtime_file(run.settings.data_dir)
            await asyncio.wait({starting}, timeout=run.settings.server.shutdown_seconds)
            late = await pitwall.stop(run.settings.server.shutdown_seconds)
    return late if starting.done() else [*late, "start"]


@dataclass(frozen=True, slots=True)
class _Serving:
    sockets: list[socket.socket]
    building: asyncio.Task[Edge]
    starting: asyncio.Task[None]
    served: asyncio.Event
    stop: asyncio.Event


async def _serve(run: Run, pitwall: Pitwall, info: RuntimeInfo, serving: _Serving) -> None:
    server = _Server(_web_config(await serving.building))
    server_task = asyncio.create_task(server.serve(serving.sockets))
    try:
        await _first(serving.starting, serving.served, serving.stop)
        if pitwall.is_started:
            write_runtime_file(run.settings.data_dir, info)
            run.on_ready(pitwall)
            await _first(serving.starting, serving.stop)
            gc.freeze()  # what was imported stays for good; collections need not look at it
            gc.enable()
            await _first(server_task, serving.stop)
    finally:
        for end in pitwall.before_drain:
            end()
        server.should_exit = True
        await server_task


async def _start(pitwall: Pitwall, building: asyncio.Task[Edge], served: asyncio.Event) -> None:
    """Start the parts once the application is built: their first work would compete with its imports."""
    await asyncio.wait({building})
    await pitwall.start()
    served.set()
    app = await building
    await asyncio.to_thread(app.complete)
    await pitwall.start_background()


async def _first(task: asyncio.Task[None], *events: asyncio.Event) -> None:
    """Wait until a task is done or one of the events came; raise if the task failed."""
    coming = [asyncio.create_task(event.wait()) for event in events]
    await asyncio.wait({task, *coming}, return_when=asyncio.FIRST_COMPLETED)
    for one in coming:
        one.cancel()
    if task.done():
        task.result()


def _build_app(pitwall: Pitwall) -> Edge:
    from pitwall.server.web import build_app

    return build_app(pitwall)


def _web_config(app: Edge) -> uvicorn.Config:
    return uvicorn.Config(
        app,
        http="httptools",
        ws="none",
        lifespan="off",
        interface="asgi3",
        log_config=None,
        access_log=False,
        server_header=False,
        proxy_headers=False,  # who calls is decided on the connection, never on a header anyone can send
        backlog=2048,
        timeout_keep_alive=_KEEP_ALIVE_SECONDS,
        timeout_graceful_shutdown=_DRAIN_SECONDS,
    )


class _Server(uvicorn.Server):
    """Leaves signals to `_set_on_signals`, which also ends a start that is under way."""

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Capture nothing."""
        yield


@contextlib.contextmanager
def _set_on_signals(stop: asyncio.Event) -> Iterator[None]:
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop.set)
    try:
        yield
    finally:
        for number in (signal.SIGTERM, signal.SIGINT):
            loop.remove_signal_handler(number)


def _leave_at_once(late: list[str]) -> NoReturn:
    """End although threads still hang: what was acknowledged is applied at the next start."""
    log.error("server.stop.incomplete", components=late)
    sys.stderr.flush()
    os._exit(EXIT_STUCK)
