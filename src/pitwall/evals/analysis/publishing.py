"""What people get of an analysis: files, a report, pictures."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pitwall.evals.analysis.artifacts import DEFAULT_DIR, write_artifacts
from pitwall.evals.analysis.report import pages, words
from pitwall.evals.analysis.report.writing import ModelText
from pitwall.kit.i18n import Language

Json = Mapping[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """What to write.

    Attributes:
        report_file: `.md` or `.html`, with charts.
        dashboard: Format of the picture, such as `png`.
        text: What came of asking a model for a summary; None if none was asked.
    """

    folder: Path = DEFAULT_DIR
    language: Language = Language.ENGLISH
    report_file: Path | None = None
    dashboard: str | None = None
    text: ModelText | None = None


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
    text = wanted.text or ModelText()
    by = "rules and a model" if text.paragraphs else "rules"
    page = pages.markdown(analysis, wanted.language, text=text.paragraphs, refused=text.refused)
    report = {"markdown": page, "by": by, "why": text.refused}
    written = write_artifacts(analysis, report, wanted.folder)
    paths, remarks = [written.as_json, written.as_markdown, written.index], list[str]()
    if text.refused is not None:
        remarks.append(words.MODEL_REFUSED.say(wanted.language, why=text.refused))
    if wanted.report_file is not None:
        paths.append(_write_report(analysis, wanted.report_file, wanted.language, text))
    if wanted.dashboard is not None:
        from pitwall.evals.analysis.dashboard import draw_dashboard  # matplotlib is an extra

        drawn = draw_dashboard(analysis, wanted.folder, wanted.dashboard, wanted.language)
        paths.append(drawn.path)
        remarks += drawn.remarks
    return Published(tuple(paths), tuple(remarks))


def _write_report(analysis: Json, path: Path, language: Language, text: ModelText) -> Path:
    said, why = text.paragraphs, text.refused
    if path.suffix.lower() == ".html":
        page = pages.html(analysis, language, text=said, refused=why)
    else:
        page = pages.markdown(analysis, language, text=said, refused=why, with_charts=True)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(page, "utf-8")
    return path
