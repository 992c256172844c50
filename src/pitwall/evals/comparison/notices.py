"""What has to be said before the numbers of a comparison are believed: other rulers, missing cases."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from pitwall.evals.comparison.types import (
    MetricColumns,
    MetricComparison,
    Notice,
    NoticeKind,
    RunColumns,
)
from pitwall.kit.i18n import Language, Text

_MANY_UNSCORED = 0.02
_SAME_RUN = Text("Both sides are the same run.", "양쪽이 같은 실행입니다.")
_INCOMPLETE = Text(
    "Run {run} did not judge all of its cases; those that it judged first may not be typical.",
    "실행 {run}은(는) 케이스 일부만 평가했습니다. 먼저 평가된 케이스가 전체를 대표하지 않을 수 있습니다.",
)
_OTHER_CONTENTS = Text(
    "Dataset {a!r} has other contents in the two runs ({hash_a} and {hash_b}): a case may have the same id "
    "and another question or reference.",
    "데이터셋 {a!r}의 내용이 두 실행에서 다릅니다({hash_a}, {hash_b}). ID가 같아도 질문이나 정답이 다를 수 "
    "있습니다.",
)
_OTHER_CASES = Text(
    "{count} of the {total} cases that both runs have ask something else or have another reference.",
    "두 실행에 모두 있는 케이스 {total}개 중 {count}개는 질문이나 정답이 다릅니다.",
)
_OTHER_DATASET = Text(
    "The runs are over different datasets: {a!r} and {b!r}.", "두 실행의 데이터셋이 다릅니다: {a!r}, {b!r}."
)
_OTHER_RULER = Text(
    "{metric}: another {what_en} ({before} -> {after}); the difference may come from the ruler.",
    "{metric}: {what_ko} 변경({before} -> {after}). 차이가 측정 기준에서 왔을 수 있습니다.",
)
_OTHER_THRESHOLD = Text(
    "{metric}: another threshold ({before} -> {after}); here both runs pass or fail by {after}.",
    "{metric}: 임계값 변경({before} -> {after}). 여기서는 두 실행 모두 {after} 기준으로 판정합니다.",
)
_UNSHARED = Text(
    "{metric}: only run {run} has it, so it is not compared.",
    "{metric}: 실행 {run}에만 있어 비교하지 않습니다.",
)
_UNSCORED = Text(
    "{metric}: {count} of {total} cases ({share:.0%}) lack a value in one of the runs and are left out; if "
    "those are the hard ones, the difference is not that of all.",
    "{metric}: 케이스 {total}개 중 {count}개({share:.0%})는 한쪽이라도 점수가 없어 제외했습니다. 어려운 "
    "케이스라면 전체의 차이와 다를 수 있습니다.",
)
_IDENTITY = re.compile(
    r"[^@]*@(?P<version>\d+)(?P<options>.*?)(?::judge=(?P<judge>.*?))?(?::prompts=(?P<prompts>[^:]*))?"
)
_PARTS = {
    NoticeKind.VERSION: Text("version", "버전"),
    NoticeKind.OPTIONS: Text("set of options", "옵션"),
    NoticeKind.JUDGE: Text("judge", "판정 모델"),
    NoticeKind.PROMPTS: Text("prompt", "프롬프트"),
}


Change = tuple[NoticeKind, str, str]
"""What is not the same, how it was before and how it is after."""


@dataclass(frozen=True, slots=True)
class Identity:
    """The parts of the identity of a score, `name@version[:option=...][:judge=...][:prompts=...]`."""

    version: str
    options: str
    judge: str | None
    prompts: str | None


def read_identity(text: str) -> Identity:
    """Return the parts; of a text of another form, all of it is the version."""
    match = _IDENTITY.fullmatch(text)
    if match is None:
        return Identity(text, "", None, None)
    return Identity(match["version"], match["options"], match["judge"], match["prompts"])


def find_notices(
    a: RunColumns, b: RunColumns, names: Sequence[str], metrics: Sequence[MetricComparison]
) -> tuple[Notice, ...]:
    """Return what the two runs have not in common and what of them is missing, the gravest first."""
    found = [*_of_runs(a, b)]
    found += _of_metrics(a, b, names)
    found += _unshared(a, b)
    found += [notice for metric in metrics if (notice := _unscored(metric)) is not None]
    return tuple(sorted(found, key=lambda notice: not notice.kind.is_other_ruler))


def _of_runs(a: RunColumns, b: RunColumns) -> Iterator[Notice]:
    if a.id == b.id:
        yield Notice(NoticeKind.SAME_RUN, _SAME_RUN)
    if a.dataset_hash != b.dataset_hash:
        yield from _of_datasets(a, b)
    for run in (a, b):
        if not run.is_complete:
            yield Notice(NoticeKind.INCOMPLETE, fill(_INCOMPLETE, run=run.id))


def _of_datasets(a: RunColumns, b: RunColumns) -> Iterator[Notice]:
    """Versions whose common cases ask the same and differ in their answers only are the same ruler."""
    if a.asked is None or b.asked is None:
        template = _OTHER_CONTENTS if a.dataset == b.dataset else _OTHER_DATASET
        values = {"hash_a": a.dataset_hash[:8], "hash_b": b.dataset_hash[:8]}
        yield Notice(NoticeKind.DATASET, fill(template, a=a.dataset, b=b.dataset, **values))
        return
    common = a.asked.keys() & b.asked.keys()
    count = sum(a.asked[case] != b.asked[case] for case in common)
    if count:
        yield Notice(NoticeKind.DATASET, fill(_OTHER_CASES, count=count, total=len(common)))


def _of_metrics(a: RunColumns, b: RunColumns, names: Sequence[str]) -> Iterator[Notice]:
    """One notice for all metrics whose ruler changed in the same way."""
    changed: dict[Change, list[str]] = {}
    for name in names:
        for change in _changes(a.metrics[name], b.metrics[name]):
            changed.setdefault(change, []).append(name)
    for (kind, before, after), metrics in changed.items():
        what = _PARTS.get(kind, Text("", ""))
        template = _OTHER_THRESHOLD if kind is NoticeKind.THRESHOLD else _OTHER_RULER
        words = {"what_en": what.en, "what_ko": what.ko, "before": before, "after": after}
        text = fill(template, metric=", ".join(metrics), **words)
        yield Notice(kind, text, metrics[0] if len(metrics) == 1 else None)


def _changes(a: MetricColumns, b: MetricColumns) -> Iterator[Change]:
    yield from identity_changes(a.identity, b.identity)
    yield from threshold_changes(a.threshold, b.threshold)


def identity_changes(a: str, b: str) -> Iterator[Change]:
    """Yield what is not the same in two identities of scores: the kind, and how it was and is."""
    old, new = read_identity(a), read_identity(b)
    for kind, before, after in (
        (NoticeKind.VERSION, old.version, new.version),
        (NoticeKind.OPTIONS, old.options.strip(":"), new.options.strip(":")),
        (NoticeKind.JUDGE, old.judge, new.judge),
        (NoticeKind.PROMPTS, old.prompts, new.prompts),
    ):
        if before != after:
            yield kind, before or "-", after or "-"


def threshold_changes(a: float | None, b: float | None) -> Iterator[Change]:
    """Yield the change of a threshold, if there is one."""
    before, after = _number(a), _number(b)
    if before != after:
        yield NoticeKind.THRESHOLD, before, after


def _number(value: float | None) -> str:
    return "-" if value is None else f"{value:g}"


def _unshared(a: RunColumns, b: RunColumns) -> Iterator[Notice]:
    for run, other in ((a, b), (b, a)):
        for name in run.metrics:
            if name not in other.metrics:
                yield Notice(NoticeKind.UNSHARED, fill(_UNSHARED, metric=name, run=run.id), name)


def _unscored(metric: MetricComparison) -> Notice | None:
    left_out = metric.unpaired.total
    total = metric.n + left_out
    if not total or left_out / total <= _MANY_UNSCORED:
        return None
    text = fill(_UNSCORED, metric=metric.metric, count=left_out, total=total, share=left_out / total)
    return Notice(NoticeKind.UNSCORED, text, metric.metric)


def fill(text: Text, **values: Any) -> Text:
    """Fill in the values of a text in both languages."""
    return Text(text.say(Language.ENGLISH, **values), text.say(Language.KOREAN, **values))
