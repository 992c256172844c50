"""The chapters of the report, each from what one part says."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, Final

from pitwall.evals.analysis.report import words
from pitwall.evals.analysis.report.blocks import Block, Bullets, Heading, Paragraph, Table
from pitwall.evals.comparison.wording import ABSENT, number, p_value
from pitwall.kit.i18n import Language

Json = Mapping[str, Any]
_MOST_EVIDENCE: Final = 10


def _table(name: str, rows: Sequence[Sequence[str]], language: Language, numbers: int) -> Table:
    return Table([head.say(language) for head in words.HEADS[name]], rows, numbers)


def _mean(row: Json, unit: str = "ratio") -> str:
    mean = number(row["mean"], unit)
    return mean if row["low"] is None else f"{mean} [{number(row['low'], unit)}, {number(row['high'], unit)}]"


def _statistics(said: Json, language: Language) -> Iterator[Block]:
    passing = said["passing"]
    if passing["rate"] is not None:
        yield Paragraph(words.PASSING.say(language, **passing))
    yield _table("statistics", [_metric(row) for row in said["metrics"]], language, 5)
    if said["correlations"]:
        yield Heading(words.HEADINGS["correlations"].say(language), 3)
        yield from _correlations(said["correlations"], language)


def _metric(row: Json) -> list[str]:
    unit = row["unit"]
    quartiles = " / ".join(number(row[key], unit) for key in ("p25", "median", "p75"))
    rate = ABSENT if row["pass_rate"] is None else f"{row['pass_rate']:.1%}"
    return [
        row["metric"],
        _mean(row, unit),
        number(row["std"], unit),
        quartiles,
        number(row["threshold"], unit),
        rate,
        f"{row['n']}/{row['n_total']}",
    ]


def _correlations(rows: Sequence[Json], language: Language) -> Iterator[Block]:
    shown = [row for row in rows if row["is_shown"]]
    if not shown:
        yield Paragraph(words.NO_CORRELATION.say(language, count=len(rows)))
        return
    yield _table(
        "correlations",
        [
            [
                f"{row['a']}, {row['b']}",
                f"{number(row['spearman'], 'ratio')} ({p_value(row['spearman_p_adjusted'])})",
                f"{number(row['pearson'], 'ratio')} ({p_value(row['pearson_p_adjusted'])})",
                str(row["n"]),
            ]
            for row in shown
        ],
        language,
        3,
    )


def _diagnostic(said: Json, language: Language) -> Iterator[Block]:
    if said["gaps"]:
        rows = [
            [
                row["metric"],
                words.VERDICTS[row["verdict"]].say(language),
                _mean(row, row["unit"]),
                number(row["threshold"], row["unit"]),
                number(row["gap"], row["unit"], signed=True),
            ]
            for row in said["gaps"]
        ]
        yield _table("gaps", rows, language, 3)
    found = [one["text"][language.value] for one in said["findings"]]
    yield Bullets(found) if found else Paragraph(words.NO_FINDING.say(language))


def _slices(said: Json, language: Language) -> Iterator[Block]:
    if not said["found"]:
        yield Paragraph(words.NO_SLICE.say(language, tested=said["tested"]))
        return
    rows = [
        [
            f"{row['fact']} = {row['value']}",
            row["metric"],
            words.VERDICTS[row["verdict"]].say(language),
            number(row["mean"], row["unit"]),
            number(row["rest"], row["unit"]),
            p_value(row["p_adjusted"]),
            str(row["n"]),
        ]
        for row in said["found"]
    ]
    yield _table("slices", rows, language, 4)


def _clusters(said: Json, language: Language) -> Iterator[Block]:
    yield Paragraph(
        words.CLUSTERED.say(language, **{key: said[key] for key in ("examined", "failing", "alone")})
    )
    rows = [
        [
            one["id"],
            ", ".join(one["terms"]),
            ", ".join(f"{name} {count}" for name, count in one["failed_metrics"].items()),
            one["representatives"][0]["question"] or ABSENT,
            str(one["n"]),
            f"{one['share_of_failing']:.1%}",
        ]
        for one in said["clusters"]
    ]
    if rows:
        yield _table("failure_clusters", rows, language, 2)


def _priority(said: Json, language: Language) -> Iterator[Block]:
    rows = [
        [
            f"E{index}",
            one["case"],
            one["question"] or ABSENT,
            ", ".join(f"{name} {one['scores'][name]:.3f}" for name in one["failed"]),
            number(one["priority"], "ratio"),
        ]
        for index, one in enumerate(said["cases"][:_MOST_EVIDENCE], 1)
    ]
    yield _table("cases", rows, language, 1)
    yield Paragraph(words.FORMULA.say(language, formula=said["formula"][language.value]))


def _low_cases(said: Json, language: Language) -> Iterator[Block]:
    rows = [
        [one["case"], one["question"] or ABSENT, ", ".join(one["failed"]), number(one["quality"], "ratio")]
        for one in said["cases"][:_MOST_EVIDENCE]
    ]
    if rows:
        yield _table("low_cases", rows, language, 1)
    if said["unjudged"]["n"]:
        yield Paragraph(words.UNJUDGED.say(language, n=said["unjudged"]["n"]))


def _retrieval(said: Json, language: Language) -> Iterator[Block]:
    counts, empty = said["contexts_per_case"], said["empty"]
    lines = [
        words.CONTEXTS.say(
            language, mean=_mean(counts), n=counts["n"], empty=empty["n"], share=empty["share"]
        )
    ]
    if said["context_chars"]["n"]:
        lines.append(words.CONTEXT_LENGTH.say(language, **said["context_chars"]))
    for name, text in (
        ("keyword_overlap", words.OVERLAP),
        ("reference_verbatim", words.VERBATIM),
        ("reference_terms", words.REFERENCE_TERMS),
    ):
        if said[name]["mean"] is not None:
            lines.append(text.say(language, **said[name]))
    if said["chunks"] is not None:
        lines.append(words.CHUNKS.say(language, **said["chunks"]))
    yield Bullets(lines)


def _question_types(said: Json, language: Language) -> Iterator[Block]:
    rows = [
        [kind["type"], row["metric"], _mean(row, row["unit"]), str(row["failing"]), f"{row['n']}/{kind['n']}"]
        for kind in said["types"]
        for row in kind["metrics"]
    ]
    yield _table("question_types", rows, language, 3)


def _keywords(said: Json, language: Language) -> Iterator[Block]:
    top = ", ".join(one["term"] for one in said["top"][:10])
    lines = [words.TOP_TERMS.say(language, examined=said["examined"], questions=said["questions"], terms=top)]
    found = [f"{one['term']} ({one['failing']}/{one['cases']})" for one in said["in_failing"]]
    lines.append(
        words.FAILING_TERMS.say(language, terms=", ".join(found))
        if found
        else words.NO_FAILING_TERMS.say(language)
    )
    yield Bullets(lines)


def _associations(said: Json, language: Language) -> Iterator[Block]:
    yield Paragraph(said["note"][language.value])
    shown = [row for row in said["associations"] if row["is_shown"]]
    if not shown:
        yield Paragraph(words.NO_ASSOCIATION.say(language, count=len(said["associations"])))
        return
    rows = [
        [
            row["factor"],
            row["metric"],
            _mean({"mean": row["rho"], "low": row["low"], "high": row["high"]}),
            p_value(row["p_adjusted"]),
            str(row["n"]),
        ]
        for row in shown
    ]
    yield _table("associations", rows, language, 3)


def _trend(said: Json, language: Language) -> Iterator[Block]:
    yield Paragraph(words.TREND_RUNS.say(language, count=len(said["runs"])))
    rows = []
    for line in said["metrics"]:
        before, unit = line["since_previous"], line["unit"]
        means = " → ".join(number(point["mean"], unit) for point in line["points"])
        if before is None:
            rows.append([line["metric"], means, ABSENT, ABSENT, ABSENT])
            continue
        moved = number(before["difference"], unit, signed=True)
        if before["low"] is not None:
            low, high = (number(before[key], unit, signed=True) for key in ("low", "high"))
            moved = f"{moved} [{low}, {high}]"
        verdict = words.VERDICTS[before["verdict"]].say(language)
        rows.append([line["metric"], means, verdict, moved, str(before["n"])])
    yield _table("trend", rows, language, 2)


def _multiturn(said: Json, language: Language) -> Iterator[Block]:
    rows = [
        [
            str(turn["turn"]),
            f"{number(turn['latency_ms_p50'], 'ms')} / {number(turn['latency_ms_p95'], 'ms')}",
            number(turn["faithfulness"], "ratio"),
            str(turn["n_faithfulness"]),
        ]
        for turn in said["by_turn"]
    ]
    yield _table("multiturn", rows, language, 3)


CHAPTERS: Final[Mapping[str, Callable[[Json, Language], Iterator[Block]]]] = {
    "statistics": _statistics,
    "diagnostic": _diagnostic,
    "slices": _slices,
    "failure_clusters": _clusters,
    "priority": _priority,
    "low_cases": _low_cases,
    "retrieval": _retrieval,
    "question_types": _question_types,
    "keywords": _keywords,
    "associations": _associations,
    "trend": _trend,
    "multiturn": _multiturn,
}
