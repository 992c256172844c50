"""Other products, each installed into an environment of its own and started with its own defaults."""

from __future__ import annotations

import contextlib
import os
import shutil
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from benchmarks.harness.load import HttpSender
from benchmarks.harness.registry import ROOT, NotMeasured
from benchmarks.harness.server import Process, free_ports
from benchmarks.harness.templates import ProtobufEncoding

_ENVIRONMENTS: Final = ROOT / ".venvs"
_START_SECONDS: Final = 180.0


@dataclass(frozen=True, slots=True)
class Peer:
    """A product that takes OTLP over HTTP into a SQLite file.

    Attributes:
        requirement: What is installed.
        arguments: How its program is started; `{port}`, `{port2}` and `{dir}` are put in.
        environment: Variables, with the same put in.
        database: Its file below the directory; the table `spans` has a row per stored span.
        health: Page that answers 200 once it is ready.
        headers: What its OTLP door wants besides the content type.
    """

    name: str
    requirement: str
    program: str
    arguments: tuple[str, ...]
    environment: dict[str, str]
    database: str
    health: str
    headers: dict[str, str] = field(default_factory=dict)


PHOENIX: Final = Peer(
    name="Phoenix",
    requirement="arize-phoenix==20.26.1",
    program="phoenix",
    arguments=("serve",),
    environment={
        "PHOENIX_HOST": "127.0.0.1",
        "PHOENIX_PORT": "{port}",
        "PHOENIX_GRPC_PORT": "{port2}",
        "PHOENIX_WORKING_DIR": "{dir}",
        "PHOENIX_TELEMETRY_ENABLED": "false",
    },
    database="phoenix.db",
    health="/healthz",
)
MLFLOW: Final = Peer(
    name="MLflow",
    requirement="mlflow==3.17.2",
    program="mlflow",
    arguments=(
        "server",
        "--host=127.0.0.1",
        "--port={port}",
        "--backend-store-uri=sqlite:///{dir}/mlflow.db",
        "--artifacts-destination={dir}/artifacts",
    ),
    environment={"MLFLOW_DISABLE_TELEMETRY": "true", "DO_NOT_TRACK": "true"},
    database="mlflow.db",
    health="/health",
    headers={"x-mlflow-experiment-id": "0"},
)


def install(peer: Peer) -> None:
    """Make the product's environment unless it is there.

    Raises:
        NotMeasured: It cannot be installed here.
    """
    provide(peer.name.lower(), peer.requirement)


def provide(name: str, wanted: str | Path) -> Path:
    """Make an environment of a requirement or a lock, unless it is there; returns its folder.

    Raises:
        NotMeasured: It cannot be made here.
    """
    directory = _environment(name)
    stamp, text = directory / ".installed", wanted.read_text() if isinstance(wanted, Path) else wanted
    if stamp.exists() and stamp.read_text() == text:
        return directory
    shutil.rmtree(directory, ignore_errors=True)
    installer = Path(sys.executable).with_name("uv")
    pip = (
        [str(installer), "pip", "install", "--python", str(directory / "bin" / "python")]
        if installer.exists()
        else [str(directory / "bin" / "pip"), "install"]
    )
    what = ["--requirement", str(wanted)] if isinstance(wanted, Path) else [wanted]
    try:
        subprocess.run([sys.executable, "-m", "venv", str(directory)], check=True)
        variables = {**os.environ, "UV_SYSTEM_CERTS": "1"}
        subprocess.run([*pip, "--quiet", *what], check=True, env=variables)
    except subprocess.CalledProcessError as error:
        raise NotMeasured(f"{wanted} cannot be installed: {error}") from error
    stamp.write_text(text)
    return directory


def _environment(name: str) -> Path:
    return _ENVIRONMENTS / f"peer-{name}"


class PeerServer(Process):
    """A product on an empty directory."""

    def __init__(self, peer: Peer, directory: Path) -> None:
        shutil.rmtree(directory, ignore_errors=True)
        directory.mkdir(parents=True)
        self.peer, self.directory = peer, directory
        self.port, second = free_ports(2)
        places = {"port": self.port, "port2": second, "dir": directory}
        program = _environment(peer.name.lower()) / "bin" / peer.program
        super().__init__(
            [str(program), *(argument.format(**places) for argument in peer.arguments)],
            directory / "server.log",
            environment={
                "PATH": f"{program.parent}{os.pathsep}{os.environ['PATH']}",
                **{name: value.format(**places) for name, value in peer.environment.items()},
            },
        )

    def connect(self) -> HttpSender:
        """Open a client's connection."""
        return HttpSender(self.port, ProtobufEncoding.content_type, headers=self.peer.headers)

    def count_spans(self) -> int:
        """Count the committed spans, straight from the file: cheaper for the product than asking it."""
        path = self.directory / self.peer.database
        with contextlib.closing(sqlite3.connect(f"file:{path}?mode=ro", uri=True, timeout=30)) as database:
            return int(database.execute("SELECT count(*) FROM spans").fetchone()[0])


@contextlib.contextmanager
def running_peer(peer: Peer, directory: Path) -> Iterator[PeerServer]:
    """Start a product, wait until it is ready, and stop it at the end."""
    server = PeerServer(peer, directory)
    try:
        server.wait_ready(server.port, peer.health, _START_SECONDS)
        yield server
    finally:
        server.stop()
