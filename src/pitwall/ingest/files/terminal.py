"""Importing on a terminal: progress on stderr, a summary on stdout, patience with a server that restarts."""

from __future__ import annotations

import signal
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from types import FrameType

import click

from pitwall.access.client import ApiClient
from pitwall.access.reach import reach
from pitwall.core.errors import NotAuthenticated, NotFound, PitwallError, Unavailable
from pitwall.ingest.files.contents import open_content
from pitwall.ingest.files.discovery import TRACE_FILES, trace_files
from pitwall.ingest.files.follow import Follower
from pitwall.ingest.files.importer import FileImport, ImportOptions, Progress
from pitwall.ingest.files.remote import RemoteSink
from pitwall.kit.cli_options import Target
from pitwall.kit.cli_output import Column, OutputFormat, emit
from pitwall.kit.i18n import Language, Text, choose_language
from pitwall.settings import load_settings

Show = Callable[[Progress], None]
Reconnect = Callable[[], bool]

_POLL_SECONDS = 0.3
_RECONNECT_SECONDS = 1.0
_COLUMNS = [
    Column("path", "file", wrap=True),
    Column("rows", "rows", align="right"),
    Column("rejected", "rejected", align="right"),
    Column("skipped", "already there", align="right"),
    Column("bytes", "bytes read", align="right"),
]
_TOTAL_COLUMNS = [column for column in _COLUMNS if column.key in ("rows", "rejected")]
_TORN = Text(
    "{path}: the last line is not complete; it is left for the next time.",
    "{path}: 마지막 줄이 완성되지 않아 다음번으로 남겨 둡니다.",
)
_LINE = Text("{path}:{line}: {message}", "{path}:{line}: {message}")
_REJECTED = Text(
    "{count:,} lines were put aside; see `pitwall telemetry dead-letters list`.",
    "{count:,}줄을 따로 보관했습니다. `pitwall telemetry dead-letters list`로 볼 수 있습니다.",
    en_one="1 line was put aside; see `pitwall telemetry dead-letters list`.",
)
_SUMMARY = Text(
    "{count:,} rows in {seconds:.1f} s ({rate:,.0f} rows/s).",
    "{seconds:.1f}초 동안 {count:,}행 (초당 {rate:,.0f}행).",
    en_one="1 row in {seconds:.1f} s.",
)
_FOLLOWING = Text("Following {paths}. Ctrl-C ends.", "{paths}: 따라가는 중입니다. Ctrl-C로 끝냅니다.")
_WAITING = Text("Waiting for the server: {error}", "서버를 기다립니다: {error}")


@dataclass(frozen=True, slots=True)
class Session:
    """What a command was asked to do.

    Attributes:
        paths: Files, directories of trace files, or stdin.
    """

    target: Target
    paths: tuple[Path, ...]
    options: ImportOptions
    output: OutputFormat

    @property
    def language(self) -> Language:
        """What to speak."""
        return choose_language(self.target.environ)

    def say(self, text: Text, **values: object) -> None:
        """Write a message for people."""
        click.echo(text.say(self.language, **values), err=True)


def import_files(session: Session) -> None:
    """Import files to their present end and show what became of them.

    Raises:
        InvalidLine: A line is malformed and is not to be skipped; files before it are imported.
        NotFound: A file is missing, or a directory has no trace files.
    """
    paths = [path for given in session.paths for path in _expand(given)]
    done: list[Progress] = []
    with reach(session.target, may_create=True) as client, _shown_progress() as show:
        sink = RemoteSink(client, session.target.project)
        started = time.monotonic()
        try:
            for path in paths:
                _import_file(path, sink, session.options, done, show)
        finally:
            # Also what was done before an error.
            if done:
                _summarise(session, done, time.monotonic() - started)


def follow_files(session: Session) -> None:
    """Import files as they grow until SIGINT or SIGTERM, then show how much that was."""
    with _connect(session) as (sink, reconnect):
        ending = _Ending()
        follower = Follower(
            session.paths, sink, session.options, on_progress=ending.check, sleep=ending.sleep
        )
        session.say(_FOLLOWING, paths=", ".join(map(str, session.paths)))
        try:
            with ending.on_signals():
                while True:
                    _poll(session, follower, reconnect, ending)
        except KeyboardInterrupt:
            pass
        finally:
            follower.close()
            result = {"rows": follower.rows, "rejected": follower.rejected}
            emit([result], _TOTAL_COLUMNS, session.output, payload=result)


def _import_file(
    path: Path,
    sink: RemoteSink,
    options: ImportOptions,
    done: list[Progress],
    show: Callable[[Progress], None],
) -> None:
    content = open_content(path)
    file = FileImport(path, content, sink, options, on_progress=show)
    done.append(file.progress)
    try:
        file.advance(is_final=True)
    finally:
        file.close()


def _expand(path: Path) -> list[Path]:
    if not path.is_dir():
        return [path]
    found = trace_files(path)
    if not found:
        raise NotFound(
            f"{path} has none of the trace files {', '.join(TRACE_FILES)}.",
            code="ingest.no_trace_files",
            hint="Name the files themselves.",
        )
    return found


def _summarise(session: Session, done: Sequence[Progress], seconds: float) -> None:
    files = [_summary_row(progress) for progress in done]
    totals = {name: sum(int(row[name]) for row in files) for name in ("rows", "rejected", "skipped", "bytes")}
    payload = {"files": files, **totals, "seconds": round(seconds, 3)}
    emit(files, _COLUMNS, session.output, payload=payload)
    for progress in done:
        for rejection in progress.rejections:
            session.say(_LINE, path=progress.path, line=rejection.line, message=rejection.message)
        if progress.has_torn_line:
            session.say(_TORN, path=progress.path)
    if totals["rejected"]:
        session.say(_REJECTED, count=totals["rejected"])
    session.say(_SUMMARY, count=totals["rows"], seconds=seconds, rate=totals["rows"] / max(seconds, 1e-9))


def _summary_row(progress: Progress) -> dict[str, str | int]:
    return {
        "path": str(progress.path),
        "source_id": progress.source_id,
        "rows": progress.rows,
        "rejected": progress.rejected,
        "skipped": progress.skipped,
        "bytes": progress.bytes_sent,
    }


@contextmanager
def _shown_progress() -> Iterator[Show]:
    """Yield what draws a bar on a terminal, and nothing anywhere else."""
    if not sys.stderr.isatty():
        yield _show_nothing
        return
    from rich.console import Console
    from rich.progress import BarColumn, DownloadColumn, TextColumn, TimeElapsedColumn
    from rich.progress import Progress as Bars

    console = Console(stderr=True)
    rate = TextColumn("{task.fields[rate]:,.0f} rows/s")
    name = TextColumn("{task.description}", markup=False)
    with Bars(name, BarColumn(), DownloadColumn(), rate, TimeElapsedColumn(), console=console) as bars:
        tasks: dict[str, object] = {}

        def show(progress: Progress) -> None:
            if progress.source_id not in tasks:
                tasks[progress.source_id] = bars.add_task(
                    progress.path.name, total=_size_of(progress.path), rate=0.0
                )
            task = tasks[progress.source_id]
            elapsed = max(bars.tasks[task].elapsed or 0.0, 0.001)  # type: ignore[call-overload]
            bars.update(task, completed=progress.bytes_read, rate=progress.rows / elapsed)  # type: ignore[arg-type]

        yield show


def _show_nothing(_progress: Progress) -> None:
    pass


def _size_of(path: Path) -> int | None:
    return path.stat().st_size if path.is_file() and path.suffix not in (".gz", ".zst") else None


@contextmanager
def _connect(session: Session) -> Iterator[tuple[RemoteSink, Reconnect]]:
    """Reach a server, which may restart later, or else open the data directory."""
    target = session.target
    settings = load_settings(environ=target.environ, config=target.config, flags=target.setting_flags())

    def find() -> ApiClient | None:
        return ApiClient.find(url=target.url, data_dir=settings.data_dir, api_key=target.api_key)

    client = find()
    if client is None:
        with reach(target, may_create=True) as local:
            yield RemoteSink(local, target.project), lambda: False
        return
    sink = RemoteSink(client, target.project)

    def reconnect() -> bool:
        again = find()
        if again is not None:
            sink.use(again)
        return again is not None

    try:
        yield sink, reconnect
    finally:
        sink.close()


def _poll(session: Session, follower: Follower, reconnect: Reconnect, ending: _Ending) -> None:
    try:
        if not follower.poll():
            ending.sleep(_POLL_SECONDS)
    except (Unavailable, NotAuthenticated) as error:
        # The server restarts, perhaps with another token or on another port.
        session.say(_WAITING, error=error.message)
        ending.sleep(_RECONNECT_SECONDS)
        try:
            reconnect()
        except PitwallError as failure:
            session.say(_WAITING, error=failure.message)


class _Ending:
    """Ends at a place where nothing is on its way: a chunk the server has stored is counted. A second signal
    ends at once.
    """

    def __init__(self) -> None:
        self._is_asked = False

    @contextmanager
    def on_signals(self) -> Iterator[None]:
        """Listen to SIGINT and SIGTERM."""
        before = {number: signal.signal(number, self._ask) for number in (signal.SIGINT, signal.SIGTERM)}
        try:
            yield
        finally:
            for number, handler in before.items():
                signal.signal(number, handler)

    def check(self, _progress: Progress | None = None) -> None:
        """Raise KeyboardInterrupt if the end was asked for."""
        if self._is_asked:
            raise KeyboardInterrupt

    def sleep(self, seconds: float) -> None:
        """Wait, then check."""
        time.sleep(seconds)
        self.check()

    def _ask(self, _number: int, _frame: FrameType | None) -> None:
        self.check()
        self._is_asked = True
