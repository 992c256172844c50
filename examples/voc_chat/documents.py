"""Reading .md and .txt files and cutting them into passages. Pure but for the reading."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from pathlib import Path

from pitwall.core.errors import InvalidInput

SUFFIXES = frozenset({".md", ".txt"})
MAX_PASSAGE_CHARACTERS = 600


@dataclass(frozen=True, slots=True)
class Passage:
    """A piece of a document: `id` is `document#number`, `text` begins with the document's title."""

    id: str
    document: str
    title: str
    text: str


def read_documents(folder: Path) -> dict[str, str]:
    """Document name (path below the folder, without suffix) to text in NFC.

    Raises:
        InvalidInput: The folder does not exist, holds no document, or a file is not UTF-8.
    """
    files = sorted(path for path in folder.rglob("*") if path.suffix.lower() in SUFFIXES and path.is_file())
    if not files:
        raise InvalidInput(
            f"No .md or .txt file in DOCS_DIR {str(folder)!r}.", hint="Set DOCS_DIR to a folder with some."
        )
    return {path.relative_to(folder).with_suffix("").as_posix(): _read(path) for path in files}


def split_document(name: str, text: str) -> list[Passage]:
    """Cut a document at blank lines into passages of at most 600 characters, the title before each."""
    lines = text.strip().splitlines()
    if not lines:
        return []
    title = lines[0].lstrip("# ").strip()
    pieces = [piece for block in _blocks("\n".join(lines[1:])) for piece in _fit(block)] or [""]
    return [
        Passage(id=f"{name}#{number}", document=name, title=title, text=f"{title}\n{piece}".strip())
        for number, piece in enumerate(pieces)
    ]


def _read(path: Path) -> str:
    try:
        return unicodedata.normalize("NFC", path.read_text(encoding="utf-8-sig"))
    except UnicodeDecodeError as error:
        raise InvalidInput(f"{str(path)!r} is not UTF-8: {error}.", hint="Save it as UTF-8.") from None


def _blocks(body: str) -> list[str]:
    """Paragraphs; a heading stays with what follows it."""
    blocks: list[str] = []
    heading = ""
    for block in (part.strip() for part in re.split(r"\n\s*\n", body)):
        if block.startswith("#") and "\n" not in block:
            heading += f"{block}\n"
        elif block:
            blocks.append(heading + block)
            heading = ""
    return [*blocks, heading.strip()] if heading else blocks


def _fit(block: str) -> list[str]:
    """Lines gathered up to the size limit; a longer line is cut."""
    pieces: list[str] = []
    for line in block.splitlines():
        for start in range(0, max(len(line), 1), MAX_PASSAGE_CHARACTERS):
            part = line[start : start + MAX_PASSAGE_CHARACTERS]
            if pieces and len(pieces[-1]) + 1 + len(part) <= MAX_PASSAGE_CHARACTERS:
                pieces[-1] += f"\n{part}"
            else:
                pieces.append(part)
    return pieces
