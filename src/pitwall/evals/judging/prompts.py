"""Prompts as versioned files in English and Korean, and the fence around everything that is only data."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any, Final

import yaml

from pitwall.kit.hashing import content_hash, json_hash
from pitwall.kit.i18n import Language, Text
from pitwall.llm.types import Message

COMMON: Final = "common"
_FOLDER: Final = "prompts"
_PACKAGE: Final = "pitwall.evals.metrics"
_DIGEST_DIGITS: Final = 8
_Loader: type[yaml.SafeLoader] | type[yaml.CSafeLoader] = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


@dataclass(frozen=True, slots=True)
class Block:
    """A piece of data that is shown to a judge, such as a passage; `number` where there are several."""

    name: str
    text: str
    number: int | None = None


@dataclass(frozen=True, slots=True)
class Prompt:
    """One prompt in both languages.

    Attributes:
        digest: Changes whenever what a judge is told changes, in either language.
    """

    name: str
    version: int
    system: Mapping[Language, str]
    user: Mapping[Language, str]
    digest: str


@cache
def prompt(name: str) -> Prompt:
    """Load a prompt by the name of its file."""
    content, common = _load(name), _load(COMMON)
    return Prompt(
        name,
        int(content["version"]),
        {language: content[language.value]["system"].strip() for language in Language},
        {language: content[language.value]["user"].strip() for language in Language},
        json_hash([content, common])[:_DIGEST_DIGITS],
    )


def digests(names: Iterable[str]) -> tuple[tuple[str, str], ...]:
    """Name and hash of prompts, as they stand in the spec of a metric."""
    return tuple((name, prompt(name).digest) for name in names)


def worded(name: str, text: Text) -> tuple[str, str]:
    """Name and hash of words that a metric puts into a prompt itself."""
    return name, json_hash([text.en, text.ko])[:_DIGEST_DIGITS]


def messages(
    name: str,
    language_tag: str,
    blocks: Sequence[Block],
    values: Mapping[str, str],
    *,
    is_again: bool = False,
) -> list[Message]:
    """Put a question to a judge.

    Args:
        name: Of the prompt.
        language_tag: Of the case, which reasons are written in; Korean cases are asked in Korean.
        blocks: The data; it goes between marks that it cannot forge.
        values: For the places of the prompt.
        is_again: Say that an earlier reply left these items out.
    """
    language = language_of(language_tag)
    chosen, common = prompt(name), _load(COMMON)[language.value]
    named = _named(language_tag, common["languages"])
    write_in = common["write_in"].format(language=named)
    system = "\n\n".join([chosen.system[language], common["data"].strip(), write_in.strip()])
    closing = chosen.user[language].format(language=named, **values)
    parts = [fence(blocks), closing, *([common["again"].strip()] if is_again else [])]
    return [Message("system", system), Message("user", "\n\n".join(part for part in parts if part))]


def language_of(tag: str) -> Language:
    """The language that a case is asked about in: Korean for Korean, English for all others."""
    return Language.KOREAN if tag.lower().partition("-")[0] == "ko" else Language.ENGLISH


def fence(blocks: Sequence[Block]) -> str:
    """Show data between marks with a key that depends on all of it, so that no text can end its own block."""
    key = content_hash("\x00".join(block.text for block in blocks))[:_DIGEST_DIGITS]
    return "\n\n".join(_fenced(block, key) for block in blocks)


def _fenced(block: Block, key: str) -> str:
    number = "" if block.number is None else f' id="{block.number}"'
    return f'<{block.name}{number} key="{key}">\n{block.text}\n</{block.name} key="{key}">'


def listed(items: Mapping[int, str]) -> str:
    """Write items as lines `1: text`, each on one line."""
    return "\n".join(f"{number}: {' '.join(text.split())}" for number, text in items.items())


def _named(tag: str, names: Mapping[str, str]) -> str:
    return names.get(tag.lower().partition("-")[0], tag)


@cache
def _load(name: str) -> Any:
    return yaml.load((files(_PACKAGE) / _FOLDER / f"{name}.yaml").read_text("utf-8"), _Loader)  # noqa: S506
