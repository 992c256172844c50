"""Reads checklists from YAML: those of packs, of `checks.file`, what a caller adds; problems have lines."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from pitwall.checks.errors import ChecksInvalid
from pitwall.checks.items import Item, WrittenChecklist
from pitwall.checks.types import Checklist
from pitwall.kit.i18n import Text
from pitwall.signals.catalogue import Catalogue
from pitwall.signals.errors import CatalogueInvalid, ExpressionInvalid, QuestionInvalid, UnknownSignal
from pitwall.signals.evaluation import check_question
from pitwall.signals.pack_files import (
    Document,
    Place,
    parse_document,
    read_document,
    validation_problems,
)

_TEXT = "checks.yaml"
_FORM = "a checklist is a mapping with name, title and items; a file holds one or a list of them"
_MAX_ITEMS = 100


def load_checklists(packs: Sequence[Path], file: Path | None, catalogue: Catalogue) -> tuple[Checklist, ...]:
    """Load the checklists of packs, every `checks/*.yaml` below each directory, and of a file of the user.

    A list of a name that is there already adds its items.

    Raises:
        ChecksInvalid: Anything is wrong; every problem is named with its file and line.
    """
    paths = [path for pack in packs for path in sorted(pack.glob("checks/*.yaml"))]
    loader = _Loader(catalogue)
    for path in [*paths, *([] if file is None else [file])]:
        try:
            loader.read(read_document(path))
        except CatalogueInvalid as error:
            loader.problems.append(error.message)
        except OSError as error:
            loader.problems.append(f"{path}: {error.strerror}")
    return loader.finish()


def parse_items(text: str, name: str, catalogue: Catalogue) -> tuple[Item, ...]:
    """Read the items that somebody adds to a list.

    Args:
        text: YAML of checklists, or of a bare list of items.
        name: Of the list that is run; items of other lists are left out.

    Raises:
        ChecksInvalid: Anything is wrong.
    """
    loader = _Loader(catalogue, default_list=name)
    try:
        loader.read(parse_document(text, _TEXT))
    except CatalogueInvalid as error:
        loader.problems.append(error.message)
    return tuple(item for found in loader.finish() if found.name == name for item in found.items)


class _Loader:
    """Collects lists and problems; nothing is returned unless there is no problem at all."""

    def __init__(self, catalogue: Catalogue, default_list: str | None = None) -> None:
        self._catalogue = catalogue
        self._default_list = default_list
        self._lists: dict[str, Checklist] = {}
        self.problems: list[str] = []

    def read(self, document: Document) -> None:
        data = document.data
        entries = data if isinstance(data, list) else [data]
        is_bare = self._default_list is not None and all(
            isinstance(one, dict) and "kind" in one for one in entries
        )
        if is_bare:
            self._read_list(document, (), {"name": self._default_list, "items": entries})
            return
        for index, entry in enumerate(entries):
            self._read_list(document, (index,) if isinstance(data, list) else (), entry)

    def finish(self) -> tuple[Checklist, ...]:
        if self.problems:
            raise ChecksInvalid(
                "The checklists cannot be loaded:\n  " + "\n  ".join(self.problems),
                details={"problems": self.problems},
            )
        return tuple(self._lists.values())

    def _read_list(self, document: Document, place: tuple[int, ...], entry: Any) -> None:
        if not isinstance(entry, dict):
            self.problems.append(f"{document.where(place)}: {_FORM}")
            return
        try:
            written = WrittenChecklist.model_validate(entry)
        except ValidationError as error:
            wrong = validation_problems(error, place, inside=_without_kind)
            self.problems += map(document.told, wrong)
            return
        self._add(document, place, written)

    def _add(self, document: Document, place: tuple[int, ...], written: WrittenChecklist) -> None:
        known = self._lists.get(written.name)
        title = written.title.text() if written.title else Text(written.name, written.name)
        description = written.description.text() if written.description else Text("", "")
        before = known or Checklist(written.name, title, description, ())
        items = (*before.items, *written.items)
        names = [item.name for item in items]
        for name in sorted({name for name in names if names.count(name) > 1}):
            self.problems.append(
                f"{document.where(place)}: there is an item {name} already in {written.name}"
            )
        if len(items) > _MAX_ITEMS:
            self.problems.append(f"{document.where(place)}: more than {_MAX_ITEMS} items in {written.name}")
        for index, item in enumerate(written.items):
            for problem in self._problems(item):
                self.problems.append(f"{document.where((*place, 'items', index))}: {item.name}: {problem}")
        self._lists[written.name] = replace(before, items=items)

    def _problems(self, item: Item) -> Iterable[str]:
        signal = getattr(item, "signal", None)
        if signal is None or "{" in signal:
            return
        where = getattr(item, "where", None) or ""
        try:
            check_question(self._catalogue, signal, by=(), where="" if "{" in where else where)
        except (UnknownSignal, QuestionInvalid, ExpressionInvalid) as error:
            yield str(error)


def _without_kind(path: Place) -> Place:
    """Behind the number of an item stands its kind, which is no place in the file."""
    return (*path[:2], *path[3:]) if path[:1] == ("items",) else path
