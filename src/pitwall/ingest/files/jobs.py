"""Following a trace directory while the server runs."""

from __future__ import annotations

import threading
from pathlib import Path

import structlog

from pitwall.core.errors import PitwallError
from pitwall.ingest.files.follow import Follower
from pitwall.ingest.files.importer import ImportOptions, Progress
from pitwall.ingest.files.local import LocalSink
from pitwall.ingest.files.service import FileIngest
from pitwall.ingest.files.types import Reader

log = structlog.get_logger(__name__)

_POLL_SECONDS = 0.5
_PAUSE_AFTER_ERROR_SECONDS = 5.0


class _Stopped(Exception):
    """The server stops; the chunk at hand is stored."""


class TraceDirFollower:
    """Imports what applications write into a trace directory; malformed lines go to the dead letters.

    Args:
        files: Where records go.
        directory: It need not exist yet.
        project: Whose records they are.
    """

    name = "trace_dir_follower"

    def __init__(self, files: FileIngest, directory: Path, project: str) -> None:
        self._directory = directory
        self._stopping = threading.Event()
        options = ImportOptions(Reader("jsonl"), skip_invalid=True, patience_seconds=0.0)
        sink = LocalSink(files, project)
        self._follower = Follower([directory], sink, options, on_progress=self._check)
        self._thread = threading.Thread(target=self._run, name="pitwall-trace-dir", daemon=True)

    def start(self) -> None:
        """Begin to follow."""
        log.info("trace_dir.following", directory=str(self._directory))
        self._thread.start()

    def stop(self, timeout_seconds: float) -> None:
        """Finish the chunk at hand; what is not imported is imported at the next start."""
        self._stopping.set()
        self._thread.join(timeout_seconds)

    def _run(self) -> None:
        pause = 0.0
        while not self._stopping.wait(pause):
            try:
                pause = 0.0 if self._follower.poll() else _POLL_SECONDS
            except _Stopped:
                break
            except (PitwallError, OSError) as error:
                log.warning("trace_dir.failed", directory=str(self._directory), error=str(error))
                pause = _PAUSE_AFTER_ERROR_SECONDS
            except Exception:
                log.exception("trace_dir.broken", directory=str(self._directory))
                pause = _PAUSE_AFTER_ERROR_SECONDS
        self._follower.close()

    def _check(self, _progress: Progress) -> None:
        if self._stopping.is_set():
            raise _Stopped
