"""A comparison as a page to read, in Markdown, from its written form; needs no server of its own."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, Final

from pitwall.evals.comparison.types import Verdict
from pitwall.evals.comparison.wording import ABSENT, VERDICTS, difference, number, p_value
from pitwall.kit.cli_output import to_json
from pitwall.kit.i18n import Language, Text

Json = Mapping[str, Any]

_TITLE = Text("# {b} against {a}", "# {a} 대비 {b}")
_RUNS = Text(
    "Dataset {dataset}. A: {name_a} (`{a}`), B: {name_b} (`{b}`). Differences are B minus A, over the cases "
    "that both runs scored.",
    "데이터셋 {dataset}. A: {name_a}(`{a}`), B: {name_b}(`{b}`). 차이는 두 실행 모두 점수가 있는 케이스에서 "
    "B에서 A를 뺀 값입니다.",
)
_NOTICES = Text("## Before the numbers", "## 먼저 확인할 점")
_METRICS = Text("## Metrics", "## 메트릭")
_METRIC_HEAD = Text(
    "| metric | verdict | A | B | difference [95 %] | p (Holm) | wins / ties / losses | pairs | detectable |",
    "| 메트릭 | 판정 | A | B | 차이 [95 %] | p (Holm) | 승 / 무 / 패 | 쌍 | 감지 가능 차이 |",
)
_CASES = Text(
    "All metrics together: {rate_a:.1%} of {n} cases pass in A, {rate_b:.1%} in B; {lost} were lost, "
    "{gained} gained (McNemar p {p}).",
    "모든 메트릭 기준: 케이스 {n}개 중 A {rate_a:.1%}, B {rate_b:.1%} 통과. {lost}개를 잃고 {gained}개를 얻음"
    "(McNemar p {p}).",
)
_NEEDED = Text(
    "{metric}: a true difference of {difference} needs {more} more cases to be found four times of five.",
    "{metric}: 실제 차이가 {difference}일 때 다섯 번 중 네 번 찾으려면 케이스 {more}개가 더 필요합니다.",
)
_THIN = Text(
    "{metric}: {units} independent pairs can show nothing; {least} are needed at least.",
    "{metric}: 독립적인 쌍 {units}개로는 아무것도 확인할 수 없습니다. 최소 {least}개가 필요합니다.",
)
_LEFT_OUT = Text(
    "{metric}: {count} cases are left out ({reasons}).",
    "{metric}: 케이스 {count}개 제외({reasons}).",
    "{metric}: 1 case is left out ({reasons}).",
)
_CHANGES = Text("## What else changed", "## 함께 바뀐 것")
_NO_CHANGES = Text(
    "Nothing else is known to differ between the runs.", "두 실행 사이에 알려진 다른 차이가 없습니다."
)
_CHANGES_UNKNOWN = Text(
    "What else changed is not known: one of the runs kept nothing of what it ran on.",
    "무엇이 함께 바뀌었는지 알 수 없습니다. 실행 환경이 기록되지 않은 실행이 있습니다.",
)
_MORE_CHANGES = Text(
    "And {count} more: `pitwall ops diff {a} {b}`.", "그 밖에 {count}개: `pitwall ops diff {a} {b}`."
)
_MOST_CHANGES: Final = 20
_RULER = Text("## Answers or ruler", "## 답변과 측정 기준")
_SLICES = Text("## Slices", "## 슬라이스")
_NO_SLICES = Text(
    "No part of the cases is shown to have changed ({count} slices tested).",
    "변화가 확인된 슬라이스가 없습니다({count}개 검정).",
)
_SLICE_HEAD = Text(
    "| slice | metric | verdict | A | B | difference [95 %] | all others | p (BH) | pairs |",
    "| 슬라이스 | 메트릭 | 판정 | A | B | 차이 [95 %] | 나머지 | p (BH) | 쌍 |",
)
_METHOD = Text(
    "Sign-flip permutation test on pairs, adjusted by Holm over the metrics; intervals by bootstrap below "
    "200 independent pairs, else by Student's t; cases of one group count as one. Slices are adjusted by "
    "Benjamini and Hochberg.",
    "쌍에 대한 부호 뒤집기 순열 검정, 메트릭 간 Holm 보정. 독립 쌍이 200개 미만이면 부트스트랩, 그 이상이면 "
    "t 구간. 같은 그룹의 케이스는 하나로 셉니다. 슬라이스는 Benjamini-Hochberg 보정.",
)
_SIDES: Final = {
    "only_in_a": Text("only in A", "A에만 있음"),
    "only_in_b": Text("only in B", "B에만 있음"),
    "unscored_a": Text("no score in A", "A에 점수 없음"),
    "unscored_b": Text("no score in B", "B에 점수 없음"),
    "unscored_both": Text("no score in either", "양쪽 모두 점수 없음"),
}


def short_id(run_id: str) -> str:
    """The last eight digits of a run's id; the first ones only tell the time."""
    return run_id[-8:]


def write_reports(comparison: Json, folder: Path, language: Language) -> tuple[Path, Path]:
    """Write `comparison_<A8>_<B8>.json` and `.md`, and return their paths."""
    folder.mkdir(parents=True, exist_ok=True)
    stem = f"comparison_{short_id(comparison['a']['id'])}_{short_id(comparison['b']['id'])}"
    as_json, as_page = folder / f"{stem}.json", folder / f"{stem}.md"
    as_json.write_text(to_json(comparison, indent=True) + "\n", "utf-8")
    as_page.write_text(comparison_page(comparison, language), "utf-8")
    return as_json, as_page


def comparison_page(comparison: Json, language: Language) -> str:
    """Return a comparison as Markdown."""
    return "\n".join(_lines(comparison, language)) + "\n"


def _lines(comparison: Json, language: Language) -> Iterator[str]:
    a, b = comparison["a"], comparison["b"]
    yield _TITLE.say(language, a=_plain(a["name"]), b=_plain(b["name"]))
    yield ""
    yield _RUNS.say(
        language,
        dataset=_plain(b["dataset"]),
        name_a=_plain(a["name"]),
        name_b=_plain(b["name"]),
        a=a["id"],
        b=b["id"],
    )
    if comparison["notices"]:
        yield from ("", _NOTICES.say(language), "")
        yield from (_notice(notice, language) for notice in comparison["notices"])
    yield from ("", _METRICS.say(language), "")
    yield from metric_table(comparison, language)
    yield ""
    yield from _remarks(comparison, language)
    yield from ("", _CHANGES.say(language), "")
    yield from (f"- {line}" for line in change_lines(comparison, language))
    if comparison["ruler"]:
        yield from ("", _RULER.say(language), "")
        yield from (f"- {said(one['text'], language)}" for one in comparison["ruler"])
    if comparison["slices"] is not None:
        yield from ("", _SLICES.say(language), "")
        yield from _slice_table(comparison["slices"], language)
    yield from ("", _METHOD.say(language))


def change_lines(comparison: Json, language: Language, most: int = _MOST_CHANGES) -> Iterator[str]:
    """Yield what else differs between the runs, what is known first, as sentences."""
    changes = comparison["changes"]
    if changes is None:
        yield _CHANGES_UNKNOWN.say(language)
        return
    if not changes:
        yield _NO_CHANGES.say(language)
    ordered = sorted(changes, key=lambda one: not one["is_known"])
    yield from (said(one["text"], language) for one in ordered[:most])
    if len(changes) > most:
        a, b = comparison["a"]["id"], comparison["b"]["id"]
        yield _MORE_CHANGES.say(language, count=len(changes) - most, a=a, b=b)


def said(text: Json, language: Language) -> str:
    """A written text in a language."""
    words: str = text[language.value]
    return words


def _plain(text: str) -> str:
    """Words that come from people, in a table or a heading."""
    return " ".join(text.replace("|", "\\|").split())


def _notice(notice: Json, language: Language) -> str:
    words = said(notice["text"], language)
    return f"- **{words}**" if notice["is_other_ruler"] else f"- {words}"


def verdict_words(verdict: str, language: Language) -> str:
    """A verdict in a language."""
    return VERDICTS[Verdict(verdict)].say(language)


def metric_table(comparison: Json, language: Language) -> Iterator[str]:
    """Yield the lines of the table of metrics."""
    yield _METRIC_HEAD.say(language)
    yield "|---|---|---:|---:|---:|---:|---:|---:|---:|"
    for row in comparison["metrics"]:
        unit = row["unit"]
        cells = (
            row["metric"],
            verdict_words(row["verdict"], language),
            number(row["a"]["mean"], unit),
            number(row["b"]["mean"], unit),
            difference_cell(row),
            p_value(row["p_adjusted"]),
            f"{row['wins']} / {row['ties']} / {row['losses']}",
            str(row["n"]),
            number(row["detectable"], unit),
        )
        yield f"| {' | '.join(cells)} |"


def difference_cell(row: Json) -> str:
    """The difference of a metric or slice with its interval."""
    bounds = row["interval"]
    return difference(
        row["difference"], None if bounds is None else (bounds["low"], bounds["high"]), row["unit"]
    )


def _remarks(comparison: Json, language: Language) -> Iterator[str]:
    cases = comparison["cases"]
    if cases is not None:
        yield f"- {_CASES.say(language, **{**cases, 'p': p_value(cases['p'])})}"
    for row in comparison["metrics"]:
        yield from (f"- {line}" for line in metric_remarks(row, comparison["least_pairs"], language))


def metric_remarks(row: Json, least: int, language: Language) -> Iterator[str]:
    """Yield what there is to say of a metric beside its numbers."""
    needed, left_out = row["needed"], row["unpaired"]
    if row["verdict"] == Verdict.NOT_ENOUGH_DATA:
        yield _THIN.say(language, metric=row["metric"], units=row["units"], least=least)
    elif row["verdict"] == Verdict.NO_DIFFERENCE_SHOWN and needed is not None and needed["more"]:
        size = number(needed["difference"], row["unit"])
        yield _NEEDED.say(language, metric=row["metric"], difference=size, more=f"{needed['more']:,}")
    if left_out["total"]:
        reasons = ", ".join(_reasons(left_out, language))
        yield _LEFT_OUT.say(language, metric=row["metric"], count=left_out["total"], reasons=reasons)


def _reasons(left_out: Json, language: Language) -> Iterator[str]:
    for key, words in _SIDES.items():
        if left_out[key]:
            yield f"{words.say(language)} {left_out[key]}"
    for side in ("a", "b"):
        for reason, count in left_out[f"reasons_{side}"].items():
            yield f"{side.upper()} {reason} {count}"


def _slice_table(slices: Sequence[Json], language: Language) -> Iterator[str]:
    shown = [one for one in slices if one["verdict"] in (Verdict.WORSE, Verdict.BETTER)]
    if not shown:
        yield _NO_SLICES.say(language, count=len(slices))
        return
    yield _SLICE_HEAD.say(language)
    yield "|---|---|---|---:|---:|---:|---:|---:|---:|"
    for one in shown:
        unit = one["unit"]
        cells = (
            f"{one['slice']['fact']} = {_plain(one['slice']['value'])}",
            one["metric"],
            verdict_words(one["verdict"], language),
            number(one["mean_a"], unit),
            number(one["mean_b"], unit),
            difference_cell(one),
            ABSENT if one["rest"] is None else number(one["rest"], unit, signed=True),
            p_value(one["p_adjusted"]),
            str(one["n"]),
        )
        yield f"| {' | '.join(cells)} |"
