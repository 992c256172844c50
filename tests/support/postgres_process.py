"""A PostgreSQL server that does not outlive its test, where Debian's package or the path has one."""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

_PACKAGES = Path("/usr/lib/postgresql")
_USER = "postgres"  # the server refuses to run as root
_READY_SECONDS = 30
_ENVIRON = {"LC_ALL": "C"}  # a locale that is not installed stops it


def find_postgres() -> Path | None:
    """Return the directory with `initdb` and `postgres`, None where they are not installed."""
    places = [path / "bin" for path in sorted(_PACKAGES.glob("*"), reverse=True)]
    if on_path := shutil.which("initdb"):
        places.append(Path(on_path).resolve().parent)
    return next(
        (place for place in places if (place / "initdb").exists() and (place / "postgres").exists()), None
    )


@contextmanager
def running_postgres(binaries: Path) -> Iterator[str]:
    """Run a server with an empty database, reached by a socket; yields the address for a state store."""
    user = _USER if os.geteuid() == 0 else None
    with tempfile.TemporaryDirectory(prefix="pitwall-postgres-", ignore_cleanup_errors=True) as place:
        if user is not None:
            shutil.chown(place, user)
        data = str(Path(place) / "data")
        create = ["-D", data, "-U", "pitwall", "-A", "trust", "-E", "UTF8", "--locale=C", "--no-sync"]
        initdb = [str(binaries / "initdb"), *create]
        subprocess.run(initdb, check=True, capture_output=True, user=user, cwd=place, env=_ENVIRON)
        quick = ["-c", "fsync=off", "-c", f"unix_socket_directories={place}", "-c", "listen_addresses="]
        command = [str(binaries / "postgres"), "-D", data, *quick]
        server = subprocess.Popen(command, stderr=subprocess.DEVNULL, user=user, cwd=place, env=_ENVIRON)
        try:
            _wait(server, Path(place) / ".s.PGSQL.5432")
            yield f"postgresql://pitwall@/postgres?host={place}"
        finally:
            server.terminate()
            server.wait(_READY_SECONDS)


def _wait(server: subprocess.Popen[bytes], socket: Path) -> None:
    import psycopg

    deadline = time.monotonic() + _READY_SECONDS
    while True:
        assert server.poll() is None, "PostgreSQL ended"
        assert time.monotonic() < deadline, "PostgreSQL is not ready"
        try:
            psycopg.connect(host=str(socket.parent), user="pitwall", dbname="postgres").close()
        except psycopg.OperationalError:
            time.sleep(0.05)
        else:
            return
