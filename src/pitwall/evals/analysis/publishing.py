"""What people get of an analysis: files, a report, pictures."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pitwall.evals.analysis.artifacts import DEFAULT_DIR, write_artifacts
from pitwall.evals.analysis.report import pages
from pitwall.kit.i18n import Language

Json = Mapping[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """What to write.

    Attributes:
        report_file: `.md` or `.html`, with charts.
        dashboard: Format of the picture, such as `png`.
    """

    folder: Path = DEFAULT_DIR
    language: Language = Language.ENGLISH
    report_file: Path | None = None
    dashboard: str | None = None


@dataclass(frozen=True, slots=True)
class Published:
    """What was written, and what is to be said of it."""

    paths: tuple[Path, ...]
    remarks: tuple[str, ...] = ()


def publish(analysis: Json, wanted: Wanted) -> Published:
    """Write the files of an analysis.

    Raises:
        DashboardUnavailable: A picture is wanted, and the extra is missing.
    """
    report = {"markdown": pages.markdown(analysis, wanted.language), "by": "rules", "why": None}
    written = write_artifacts(analysis, report, wanted.folder)
    paths, remarks = [written.as_json, written.as_markdown, written.index], list[str]()
    if wanted.report_file is not None:
        paths.append(_write_report(analysis, wanted.report_file, wanted.language))
    if wanted.dashboard is not None:
        from pitwall.evals.analysis.dashboard import draw_dashboard  # matplotlib is an extra

        drawn = draw_dashboard(analysis, wanted.folder, wanted.dashboard, wanted.language)
        paths.append(drawn.path)
        remarks += drawn.remarks
    return Published(tuple(paths), tuple(remarks))


def _write_report(analysis: Json, path: Path, language: Language) -> Path:
    is_html = path.suffix.lower() == ".html"
    text = pages.html(analysis, language) if is_html else pages.markdown(analysis, language, with_charts=True)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, "utf-8")
    return path
