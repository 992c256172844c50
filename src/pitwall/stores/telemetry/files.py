"""The few system calls that the write-ahead log rests on, in one place so that tests can make them fail."""

from __future__ import annotations

import fcntl
import os
from collections.abc import Sequence
from pathlib import Path

_MAX_BUFFERS = min(1024, os.sysconf("SC_IOV_MAX"))


class Files:
    """Durable file operations; every method raises OSError as the system does."""

    def create(self, path: Path) -> int:
        """Create or empty a file for appending, readable by this user only, and return its descriptor."""
        flags = os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_APPEND | os.O_CLOEXEC
        return os.open(path, flags, 0o600)

    def open_append(self, path: Path) -> int:
        """Open a file for appending, creating it if needed."""
        return os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND | os.O_CLOEXEC, 0o600)

    def write(self, descriptor: int, buffers: Sequence[bytes]) -> int:
        """Append all buffers, however many calls that takes; return the number of bytes."""
        written = 0
        for first in range(0, len(buffers), _MAX_BUFFERS):
            written += self._write_some(descriptor, buffers[first : first + _MAX_BUFFERS])
        return written

    def datasync(self, descriptor: int) -> None:
        """Wait until the file's data and size are on the disk."""
        os.fdatasync(descriptor)

    def truncate(self, path: Path, size: int) -> None:
        """Cut a file to `size` bytes, durably."""
        descriptor = os.open(path, os.O_WRONLY | os.O_CLOEXEC)
        try:
            os.ftruncate(descriptor, size)
            os.fsync(descriptor)
        finally:
            os.close(descriptor)

    def replace(self, source: Path, target: Path) -> None:
        """Put `source` in the place of `target` in one step, durably."""
        source.replace(target)
        self.sync_directory(target.parent)

    def sync_directory(self, path: Path) -> None:
        """Make created, renamed and removed names in a directory durable."""
        descriptor = os.open(path, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)

    def free_bytes(self, path: Path) -> int:
        """Return how much an ordinary user can still write to the file system that holds `path`."""
        status = os.statvfs(path)
        return status.f_bavail * status.f_frsize

    def write_whole(self, path: Path, data: bytes) -> None:
        """Write a small file so that after a crash it is either whole or not there."""
        scratch = path.with_name(path.name + ".tmp")
        descriptor = self.create(scratch)
        try:
            self.write(descriptor, [data])
            self.datasync(descriptor)
        finally:
            os.close(descriptor)
        self.replace(scratch, path)

    def _write_some(self, descriptor: int, buffers: Sequence[bytes]) -> int:
        total = sum(map(len, buffers))
        written = os.writev(descriptor, buffers)
        if written < total:
            rest = memoryview(b"".join(buffers))
            while written < total:
                written += os.write(descriptor, rest[written:])
        return total


def make_private_directory(path: Path) -> None:
    """Create a directory that only this user can enter, or tighten an existing one."""
    path.mkdir(mode=0o700, parents=True, exist_ok=True)
    path.chmod(0o700)


def lock_file(path: Path) -> int | None:
    """Take a lock that ends with the process; return its descriptor, None if someone else has it."""
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        os.close(descriptor)
        return None
    return descriptor
