"""The built-in simulated judge: rules in this process that answer questions in any shape, without a model.

It looks at words, not at meaning. It exists so that demos, tests and a first look need nothing; whatever it
says names it. A module with a shape of its own may `register` a rule for it.
"""

from __future__ import annotations

import math
import re
import zlib
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final

import orjson

from pitwall.llm.reading_words import Block, Evidence, blocks_of, items_of, sentences
from pitwall.llm.shapes import Shape
from pitwall.llm.types import Message

SIMULATED: Final = "simulated"
"""Name of the profile, of its model and of its finish reason."""

Rule = Callable[[Sequence[Message]], Mapping[str, Any]]
_rules: dict[str, Rule] = {}
_sources: list[Callable[[], None]] = []

_DIMENSIONS = 256
_GRAM = 3
_SUPPORTED_FROM = 0.6
_HALF = 0.5
_REFUTING = frozenset({"contradicted", "refuted"})


def register(shape_name: str, rule: Rule) -> None:
    """Let a rule answer all questions whose shape has this name; it returns the reply as a JSON object."""
    _rules[shape_name] = rule


def register_when_asked(source: Callable[[], None]) -> None:
    """Let rules be registered when somebody asks the judge: who asks another one has no use for them."""
    _sources.append(source)


def reply(messages: Sequence[Message], shape: Shape) -> str:
    """Answer a question, as JSON; the same question gets the same answer."""
    while _sources:
        _sources.pop()()
    rule = _rules.get(shape.name)
    content = rule(messages) if rule is not None else _Lexical(messages).fill(shape.schema)
    return orjson.dumps(content).decode()


class _Lexical:
    """Fills a schema with what the words of a question suggest.

    The data of a question stands between marks (see `blocks_of`). A block of lines `1: text` holds items, the
    other blocks are what they are judged by. Without items the first block is judged by the others.
    """

    def __init__(self, messages: Sequence[Message]) -> None:
        blocks, closing = blocks_of(messages)
        listed = [block for block in blocks if items_of(block)]
        self._items = {number: (text, block) for block in listed for number, text in items_of(block).items()}
        asked = {int(number) for number in re.findall(r"\d+", closing)} & self._items.keys()
        self._asked = sorted(asked or self._items)
        self._blocks = blocks

    def fill(self, schema: Mapping[str, Any]) -> Any:
        """Return an object of the schema."""
        if self._blocks:
            block = self._blocks[0]
            return self._value(schema, block.text, self._against(block), None)
        return self._value(schema, "", Evidence([]), None)

    def _against(self, judged: Block) -> Evidence:
        return Evidence([block for block in self._blocks if block is not judged])

    def _value(
        self, schema: Mapping[str, Any], text: str, evidence: Evidence, number: int | None, name: str = ""
    ) -> Any:
        if "enum" in schema:
            return self._choice(list(schema["enum"]), text, evidence)
        if "const" in schema:
            return schema["const"]
        if "anyOf" in schema:
            return self._value(schema["anyOf"][0], text, evidence, number, name)
        match schema.get("type"):
            case "object":
                fields = schema.get("properties", {})
                return {key: self._value(one, text, evidence, number, key) for key, one in fields.items()}
            case "array":
                return self._list(schema.get("items", {}), text, evidence, number)
            case "integer" | "number" as kind:
                return self._number(schema, kind, text, evidence, number if name == "id" else None)
            case "boolean":
                return False
            case "string":
                return self._text(name, text, evidence, number)
        return None

    def _list(
        self, schema: Mapping[str, Any], text: str, evidence: Evidence, number: int | None
    ) -> list[Any]:
        if "id" in schema.get("properties", {}) and number is None:
            return [self._of_item(schema, item) for item in self._asked]
        if schema.get("type") in ("integer", "number"):
            return evidence.supporting(text)
        if schema.get("type") == "string":
            return sentences(text)
        return []

    def _of_item(self, schema: Mapping[str, Any], item: int) -> Any:
        text, block = self._items[item]
        return self._value(schema, text, self._against(block), item)

    def _choice(self, values: Sequence[Any], text: str, evidence: Evidence) -> Any:
        """The best value comes first in an enumeration, unless its values are levels that rise."""
        share = evidence.share(text)
        if all(str(value).isdigit() for value in values):
            ranked = sorted(values, key=lambda value: int(str(value)))
            return ranked[round(share * (len(ranked) - 1))]
        if share >= _SUPPORTED_FROM:
            refuting = [value for value in values if value in _REFUTING]
            return refuting[0] if refuting and not evidence.has_numbers(text) else values[0]
        return values[-1]

    def _number(
        self, schema: Mapping[str, Any], kind: str, text: str, evidence: Evidence, number: int | None
    ) -> float | int:
        if number is not None:
            return number
        lowest, highest = float(schema.get("minimum", 0)), float(schema.get("maximum", 1))
        value = lowest + (highest - lowest) * evidence.share(text)
        return round(value) if kind == "integer" else round(value, 3)

    def _text(self, name: str, text: str, evidence: Evidence, number: int | None) -> Any:
        if name == "id":
            return str(number)
        if name in ("reason", "explanation"):
            return f"{SIMULATED}: {evidence.share(text):.0%} of the words are in the text it is held against"
        return f"{SIMULATED}: {(sentences(text) or [''])[0]}"


def vector(text: str) -> list[float]:
    """Return a vector of a text: its character trigrams, hashed; texts that share many are near."""
    bare = f"  {' '.join(text.lower().split())} "
    values = [0.0] * _DIMENSIONS
    for start in range(len(bare) - _GRAM + 1):
        number = zlib.crc32(bare[start : start + _GRAM].encode("utf-8", "surrogatepass"))
        values[number % _DIMENSIONS] += 1.0 if number & 0x8000_0000 else -1.0
    length = math.sqrt(sum(value * value for value in values)) or 1.0
    return [value / length for value in values]
