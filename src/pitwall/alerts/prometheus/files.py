"""Rule files of a Prometheus: what they say, and in which line."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from datetime import timedelta
from pathlib import Path
from typing import Any

import promql_parser as promql

from pitwall.alerts.prometheus.types import Outcome, PrometheusRule, Reason
from pitwall.signals.errors import CatalogueInvalid
from pitwall.signals.pack_files import Document, Place, read_document

_NO_FILE = "no rules file: it has no list `groups`"


def read_rules(path: Path) -> Iterator[PrometheusRule | Outcome]:
    """Yield the alert rules of a file; what is none is an outcome with its reason.

    Raises:
        OSError: The file cannot be read.
    """
    try:
        document = read_document(path)
    except CatalogueInvalid as error:
        place = f"{path}:{error.details['line']}"
        yield Outcome(place, "", reason=Reason.NOT_A_RULE, detail=str(error.details["problem"]))
        return
    groups = document.data.get("groups") if isinstance(document.data, dict) else None
    if not isinstance(groups, list):
        yield Outcome(f"{path}:1", "", reason=Reason.NOT_A_RULE, detail=_NO_FILE)
        return
    for number, group in enumerate(groups):
        rules = group.get("rules") if isinstance(group, dict) else None
        for index, rule in enumerate(rules if isinstance(rules, list) else []):
            yield _read(document, ("groups", number, "rules", index), rule)


def _read(document: Document, place: Place, written: Any) -> PrometheusRule | Outcome:
    where = document.where(place)
    if not isinstance(written, dict):
        return Outcome(where, "", reason=Reason.NOT_A_RULE, detail="a rule is a mapping")
    if "record" in written:
        detail = "a recording rule makes a new series; query the signal instead"
        return Outcome(where, str(written["record"]), reason=Reason.RECORDING_RULE, detail=detail)
    alert, expression = written.get("alert"), written.get("expr")
    if not isinstance(alert, str) or not isinstance(expression, str | int | float):
        return Outcome(where, str(alert or ""), reason=Reason.NOT_A_RULE, detail="it has no alert or no expr")
    try:
        return PrometheusRule(
            place=where,
            alert=alert,
            expression=str(expression),
            hold=_duration(written.get("for", "0s")),
            keep_firing=None if "keep_firing_for" not in written else _duration(written["keep_firing_for"]),
            labels=_texts(written.get("labels")),
            annotations=_texts(written.get("annotations")),
        )
    except ValueError as error:
        return Outcome(where, alert, reason=Reason.DURATION, detail=str(error))


def _duration(written: Any) -> timedelta:
    if re.fullmatch(r"(0+(ms|[smhdwy]))+|0+", str(written)):
        return timedelta()  # the parser takes none that is 0
    return promql.parse_duration(str(written))


def _texts(written: Any) -> Mapping[str, str]:
    return {str(name): str(value) for name, value in (written or {}).items()}
