"""Write the server's OpenAPI description, from which the types of the user interface are generated.

python scripts/openapi.py build/openapi.json
"""

from __future__ import annotations

import json
import socket
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
_WAIT_SECONDS = 60


def describe() -> dict[str, Any]:
    """Start a server in an empty directory, ask it, and stop it.

    Raises:
        SystemExit: The server did not answer.
    """
    with tempfile.TemporaryDirectory() as directory:
        port = _free_port()
        program = str(Path(sys.executable).with_name("pitwall"))
        command = [program, "up", "--data-dir", directory, f"--port={port}"]
        ports = ["--otlp-port=0", "--grpc-port=0"]
        with subprocess.Popen([*command, *ports], stderr=subprocess.DEVNULL, cwd=directory) as server:
            try:
                return _ask(f"http://127.0.0.1:{port}/api/openapi.json")
            finally:
                server.terminate()


def _ask(url: str) -> dict[str, Any]:
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    deadline = time.monotonic() + _WAIT_SECONDS
    while time.monotonic() < deadline:
        try:
            with opener.open(url, timeout=120) as answer:
                description: dict[str, Any] = json.load(answer)
                return description
        except (urllib.error.URLError, ConnectionError):
            time.sleep(0.1)
    sys.exit(f"no server answered at {url} within {_WAIT_SECONDS} s; see what `pitwall up` says")


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def main() -> None:
    """Write the description to the file named on the command line."""
    target = Path(sys.argv[1])
    target.parent.mkdir(parents=True, exist_ok=True)
    target.write_text(json.dumps(describe(), indent=1, sort_keys=True) + "\n", "utf-8")


if __name__ == "__main__":
    main()
