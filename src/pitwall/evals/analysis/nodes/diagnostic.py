"""How far means are from their thresholds, with what chance leaves of it, and what the numbers say."""

from __future__ import annotations

from typing import Any, Final

from pitwall.evals.analysis.measuring import rounded
from pitwall.evals.analysis.rules import EACH_METRIC, RULES, Facts, Rule
from pitwall.evals.analysis.types import NothingToSay, Output, RunData
from pitwall.evals.types import Direction
from pitwall.kit.i18n import Text

_NO_STATISTICS = Text("There are no statistics to look at.", "확인할 통계가 없습니다.")
_ENOUGH: Final = 10
_KEPT: Final = ("mean", "threshold", "n", "n_total", "errors", "std", "p25", "median", "p75")


def diagnostic(_data: RunData, *, statistics: Output | None, retrieval: Output | None) -> Output:
    """Hold each mean against its threshold, and apply the rules to what was measured."""
    if statistics is None:
        raise NothingToSay(_NO_STATISTICS)
    facts = _facts(statistics, retrieval)
    said = [_say(rule, facts) for rule in RULES if rule.applies(facts)]
    for metric in statistics["metrics"]:
        own = _own(metric)
        said += [_say(rule, own, metric["metric"]) for rule in EACH_METRIC if rule.applies(own)]
    gaps = [_gap(metric) for metric in statistics["metrics"] if metric["threshold"] is not None]
    return {"gaps": gaps, "findings": said}


def _gap(metric: dict[str, Any]) -> dict[str, Any]:
    mean, threshold = metric["mean"], metric["threshold"]
    row = {
        key: metric[key] for key in ("metric", "direction", "unit", "mean", "low", "high", "threshold", "n")
    }
    if mean is None:
        return row | {"gap": None, "verdict": "no_data"}
    is_higher = metric["direction"] == Direction.HIGHER.value
    return row | {
        "gap": rounded(mean - threshold if is_higher else threshold - mean),
        "verdict": _verdict(metric, is_higher),
    }


def _verdict(metric: dict[str, Any], is_higher: bool) -> str:
    """Whether the interval lies on one side of the threshold."""
    low, high, threshold = metric["low"], metric["high"], metric["threshold"]
    if low is None or high is None:
        is_met = metric["mean"] >= threshold if is_higher else metric["mean"] <= threshold
        return "met_without_interval" if is_met else "missed_without_interval"
    if low >= threshold:
        return "met" if is_higher else ("met" if high <= threshold else "missed")
    if high < threshold:
        return "missed" if is_higher else "met"
    return "undecided"


def _facts(statistics: Output, retrieval: Output | None) -> Facts:
    facts: dict[str, float] = {}
    for metric in statistics["metrics"]:
        for key in _KEPT:
            if metric[key] is not None:
                facts[f"{metric['metric']}.{key}"] = metric[key]
        if (high := _high(metric)) is not None:
            facts[f"{metric['metric']}.high"] = high
    if retrieval is not None:
        chunks = retrieval["chunks"] or {}
        known = {
            "cases": retrieval["cases"],
            "empty_share": retrieval["empty"]["share"],
            "keyword_overlap": retrieval["keyword_overlap"]["mean"],
            "overlap_n": retrieval["keyword_overlap"]["n"],
            "unused_share": chunks.get("unused_share"),
            "chunks": chunks.get("chunks"),
        }
        facts |= {f"retrieval.{name}": value for name, value in known.items() if value is not None}
    return facts


def _high(metric: dict[str, Any]) -> float | None:
    """The upper end of the interval; values that are all the same have none, and are what they are."""
    high: float | None = metric["high"]
    return metric["mean"] if high is None and metric["n"] >= _ENOUGH else high


def _own(metric: dict[str, Any]) -> Facts:
    facts = {key: float(metric[key]) for key in _KEPT if metric[key] is not None}
    if metric["unit"] != "ratio":
        facts.pop("p25", None)
    total = metric["n_total"] or 1
    return facts | {"error_share": metric["errors"] / total, "unscored_share": 1.0 - metric["n"] / total}


def _say(rule: Rule, facts: Facts, metric: str | None = None) -> dict[str, Any]:
    numbers = [facts[name] for name in rule.quotes]
    named = {} if metric is None else {"metric": metric}
    return {
        "code": rule.code,
        "metric": metric,
        "text": {"en": rule.text.en.format(*numbers, **named), "ko": rule.text.ko.format(*numbers, **named)},
        "numbers": dict(zip(rule.quotes, numbers, strict=True)),
    }
