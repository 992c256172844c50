"""The report of an analysis, block by block, from its written form: the same data, the same page."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

from pitwall.evals.analysis.report import words
from pitwall.evals.analysis.report.blocks import (
    Block,
    Bullets,
    Chart,
    Heading,
    Paragraph,
    to_html,
    to_markdown,
)
from pitwall.evals.analysis.report.tables import CHAPTERS
from pitwall.evals.analysis.wire import outputs
from pitwall.evals.comparison.wording import ABSENT
from pitwall.evals.runs.exporting.charts import means_chart
from pitwall.kit.i18n import Language

Json = Mapping[str, Any]
_ORDER: Final = (
    "statistics",
    "diagnostic",
    "slices",
    "failure_clusters",
    "priority",
    "low_cases",
    "retrieval",
    "question_types",
    "keywords",
    "associations",
    "trend",
    "multiturn",
)


def markdown(
    analysis: Json,
    language: Language,
    *,
    text: Sequence[str] = (),
    refused: str | None = None,
    with_charts: bool = False,
) -> str:
    """Return the report as Markdown.

    Args:
        text: Paragraphs that a model wrote, which have been checked.
        refused: Why a model's text was not used.
    """
    return to_markdown(blocks(analysis, language, text=text, refused=refused), with_charts=with_charts)


def html(analysis: Json, language: Language, *, text: Sequence[str] = (), refused: str | None = None) -> str:
    """Return the report as one page of HTML with its charts."""
    title = words.TITLE.say(language, name=analysis["run"]["name"])
    made = blocks(analysis, language, text=text, refused=refused)
    return to_html(made, title=title, language=language.value)


def blocks(
    analysis: Json, language: Language, *, text: Sequence[str] = (), refused: str | None = None
) -> Iterator[Block]:
    """Yield the blocks of the report."""
    run, said = analysis["run"], outputs(analysis)
    yield Heading(words.TITLE.say(language, name=run["name"]), 1)
    judge = run["judge"] or words.NO_JUDGE.say(language)
    yield Paragraph(words.FACTS.say(language, **{**run, "judge": judge}))
    if text:
        yield Heading(words.HEADINGS["text"].say(language))
        yield from map(Paragraph, text)
    if refused is not None:
        yield Paragraph(words.MODEL_REFUSED.say(language, why=refused))
    for name in _ORDER:
        if name in said:
            yield Heading(words.HEADINGS[name].say(language))
            yield from CHAPTERS[name](said[name], language)
            if name == "statistics":
                yield from _chart(said[name], language)
    yield from _left_out(analysis, language)
    yield Paragraph(words.EXAMINED.say(language, **analysis["texts"]))
    yield Paragraph(words.METHOD.say(language))


def _chart(statistics: Json, language: Language) -> Iterator[Block]:
    title = words.HEADINGS["charts"].say(language)
    drawn = means_chart({metric["metric"]: metric for metric in statistics["metrics"]}, title)
    if drawn:
        yield Chart(drawn, title)


def _left_out(analysis: Json, language: Language) -> Iterator[Block]:
    lines = []
    for node in analysis["nodes"]:
        heading = words.HEADINGS.get(node["node_id"])
        name = node["node_id"] if heading is None else heading.say(language)
        if node["status"] == "skipped":
            lines.append(words.SKIPPED.say(language, name=name, why=node["why"][language.value]))
        elif node["status"] == "failed":
            lines.append(words.FAILED.say(language, name=name, why=node["error"] or ABSENT))
    if lines:
        yield Heading(words.HEADINGS["nodes"].say(language))
        yield Bullets(lines)
