"""What the simulated judge reads in a question: marked blocks, numbered items, which words stand where."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from pitwall.llm.types import Message

# `<name key="K">`, `<name id="2" key="K">` or plain `<name>`, up to the mark that ends it.
_BLOCK = re.compile(
    r"<(?P<name>[a-z_]+)(?: id=\"(?P<id>\d+)\")?(?P<key> key=\"\w+\")?>\n(?P<text>.*?)\n"
    r"</(?P=name)(?P=key)?>",
    re.DOTALL,
)
_ITEM = re.compile(r"^\s*(\d+)[:.)]\s+(.+)$")
_WORD = re.compile(r"\d[\d.,]*|[^\W\d_]+")
_SENTENCE = re.compile(r"(?<=[.!?。])\s+|\n+")
# Particles and endings of Korean words are at most this long.
_ENDING = 2
_STEM = 2
_NEAR = 0.5


@dataclass(frozen=True, slots=True)
class Block:
    """Data between marks; `number` where there are several of a name."""

    name: str
    text: str
    number: int | None


def blocks_of(messages: Sequence[Message]) -> tuple[list[Block], str]:
    """Return the blocks of the last message of the user, and what it says after them."""
    text = next((message.content for message in reversed(messages) if message.role == "user"), "")
    found = list(_BLOCK.finditer(text))
    if not found:
        return ([Block("text", text, None)] if text else []), ""
    blocks = [
        Block(one["name"], one["text"].strip(), None if one["id"] is None else int(one["id"]))
        for one in found
    ]
    return blocks, text[found[-1].end() :]


def items_of(block: Block) -> dict[int, str]:
    """The items of a block that is a numbered list; empty for any other."""
    lines = [line for line in block.text.splitlines() if line.strip()]
    items = [_ITEM.match(line) for line in lines]
    if not lines or not all(items):
        return {}
    return {int(item[1]): item[2] for item in items if item is not None}


def sentences(text: str) -> list[str]:
    """The sentences of a text."""
    return [part.strip() for part in _SENTENCE.split(text) if part.strip()]


def words(text: str) -> list[str]:
    """The words and numbers of a text, in lower case."""
    return [word.strip(".,") for word in _WORD.findall(text.lower())]


class Evidence:
    """Texts that something is held against."""

    def __init__(self, blocks: Sequence[Block]) -> None:
        self._blocks = [(block, _stems(block.text)) for block in blocks]
        self._all = set().union(*(stems for _, stems in self._blocks)) if blocks else set()

    def share(self, text: str) -> float:
        """How much of a text's words these texts have, 0 to 1."""
        return _share(words(text), self._all)

    def has_numbers(self, text: str) -> bool:
        """Whether these texts have every number of a text."""
        return all(word in self._all for word in words(text) if word[0].isdigit())

    def supporting(self, text: str) -> list[int]:
        """Numbers of the blocks that have half of a text's words or more."""
        wanted = words(text)
        return [
            block.number or place
            for place, (block, stems) in enumerate(self._blocks, start=1)
            if _share(wanted, stems) >= _NEAR
        ]


def _stems(text: str) -> set[str]:
    """The words of a text, and what is left of long ones without an ending."""
    found: set[str] = set()
    for word in words(text):
        found.update(word[: len(word) - cut] for cut in range(_ending(word) + 1))
    return found


def _ending(word: str) -> int:
    """How many characters at the end of a word may be an ending; numbers and Latin words have none."""
    if not "가" <= word[:1] <= "힣":
        return 0
    return max(0, min(_ENDING, len(word) - _STEM))


def _share(wanted: Sequence[str], found: set[str]) -> float:
    if not wanted:
        return 0.0
    hits = sum(any(word[: len(word) - cut] in found for cut in range(_ending(word) + 1)) for word in wanted)
    return hits / len(wanted)
