"""What a page is made of, and how it becomes Markdown or HTML."""

from __future__ import annotations

import base64
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from html import escape

from pitwall.evals.runs.exporting.style import STYLE


@dataclass(frozen=True, slots=True)
class Heading:
    """A heading; level 1 is the page's."""

    text: str
    level: int = 2


@dataclass(frozen=True, slots=True)
class Paragraph:
    """Some sentences."""

    text: str


@dataclass(frozen=True, slots=True)
class Bullets:
    """A list."""

    items: Sequence[str]


@dataclass(frozen=True, slots=True)
class Table:
    """A table; the last columns, as many as `numbers`, hold numbers."""

    head: Sequence[str]
    rows: Sequence[Sequence[str]]
    numbers: int = 0


@dataclass(frozen=True, slots=True)
class Chart:
    """A picture as SVG text."""

    svg: str
    title: str


Block = Heading | Paragraph | Bullets | Table | Chart


def to_markdown(blocks: Iterable[Block], *, with_charts: bool = False) -> str:
    """Write blocks as Markdown; charts become pictures inside the text, or are left out."""
    parts = ["\n".join(_markdown(block)) for block in blocks if with_charts or not isinstance(block, Chart)]
    return "\n\n".join(parts) + "\n"


def _markdown(block: Block) -> Iterator[str]:
    match block:
        case Heading(text, level):
            yield f"{'#' * level} {_plain(text)}"
        case Paragraph(text):
            yield _plain(text)
        case Bullets(items):
            yield from (f"- {_plain(item)}" for item in items)
        case Table(head, rows, numbers):
            yield _row(head)
            yield _row(["---"] * (len(head) - numbers) + ["---:"] * numbers)
            yield from (_row(row) for row in rows)
        case Chart(svg, title):
            encoded = base64.b64encode(_standalone(svg).encode()).decode()
            yield f"![{_plain(title)}](data:image/svg+xml;base64,{encoded})"


def _row(cells: Sequence[str]) -> str:
    return f"| {' | '.join(_plain(cell).replace('|', chr(92) + '|') for cell in cells)} |"


def _plain(text: str) -> str:
    """Words that may come from people: one line, and no HTML of theirs."""
    return " ".join(text.split()).replace("<", "&lt;")


def _standalone(svg: str) -> str:
    """A chart that brings its own colours, as a picture has no page around it."""
    rules = (
        "text{fill:#1c2430;font:12px sans-serif}.end{text-anchor:end}.bar{fill:#2f6fdb}.track{fill:#eef1f5}"
        ".interval{stroke:#1c2430;stroke-width:1.5}.axis{stroke:#d7dde5}"
        ".threshold{stroke:#b3261e;stroke-width:2;stroke-dasharray:3 2}"
    )
    head, _, rest = svg.partition(">")
    return f'{head} xmlns="http://www.w3.org/2000/svg"><style>{rules}</style>{rest}'


def to_html(blocks: Iterable[Block], *, title: str, language: str) -> str:
    """Write blocks as one page of HTML that needs nothing else."""
    body = "\n".join(_html(block) for block in blocks)
    return (
        f'<!doctype html>\n<html lang="{language}"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f"<title>{escape(title)}</title><style>{STYLE}</style></head>\n<body>\n{body}\n</body></html>\n"
    )


def _html(block: Block) -> str:
    match block:
        case Heading(text, level):
            return f"<h{level}>{escape(text)}</h{level}>"
        case Paragraph(text):
            return f"<p>{escape(text)}</p>"
        case Bullets(items):
            return f"<ul>{''.join(f'<li>{escape(item)}</li>' for item in items)}</ul>"
        case Table(head, rows, _):
            first = "".join(f"<th>{escape(cell)}</th>" for cell in head)
            rest = "".join(f"<tr>{''.join(f'<td>{escape(cell)}</td>' for cell in row)}</tr>" for row in rows)
            return f"<table><thead><tr>{first}</tr></thead><tbody>{rest}</tbody></table>"
        case Chart(svg, _):
            return svg
