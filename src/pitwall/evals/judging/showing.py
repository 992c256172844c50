"""Prompts as people read and write them: YAML that can be edited and given back, and its diff. Pure."""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterator, Mapping
from typing import Final

from pitwall.evals.judging.prompts import SYSTEM, USER, VERSION, Content, content_of, source_of
from pitwall.kit.i18n import Language

_SECTION: Final = re.compile(r"^(?=\w+:)", re.MULTILINE)
_STEP: Final = "  "


def shown(name: str, language: Language | None = None) -> str:
    """A prompt of Pitwall's own below its name, as its file has it.

    Args:
        language: This one alone; the other then stays Pitwall's own in a file that is made of it.
    """
    others = [one.value for one in Language if language is not None and one is not language]
    sections = [one for one in _SECTION.split(source_of(name)) if one.partition(":")[0] not in others]
    return f"{name}:\n{_indented(''.join(sections))}"


def differences(own: Mapping[str, Content], file: str) -> str:
    """A unified diff from Pitwall's own prompts to those of a file; empty if they say the same."""
    return "".join(_difference(name, content, file) for name, content in own.items())


def _difference(name: str, content: Content, file: str) -> str:
    theirs = {key: content_of(name)[key] for key in content}
    before, after = list(_lines(name, theirs)), list(_lines(name, content))
    return "".join(difflib.unified_diff(before, after, f"Pitwall/{name}", f"{file}/{name}"))


def _lines(name: str, content: Content) -> Iterator[str]:
    """A prompt in one form, however it was written."""
    yield f"{name}:\n"
    yield f"{_STEP}version: {content[VERSION]}\n"
    for language in Language:
        if language.value in content:
            yield f"{_STEP}{language.value}:\n"
            for part in (SYSTEM, USER):
                yield f"{2 * _STEP}{part}: |\n"
                text = content[language.value][part].strip()
                yield from (f"{3 * _STEP}{line}".rstrip() + "\n" for line in text.splitlines())


def _indented(text: str) -> str:
    return "".join(f"{_STEP}{line}" if line.strip() else line for line in text.splitlines(keepends=True))
