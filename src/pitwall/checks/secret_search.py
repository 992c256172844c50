"""Looking for secrets in files: where they stand and of which kind; the secrets themselves are never told."""

from __future__ import annotations

import math
import os
import re
import subprocess
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from fnmatch import fnmatch
from itertools import islice
from pathlib import Path

from pitwall.ingest.mapping.masking import RULES

ALLOWED = "pitwall:allow-secret"
_MAX_FILE_BYTES = 4 << 20
_MAX_LINE = 20_000
_GIT_SECONDS = 30
_MOST_FILES = 100_000
_SKIPPED_FOLDERS = frozenset({".git", "node_modules", ".venv", "__pycache__"})
_TOKENS = tuple(
    re.compile(rule.expression) for rule in RULES if rule.group == "secrets" and not rule.has_prefix
)
_ASSIGNED = re.compile(
    r"(?i)(?:api[_-]?key|secret|token|passwd|password|private[_-]?key)[\w-]{0,40}[\"']?[ \t]*[:=][ \t]*"
    r"(?:[\"'](?P<quoted>[^\"'\s]{8,200})[\"']|(?P<bare>[A-Za-z0-9+/_=-]{16,200})[ \t\r]*$)",
    re.MULTILINE,
)
_IN_URL = re.compile(r"[a-z][a-z0-9+.-]{2,20}://[^/\s:@\"'{$<]{1,60}:(?P<word>[^/\s@\"'{$<]{6,100})@")
_FORMS = (*_TOKENS, _ASSIGNED, _IN_URL)
_PLACEHOLDER = re.compile(
    r"(?i)example|changeme|change-me|placeholder|dummy|your[-_]|xxxx|\*\*\*|\.\.\.|secret://|^\W*$|^(.)\1+$|[${<>}()\[\]]"
)
# What documentation writes for a secret, and names of things, which are words with marks between.
_WORD = re.compile(r"(?i)(?:user(?:name)?|pass(?:word)?|passwd|secret|token|[a-z]+(?:[_.-][a-z0-9]+)+)")
_LEAST_ENTROPY = 3.2


@dataclass(frozen=True, slots=True)
class FoundSecret:
    """Where a secret stands, and what kind it seems to be."""

    path: str
    line: int
    kind: str

    def __str__(self) -> str:
        return f"{self.path}:{self.line} ({self.kind})"


def list_files(directory: Path) -> list[Path]:
    """The files that git knows below a directory; all files where it is no git tree."""
    command = ["git", "-C", str(directory), "ls-files", "-z", "--cached"]
    try:
        listed = subprocess.run(command, capture_output=True, timeout=_GIT_SECONDS, check=True).stdout
    except (OSError, subprocess.SubprocessError):
        return list(islice(_walk(directory), _MOST_FILES))
    return [directory / name.decode("utf-8", "surrogateescape") for name in listed.split(b"\0") if name]


def _walk(directory: Path) -> Iterator[Path]:
    for root, folders, names in os.walk(directory):
        folders[:] = sorted(name for name in folders if name not in _SKIPPED_FOLDERS)
        yield from (Path(root, name) for name in sorted(names))


def search(directory: Path, exclude: Sequence[str] = ()) -> Iterator[FoundSecret]:
    """Find what looks like a secret; a line that says so (`pitwall:allow-secret`) is left out."""
    for path in list_files(directory):
        shown = path.relative_to(directory).as_posix()
        if any(fnmatch(shown, pattern) for pattern in exclude) or not path.is_file() or path.is_symlink():
            continue
        yield from _search_file(path, shown)


def _search_file(path: Path, shown: str) -> Iterator[FoundSecret]:
    try:
        with path.open("rb") as file:
            content = file.read(_MAX_FILE_BYTES)
    except OSError:
        return
    if b"\0" in content[:8000]:
        return
    text = content.decode("utf-8", "replace")
    places = sorted({found.start() for form in _FORMS for found in form.finditer(text)})
    lines = text.split("\n") if places else []
    for number in sorted({text.count("\n", 0, place) for place in places}):
        line = lines[number]
        kind = None if ALLOWED in line else kind_of(line[:_MAX_LINE])
        if kind is not None:
            yield FoundSecret(shown, number + 1, kind)


def kind_of(line: str) -> str | None:
    """What kind of secret a line seems to hold, None for none."""
    if any((found := token.search(line)) and not _PLACEHOLDER.search(found[0]) for token in _TOKENS):
        return "token"
    assigned = _ASSIGNED.search(line)
    if assigned is not None and _is_secret(assigned["quoted"] or assigned["bare"]):
        return "assignment"
    in_url = _IN_URL.search(line)
    if in_url is not None and not _is_placeholder(in_url["word"]):
        return "url"
    return None


def _is_secret(text: str) -> bool:
    """Whether a text is as random as a secret, and no placeholder or name."""
    has_both = any(character.isdigit() for character in text) and any(map(str.isalpha, text))
    return has_both and not _is_placeholder(text) and _entropy(text) >= _LEAST_ENTROPY


def _is_placeholder(text: str) -> bool:
    return bool(_PLACEHOLDER.search(text) or _WORD.fullmatch(text))


def _entropy(text: str) -> float:
    total = len(text)
    return -sum(count / total * math.log2(count / total) for count in Counter(text).values())
