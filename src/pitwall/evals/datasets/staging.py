"""Examples on their way into a dataset: checked against each other and kept on disk, not in memory."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, BinaryIO, NamedTuple

from pitwall.evals.datasets.canonical import example_json, json_text, version_hash
from pitwall.evals.datasets.types import Facts
from pitwall.evals.types import Example
from pitwall.kit.hashing import content_hash

MAX_EXAMPLE_BYTES = 32 << 20
_FIELDS = frozenset(
    {
        *("group", "reference", "reference_contexts", "relevance", "reference_tool_calls"),
        *("trace_id", "span_id", "metadata"),
    }
)
_ANSWER_FIELDS = ("contexts", "tool_calls", "turns", "latency_ms", "cost_usd")


class ExampleRefused(ValueError):
    """An example cannot be kept: its id is taken, or it holds what cannot be written."""


class StagedRow(NamedTuple):
    """An example as it is stored."""

    position: int
    example_id: str
    hash: str
    content: str


class Staging:
    """Collects the examples of a version.

    Args:
        scratch: An empty file that is gone when it is closed.
    """

    def __init__(self, scratch: BinaryIO) -> None:
        self._scratch = scratch
        self._hashes: dict[str, str] = {}
        self._fields: Counter[str] = Counter()
        self._languages: Counter[str] = Counter()

    def clear(self) -> None:
        """Begin again."""
        self._scratch.seek(0)
        self._scratch.truncate()
        for one in (self._hashes, self._fields, self._languages):
            one.clear()

    def __len__(self) -> int:
        return len(self._hashes)

    def __contains__(self, example_id: str) -> bool:
        return example_id in self._hashes

    def add(self, example: Example) -> None:
        """Take an example.

        Raises:
            ExampleRefused: Another one has its id, or it cannot be written.
        """
        if example.id in self._hashes:
            raise ExampleRefused(f"the id {example.id!r} is taken")
        try:
            written = example_json(example)
            text = json_text(written)
        except ValueError as error:
            raise ExampleRefused(f"it cannot be kept: {error}") from error
        if len(text) > MAX_EXAMPLE_BYTES:
            raise ExampleRefused(f"it has {len(text):,} bytes, {MAX_EXAMPLE_BYTES:,} are the most")
        self._hashes[example.id] = content_hash(text)
        self._scratch.write(text + b"\n")
        self._fields.update(_fields_of(written))
        self._languages[example.language] += 1

    @property
    def content_hash(self) -> str:
        """The fingerprint of all examples."""
        return version_hash(self._hashes.values())

    @property
    def facts(self) -> Facts:
        """What the examples have."""
        return Facts(dict(sorted(self._fields.items())), dict(sorted(self._languages.items())))

    def rows(self) -> Iterator[StagedRow]:
        """The examples in their order."""
        self._scratch.seek(0)
        for position, ((example_id, hash_), line) in enumerate(
            zip(self._hashes.items(), self._scratch, strict=True)
        ):
            yield StagedRow(position, example_id, hash_, line[:-1].decode())


@dataclass(frozen=True, slots=True, kw_only=True)
class NewVersion:
    """What a version is to be, besides its examples.

    Attributes:
        label: What the file calls it; None if it says nothing.
        thresholds: None if nothing is said of them.
    """

    label: str | None = None
    thresholds: dict[str, float] | None = None
    source: dict[str, Any]


def _fields_of(written: Mapping[str, Any]) -> list[str]:
    """The names of the fields that an example has, those of its answer beside its own."""
    answer: Mapping[str, Any] = written.get("answer", {})
    contexts = answer.get("contexts")
    names = [name for name in written if name in _FIELDS]
    names += [name for name in _ANSWER_FIELDS if name in answer]
    if "text" in answer:
        names.append("answer")
    if contexts and all(one.get("id") for one in contexts):
        names.append("context_ids")
    return names
