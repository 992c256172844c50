"""The written form of rules and alerts: the same in the API, in YAML and in the state store."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import yaml

from pitwall.alerts.rules import Rule
from pitwall.alerts.schemas import RuleBody
from pitwall.alerts.types import Alert, HistoryEntry
from pitwall.kit.durations import format_instant
from pitwall.kit.i18n import Text

_WIDTH = 110


def read_rule(content: Mapping[str, Any]) -> Rule:
    """The rule of a JSON object.

    Raises:
        ValidationError: It is none.
    """
    return RuleBody.model_validate(content).rule()


def rule_yaml(rule: Rule) -> str:
    """A rule as YAML that a pack may hold or that can be saved; what is as by default is left out."""
    return yaml.safe_dump(dict(rule.content), allow_unicode=True, sort_keys=False, width=_WIDTH)


def text_view(text: Text) -> dict[str, str]:
    """Both languages of a text."""
    return {"en": text.en, "ko": text.ko}


def alert_view(alert: Alert, *, error: str | None = None, incident_id: str | None = None) -> dict[str, Any]:
    """An alert as a JSON object; `error` is that of its rule now."""
    facts = alert.facts.to_json()
    window = {"start": facts.pop("window_start"), "end": facts.pop("window_end")}
    return {
        "id": alert.id,
        "rule": alert.rule,
        "severity": alert.severity.value,
        "state": alert.state.value,
        "is_flapping": alert.is_flapping,
        "labels": dict(alert.labels),
        **facts,
        "active_since": _moment(alert.active_since),
        "fired_at": _moment(alert.fired_at),
        "resolved_at": _moment(alert.resolved_at),
        "resolved_reason": None if alert.resolved_reason is None else alert.resolved_reason.value,
        "window": None if window["start"] is None else window,
        "missing_since": _moment(alert.missing_since),
        "changed_at": _moment(alert.changed_at),
        "evaluated_at": format_instant(alert.evaluated_at),
        "error": error or alert.error,
        "incident_id": incident_id,
        "silenced_by": [],
        "inhibited_by": [],
        "muted_by": [],
    }


def history_view(entry: HistoryEntry) -> dict[str, Any]:
    """An event of an alert as a JSON object."""
    return {
        "at": format_instant(entry.at),
        "kind": entry.kind.value,
        "severity": entry.severity.value,
        "value": entry.value,
        "reason": None if entry.reason is None else entry.reason.value,
    }


def _moment(moment: Any) -> str | None:
    return None if moment is None else format_instant(moment)
