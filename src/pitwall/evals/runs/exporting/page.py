"""A run as one page of HTML that needs nothing else: own styles, own charts, light and dark, no script."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from html import escape
from typing import Any

from pitwall.evals.runs.exporting.charts import means_chart, spread_chart
from pitwall.evals.runs.exporting.contents import Contents, read_contents
from pitwall.evals.runs.exporting.style import STYLE
from pitwall.evals.runs.exporting.words import WORDS, Words
from pitwall.evals.runs.reading import JudgedCase, RunReader
from pitwall.evals.runs.results_table import METRIC_KEYS, calibration_lines, metric_rows, verdict_lines
from pitwall.evals.runs.types import EvalRun, StoredScore
from pitwall.kit.cli_output import ABSENT
from pitwall.kit.i18n import Language


def html(view: Mapping[str, Any], reader: RunReader, run: EvalRun, language: Language) -> str:
    """Return the page."""
    contents, words = read_contents(view, reader, run), WORDS[language]
    body = "\n".join(
        [
            f"<h1>{escape(view['name'])}</h1>",
            _facts(view, words),
            f"<h2>{words.metrics}</h2>",
            _table(words.metric_titles, [_metric(row) for row in metric_rows(view, language)]),
            *(
                f"<p>{escape(line)}</p>"
                for line in (*verdict_lines(view, language), *calibration_lines(view, language))
            ),
            *_charts(contents, words),
            *_failed(contents, words),
        ]
    )
    return (
        f'<!doctype html>\n<html lang="{language.value}"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f"<title>{escape(view['name'])}</title><style>{STYLE}</style></head>\n<body>\n{body}\n</body></html>\n"
    )


def _facts(view: Mapping[str, Any], words: Words) -> str:
    judge = view["plan"]["judge"]
    rows = [
        (words.run, view["id"]),
        (words.dataset, f"{view['dataset']} ({view['dataset_hash']})"),
        (words.judge, ABSENT if judge is None else judge["model"]),
        (words.started, view["started_at"] or ABSENT),
        (words.finished, view["finished_at"] or ABSENT),
    ]
    cells = "".join(f"<tr><th>{escape(name)}</th><td>{escape(value)}</td></tr>" for name, value in rows)
    return f"<table>{cells}</table>"


def _metric(row: Mapping[str, Any]) -> list[str]:
    return [row[key] or ABSENT for key in METRIC_KEYS]


def _charts(contents: Contents, words: Words) -> list[str]:
    summary = contents.view["summary"]
    if summary is None or not contents.spreads:
        return []
    parts = [f"<h2>{words.means}</h2>", means_chart(summary["metrics"], words.means)]
    parts.append(f"<h2>{words.spread}</h2>")
    for name, spread in contents.spreads.items():
        parts += [f"<h3>{escape(name)}</h3>", spread_chart(spread, f"{words.spread}: {name}", words.cases)]
    return parts


def _failed(contents: Contents, words: Words) -> list[str]:
    if not contents.failed:
        return []
    title = words.failed.format(shown=len(contents.failed))
    return [f"<h2>{escape(title)}</h2>", *(_case(case, words) for case in contents.failed)]


def _case(case: JudgedCase, words: Words) -> str:
    example, answer = case.example, case.answer
    parts: list[tuple[str, str | None]] = []
    if example is not None:
        parts += [(words.question, example.question), (words.reference, example.reference)]
    if answer is not None:
        contexts = None if not answer.contexts else "\n\n".join(one.text for one in answer.contexts)
        parts += [(words.answer, answer.text or answer.error), (words.contexts, contexts)]
    texts = "".join(
        f"<dt>{escape(name)}</dt><dd><pre>{escape(text)}</pre></dd>" for name, text in parts if text
    )
    scores = "".join(_score(score) for score in case.scores)
    return (
        f"<details><summary>{escape(case.example_id)}</summary><dl>{texts}"
        f"<dt>{escape(words.scores)}</dt>{scores}</dl></details>"
    )


def _score(score: StoredScore) -> str:
    value = score.reason or score.status.value if score.value is None else f"{score.value:.3f}"
    said = (score.content or {}).get("explanation") or ""
    is_bad = score.passed is False or score.value is None
    shown = f'<b class="bad">{escape(value)}</b>' if is_bad else f"<b>{escape(value)}</b>"
    return f"<dd>{escape(score.metric)}: {shown} {escape(said)}</dd>"


def _table(titles: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    if not rows:
        return ""
    head = "".join(f"<th>{escape(title)}</th>" for title in titles)
    body = "".join("<tr>" + "".join(f"<td>{escape(cell)}</td>" for cell in line) + "</tr>" for line in rows)
    return f"<table><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>"
