"""A run as Markdown: what it says, why some cases have no score, and the cases that failed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from pitwall.evals.runs.exporting.contents import Contents, read_contents
from pitwall.evals.runs.exporting.words import WORDS, Words
from pitwall.evals.runs.reading import JudgedCase, RunReader
from pitwall.evals.runs.results_table import METRIC_KEYS, calibration_lines, metric_rows, verdict_lines
from pitwall.evals.runs.types import EvalRun
from pitwall.kit.cli_output import ABSENT
from pitwall.kit.i18n import Language
from pitwall.kit.text import truncate

_LONGEST_TEXT = 400


def markdown(view: Mapping[str, Any], reader: RunReader, run: EvalRun, language: Language) -> str:
    """Return the report."""
    contents, words = read_contents(view, reader, run), WORDS[language]
    parts = [
        f"# {_plain(view['name'])}",
        _facts(view, words),
        f"## {words.metrics}",
        _table(words.metric_titles, [_metric(row) for row in metric_rows(view, language)]),
        "\n".join(f"- {line}" for line in _lines(view, language)),
        *_failed(contents, words),
    ]
    return "\n\n".join(part for part in parts if part) + "\n"


def _lines(view: Mapping[str, Any], language: Language) -> Sequence[str]:
    return [*verdict_lines(view, language), *map(_plain, calibration_lines(view, language))]


def _facts(view: Mapping[str, Any], words: Words) -> str:
    judge = view["plan"]["judge"]
    rows = [
        (words.run, f"`{view['id']}`"),
        (words.dataset, f"{_plain(view['dataset'])} (`{view['dataset_hash']}`)"),
        (words.judge, ABSENT if judge is None else _plain(judge["model"])),
        (words.started, view["started_at"] or ABSENT),
        (words.finished, view["finished_at"] or ABSENT),
    ]
    return _table(("", ""), rows)


def _metric(row: Mapping[str, Any]) -> list[str]:
    return [_plain(row[key] or ABSENT) for key in METRIC_KEYS]


def _failed(contents: Contents, words: Words) -> list[str]:
    if not contents.failed:
        return []
    return [
        f"## {words.failed.format(shown=len(contents.failed))}",
        *(_case(case, words) for case in contents.failed),
    ]


def _case(case: JudgedCase, words: Words) -> str:
    example, answer = case.example, case.answer
    lines = [f"### {_plain(case.example_id)}"]
    if example is not None:
        lines.append(f"- {words.question}: {_short(example.question)}")
    if answer is not None:
        lines.append(f"- {words.answer}: {_short(answer.text or answer.error or ABSENT)}")
    for score in case.scores:
        said = (score.content or {}).get("explanation")
        value = score.reason or score.status.value if score.value is None else f"{score.value:.3f}"
        lines.append(f"- {_plain(score.metric)}: **{value}**{'' if not said else f' – {_short(said)}'}")
    return "\n".join(lines)


def _table(titles: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    if not rows:
        return ""
    lines = [titles, ["---"] * len(titles), *rows]
    return "\n".join("| " + " | ".join(line) + " |" for line in lines)


def _short(text: str) -> str:
    return _plain(truncate(" ".join(text.split()), _LONGEST_TEXT))


def _plain(text: str) -> str:
    """A text that Markdown leaves as it is."""
    for mark in ("\\", "|", "<", "*", "_", "`", "[", "#"):
        text = text.replace(mark, f"\\{mark}")
    return text
