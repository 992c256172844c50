"""A report on the stages of a run as Markdown, from the answer of the API."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Final

from pitwall.kit.cli_output import ABSENT
from pitwall.kit.i18n import Language, Text
from pitwall.kit.text import printable

Json = Mapping[str, Any]

_TITLE: Final = Text("# Stages of run {run}", "# 실행 {run}의 스테이지")
_COUNTS: Final = Text(
    "{events} events, {spans} spans; cases with labelled documents: {cases}.",
    "이벤트 {events}건, 스팬 {spans}건, 정답 문서가 표시된 케이스 {cases}개입니다.",
)
_MISSING: Final = Text(
    "Nothing tells of: {names}. Every pipeline has these stages.",
    "다음 스테이지의 기록이 없습니다: {names}. 모든 파이프라인에 있는 단계입니다.",
)
_CUT: Final = Text(
    "The run has more than was looked at; the numbers are of its first part.",
    "실행이 너무 커서 앞부분만 보았습니다. 아래 수치는 앞부분의 값입니다.",
)
_NO_SPANS: Final = Text(
    "The telemetry store does not answer, so spans are missing here.",
    "텔레메트리 저장소가 응답하지 않아 스팬은 빠져 있습니다.",
)
_METRICS: Final = Text("## Metrics", "## 지표")
_HEAD: Final = Text(
    "| metric | from | value | 95 % interval of the mean | threshold | verdict | values |",
    "| 지표 | 출처 | 값 | 평균의 95% 구간 | 기준 | 판정 | 값이 있는 수 |",
)
_RULE: Final = "|---|---|--:|---|--:|---|--:|"
_SIDE: Final = Text("## Events and spans side by side", "## 이벤트와 스팬 비교")
_SIDE_COUNTS: Final = Text(
    "Matched by span id {by_span}, by trace id {by_trace}; only events {events}, only spans {spans}.",
    "스팬 id로 짝지은 단계 {by_span}개, 트레이스 id로 {by_trace}개. 이벤트만 {events}개, 스팬만 {spans}개.",
)
_SIDE_HEAD: Final = Text(
    "| stage | event | ms | span | ms | matched by |", "| 스테이지 | 이벤트 | ms | 스팬 | ms | 짝지은 기준 |"
)
_SIDE_RULE: Final = "|---|---|--:|---|--:|---|"
_GUIDE: Final = Text("## What to improve", "## 개선할 점")
_NOTHING: Final = Text(
    "No rule of the guide found anything in these numbers.", "이 수치에서 안내 규칙에 걸린 것은 없습니다."
)
_SOURCES: Final = {"events": Text("events", "이벤트"), "spans": Text("spans", "스팬")}
VERDICTS: Final = {
    "passed": Text("passed", "통과"),
    "failed": Text("FAILED", "미달"),
    "no_threshold": Text("no threshold", "기준 없음"),
    "no_data": Text("no data", "데이터 없음"),
}
_SHOWN_STEPS: Final = 50


def metric_rows(report: Json) -> list[dict[str, Any]]:
    """One row for each metric and each side that tells of it."""
    return [
        {"source": source, "stage_type": stage["stage_type"], **numbers}
        for source in ("events", "spans")
        for stage in report[source]
        for numbers in stage["metrics"]
    ]


def write_report(report: Json, language: Language) -> str:
    """Write the report."""
    return "\n".join(_lines(report, language)) + "\n"


def judged_value(numbers: Json) -> str:
    """The number that a threshold is held against, with its unit; a count never looks like a mean."""
    value = write_number(numbers[numbers["judged_by"]], numbers["unit"])
    return f"{value} (p95)" if numbers["judged_by"] == "p95" and value != ABSENT else value


def interval(numbers: Json) -> str:
    """The interval of a mean."""
    if numbers["low"] is None:
        return ABSENT
    return " … ".join(write_number(numbers[end], numbers["unit"]) for end in ("low", "high"))


def write_number(value: float | None, unit: str) -> str:
    """A number with its unit."""
    if value is None:
        return ABSENT
    if unit == "ms":
        return f"{value:,.0f} ms" if value >= 1000 else f"{value:.4g} ms"
    return f"{value:.4g}"


def scored(numbers: Json) -> str:
    """How many values a number rests on, with why the others have none."""
    reasons = ", ".join(f"{reason} {count}" for reason, count in numbers["reasons"].items())
    told = f" ({reasons})" if reasons else ""
    return f"{numbers['n_scored']}/{numbers['n_total']}{told}"


def _lines(report: Json, language: Language) -> Iterator[str]:
    yield _TITLE.say(language, run=_cell(report["run_id"]))
    yield ""
    events, spans = (sum(stage["events"] for stage in report[side]) for side in ("events", "spans"))
    yield _COUNTS.say(language, events=events, spans=spans, cases=report["labelled_cases"])
    if report["missing"]:
        yield _MISSING.say(language, names=", ".join(report["missing"]))
    if report["is_cut"]:
        yield _CUT.say(language)
    if not report["are_spans_known"]:
        yield _NO_SPANS.say(language)
    yield from ("", _METRICS.say(language), "", _HEAD.say(language), _RULE)
    yield from (_metric_line(row, language) for row in metric_rows(report))
    yield from _side_lines(report["side_by_side"], language)
    yield from ("", _GUIDE.say(language), "")
    yield from _guide_lines(report["guide"], language)


def _metric_line(row: Json, language: Language) -> str:
    return _row(
        row["metric"],
        _SOURCES[row["source"]].say(language),
        judged_value(row),
        interval(row),
        write_number(row["threshold"], row["unit"]),
        VERDICTS[row["verdict"]].say(language),
        scored(row),
    )


def _side_lines(side: Json, language: Language) -> Iterator[str]:
    if not side["steps"]:
        return
    yield from ("", _SIDE.say(language), "")
    yield _SIDE_COUNTS.say(
        language,
        by_span=side["matched_by_span_id"],
        by_trace=side["matched_by_trace_id"],
        events=side["only_events"],
        spans=side["only_spans"],
    )
    yield from ("", _SIDE_HEAD.say(language), _SIDE_RULE)
    for step in side["steps"][:_SHOWN_STEPS]:
        yield _row(
            step["stage_type"], *_step(step["event"]), *_step(step["span"]), step["matched_by"] or ABSENT
        )


def _step(step: Json | None) -> tuple[str, str]:
    if step is None:
        return ABSENT, ABSENT
    duration = ABSENT if step["duration_ms"] is None else f"{step['duration_ms']:,.4g}"
    return step["stage_name"] or step["stage_id"], duration


def _guide_lines(guide: Iterable[Json], language: Language) -> Iterator[str]:
    is_empty = True
    for finding in guide:
        is_empty = False
        yield f"- {finding['text'][language.value]}"
        yield from (f"  - {advice[language.value]}" for advice in finding["advice"])
    if is_empty:
        yield _NOTHING.say(language)


def _row(*cells: str) -> str:
    return "| " + " | ".join(map(_cell, cells)) + " |"


def _cell(text: str) -> str:
    return printable(text).replace("|", "\\|")
