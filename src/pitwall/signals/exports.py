"""The forms in which signals leave Pitwall on request."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Literal

import orjson

from pitwall.signals.metrics_files import metrics_document
from pitwall.signals.openmetrics import CONTENT_TYPE, WINDOW, OpenMetricsExporter
from pitwall.signals.service import Signals

ExportFormat = Literal["json", "openmetrics"]


@dataclass(frozen=True, slots=True)
class Exported:
    """A text and its media type."""

    text: str
    media_type: str


def export(signals: Signals, project: str, format: ExportFormat) -> Exported:  # noqa: A002 - the option's name
    """Write the last complete five minutes of every signal."""
    return _WRITERS[format](signals, project)


def _json(signals: Signals, project: str) -> Exported:
    document = metrics_document("5m", signals.current(project, WINDOW))
    return Exported(orjson.dumps(document, option=orjson.OPT_INDENT_2).decode() + "\n", "application/json")


_WRITERS: Mapping[str, Callable[[Signals, str], Exported]] = {
    "json": _json,
    "openmetrics": lambda signals, project: Exported(
        OpenMetricsExporter(signals).text(project), CONTENT_TYPE
    ),
}
