"""Alerts and rules as rows of tables on a terminal."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from pitwall.kit.cli_output import Column, show_value
from pitwall.kit.i18n import Language

Rows = list[dict[str, Any]]


def _second(at: str) -> str:
    return f"{at[:19]}Z"


ALERT_COLUMNS = [
    Column("severity", "severity"),
    Column("state", "state"),
    Column("rule", "rule"),
    Column("labels", "labels", show=show_value, gives_way=1),
    Column("value", "value", "right"),
    Column("limit", "limit", gives_way=3),
    Column("since", "since", show=_second, gives_way=2),
    Column("title", "title", gives_way=4),
    Column("id", "id"),
]
HISTORY_COLUMNS = [
    Column("at", "at", show=_second),
    Column("kind", "event"),
    Column("severity", "severity"),
    Column("value", "value", "right"),
    Column("reason", "reason"),
]
RULE_COLUMNS = [
    Column("name", "name"),
    Column("title", "title", gives_way=2),
    Column("origin", "from", gives_way=4),
    Column("kind", "kind", gives_way=3),
    Column("signals", "signals", gives_way=1),
    Column("enabled", "on"),
    Column("states", "alerts"),
    Column("series", "label sets", "right", gives_way=5),
    Column("problem", "problem", wrap=True),
]
PERIOD_COLUMNS = [
    Column("from", "from", show=_second),
    Column("until", "until", show=_second),
    Column("severity", "severity"),
    Column("labels", "labels", show=show_value, gives_way=1),
    Column("value_at_fire", "value", "right"),
    Column("peak", "worst", "right", gives_way=2),
]
TEST_COLUMNS = [
    Column("status", "status"),
    Column("name", "test"),
    Column("where", "where", gives_way=1),
    Column("failures", "failures", show=lambda failures: "; ".join(failures) or "–", wrap=True),
]


def alert_rows(alerts: Sequence[Mapping[str, Any]], language: Language) -> Rows:
    """Alerts as rows."""
    return [
        {
            **alert,
            "title": alert["title"][language.value],
            "limit": alert["limit"] or None,
            "since": alert["active_since"],
            "state": f"{alert['state']} (flapping)" if alert["is_flapping"] else alert["state"],
        }
        for alert in alerts
    ]


def alert_facts(alert: Mapping[str, Any], language: Language) -> Rows:
    """What is known of one alert, a fact per row."""
    shown = {key: value for key, value in alert.items() if key != "history"}
    for key in ("title", "explanation"):
        shown[key] = shown[key] and shown[key][language.value]
    return [{"fact": key, "value": value or None} for key, value in shown.items() if value not in ([], {})]


def rule_rows(rules: Sequence[Mapping[str, Any]], language: Language) -> Rows:
    """Rules as rows."""
    return [
        {
            "name": rule["name"],
            "title": rule["title"][language.value],
            "origin": rule["pack"] if rule["origin"] == "pack" else rule["origin"],
            "kind": rule["kind"],
            "signals": ", ".join(rule["signals"]),
            "enabled": "on" if rule["is_enabled"] else "off",
            "states": ", ".join(f"{count} {state}" for state, count in rule["states"].items()) or None,
            "series": (rule["evaluation"] or {}).get("series"),
            "problem": _problem(rule, language),
        }
        for rule in rules
    ]


def period_rows(periods: Sequence[Mapping[str, Any]]) -> Rows:
    """When a rule would have fired, as rows."""
    return [dict(period) for period in periods]


def _problem(rule: Mapping[str, Any], language: Language) -> str | None:
    evaluation = rule["evaluation"] or {}
    if rule["problems"]:
        return str(rule["problems"][0][language.value])
    if evaluation.get("error"):
        return str(evaluation["error"])
    dropped = evaluation.get("dropped_series")
    return f"{dropped} label sets beyond max_series" if dropped else None
