"""Rule files become entries of a pack: signals of points, and alert rules on them."""

from __future__ import annotations

import re
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import promql_parser as promql
from pydantic import ValidationError

from pitwall.alerts.prometheus.files import read_rules
from pitwall.alerts.prometheus.translation import Translation, translate
from pitwall.alerts.prometheus.types import Imported, Outcome, PrometheusRule, Reason, Refused
from pitwall.alerts.schemas import RuleBody
from pitwall.kit.durations import format_duration
from pitwall.signals.schemas import WrittenSignal

_LEVELS = {"critical": "critical", "error": "critical", "page": "critical", "info": "info", "none": "info"}
_DEFAULT_LEVEL = "warning"
_TITLE, _DESCRIPTION, _LABEL_VALUE = 120, 600, 200
_MAX_SERIES = 5000
_TEMPLATE = re.compile(r"\{\{.*?\}\}")
_TEXTS = ("summary", "description", "message", "runbook_url")


def import_rules(paths: Iterable[Path]) -> Imported:
    """Import the alert rules of files.

    Raises:
        OSError: A file cannot be read.
    """
    imported, names = Imported(), set[str]()
    for path in paths:
        for found in read_rules(path):
            imported.outcomes.append(found if isinstance(found, Outcome) else _import(found, imported, names))
    return imported


def _import(rule: PrometheusRule, imported: Imported, names: set[str]) -> Outcome:
    name = _unused(_slug(rule.alert), names)
    try:
        translation = _translation(rule, name)
        body, signals = _rule(rule, name, translation), _signals(rule, translation)
        _check(body, signals)
    except Refused as error:
        return Outcome(rule.place, rule.alert, reason=error.reason, detail=str(error))
    names.add(name)
    imported.rules.append(body)
    imported.signals += signals
    return Outcome(rule.place, rule.alert, name, notes=(*translation.notes, *_notes(rule)))


def _translation(rule: PrometheusRule, name: str) -> Translation:
    try:
        expression = promql.parse(rule.expression)
    except ValueError as error:
        raise Refused(Reason.NOT_PROMQL, f"it is no PromQL: {error}") from error
    level = _LEVELS.get(rule.labels.get("severity", "").lower(), _DEFAULT_LEVEL)
    return translate(expression, name=name, level=level)


def _rule(rule: PrometheusRule, name: str, translation: Translation) -> dict[str, Any]:
    level = _LEVELS.get(rule.labels.get("severity", "").lower(), _DEFAULT_LEVEL)
    title = _line(rule.annotations.get("summary") or rule.alert, _TITLE)
    description = _line(_description(rule), _DESCRIPTION)
    body: dict[str, Any] = {
        "name": name,
        "title": {"en": title, "ko": _line(rule.annotations.get("summary_ko") or title, _TITLE)},
        "description": {"en": description, "ko": description},
        "when": translation.when,
        "by": list(translation.by),
        "for": format_duration(rule.hold),
        # A Prometheus alert is over as soon as its expression has no label set any more.
        "nodata": "ok",
        "nodata_for": "0s",
        "max_series": _MAX_SERIES,
        "labels": {key: value[:_LABEL_VALUE] for key, value in rule.labels.items()},
    }
    if rule.keep_firing is None:
        body["recover_for"] = "0s"
    else:
        body["keep_firing_for"] = format_duration(rule.keep_firing)
    if not {"threshold"} & set(translation.when):
        body["severity"] = level
    if "runbook_url" in rule.annotations:
        body["runbook"] = rule.annotations["runbook_url"]
    return body


def _signals(rule: PrometheusRule, translation: Translation) -> list[dict[str, Any]]:
    return [
        {
            "name": name,
            "title": {"en": rule.alert, "ko": rule.alert},
            "description": {
                "en": f"What the imported rule {rule.alert} looks at.",
                "ko": f"가져온 규칙 {rule.alert}에서 살피는 값입니다.",
            },
            **{key: value for key, value in written.items() if value not in ([], {})},
        }
        for name, written in translation.signals.items()
    ]


def _check(rule: dict[str, Any], signals: list[dict[str, Any]]) -> None:
    """Refuse what a pack may not hold, such as an expression of a thousand characters."""
    try:
        RuleBody.model_validate(rule)
        for signal in signals:
            WrittenSignal.model_validate(signal)
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(map(str, first["loc"]))
        raise Refused(Reason.TOO_LARGE, f"it does not fit in a pack: {where}: {first['msg']}") from error


def _notes(rule: PrometheusRule) -> list[str]:
    notes = []
    texts = [*rule.annotations.values(), *rule.labels.values()]
    if any(_TEMPLATE.search(text) for text in texts):
        notes.append("templates in its texts ({{ ... }}) are kept as they are, and not filled in")
    if len(" ".join(_description(rule).split())) > _DESCRIPTION:
        notes.append(f"its description is cut after {_DESCRIPTION} characters")
    severity = rule.labels.get("severity", "")
    level = _LEVELS.get(severity.lower(), _DEFAULT_LEVEL)
    if severity and severity != level:
        notes.append(f"its severity {severity!r} is {level} here; the label keeps it")
    return notes


def _description(rule: PrometheusRule) -> str:
    """Description, and every annotation that has no place of its own."""
    told = rule.annotations.get("description") or rule.annotations.get("message") or ""
    others = [
        f"{key}: {text}" for key, text in rule.annotations.items() if key not in (*_TEXTS, "summary_ko")
    ]
    return " · ".join([*([told] if told else []), *others])


def _line(text: str, length: int) -> str:
    line = " ".join(text.split())
    return line if len(line) <= length else line[: length - 1] + "…"


def _slug(alert: str) -> str:
    words = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", alert)
    slug = re.sub(r"[^a-z0-9]+", "_", words.lower()).strip("_")
    return slug[:50] if slug[:1].isalpha() else f"rule_{slug}"[:50].rstrip("_")


def _unused(name: str, names: set[str]) -> str:
    number, found = 2, name
    while found in names:
        found, number = f"{name}_{number}", number + 1
    return found
