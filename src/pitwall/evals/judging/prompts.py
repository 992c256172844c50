"""Prompts as versioned files in English and Korean, and the fence around everything that is only data."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from importlib.resources import files
from string import Formatter
from typing import Any, Final, Self

import yaml

from pitwall.kit.hashing import content_hash, json_hash
from pitwall.kit.i18n import Language, Text
from pitwall.llm.types import Message

COMMON: Final = "common"
NAMES: Final[tuple[str, ...]] = (
    "claims",
    "claim_support",
    "claim_match",
    "sentence_relevance",
    "context_relevance",
    "question_from_answer",
    "entities",
    "key_questions",
    "question_coverage",
    "required_points",
    "aspect",
    "rubric_levels",
    "evaluation_steps",
    "g_eval",
)
"""The prompts, each a file; `common` is said with all of them and is none that anybody may replace."""
VERSION: Final = "version"
SYSTEM: Final = "system"
USER: Final = "user"
LANGUAGE_PLACE: Final = "language"
"""A place that every prompt may have, and none has to: the name of the language of the case."""
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


Content = Mapping[str, Any]
"""A prompt as its file says it: `version`, and for a language `system` and `user`."""


@cache
def prompt(name: str) -> Prompt:
    """Load a prompt of Pitwall's own by the name of its file."""
    return _made(name, _load(name))


@dataclass(frozen=True, slots=True)
class Prompts:
    """What judges are asked with: Pitwall's own prompts, and what somebody put in the place of some.

    Equal ones ask the same.

    Attributes:
        hash: Of the texts that are not Pitwall's own; None if all are.
        own: These, by name of the prompt, each with the languages that were given.
        replaced: What they come to, with Pitwall's own text in the other language.
    """

    hash: str | None = None
    own: Mapping[str, Content] = field(default_factory=dict, compare=False, repr=False)
    replaced: Mapping[str, Prompt] = field(default_factory=dict, compare=False, repr=False)

    @classmethod
    def replacing(cls, own: Mapping[str, Content]) -> Self:
        """Put prompts in the place of Pitwall's own; those that say the same word for word replace nothing.

        Args:
            own: By name, checked as `own_prompts` does.
        """
        made = {name: _made(name, {**_load(name), **content}) for name, content in own.items()}
        replaced = {name: one for name, one in made.items() if not _says_the_same(one, prompt(name))}
        if not replaced:
            return cls()
        kept = {name: own[name] for name in replaced}
        return cls(json_hash(kept), kept, replaced)

    def get(self, name: str) -> Prompt:
        """Return what is asked under a name."""
        return self.replaced.get(name) or prompt(name)

    def digests(self, names: Iterable[str]) -> tuple[tuple[str, str], ...]:
        """Name and hash of prompts, as they stand in the spec of a metric."""
        return tuple((name, self.get(name).digest) for name in names)


BUILT_IN: Final = Prompts()
"""Pitwall's own."""


def source_of(name: str) -> str:
    """The file of one of Pitwall's own prompts, or of `common`, as it is."""
    return (files(_PACKAGE) / _FOLDER / f"{name}.yaml").read_text("utf-8")


def content_of(name: str) -> Content:
    """What that file says."""
    content: Content = _load(name)
    return content


def common_digest() -> str:
    """Hash of what is said with every prompt."""
    return json_hash(_load(COMMON))[:_DIGEST_DIGITS]


def places_of(name: str, language: Language) -> frozenset[str]:
    """What is filled in in a prompt, `{name}`, and has to be in one that takes its place."""
    parsed = Formatter().parse(prompt(name).user[language])
    return frozenset(place for _, place, _, _ in parsed if place is not None) - {LANGUAGE_PLACE}


def _made(name: str, content: Content) -> Prompt:
    return Prompt(
        name,
        int(content[VERSION]),
        {language: content[language.value][SYSTEM].strip() for language in Language},
        {language: content[language.value][USER].strip() for language in Language},
        json_hash([content, _load(COMMON)])[:_DIGEST_DIGITS],
    )


def _says_the_same(one: Prompt, other: Prompt) -> bool:
    return (one.version, one.system, one.user) == (other.version, other.system, other.user)


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
    prompts: Prompts = BUILT_IN,
) -> list[Message]:
    """Put a question to a judge.

    Args:
        name: Of the prompt.
        language_tag: Of the case, which reasons are written in; Korean cases are asked in Korean.
        blocks: The data; it goes between marks that it cannot forge.
        values: For the places of the prompt.
        is_again: Say that an earlier reply left these items out.
        prompts: Where the words come from.
    """
    language = language_of(language_tag)
    chosen, common = prompts.get(name), _load(COMMON)[language.value]
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
    return yaml.load(source_of(name), _Loader)  # noqa: S506
