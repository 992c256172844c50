"""Reads Prometheus' text format and OpenMetrics: families of samples, whatever a page does wrong.

A line that cannot be read is counted and left out; the rest of the page keeps its meaning. Only a page that
was cut off, which OpenMetrics can tell, is refused as a whole.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field

# Possessive repetitions: a hostile line is refused in linear time.
_SAMPLE = re.compile(
    r"""\s*+([a-zA-Z_:][a-zA-Z0-9_:]*+)\s*+(?:\{((?:[^"{}]|"(?:[^"\\]|\\.)*+")*+)\})?+[ \t]*+([^\s{#]++)"""
    r"""(?:[ \t]++([-+0-9.eE]++))?+"""
    r"""(?:[ \t]++\#[ \t]*+\{((?:[^"{}]|"(?:[^"\\]|\\.)*+")*+)\}[ \t]++(\S++)"""
    r"""(?:[ \t]++(\S++))?+)?+[ \t]*+\r?""",
    re.VERBOSE,
)
_LABEL = re.compile(r'\s*+([a-zA-Z_][a-zA-Z0-9_]*+)\s*+=\s*+"((?:[^"\\]|\\.)*+)"\s*+(,|$)')
_ESCAPE = re.compile(r"\\(.)", re.DOTALL)
_SUFFIXES: Mapping[str, tuple[str, ...]] = {
    "counter": ("_total", "_created"),
    "histogram": ("_bucket", "_sum", "_count", "_created"),
    "gaugehistogram": ("_bucket", "_gsum", "_gcount"),
    "summary": ("_sum", "_count", "_created"),
    "info": ("_info",),
}
_KNOWN = frozenset({*_SUFFIXES, "gauge", "untyped", "unknown", "stateset"})

Labels = tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Exemplar:
    """A measurement that shows what a sample counts, with the trace it belongs to."""

    labels: Labels
    value: float
    seconds: float | None


@dataclass(slots=True)
class Sample:
    """One line: its whole name, labels in the order of their names, and when it was taken if it says so."""

    name: str
    labels: Labels
    value: float
    seconds: float | None
    exemplar: Exemplar | None


@dataclass(slots=True)
class Family:
    """Samples that belong together."""

    name: str
    type: str = "unknown"
    help: str = ""
    unit: str = ""
    samples: list[Sample] = field(default_factory=list)


@dataclass(slots=True)
class Page:
    """Everything that could be read of a page.

    Attributes:
        dropped: Lines left out, by reason.
        problem: The first one that could not be read.
    """

    families: list[Family]
    samples: int
    dropped: Counter[str]
    problem: str | None


class PageIncomplete(ValueError):
    """An OpenMetrics page ends without `# EOF`: the rest is missing."""


def parse_page(text: str, *, is_openmetrics: bool) -> Page:
    """Read a page.

    Raises:
        PageIncomplete: It is OpenMetrics and was cut off.
    """
    reader = _Reader(1.0 if is_openmetrics else 0.001)
    for number, line in enumerate(text.split("\n"), 1):
        if not line or line.isspace():
            continue
        if line.startswith("# EOF") and is_openmetrics:
            break
        reader.read(number, line)
    else:
        if is_openmetrics:
            raise PageIncomplete("the page ends without `# EOF`; its end is missing")
    return Page(list(reader.families.values()), reader.samples, reader.dropped, reader.problem)


class _Reader:
    def __init__(self, seconds_per_tick: float) -> None:
        self.families: dict[str, Family] = {}
        self.samples = 0
        self.dropped: Counter[str] = Counter()
        self.problem: str | None = None
        self._tick = seconds_per_tick
        self._seen: set[tuple[str, Labels, float | None]] = set()
        self._family_of: dict[str, Family] = {}
        self._labels: dict[str, Labels | None] = {}

    def read(self, number: int, line: str) -> None:
        if line[0] == "#":
            self._read_comment(line)
            return
        match = _SAMPLE.fullmatch(line)
        try:
            if match is None:
                raise ValueError("it is no sample")
            self._add(*match.groups())
        except ValueError as error:
            self.dropped["malformed"] += 1
            self.problem = self.problem or f"line {number}: {error}: {line[:80]!r}"

    def _read_comment(self, line: str) -> None:
        parts = line.split(None, 3)
        if len(parts) < 3 or parts[1] not in ("TYPE", "HELP", "UNIT"):
            return
        keyword, name, rest = parts[1], parts[2], parts[3].rstrip() if len(parts) > 3 else ""
        family = self.families.setdefault(name, Family(name))
        if keyword == "TYPE" and rest in _KNOWN and not family.samples:
            family.type = rest
            self._family_of.clear()
        elif keyword == "HELP":
            family.help = _unescape(rest)
        elif keyword == "UNIT":
            family.unit = rest

    def _add(
        self,
        name: str,
        labels: str | None,
        value: str,
        stamp: str | None,
        exemplar_labels: str | None,
        exemplar_value: str | None,
        exemplar_stamp: str | None,
    ) -> None:
        key = self._parsed_labels(labels or "")
        seconds = None if stamp is None else _number(stamp) * self._tick
        exemplar = None
        if exemplar_labels is not None and exemplar_value is not None:
            at = None if exemplar_stamp is None else _number(exemplar_stamp)
            exemplar = Exemplar(_read_labels(exemplar_labels), _number(exemplar_value), at)
        sample = Sample(name, key, _number(value), seconds, exemplar)
        self.samples += 1
        if (name, key, seconds) in self._seen:
            self.dropped["duplicate"] += 1
            return
        self._seen.add((name, key, seconds))
        self._find_family(name).samples.append(sample)

    def _parsed_labels(self, text: str) -> Labels:
        """Many series of a page have the same labels under different names."""
        known = self._labels.get(text)
        if known is None:
            known = self._labels[text] = _read_labels(text)
        return known

    def _find_family(self, name: str) -> Family:
        family = self._family_of.get(name)
        if family is None:
            family = self._family_of[name] = self._look_up(name)
        return family

    def _look_up(self, name: str) -> Family:
        exact = self.families.get(name)
        if exact is not None and exact.type not in ("counter", "info"):
            return exact
        for type_, suffixes in _SUFFIXES.items():
            for suffix in suffixes:
                found = self.families.get(name.removesuffix(suffix)) if name.endswith(suffix) else None
                if found is not None and found.type == type_:
                    return found
        return exact or self.families.setdefault(name, Family(name))


def _read_labels(text: str) -> Labels:
    labels: dict[str, str] = {}
    position = 0
    while position < len(text.rstrip()):
        match = _LABEL.match(text, position)
        if match is None:
            raise ValueError("its labels cannot be read")
        name, value = match[1], match[2]
        if name in labels:
            raise ValueError(f"label {name} is there twice")
        if value:  # an empty label is the same as none
            labels[name] = _unescape(value)
        position = match.end()
    return tuple(sorted(labels.items()))


def _unescape(text: str) -> str:
    return _ESCAPE.sub(lambda m: "\n" if m[1] == "n" else m[1], text) if "\\" in text else text


def _number(text: str) -> float:
    if "_" in text:
        raise ValueError(f"{text!r} is no number")
    try:
        return float(text)
    except ValueError:
        raise ValueError(f"{text!r} is no number") from None
