"""A run's result as people read it: a row for each metric, then what passed and what has no score."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from pitwall.evals.runs.remedies import remedies
from pitwall.kit.cli_output import ABSENT, Column
from pitwall.kit.i18n import Language, Text

_PASSED = Text(
    "{passed} of {decided} cases pass ({rate}, 95 % interval {low} to {high}).",
    "케이스 {decided}개 중 {passed}개 통과 ({rate}, 95 % 구간 {low}~{high}).",
)
_NO_VERDICT = Text("No case could be said to pass or fail.", "통과 여부를 판정한 케이스가 없습니다.")
_UNDECIDED = Text(
    "{count} of {judged} cases neither pass nor fail: the judge failed, or nothing can be said of them.",
    "케이스 {judged}개 중 {count}개는 판정 모델이 실패했거나 판정할 내용이 없어 통과 여부를 알 수 없습니다.",
)
_UNSCORED = Text(
    "{metric}: {count} of {total} cases have no score: {reasons}.",
    "{metric}: 케이스 {total}개 중 {count}개에 점수가 없습니다: {reasons}.",
    "{metric}: 1 of {total} has no score: {reasons}.",
)
_STATE = {
    "queued": Text("Waits for its turn.", "순서를 기다립니다."),
    "running": Text("Under way: {done} of {cases} cases.", "진행 중: 케이스 {cases}개 중 {done}개."),
    "finished": Text("Finished.", "완료했습니다."),
    "stopped": Text("Stopped: {reason}", "예산을 다 써서 멈췄습니다: {reason}"),
    "failed": Text("Failed: {reason}", "실패했습니다: {reason}"),
    "cancelled": Text("Cancelled: {reason}", "취소했습니다: {reason}"),
    "interrupted": Text(
        "Interrupted after {done} of {cases} cases.", "케이스 {cases}개 중 {done}개 뒤에 중단되었습니다."
    ),
}
_GO_ON = Text("Go on with: {command}", "이어서 실행: {command}")
_GO_ON_FURTHER = Text("Go on with a larger budget: {command}", "예산을 늘려 이어서 실행: {command}")
_BUDGETS = {"max_calls": "--max-calls", "max_cost_usd": "--max-cost", "max_minutes": "--max-minutes"}

_CORRECTED = Text(
    "With its mistakes taken out {rate} pass (95 % interval {interval}).",
    "판정 모델의 오류를 제거한 통과율은 {rate}입니다(95 % 구간 {interval}).",
)
STANDINGS = {
    "uncalibrated": Text("uncalibrated", "보정 안 됨"),
    "few_labels": Text("few labels", "라벨 부족"),
    "calibrated": Text("calibrated", "보정됨"),
    "moved": Text("judge moved", "판정 모델 변동"),
    "expired": Text("expired", "보정 만료"),
}

METRIC_COLUMNS = [
    Column("metric", "metric"),
    Column("mean", "mean", "right"),
    Column("interval", "95 %", gives_way=2),
    Column("scored", "scored", "right"),
    Column("threshold", "threshold", "right", gives_way=3),
    Column("pass_rate", "pass", "right"),
    Column("pass_interval", "95 %", gives_way=1),
    Column("calibration", "calibration"),
    Column("identity", "identity", gives_way=4),
]

METRIC_KEYS = tuple(column.key for column in METRIC_COLUMNS)


def metric_rows(view: Mapping[str, Any], language: Language) -> list[dict[str, Any]]:
    """The metrics of a run as rows of a table; none while it has no summary."""
    if view["summary"] is None:
        return []
    origins = {metric["name"]: metric["threshold_from"] for metric in view["plan"]["metrics"]}
    return [
        {
            "metric": name,
            "mean": number(metric["mean"], metric["unit"]),
            "interval": interval(metric["low"], metric["high"], metric["unit"]),
            "scored": f"{metric['n_scored']}/{metric['n_total']}",
            "threshold": _threshold(metric, origins.get(name)),
            "pass_rate": percent(metric["pass_rate"]),
            "pass_interval": percents(metric["pass_low"], metric["pass_high"]),
            "calibration": calibration(view.get("calibration", {}).get(name), language),
            "identity": metric["identity"],
        }
        for name, metric in view["summary"]["metrics"].items()
    ]


def calibration(found: Mapping[str, Any] | None, language: Language) -> str | None:
    """How far the judge of a metric can be believed; None for one that asks no judge."""
    if found is None:
        return None
    kappa = (found["kappa"] or {}).get("value")
    said = STANDINGS[found["state"]].say(language)
    return said if kappa is None else f"{said} (κ {kappa:.2f})"


def calibration_lines(view: Mapping[str, Any], language: Language) -> Sequence[str]:
    """What is known of the judges, in sentences, with the pass rates that their mistakes are taken out of."""
    return [
        f"{found['text'][language.value]}{_corrected(found['corrected_rate'], language)}"
        for found in view.get("calibration", {}).values()
    ]


def _corrected(rate: Mapping[str, Any] | None, language: Language) -> str:
    if rate is None:
        return ""
    bounds = rate["interval"]
    return " " + _CORRECTED.say(
        language, rate=percent(rate["value"]), interval=percents(bounds["low"], bounds["high"])
    )


def verdict_lines(view: Mapping[str, Any], language: Language) -> Sequence[str]:
    """What passed, what has no score, how the run stands."""
    summary, progress = view["summary"], view["progress"]
    lines = [] if summary is None else _summary_lines(summary, language)
    reason = view["stop_reason"] or view["error"] or ""
    lines.append(
        _STATE[view["state"]].say(
            language, done=progress["cases_done"], cases=progress["cases"], reason=reason
        )
    )
    if view["resume"] is not None:
        lines.append(_go_on(view, language))
    return lines


def _go_on(view: Mapping[str, Any], language: Language) -> str:
    if view["state"] != "stopped":
        return _GO_ON.say(language, command=view["resume"])
    limits = [f"{option} N" for name, option in _BUDGETS.items() if view["plan"]["budget"][name] is not None]
    return _GO_ON_FURTHER.say(language, command=" ".join([view["resume"], *limits]))


def _summary_lines(summary: Mapping[str, Any], language: Language) -> list[str]:
    reasons = [reason for metric in summary["metrics"].values() for reason in metric["reasons"]]
    return [*_unscored(summary, language), *remedies(reasons, language), *_passed(summary, language)]


def number(value: float | None, unit: str) -> str | None:
    """A value with its unit."""
    if value is None:
        return None
    return f"{value:.3f}" if unit == "ratio" else f"{value:.4g} {unit}"


def interval(low: float | None, high: float | None, unit: str) -> str | None:
    """An interval with its unit."""
    if low is None or high is None:
        return None
    return f"{low:.3f} – {high:.3f}" if unit == "ratio" else f"{low:.4g} – {high:.4g} {unit}"


def percent(rate: float | None) -> str | None:
    """A rate in percent."""
    return None if rate is None else f"{rate * 100:.1f} %"


def percents(low: float | None, high: float | None) -> str | None:
    """An interval of a rate in percent."""
    return None if low is None or high is None else f"{low * 100:.1f} – {high * 100:.1f} %"


def _threshold(metric: Mapping[str, Any], origin: str | None) -> str | None:
    if metric["threshold"] is None:
        return None
    sign = "≥" if metric["direction"] == "higher" else "≤"
    return f"{sign} {metric['threshold']:g} ({origin})"


def _passed(summary: Mapping[str, Any], language: Language) -> list[str]:
    if summary["pass_rate"] is None:
        return [_NO_VERDICT.say(language)]
    judged = max(metric["n_total"] for metric in summary["metrics"].values())
    undecided = judged - summary["decided_cases"]
    told = _PASSED.say(
        language,
        passed=summary["passed_cases"],
        decided=summary["decided_cases"],
        rate=percent(summary["pass_rate"]),
        low=percent(summary["pass_low"]) or ABSENT,
        high=percent(summary["pass_high"]) or ABSENT,
    )
    return [told, _UNDECIDED.say(language, count=undecided, judged=judged)] if undecided > 0 else [told]


def _unscored(summary: Mapping[str, Any], language: Language) -> list[str]:
    return [
        _UNSCORED.say(
            language,
            metric=name,
            count=metric["n_total"] - metric["n_scored"],
            total=metric["n_total"],
            reasons=", ".join(f"{reason} {count}" for reason, count in metric["reasons"].items()),
        )
        for name, metric in summary["metrics"].items()
        if metric["n_scored"] < metric["n_total"]
    ]
