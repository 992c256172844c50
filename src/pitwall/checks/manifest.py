"""Which documents were indexed: a hash of each, kept beside them."""

from __future__ import annotations

import os
from collections.abc import Iterator
from hashlib import file_digest
from pathlib import Path

import orjson

from pitwall.core.errors import InvalidInput

MANIFEST = ".pitwall-index.json"
_MAX_DOCUMENTS = 200_000


def make_manifest(directory: Path) -> dict[str, str]:
    """Hash every document below a directory; hidden files and directories are none."""
    found: dict[str, str] = {}
    for path in _documents(directory):
        with path.open("rb") as file:
            found[path.relative_to(directory).as_posix()] = file_digest(file, "sha256").hexdigest()
        if len(found) > _MAX_DOCUMENTS:
            raise InvalidInput(f"{directory} holds more than {_MAX_DOCUMENTS:,} documents.")
    return found


def write_manifest(directory: Path) -> dict[str, str]:
    """Note that the documents below a directory are indexed as they are now; returns their hashes."""
    documents = make_manifest(directory)
    target = directory / MANIFEST
    partial = target.with_name(f"{MANIFEST}.partial")
    with partial.open("wb") as file:
        file.write(orjson.dumps({"documents": documents}, option=orjson.OPT_INDENT_2 | orjson.OPT_SORT_KEYS))
        file.flush()
        os.fsync(file.fileno())
    partial.replace(target)
    return documents


def read_manifest(directory: Path) -> dict[str, str] | None:
    """What was indexed; None if nobody noted it.

    Raises:
        InvalidInput: The note is damaged.
    """
    path = directory / MANIFEST
    try:
        return {
            str(name): str(digest) for name, digest in orjson.loads(path.read_bytes())["documents"].items()
        }
    except FileNotFoundError:
        return None
    except (orjson.JSONDecodeError, KeyError, TypeError, AttributeError) as error:
        raise InvalidInput(
            f"{path} is damaged.", hint="Index the documents again, then `pitwall checks indexed DIR`."
        ) from error


def _documents(directory: Path) -> Iterator[Path]:
    for root, folders, names in os.walk(directory):
        folders[:] = sorted(name for name in folders if not name.startswith("."))
        yield from (
            path
            for name in sorted(names)
            if not name.startswith(".") and (path := Path(root, name)).is_file()
        )
