"""Who owns a data directory: a lock that dies with its holder, and a file that tells where the server is.

One process owns an embedded store. It holds an operating-system lock on `<data_dir>/lock`, so that `kill -9`
frees it, and writes who it is into that file. A server adds `<data_dir>/server.json`, for its user only,
with its address and a token that lets the command line in; that counts only while the process it names holds
the lock.
"""

from __future__ import annotations

import errno
import fcntl
import os
import time
from contextlib import suppress
from dataclasses import asdict, dataclass
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import orjson

from pitwall.core.errors import Conflict, InvalidInput, NotPermitted, Unavailable

LOCK_NAME = "lock"
RUNTIME_NAME = "server.json"
_GRACE_SECONDS = 0.5  # a look at the lock by `discover` must not make a starting server give up
_RETRY_SECONDS = 0.05


class DataDirInUse(Conflict):
    """Another process owns the data directory."""

    default_code = "data_dir.in_use"


@dataclass(frozen=True, slots=True)
class Holder:
    """The process that owns a data directory.

    Attributes:
        command: What it is, such as `pitwall up`.
        since: When it took the directory, ISO 8601 UTC.
    """

    pid: int
    command: str
    since: str


@dataclass(frozen=True, slots=True)
class RuntimeInfo:
    """Where the running server is.

    Attributes:
        url: Address of the API.
        started_at: ISO 8601 UTC.
        token: Lets the server's own user in as operator.
        addresses: Every address it listens on, by door.
    """

    pid: int
    url: str
    started_at: str
    version: str
    token: str
    addresses: dict[str, str]

    def __repr__(self) -> str:
        """Leave the token out."""
        return f"RuntimeInfo(pid={self.pid}, url={self.url!r}, started_at={self.started_at!r})"


class DataDirLock:
    """Ownership of a data directory until `release` or the end of the process.

    Args:
        data_dir: The directory; it is made, for its user only, if it is missing.
        command: What the owner is, for the message that others get.
        since: When it took the directory, ISO 8601 UTC.
    """

    def __init__(self, data_dir: Path, command: str, *, since: str) -> None:
        self._path = data_dir / LOCK_NAME
        self._holder = Holder(os.getpid(), command, since)
        self._fd = -1

    def acquire(self) -> Self:
        """Take the directory.

        Raises:
            DataDirInUse: Another process owns it; names the process, its address and since when.
            InvalidInput: The directory cannot be made or written to.
        """
        fd = _open_lock(self._path)
        if not _lock_patiently(fd):
            os.close(fd)
            raise _in_use(self._path.parent)
        self._fd = fd
        try:
            os.ftruncate(fd, 0)
            os.pwrite(fd, orjson.dumps(asdict(self._holder)), 0)
        except OSError as exc:
            self.release()
            raise Unavailable(
                f"The data directory {self._path.parent} cannot be written: {exc.strerror}.",
                code="data_dir.not_writable",
                hint="Make room on the disk, or choose another directory with --data-dir.",
            ) from exc
        return self

    def release(self) -> None:
        """Give the directory back; nothing happens if it is not held."""
        if self._fd >= 0:
            os.close(self._fd)
            self._fd = -1

    def __enter__(self) -> Self:
        return self.acquire()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.release()


def write_runtime_file(data_dir: Path, info: RuntimeInfo) -> None:
    """Publish where the server is, replacing what a killed one may have left; only its user can read it."""
    target = data_dir / RUNTIME_NAME
    temporary = target.with_suffix(f".{os.getpid()}.tmp")
    temporary.unlink(missing_ok=True)
    fd = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(fd, "wb") as file:
        file.write(orjson.dumps(asdict(info), option=orjson.OPT_INDENT_2))
    temporary.replace(target)


def remove_runtime_file(data_dir: Path) -> None:
    """Say that this process's server is gone; another's file is left alone."""
    info = _read_runtime_file(data_dir)
    if info is not None and info.pid == os.getpid():
        (data_dir / RUNTIME_NAME).unlink(missing_ok=True)


def discover(data_dir: Path) -> RuntimeInfo | None:
    """Find the server that runs on a data directory.

    Returns:
        Where it is; None if none runs, whatever a killed one left behind.

    Raises:
        NotPermitted: One runs, and it belongs to another user.
    """
    holder = find_holder(data_dir)
    if holder is None:
        return None
    info = _read_runtime_file(data_dir)
    return info if info is not None and info.pid == holder.pid else None


def find_holder(data_dir: Path) -> Holder | None:
    """Return the process that owns a data directory, or None.

    Raises:
        NotPermitted: The directory belongs to another user.
    """
    try:
        fd = os.open(data_dir / LOCK_NAME, os.O_RDONLY | os.O_CLOEXEC)
    except (FileNotFoundError, NotADirectoryError):
        return None
    except PermissionError as exc:
        raise _other_user(data_dir) from exc
    try:
        if _try_lock(fd, fcntl.LOCK_SH):
            return None
        return _parse_holder(os.pread(fd, 4096, 0))
    finally:
        os.close(fd)


def _open_lock(path: Path) -> int:
    try:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        return os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    except OSError as exc:
        raise InvalidInput(
            f"The data directory {path.parent} cannot be used: {exc.strerror}.",
            code="data_dir.unusable",
            hint="Choose a directory you may write to with --data-dir.",
        ) from exc


def _lock_patiently(fd: int) -> bool:
    deadline = time.monotonic() + _GRACE_SECONDS
    while not _try_lock(fd, fcntl.LOCK_EX):
        if time.monotonic() >= deadline:
            return False
        time.sleep(_RETRY_SECONDS)
    return True


def _try_lock(fd: int, mode: int) -> bool:
    try:
        fcntl.flock(fd, mode | fcntl.LOCK_NB)
    except OSError as exc:
        if exc.errno in (errno.EWOULDBLOCK, errno.EACCES):
            return False
        raise
    return True


def _in_use(data_dir: Path) -> DataDirInUse:
    holder = find_holder(data_dir)
    if holder is None:
        return DataDirInUse(f"The data directory {data_dir} was in use a moment ago.", hint="Try again.")
    server = None
    with suppress(NotPermitted):
        server = discover(data_dir)
    where = "" if server is None else f" at {server.url}"
    return DataDirInUse(
        f"The data directory {data_dir} is in use by `{holder.command}` (process {holder.pid}){where}"
        f" since {holder.since}.",
        hint="Stop that process first, or choose another directory with --data-dir."
        if server is None
        else f"Use the running server (--url {server.url}), stop it first, or choose another --data-dir.",
        details={**asdict(holder), "url": None if server is None else server.url},
    )


def _other_user(data_dir: Path) -> NotPermitted:
    return NotPermitted(
        f"The data directory {data_dir} belongs to another user.",
        code="data_dir.other_user",
        hint="Reach its server with --url and an API key.",
    )


def _parse_holder(text: bytes) -> Holder:
    """Read who holds the lock; its holder may be just about to write it."""
    try:
        return Holder(**orjson.loads(text))
    except (orjson.JSONDecodeError, TypeError):
        return Holder(0, "another process", "just now")


def _read_runtime_file(data_dir: Path) -> RuntimeInfo | None:
    try:
        fields: Any = orjson.loads((data_dir / RUNTIME_NAME).read_bytes())
        return RuntimeInfo(**fields)
    except PermissionError as exc:
        raise _other_user(data_dir) from exc
    except (OSError, orjson.JSONDecodeError, TypeError):
        return None
