"""The user's own prices: `prices.yaml`, checked so that an error names the file, the line and the way out.

    prices:
      - provider: ollama            # optional; any provider when absent
        model: "qwen2.5:*"          # a name, * stands for anything
        usd_per_second: 0.00012     # local models: what a second of the machine costs
      - provider: openai
        model: our-fine-tune
        input_usd_per_mtok: 3
        cached_input_usd_per_mtok: 0.3
        cache_write_usd_per_mtok: 3.75
        cache_write_1h_usd_per_mtok: 6
        output_usd_per_mtok: 12
        usd_per_request: 0
        valid_from: 2026-01-01      # first day, UTC
        valid_to: 2026-12-31        # last day

Entries of the file win over packaged prices; of two that match the first wins on the days it is valid.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import Final

import yaml

from pitwall.core.errors import InvalidInput
from pitwall.ingest.pricing.book import FIRST_DAY, LAST_DAY, PICO, Price, Rates, pico_per_token

_RATES: Final = {
    "input_usd_per_mtok": "input",
    "cached_input_usd_per_mtok": "cache_read",
    "cache_write_usd_per_mtok": "cache_write",
    "cache_write_1h_usd_per_mtok": "cache_write_1h",
    "output_usd_per_mtok": "output",
    "reasoning_usd_per_mtok": "reasoning",
}
_EXTRAS: Final = {"usd_per_request": "per_request", "usd_per_second": "per_second"}
_KEYS: Final = ("provider", "model", *_RATES, *_EXTRAS, "valid_from", "valid_to")


@dataclass(frozen=True, slots=True)
class UserPrice:
    """One entry of the file."""

    provider: str
    model: str
    price: Price
    line: int

    @property
    def expression(self) -> str:
        """Regular expression over `provider model` in lower case."""
        provider = re.escape(self.provider.lower()) if self.provider else "[^ ]*"
        model = ".*".join(re.escape(part) for part in self.model.lower().split("*"))
        return f"^{provider} {model}$"


def file_version(path: Path) -> str:
    """Name and content of the file in short."""
    return f"{path.name}@{hashlib.sha256(path.read_bytes()).hexdigest()[:8]}"


def load_user_prices(path: Path) -> list[UserPrice]:
    """Read and check the file.

    Raises:
        InvalidInput: It cannot be read, or an entry is wrong; the message names file and line.
    """
    try:
        document = yaml.compose(path.read_text(encoding="utf-8"), Loader=yaml.SafeLoader)
    except (OSError, UnicodeDecodeError, yaml.YAMLError) as error:
        raise InvalidInput(
            f"The price file {path} cannot be read: {error}", code="prices.unreadable"
        ) from error
    if document is None:
        return []
    source = file_version(path)
    return [_Entry(path, node).read(source) for node in _entries(path, document)]


def _entries(path: Path, document: yaml.Node) -> Iterator[yaml.MappingNode]:
    listed = _members(document).get("prices") if isinstance(document, yaml.MappingNode) else None
    if not isinstance(listed, yaml.SequenceNode):
        raise _wrong(path, document, "there is no list `prices`", "Start the file with `prices:`.")
    for node in listed.value:
        if not isinstance(node, yaml.MappingNode):
            raise _wrong(
                path, node, "an entry is not a mapping", "Write `- model: name` and its prices below it."
            )
        yield node


def _members(node: yaml.MappingNode) -> dict[str, yaml.Node]:
    return {str(key.value): value for key, value in node.value}


def _wrong(path: Path, node: yaml.Node, problem: str, hint: str) -> InvalidInput:
    line = node.start_mark.line + 1
    return InvalidInput(
        f"{path}:{line}: {problem}.",
        code="prices.invalid",
        hint=hint,
        details={"file": str(path), "line": line},
    )


class _Entry:
    """Reads one entry and knows where its values stand."""

    def __init__(self, path: Path, node: yaml.MappingNode) -> None:
        self._path = path
        self._node = node
        self._members = _members(node)

    def read(self, source: str) -> UserPrice:
        for name, value in self._members.items():
            if name not in _KEYS:
                raise _wrong(
                    self._path, value, f"{name!r} is not a known key", f"Known keys: {', '.join(_KEYS)}."
                )
        model = self._text("model")
        if not model:
            raise _wrong(self._path, self._node, "the entry names no model", "Add `model:`.")
        return UserPrice(self._text("provider"), model, self._price(source), self._node.start_mark.line + 1)

    def _price(self, source: str) -> Price:
        given = {
            target: pico_per_token(self._number(name))
            for name, target in _RATES.items()
            if name in self._members
        }
        extras = {
            target: int(self._number(name) * PICO)
            for name, target in _EXTRAS.items()
            if name in self._members
        }
        if not given and not extras:
            raise _wrong(
                self._path,
                self._node,
                "the entry has no price",
                f"Add one of {', '.join((*_RATES, *_EXTRAS))}.",
            )
        first, last = self._day("valid_from", FIRST_DAY), self._day("valid_to", LAST_DAY)
        if first > last:
            raise _wrong(
                self._path,
                self._members["valid_to"],
                f"valid_to {last} is before valid_from {first}",
                "Swap them.",
            )
        plain, output = given.get("input", 0), given.get("output", 0)
        cache_write = given.get("cache_write", plain)
        defaults = {
            "cache_read": plain,
            "cache_write": plain,
            "cache_write_1h": cache_write,
            "reasoning": output,
        }
        rates = Rates(**(defaults | given))
        return Price(
            rates=(rates,),
            per_request=extras.get("per_request", 0),
            per_second=extras.get("per_second", 0),
            valid_from=first,
            valid_to=last,
            source=source,
        )

    def _text(self, name: str) -> str:
        node = self._members.get(name)
        if node is None:
            return ""
        if not isinstance(node, yaml.ScalarNode):
            raise _wrong(self._path, node, f"{name} is not a text", f'Write `{name}: "..."`.')
        return str(node.value).strip()

    def _number(self, name: str) -> Decimal:
        node, text = self._members[name], self._text(name)
        try:
            number = Decimal(text)
        except InvalidOperation:
            number = Decimal("NaN")
        if not number.is_finite() or number < 0:
            raise _wrong(
                self._path, node, f"{name} {text!r} is not a price", "Write a number of USD, 0 or more."
            )
        return number

    def _day(self, name: str, default: date) -> date:
        node = self._members.get(name)
        if node is None:
            return default
        try:
            return date.fromisoformat(self._text(name))
        except ValueError:
            raise _wrong(
                self._path, node, f"{name} {node.value!r} is not a day", "Write it as 2026-01-31."
            ) from None
