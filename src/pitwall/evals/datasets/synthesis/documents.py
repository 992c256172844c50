"""Documents out of files: texts as they are, and lists of documents in JSON."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from pitwall.core.errors import InvalidInput
from pitwall.evals.datasets.readers.opening import find_encoding
from pitwall.evals.datasets.synthesis.types import Document
from pitwall.kit.text import normalise

TEXT_SUFFIXES = (".txt", ".md", ".markdown", ".rst")
LIST_SUFFIXES = (".json", ".jsonl")
MAX_FILE_BYTES = 64 << 20
_TEXTS = ("content", "text", "page_content", "body", "document")
_IDS = ("doc_id", "id", "document_id", "title", "name")


class DocumentsInvalid(InvalidInput):
    """A path holds no documents that can be read."""

    default_code = "documents.invalid"


def read_documents(path: Path) -> list[Document]:
    """The documents of a file, or of all files of a directory in the order of their names.

    Raises:
        DocumentsInvalid: There are none, or one cannot be read.
    """
    files = sorted(_files(path))
    documents = [document for file in files for document in _read(file, _name(file, path))]
    kept = [one for one in documents if one.text.strip()]
    if not kept:
        raise DocumentsInvalid(
            f"There are no documents in {path}.",
            hint=f"Files with texts end in {', '.join(TEXT_SUFFIXES + LIST_SUFFIXES)}.",
        )
    return kept


def _files(path: Path) -> Iterator[Path]:
    if path.is_file():
        yield path
        return
    for file in path.rglob("*"):
        is_hidden = any(part.startswith(".") for part in file.relative_to(path).parts)
        if file.is_file() and not is_hidden and file.suffix.lower() in TEXT_SUFFIXES + LIST_SUFFIXES:
            yield file


def _name(file: Path, path: Path) -> str:
    return file.name if file == path else file.relative_to(path).as_posix()


def _read(file: Path, name: str) -> Iterator[Document]:
    if file.stat().st_size > MAX_FILE_BYTES:
        raise DocumentsInvalid(f"{name} has more than {MAX_FILE_BYTES:,} bytes.", hint="Split it.")
    with file.open("rb") as stream:
        encoding = find_encoding(name, stream)
        stream.seek(0)
        text = normalise(stream.read().decode(encoding).replace("\r\n", "\n"))
    if file.suffix.lower() not in LIST_SUFFIXES:
        yield Document(name, text)
        return
    for number, item in enumerate(_items(name, text), start=1):
        yield _document(f"{name}#{number}", item)


def _items(name: str, text: str) -> list[Any]:
    try:
        if name.lower().endswith(".jsonl"):
            return [json.loads(line) for line in text.splitlines() if line.strip()]
        content = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise DocumentsInvalid(f"{name} is no valid JSON: {error}.") from error
    if isinstance(content, dict):
        content = content.get("documents", [content])
    return content if isinstance(content, list) else [content]


def _document(place: str, item: Any) -> Document:
    if isinstance(item, str):
        return Document(place, item)
    members = item if isinstance(item, dict) else {}
    text = next((members[name] for name in _TEXTS if isinstance(members.get(name), str)), None)
    if text is None:
        raise DocumentsInvalid(
            f"{place} has no text.", hint=f"A document is a text, or an object with {', '.join(_TEXTS)}."
        )
    name = next((str(members[name]) for name in _IDS if members.get(name)), place)
    return Document(name, text)
