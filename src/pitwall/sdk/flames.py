"""A profile as folded stacks: the text form of a flame graph, bounded in size."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Final, Protocol

_OWN_TIME: Final = "[self]"  # pyinstrument's leaf for what a frame spent itself


class Frame(Protocol):
    """What is needed of pyinstrument's frames: one per call, in the order of time."""

    @property
    def function(self) -> str: ...
    @property
    def file_path_short(self) -> str | None: ...
    @property
    def time(self) -> float: ...
    @property
    def children(self) -> Sequence[Frame]: ...


@dataclass(slots=True)
class _Node:
    """All calls of one function under one caller."""

    time: float = 0.0
    children: dict[str, _Node] = field(default_factory=dict)

    def add(self, frame: Frame) -> None:
        self.time += frame.time
        for child in frame.children:
            if child.function != _OWN_TIME:
                self.children.setdefault(_label(child), _Node()).add(child)


def folded_stacks(root: Frame, max_bytes: int) -> str:
    """Lines of `caller;called;... microseconds`, the time being the last frame's own.

    The lines add up to the whole. Frames below a threshold, which rises until the text fits, are added to
    their callers.
    """
    top = _Node()
    top.add(root)
    threshold = 0.0
    while threshold <= top.time:
        text = "\n".join(_lines(top, _label(root), threshold))
        if len(text.encode()) <= max_bytes:
            return text
        threshold = threshold * 2 or top.time / 1000
    return ""  # not even one line fits


def _lines(node: _Node, stack: str, threshold: float) -> Iterator[str]:
    kept = {label: child for label, child in node.children.items() if child.time >= threshold}
    own_us = round((node.time - sum(child.time for child in kept.values())) * 1e6)
    if own_us > 0:
        yield f"{stack} {own_us}"
    for label, child in kept.items():
        yield from _lines(child, f"{stack};{label}", threshold)


def _label(frame: Frame) -> str:
    """The function and its file; what separates frames and counts is replaced."""
    place = f" ({frame.file_path_short})" if frame.file_path_short else ""
    return f"{frame.function}{place}".replace(";", ",").replace("\n", " ")
