"""The written form of reports: the same in the API and in the state store."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from pitwall.checks.types import Finding, ItemResult, ItemStatus, Report
from pitwall.kit.durations import format_instant
from pitwall.kit.i18n import Text


def text_view(text: Text) -> dict[str, str]:
    """Both languages of a text."""
    return {"en": text.en, "ko": text.ko}


def report_view(report: Report) -> dict[str, Any]:
    """A report as a JSON object."""
    return {
        "id": report.id,
        "list": report.list,
        "at": format_instant(report.at),
        "by": report.by,
        "status": report.status.value,
        "notified": report.notified,
        "items": [_item_view(item) for item in report.items],
    }


def read_report(written: Mapping[str, Any]) -> Report:
    """The report of a JSON object that the store kept."""
    return Report(
        id=written["id"],
        list=written["list"],
        at=datetime.fromisoformat(written["at"]),
        by=written["by"],
        items=tuple(map(_item, written["items"])),
        notified=written["notified"],
    )


def _item_view(item: ItemResult) -> dict[str, Any]:
    finding = item.finding
    return {
        "name": item.name,
        "title": text_view(item.title),
        "status": finding.status.value,
        "detail": text_view(finding.detail),
        "todo": None if item.todo is None else text_view(item.todo),
        "value": finding.value,
        "unit": finding.unit,
        "duration_ms": item.duration_ms,
    }


def _item(written: Mapping[str, Any]) -> ItemResult:
    finding = Finding(
        ItemStatus(written["status"]), _text(written["detail"]), written["value"], written["unit"]
    )
    todo = written["todo"]
    return ItemResult(
        written["name"],
        _text(written["title"]),
        finding,
        None if todo is None else _text(todo),
        written["duration_ms"],
    )


def _text(written: Mapping[str, str]) -> Text:
    return Text(written["en"], written["ko"])
