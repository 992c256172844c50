"""Artifacts: every directory of them has an index of what is there."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import orjson

from pitwall.checks.findings import passed, skipped, wrong
from pitwall.checks.items import ArtifactsIndexItem
from pitwall.checks.surroundings import Looking, folder
from pitwall.checks.types import Finding
from pitwall.kit.i18n import Text

INDEX = "index.json"
_NO_FOLDER = Text("there is no directory {path}", "{path} 디렉터리가 없습니다")
_EMPTY = Text("{path} holds no artifact", "{path}에 산출물이 없습니다")
_PROBLEMS = Text("{problems}", "{problems}")
_COMPLETE = Text(
    "{count} indexes name what is there",
    "index.json {count}개가 실제 파일과 맞습니다",
    "1 index names what is there",
)
_NAMED = 5


def look_index(item: ArtifactsIndexItem, looking: Looking) -> Finding:
    """Look for `index.json` in the directory, or in each of its directories, and for what it names."""
    del looking
    path = folder(item.path)
    if not path.is_dir():
        return skipped(_NO_FOLDER, path=path)
    folders = sorted(child for child in path.iterdir() if child.is_dir() and not child.name.startswith("."))
    holders = [path] if (path / INDEX).exists() or not folders else folders
    if holders == [path] and not any(path.iterdir()):
        return skipped(_EMPTY, path=path)
    problems = [f"{holder.name}: {problem}" for holder in holders for problem in _problems(holder)]
    if not problems:
        return passed(_COMPLETE, count=len(holders))
    shown = "; ".join(problems[:_NAMED]) + ("; …" if len(problems) > _NAMED else "")
    return wrong(item, _PROBLEMS, problems=shown, value=float(len(problems)), unit="problems")


def _problems(holder: Path) -> Iterator[str]:
    try:
        content = orjson.loads((holder / INDEX).read_bytes())
    except FileNotFoundError:
        yield f"no {INDEX}"
        return
    except (orjson.JSONDecodeError, OSError) as error:
        yield f"{INDEX}: {error}"
        return
    for name in _named_files(content):
        target = (holder / name).resolve()
        if not target.is_relative_to(holder.resolve()) or not target.exists():
            yield f"{name} is not there"


def _named_files(content: Any) -> Iterator[str]:
    """The files an index names: `files` or `artifacts`, as names, or as objects with `path` or `name`."""
    listed = content
    if isinstance(content, dict):
        listed = content.get("files", content.get("artifacts", []))
    entries = listed.values() if isinstance(listed, dict) else listed if isinstance(listed, list) else []
    for entry in entries:
        name = entry.get("path", entry.get("name")) if isinstance(entry, dict) else entry
        if isinstance(name, str):
            yield name
