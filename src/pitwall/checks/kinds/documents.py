"""Documents: whether they are those that were indexed last."""

from __future__ import annotations

from pitwall.checks.findings import passed, skipped, wrong
from pitwall.checks.items import DocsIndexedItem
from pitwall.checks.manifest import MANIFEST, make_manifest, read_manifest
from pitwall.checks.surroundings import Looking, folder
from pitwall.checks.types import Finding
from pitwall.kit.i18n import Text

_NO_FOLDER = Text("there is no directory {path}", "{path} 디렉터리가 없습니다")
_NEVER = Text(
    "nobody noted what was indexed: no {name} in {path}",
    "무엇을 색인했는지 기록이 없습니다: {path}에 {name} 없음",
)
_CHANGED = Text(
    "since the last index: {added} added, {changed} changed, {removed} removed ({names})",
    "마지막 색인 뒤 추가 {added}, 변경 {changed}, 삭제 {removed} ({names})",
)
_SAME = Text(
    "{count} documents are as they were indexed",
    "문서 {count}개가 색인한 그대로입니다",
    "1 document is as it was indexed",
)
_NAMED = 5


def look_docs(item: DocsIndexedItem, looking: Looking) -> Finding:
    """Compare the documents with the manifest of the last index."""
    del looking
    path = folder(item.path)
    if not path.is_dir():
        return wrong(item, _NO_FOLDER, path=path)
    before = read_manifest(path)
    if before is None:
        return skipped(_NEVER, name=MANIFEST, path=path)
    now = make_manifest(path)
    added, removed = sorted(now.keys() - before.keys()), sorted(before.keys() - now.keys())
    changed = sorted(name for name in now.keys() & before.keys() if now[name] != before[name])
    differing = [*added, *changed, *removed]
    if not differing:
        return passed(_SAME, count=len(now))
    names = ", ".join(differing[:_NAMED]) + (", …" if len(differing) > _NAMED else "")
    return wrong(
        item,
        _CHANGED,
        added=len(added),
        changed=len(changed),
        removed=len(removed),
        names=names,
        value=float(len(differing)),
        unit="documents",
    )
