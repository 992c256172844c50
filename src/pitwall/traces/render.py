"""Traces in a terminal: a tree with bars on one time axis; errors have a sign, not only a colour."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import click

from pitwall.kit.i18n import Language, Text
from pitwall.kit.money import format_usd, usd
from pitwall.kit.text import display_width, fit, pad, printable

ABSENT = "–"
_BAR_COLUMNS = 32
_MIN_NAME_COLUMNS = 24
_ERROR_MARK = "✗"
_WORK, _WAIT = "█", "▒"
_SUMMARY = Text(
    "{spans} spans, {errors} with errors, {duration}, tokens {tokens}, cost {cost}",
    "스팬 {spans}개, 오류 {errors}개, {duration}, 토큰 {tokens}, 비용 {cost}",
)
_LEGEND = Text("█ on the critical path   ▒ beside it   ✗ error", "█ 임계 경로   ▒ 그 밖의 구간   ✗ 오류")
_MISSING_ROOT = Text("(parents that have not arrived: {count})", "(아직 도착하지 않은 상위 스팬: {count}개)")
_MORE = Text(
    "More spans follow; show them with --cursor {cursor}",
    "스팬이 더 있습니다. --cursor {cursor} 로 이어서 볼 수 있습니다",
)
_DUPLICATES = Text(
    "{count} spans were received more than once; the last copy is shown.",
    "스팬 {count}개가 두 번 이상 수신되어 마지막 것을 표시합니다.",
)

View = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Style:
    """How a tree is drawn.

    Attributes:
        columns: Width of the terminal.
        is_coloured: Whether escape sequences may be written.
        is_full: Inputs, outputs and messages of errors below each span.
    """

    columns: int
    is_coloured: bool
    is_full: bool
    language: Language


def show_duration(duration_ms: float | None) -> str:
    """Write a length of time for people: `12 ms`, `1.80 s`, `2m05s`; a dash for none."""
    if duration_ms is None:
        return ABSENT
    if duration_ms < 1:
        return f"{duration_ms:.2f} ms"
    if duration_ms < 999.5:
        return f"{duration_ms:.0f} ms"
    if duration_ms < 59_995:
        return f"{duration_ms / 1000:.2f} s"
    minutes, seconds = divmod(round(duration_ms / 1000), 60)
    return f"{minutes}m{seconds:02}s"


def show_cost(cost_usd: float | None) -> str:
    """Write an amount of US dollars; a dash if nothing has a price."""
    return format_usd(None if cost_usd is None else usd(cost_usd))


def show_tokens(row: View) -> str:
    """Write tokens as `in→out`; a dash if nobody reported any."""
    if row["input_tokens"] is None or row["output_tokens"] is None:
        return ABSENT
    return f"{row['input_tokens']:,}→{row['output_tokens']:,}"


def tree_lines(trace: View, style: Style) -> Iterator[str]:
    """Draw the answer of `GET /api/v1/traces/{trace_id}`, line by line."""
    yield f"{trace['trace_id']}  {printable(trace['name'] or ABSENT)}  {trace['started_at']}"
    yield _summary(trace, style.language)
    yield _LEGEND.say(style.language)
    layout = _Layout.of(trace, style)
    said_missing = False
    for span, prefix in zip(trace["spans"], _prefixes(trace["spans"]), strict=True):
        if span["placement"] in ("orphan", "cycle") and not said_missing:
            said_missing = True
            yield _MISSING_ROOT.say(style.language, count=len(trace["missing_parent_ids"]))
        yield layout.line(span, prefix)
        yield from _details(span, prefix, style)
    if trace["duplicate_count"]:
        yield _DUPLICATES.say(style.language, count=trace["duplicate_count"])
    if trace["next_cursor"]:
        yield _MORE.say(style.language, cursor=trace["next_cursor"])


def _summary(trace: View, language: Language) -> str:
    totals = trace["totals"]
    return _SUMMARY.say(
        language,
        spans=totals["span_count"],
        errors=totals["error_count"],
        duration=show_duration(trace["duration_ms"]),
        tokens=show_tokens(totals),
        cost=show_cost(totals["cost_usd"]),
    )


@dataclass(frozen=True, slots=True)
class _Layout:
    """Columns that all lines of a tree share."""

    name_columns: int
    total_ms: float | None
    critical: frozenset[str]
    is_coloured: bool

    @classmethod
    def of(cls, trace: View, style: Style) -> _Layout:
        spans = trace["spans"]
        names = [
            display_width(prefix + _label(span)) for span, prefix in zip(spans, _prefixes(spans), strict=True)
        ]
        longest = max((display_width(_facts(span)) for span in spans), default=0)
        room = style.columns - _BAR_COLUMNS - 14 - longest
        return cls(
            name_columns=max(_MIN_NAME_COLUMNS, min(max(names, default=0), room)),
            total_ms=trace["duration_ms"],
            critical=frozenset(step["span_id"] for step in trace["critical_path"]),
            is_coloured=style.is_coloured,
        )

    def line(self, span: View, prefix: str) -> str:
        is_error = span["status"] == "error"
        name = pad(fit(prefix + _label(span), self.name_columns), self.name_columns)
        bar = self._bar(span)
        if self.is_coloured:
            name = click.style(name, fg="red") if is_error else name
            bar = click.style(bar, fg="red" if is_error else "cyan")
        duration = pad(show_duration(span["duration_ms"]), 9, right=True)
        return f"{name} {bar} {duration}  {_facts(span)}".rstrip()

    def _bar(self, span: View) -> str:
        if not self.total_ms:
            return " " * _BAR_COLUMNS
        per_column = self.total_ms / _BAR_COLUMNS
        begin = min(max(int(span["offset_ms"] / per_column), 0), _BAR_COLUMNS - 1)
        length = max(1, round((span["duration_ms"] or 0) / per_column))
        mark = _WORK if span["span_id"] in self.critical else _WAIT
        bar = mark * min(length, _BAR_COLUMNS - begin)
        return pad(" " * begin + bar, _BAR_COLUMNS)


def _label(span: View) -> str:
    mark = f"{_ERROR_MARK} " if span["status"] == "error" else ""
    kind = f" ({span['kind']})" if span["kind"] and span["kind"] != "other" else ""
    return f"{mark}{printable(span['name'])}{kind}"


def _facts(span: View) -> str:
    facts = [
        span["model"],
        show_tokens(span) if span["input_tokens"] is not None else None,
        show_cost(span["cost_usd"]) if span["cost_usd"] is not None else None,
        f"error: {span['error_class'] or span['error_type'] or 'unknown'}"
        if span["status"] == "error"
        else None,
        f"×{span['copies']}" if span["copies"] > 1 else None,
    ]
    return "  ".join(printable(fact) for fact in facts if fact)


def _prefixes(spans: Sequence[View]) -> list[str]:
    """Branches in front of the names; the last of its siblings gets a corner."""
    prefixes: list[str] = []
    open_depths: set[int] = set()
    for span in reversed(spans):
        depth = span["depth"]
        branches = "".join("│  " if level in open_depths else "   " for level in range(1, depth))
        joint = ("├─ " if depth in open_depths else "└─ ") if depth else ""
        prefixes.append(branches + joint)
        open_depths = {level for level in open_depths if level < depth} | {depth}
    return prefixes[::-1]


def _details(span: View, prefix: str, style: Style) -> Iterator[str]:
    if not style.is_full:
        return
    indent = " " * (display_width(prefix) + 2)
    for name in ("status_message", "input", "output"):
        text = span[name]
        if text:
            yield f"{indent}{name}:"
            yield from (f"{indent}  {printable(line)}" for line in text.splitlines())
    for name in span["absent_texts"]:
        yield f"{indent}{name}: {ABSENT}"
