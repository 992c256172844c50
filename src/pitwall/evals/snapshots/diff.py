"""What differs between two snapshots, part by part and in the order of what it may do to scores. Pure."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Final

from pitwall.kit.i18n import Language, Text

Json = Mapping[str, Any]


class Part(StrEnum):
    """What a snapshot speaks of."""

    DATASET = "dataset"
    JUDGE = "judge"
    PROMPTS = "prompts"
    METRICS = "metrics"
    TARGET = "target"
    RETRIEVERS = "retrievers"
    PLAN = "plan"
    GIT = "git"
    PITWALL = "pitwall"
    PACKAGES = "packages"
    SETTINGS = "settings"
    ENVIRONMENT = "environment"
    PYTHON = "python"
    SYSTEM = "system"


PART_TITLES: Final[Mapping[Part, Text]] = {
    Part.DATASET: Text("dataset", "데이터셋"),
    Part.JUDGE: Text("judge", "심사 모델"),
    Part.PROMPTS: Text("prompts", "프롬프트"),
    Part.METRICS: Text("metrics", "지표"),
    Part.TARGET: Text("target", "대상"),
    Part.RETRIEVERS: Text("retrievers", "검색"),
    Part.PLAN: Text("plan", "계획"),
    Part.GIT: Text("git", "git"),
    Part.PITWALL: Text("Pitwall", "Pitwall"),
    Part.PACKAGES: Text("packages", "패키지"),
    Part.SETTINGS: Text("settings", "설정"),
    Part.ENVIRONMENT: Text("environment", "환경 변수"),
    Part.PYTHON: Text("Python", "Python"),
    Part.SYSTEM: Text("system", "시스템"),
}

_CHANGED: Final = Text(
    "{what} went from {before} to {after}.", "{what}: {before}에서 {after}(으)로 바뀌었습니다."
)
_ADDED: Final = Text("{what} is new in the second: {after}.", "{what}: 두 번째에만 있습니다({after}).")
_REMOVED: Final = Text("{what} is only in the first: {before}.", "{what}: 첫 번째에만 있습니다({before}).")
_UNKNOWN: Final = Text(
    "Only {which} snapshot tells of {what}, so nothing can be said.",
    "{what}에 대한 기록이 {which} 스냅샷에만 있어 비교할 수 없습니다.",
)
_FIRST: Final = Text("the first", "첫 번째")
_SECOND: Final = Text("the second", "두 번째")
_WEIGHTS: Final = Text(
    "{what} has the same name and other weights: its digest went from {before} to {after}.",
    "{what}의 이름은 같지만 가중치가 다릅니다. 다이제스트가 {before}에서 {after}(으)로 바뀌었습니다.",
)
_LONGEST: Final = 80
_HASH: Final = 12
_DIGEST: Final = " digest"
_PROMPTS: Final = "the prompts of "
_DIRTY: Final = "uncommitted changes"
_BOTH_DIRTY: Final = Text(
    "Both ran with uncommitted changes, so the same commit does not say that the code was the same.",
    "둘 다 커밋하지 않은 변경이 있는 채로 실행되어, 커밋이 같아도 코드가 같았다고 할 수 없습니다.",
)
_UNKNOWABLE: Final = frozenset(
    (
        "the judge digest",
        "the embedding model digest",
        "the model of the target digest",
        "the version of the dataset",
        "the number of examples",
        "the commit",
    )
)
"""What a snapshot may not have found out; its absence is no value."""
_LABELS: Final[Mapping[str, str]] = {
    "the dataset": "데이터셋",
    "the content of the dataset": "데이터셋 내용",
    "the version of the dataset": "데이터셋 버전",
    "the number of examples": "예제 수",
    "the judge": "심사 모델",
    "the judge digest": "심사 모델의 다이제스트",
    "the API of the judge": "심사 모델의 API",
    "the embedding model": "임베딩 모델",
    "the embedding model digest": "임베딩 모델의 다이제스트",
    "the temperature of the judge": "심사 모델의 온도",
    "the seed of the judge": "심사 모델의 시드",
    "the longest reply of the judge": "심사 모델의 최대 응답 길이",
    "the options of the judge": "심사 모델의 옵션",
    "the kind of target": "대상 종류",
    "the address of the target": "대상 주소",
    "the function of the target": "대상 함수",
    "the model of the target": "대상 모델",
    "the model of the target digest": "대상 모델의 다이제스트",
    "the mode": "모드",
    "the profile": "프로필",
    "the limit of cases": "케이스 수 제한",
    "the seed": "시드",
    "the repeats": "반복 수",
    "the language": "언어",
    "the commit": "커밋",
    "the branch": "브랜치",
    "uncommitted changes": "커밋하지 않은 변경",
    "the Python version": "Python 버전",
    "the Python implementation": "Python 구현",
    "the operating system": "운영체제",
    "the release of the operating system": "운영체제 릴리스",
    "the architecture": "아키텍처",
    "the processor": "프로세서",
    "the number of processors": "프로세서 수",
    "the memory in bytes": "메모리(바이트)",
    "the graphics cards": "그래픽 카드",
}
_LABELS_OF: Final[Mapping[str, str]] = {
    "the metric ": "지표 {}",
    "the threshold of ": "{}의 기준",
    "the code of ": "{}의 코드",
    _PROMPTS: "{}의 프롬프트",
}


@dataclass(frozen=True, slots=True)
class Difference:
    """One thing that differs.

    Attributes:
        is_known: False if only one snapshot tells of it.
    """

    part: Part
    what: str
    before: Any
    after: Any
    text: Text
    is_known: bool = True


def compare(first: Json, second: Json) -> list[Difference]:
    """Return what differs between the data of two snapshots."""
    return [one for part, read in _READERS.items() for one in _compare_part(part, read, first, second)]


Reader = Callable[[Json], "dict[str, Any] | None"]
"""What a snapshot says of a part, by the names people know; None if it says nothing."""


def _compare_part(part: Part, read: Reader, first: Json, second: Json) -> Iterator[Difference]:
    before, after = read(first), read(second)
    if before is None and after is None:
        return
    if before is None or after is None:
        yield _unknown(part, PART_TITLES[part], before, after)
        return
    names = [*before, *after] if part is not Part.PROMPTS else [one for one in before if one in after]
    for what in dict.fromkeys(names):
        old, new = before.get(what), after.get(what)
        if old != new:
            yield _difference(part, what, old, new, is_same=before.get(_bare(what)) == after.get(_bare(what)))
    if part is Part.GIT and before == after and before[_DIRTY]:
        yield Difference(part, _DIRTY, True, True, _BOTH_DIRTY, is_known=False)


def _difference(part: Part, what: str, old: Any, new: Any, *, is_same: bool) -> Difference:
    """How a value changed.

    Args:
        is_same: What has the digest has the same name in both.
    """
    label = label_of(what)
    is_told = old is not None and new is not None
    if not is_told and (part is Part.SYSTEM or what in _UNKNOWABLE or what.startswith(_PROMPTS)):
        return _unknown(part, label, old, new)
    template = _ADDED if old is None else _REMOVED if new is None else _CHANGED
    if is_told and what.endswith(_DIGEST) and is_same:
        template, label = _WEIGHTS, label_of(_bare(what))
    values = {"before": _short(old), "after": _short(new)}
    english = template.say(Language.ENGLISH, what=_first(label), **values)
    return Difference(
        part, what, old, new, Text(english, template.say(Language.KOREAN, what=label.ko, **values))
    )


def _first(label: Text) -> str:
    """How a sentence begins with it: the name of a package or a setting keeps its spelling."""
    is_name = label.en == label.ko
    return label.en if is_name else f"{label.en[:1].upper()}{label.en[1:]}"


def label_of(what: str) -> Text:
    """What something is called in both languages; names of packages and settings are the same in both."""
    if what in _LABELS:
        return Text(what, _LABELS[what])
    for english, korean in _LABELS_OF.items():
        if what.startswith(english):
            return Text(what, korean.format(what.removeprefix(english)))
    return Text(what, what)


def _bare(what: str) -> str:
    return what.removesuffix(_DIGEST)


def _unknown(part: Part, what: Text, before: Any, after: Any) -> Difference:
    which = _SECOND if before is None else _FIRST
    text = Text(
        _UNKNOWN.say(Language.ENGLISH, what=what.en, which=which.en),
        _UNKNOWN.say(Language.KOREAN, what=what.ko, which=which.ko),
    )
    return Difference(part, what.en, before, after, text, is_known=False)


def _short(value: Any) -> str:
    text = value if isinstance(value, str) else str(value).lower() if isinstance(value, bool) else str(value)
    bare = text.removeprefix("sha256:")
    if len(bare) >= 32 and all(digit in "0123456789abcdef" for digit in bare):
        return bare[:_HASH]
    return text if len(text) <= _LONGEST else f"{text[: _LONGEST - 1]}…"


def _member(name: str, labels: Mapping[str, str]) -> Reader:
    """Fields of one object, under the names people know."""

    def read(data: Json) -> dict[str, Any] | None:
        found = data.get(name)
        if not isinstance(found, Mapping):
            return None
        return {label: found.get(key) for key, label in labels.items()}

    return read


def _models(name: str, labels: Mapping[str, str]) -> Reader:
    """Fields of a model; a run that asks none says so by null."""

    def read(data: Json) -> dict[str, Any] | None:
        models = data.get("models")
        if not isinstance(models, Mapping):
            return None
        found = models.get(name) or {}
        return {label: found.get(key) for key, label in labels.items()}

    return read


def _metrics(data: Json) -> dict[str, Any] | None:
    found = data.get("metrics")
    if not isinstance(found, Sequence):
        return None
    told: dict[str, Any] = {}
    for metric in found:
        told[f"the metric {metric['name']}"] = metric["identity"]
        told[f"the threshold of {metric['name']}"] = metric["threshold"]
        told[f"the code of {metric['name']}"] = (metric.get("source") or {}).get("hash")
    return told


def _prompts(data: Json) -> dict[str, Any] | None:
    """Hashes of the prompts of each metric; None where they are not known."""
    found = data.get("metrics")
    if not isinstance(found, Sequence):
        return None
    return {f"{_PROMPTS}{metric['name']}": _hashes(metric["prompts"]) for metric in found}


def _hashes(prompts: Mapping[str, str] | None) -> str | None:
    if prompts is None:
        return None
    return ", ".join(f"{name} {digest}" for name, digest in sorted(prompts.items()))


def _retrievers(data: Json) -> dict[str, Any] | None:
    """Parameters of each search by its name; of several in use all of them."""
    found = data.get("retrievers")
    if not isinstance(found, Sequence):
        return None
    told: dict[str, list[Any]] = {}
    for search in found:
        for name, value in search["parameters"].items():
            values = told.setdefault(
                f"{search['stage']} {search['name'] or ''} {name}".replace("  ", " "), []
            )
            if value not in values:
                values.append(value)
    return {what: values[0] if len(values) == 1 else sorted(values, key=str) for what, values in told.items()}


def _plan(data: Json) -> dict[str, Any] | None:
    """What the plan says besides metrics, judge and target; budgets change no score."""
    found = data.get("plan")
    if not isinstance(found, Mapping):
        return None
    names = ("mode", "profile", "limit", "seed", "repeats", "language")
    return {"the limit of cases" if name == "limit" else f"the {name}": found.get(name) for name in names}


def _plain(name: str) -> Reader:
    """An object of names and values."""

    def read(data: Json) -> dict[str, Any] | None:
        found = data.get(name)
        return dict(found) if isinstance(found, Mapping) else None

    return read


def _settings(data: Json) -> dict[str, Any] | None:
    found = data.get("settings")
    if not isinstance(found, Sequence):
        return None
    return {str(row["setting"]): row["value"] for row in found}


def _pitwall(data: Json) -> dict[str, Any] | None:
    found = data.get("pitwall")
    return None if found is None else {"Pitwall": found}


_READERS: Final[Mapping[Part, Reader]] = {
    Part.DATASET: _member(
        "dataset",
        {
            "name": "the dataset",
            "content_hash": "the content of the dataset",
            "version": "the version of the dataset",
            "examples": "the number of examples",
        },
    ),
    Part.JUDGE: _models(
        "judge",
        {
            "model": "the judge",
            "digest": "the judge digest",
            "api": "the API of the judge",
            "embedding_model": "the embedding model",
            "embedding_digest": "the embedding model digest",
            "temperature": "the temperature of the judge",
            "seed": "the seed of the judge",
            "max_tokens": "the longest reply of the judge",
            "options": "the options of the judge",
        },
    ),
    Part.PROMPTS: _prompts,
    Part.METRICS: _metrics,
    Part.TARGET: _models(
        "target",
        {
            "kind": "the kind of target",
            "url": "the address of the target",
            "function": "the function of the target",
            "model": "the model of the target",
            "digest": "the model of the target digest",
        },
    ),
    Part.RETRIEVERS: _retrievers,
    Part.PLAN: _plan,
    Part.GIT: _member(
        "git",
        {"commit": "the commit", "branch": "the branch", "is_dirty": "uncommitted changes"},
    ),
    Part.PITWALL: _pitwall,
    Part.PACKAGES: _plain("packages"),
    Part.SETTINGS: _settings,
    Part.ENVIRONMENT: _plain("environment"),
    Part.PYTHON: _member(
        "python", {"version": "the Python version", "implementation": "the Python implementation"}
    ),
    Part.SYSTEM: _member(
        "system",
        {
            "os": "the operating system",
            "release": "the release of the operating system",
            "machine": "the architecture",
            "cpu": "the processor",
            "cpu_count": "the number of processors",
            "memory_bytes": "the memory in bytes",
            "gpus": "the graphics cards",
        },
    ),
}
