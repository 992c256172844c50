"""Secrets in files: where they stand, never what they are."""

from __future__ import annotations

from itertools import islice

from pitwall.checks.findings import passed, skipped, wrong
from pitwall.checks.items import SecretsItem
from pitwall.checks.secret_search import list_files, search
from pitwall.checks.surroundings import Looking, folder
from pitwall.checks.types import Finding
from pitwall.kit.i18n import Text

_NO_FOLDER = Text("there is no directory {path}", "{path} 디렉터리가 없습니다")
_EMPTY = Text("{path} holds no file", "{path}에 파일이 없습니다")
_FOUND = Text(
    "{count} lines look like secrets: {names}", "비밀 값으로 보이는 줄이 {count}개 있습니다: {names}"
)
_CLEAN = Text("no secret in {count} files of {path}", "{path}의 파일 {count}개에 비밀 값이 없습니다")
_NAMED = 10
_MOST = 1_000


def look_secrets(item: SecretsItem, looking: Looking) -> Finding:
    """Search the files that git knows, or all of a directory."""
    del looking
    path = folder(item.path)
    if not path.is_dir():
        return skipped(_NO_FOLDER, path=path)
    files = list_files(path)
    if not files:
        return skipped(_EMPTY, path=path)
    found = list(islice(search(path, item.exclude), _MOST))
    if not found:
        return passed(_CLEAN, count=len(files), path=path)
    names = ", ".join(map(str, found[:_NAMED])) + (", …" if len(found) > _NAMED else "")
    return wrong(item, _FOUND, count=len(found), names=names, value=float(len(found)), unit="lines")
