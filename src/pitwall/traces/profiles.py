"""Where requests of a trace spent their time: folded stacks out of spans, as flame trees."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final, NamedTuple

from pitwall.core.errors import NotFound
from pitwall.traces.content import with_content
from pitwall.traces.one_trace import OneTraceRepository
from pitwall.traces.opening import known_trace_id, trace_not_found
from pitwall.traces.types import StoredSpan

STACKS: Final = "pitwall.profile.stacks"
_DURATION: Final = "pitwall.profile.duration_ms"
_CPU: Final = "pitwall.profile.cpu_ms"
_SAMPLES: Final = "pitwall.profile.samples"
_MAX_FRAMES: Final = 20_000
_MAX_DIGITS: Final = 15
_US_PER_MS: Final = 1000.0


class ProfileNotFound(NotFound):
    """The trace has no profile."""

    default_code = "traces.no_profile"


class Frame(NamedTuple):
    """All calls of one function under one caller.

    Attributes:
        file: Where the function stands; None if the profile does not say.
        depth: 0 for a root.
        offset_ms: Where it begins, side by side with its siblings; not when it was called.
        total_ms: With everything it called.
        self_ms: Without.
    """

    function: str
    file: str | None
    depth: int
    offset_ms: float
    total_ms: float
    self_ms: float


@dataclass(frozen=True, slots=True, kw_only=True)
class FlameProfile:
    """One profile: its frames in depth-first order, the costliest of siblings first.

    Attributes:
        unreadable_lines: Lines of the profile that are no stack.
        left_out_ms: Time of stacks beyond what a tree may hold; it is missing from the frames.
    """

    span: StoredSpan
    duration_ms: float | None
    cpu_ms: float | None
    sample_count: int | None
    frames: list[Frame]
    unreadable_lines: int
    left_out_ms: float


@dataclass(slots=True)
class _Node:
    self_us: int = 0
    total_us: int = 0
    children: dict[str, _Node] = field(default_factory=dict)


def open_profiles(repository: OneTraceRepository, project: str, trace: str) -> list[FlameProfile]:
    """Read the profiles of a trace, in the order of their spans.

    Raises:
        TraceNotFound: The project has no such trace, or the id is none.
        ProfileNotFound: None of its spans has a profile, or its texts have been removed.
    """
    trace_id = known_trace_id(trace)
    found = _profiles(repository, project, trace_id)
    if not found:
        if not repository.shape(project, trace_id, 1):
            raise trace_not_found(project, trace)
        raise ProfileNotFound(
            f"Trace {trace} has no profile.",
            hint="`pitwall.profile()` and `pitwall.ProfileMiddleware` profile a share of what is slow.",
            details={"trace_id": trace, "project": project},
        )
    return found


def _profiles(repository: OneTraceRepository, project: str, trace_id: bytes) -> list[FlameProfile]:
    spans = repository.spans_with(project, trace_id, STACKS)
    payloads = repository.payloads(project, trace_id, [span.lite for span in spans])
    found = []
    for span in sorted(spans, key=lambda one: one.lite.unix_nano):
        content = with_content(span, payloads.get(span.lite.span_id), {})
        stacks = content["attributes"].get(STACKS)
        if isinstance(stacks, str):
            found.append(_profile(span, content["attributes"], stacks))
    return found


def _profile(span: StoredSpan, attributes: Mapping[str, Any], stacks: str) -> FlameProfile:
    tree, unreadable, left_out = _tree(stacks.splitlines())
    samples = _number(attributes.get(_SAMPLES))
    return FlameProfile(
        span=span,
        duration_ms=_number(attributes.get(_DURATION)),
        cpu_ms=_number(attributes.get(_CPU)),
        sample_count=None if samples is None else int(samples),
        frames=list(_frames(tree)),
        unreadable_lines=unreadable,
        left_out_ms=left_out / _US_PER_MS,
    )


def _tree(lines: Iterable[str]) -> tuple[_Node, int, int]:
    """Put lines of `caller;called microseconds` together.

    Returns:
        The root above all, how many lines are no such thing, and the microseconds that found no place.
    """
    root, frames, unreadable, left_out = _Node(), 0, 0, 0
    for line in filter(None, lines):
        stack, _, written = line.rpartition(" ")
        if not stack or not written.isdecimal() or len(written) > _MAX_DIGITS:
            unreadable += 1
            continue
        labels, spent = stack.split(";"), int(written)
        new = len(labels) - _known(root, labels)
        if frames + new > _MAX_FRAMES:
            left_out += spent
            continue
        frames += new
        _add(root, labels, spent)
    return root, unreadable, left_out


def _known(root: _Node, labels: Sequence[str]) -> int:
    """How many frames of a stack are there already."""
    node = root
    for depth, label in enumerate(labels):
        if label not in node.children:
            return depth
        node = node.children[label]
    return len(labels)


def _add(root: _Node, labels: Iterable[str], spent: int) -> None:
    node = root
    node.total_us += spent
    for label in labels:
        node = node.children.setdefault(label, _Node())
        node.total_us += spent
    node.self_us += spent


def _frames(root: _Node) -> Iterator[Frame]:
    """Depth first, without recursion: stacks may be deeper than Python's own."""
    waiting = _siblings(root, 0, 0)
    while waiting:
        label, node, depth, offset_us = waiting.pop()
        function, file = _place(label)
        yield Frame(
            function,
            file,
            depth,
            offset_us / _US_PER_MS,
            node.total_us / _US_PER_MS,
            node.self_us / _US_PER_MS,
        )
        waiting += _siblings(node, depth + 1, offset_us)


def _siblings(parent: _Node, depth: int, offset_us: int) -> list[tuple[str, _Node, int, int]]:
    """The children of a frame with their places, the costliest last, as a stack wants them."""
    placed = []
    for label, child in sorted(parent.children.items(), key=lambda item: (-item[1].total_us, item[0])):
        placed.append((label, child, depth, offset_us))
        offset_us += child.total_us
    return placed[::-1]


def _place(label: str) -> tuple[str, str | None]:
    """The function and the file of `rank (shop/rag.py)`."""
    function, opened, file = label.rpartition(" (")
    return (function, file[:-1]) if opened and file.endswith(")") and function else (label, None)


def _number(value: Any) -> float | None:
    try:
        return float(value)
    except (TypeError, ValueError):
        return None
