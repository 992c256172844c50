"""Trace files: that they grow and are taken in, and that old ones are in the archive."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

from pitwall.checks.findings import passed, skipped, wrong
from pitwall.checks.items import ArchiveItem, TraceFilesGrowItem
from pitwall.checks.surroundings import Looking, folder
from pitwall.checks.types import Finding
from pitwall.ingest.archive.selection import old_files
from pitwall.ingest.files.discovery import trace_files
from pitwall.kit.durations import format_instant, parse_duration
from pitwall.kit.i18n import Text

_NO_FOLDER = Text("there is no directory {path}", "{path} 디렉터리가 없습니다")
_NO_FILES = Text("{path} holds no trace file", "{path}에 트레이스 파일이 없습니다")
_QUIET = Text(
    "nothing was written in {path} since {at} ({name})", "{path}에는 {at} 이후 기록이 없습니다({name})"
)
_NOT_TAKEN = Text(
    "{name} was written at {at}, but nothing of {path} was taken in within {within}",
    "{name} 파일은 {at}에 기록되었지만 최근 {within} 동안 {path}에서 수집된 것이 없습니다",
)
_GROWS = Text(
    "{name} was written at {at} and is taken in", "{name} 파일이 {at}에 기록되었고 수집되고 있습니다"
)
_LIE_ABOUT = Text(
    "{count} files are older than {age}: {names}", "{age}보다 오래된 파일 {count}개가 남아 있습니다: {names}"
)
_TIDY = Text("no file is older than {age}", "{age}보다 오래된 파일이 없습니다")
_NAMED = 5


def look_trace_files(item: TraceFilesGrowItem, looking: Looking) -> Finding:
    """See that the newest trace file is young, and that the project's sources move."""
    path = folder(item.path)
    if not path.is_dir():
        return wrong(item, _NO_FOLDER, path=path)
    files = trace_files(path)
    if not files:
        return wrong(item, _NO_FILES, path=path)
    newest, now = files[-1], looking.around.clock.now()
    written_at = datetime.fromtimestamp(newest.stat().st_mtime, UTC)
    at, age = format_instant(written_at.replace(microsecond=0)), parse_duration(item.within)
    if now - written_at > age:
        return wrong(item, _QUIET, path=path, at=at, name=newest.name)
    sources = [
        one for one in looking.around.sources(looking.project) if Path(one.path).parent == path.resolve()
    ]
    sources = sources or [
        one for one in looking.around.sources(looking.project) if Path(one.path).parent == path
    ]
    if not any(now - source.updated_at <= age for source in sources):
        return wrong(item, _NOT_TAKEN, path=path, at=at, name=newest.name, within=item.within)
    return passed(_GROWS, name=newest.name, at=at)


def look_archive(item: ArchiveItem, looking: Looking) -> Finding:
    """See that no rotated file is older than it may be."""
    path = folder(item.path)
    if not path.is_dir():
        return skipped(_NO_FOLDER, path=path)
    old = old_files(path, looking.around.clock.now() - parse_duration(item.older_than))
    if not old:
        return passed(_TIDY, age=item.older_than)
    names = ", ".join(file.name for file in old[:_NAMED]) + (", …" if len(old) > _NAMED else "")
    return wrong(
        item,
        _LIE_ABOUT,
        count=len(old),
        age=item.older_than,
        names=names,
        value=float(len(old)),
        unit="files",
    )
