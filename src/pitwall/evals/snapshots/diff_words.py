"""What differences between snapshots are called, in Korean and English."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from pitwall.evals.snapshots.parts import DIRTY, PROMPTS, Part
from pitwall.kit.i18n import Language, Text

PART_TITLES: Final[Mapping[Part, Text]] = {
    Part.DATASET: Text("dataset", "데이터셋"),
    Part.JUDGE: Text("judge", "판정 모델"),
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

CHANGED: Final = Text(
    "{what} went from {before} to {after}.", "{what}: {before}에서 {after}(으)로 바뀌었습니다."
)
ADDED: Final = Text("{what} is new in the second: {after}.", "{what}: 두 번째에만 있습니다({after}).")
REMOVED: Final = Text("{what} is only in the first: {before}.", "{what}: 첫 번째에만 있습니다({before}).")
_UNKNOWN: Final = Text(
    "Only {which} snapshot tells of {what}, so nothing can be said.",
    "{what}에 대한 기록이 {which} 스냅샷에만 있어 비교할 수 없습니다.",
)
_FIRST: Final = Text("the first", "첫 번째")
_SECOND: Final = Text("the second", "두 번째")
WEIGHTS: Final = Text(
    "{what} has the same name and other weights: its digest went from {before} to {after}.",
    "{what}의 이름은 같지만 가중치가 다릅니다. 다이제스트가 {before}에서 {after}(으)로 바뀌었습니다.",
)
BOTH_DIRTY: Final = Text(
    "Both ran with uncommitted changes, so the same commit does not say that the code was the same.",
    "둘 다 커밋하지 않은 변경이 있는 채로 실행되어, 커밋이 같아도 코드가 같았다고 할 수 없습니다.",
)
_LONGEST: Final = 80
_HASH: Final = 12
_LABELS: Final[Mapping[str, str]] = {
    "the dataset": "데이터셋",
    "the content of the dataset": "데이터셋 내용",
    "the version of the dataset": "데이터셋 버전",
    "the number of examples": "예제 수",
    "the judge": "판정 모델",
    "the judge digest": "판정 모델의 다이제스트",
    "the API of the judge": "판정 모델의 API",
    "the temperature of the judge": "판정 모델의 온도",
    "the seed of the judge": "판정 모델의 시드",
    "the longest reply of the judge": "판정 모델의 최대 응답 길이",
    "the options of the judge": "판정 모델의 옵션",
    "the embedding model": "임베딩 모델",
    "the embedding model digest": "임베딩 모델의 다이제스트",
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
    DIRTY: "커밋하지 않은 변경",
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
    PROMPTS: "{}의 프롬프트",
}


def say_change(template: Text, label: Text, old: Any, new: Any) -> Text:
    """Say how a value changed."""
    values = {"before": _short(old), "after": _short(new)}
    english = template.say(Language.ENGLISH, what=_first(label), **values)
    return Text(english, template.say(Language.KOREAN, what=label.ko, **values))


def say_unknown(label: Text, *, in_first: bool) -> Text:
    """Say that only one snapshot tells of something."""
    which = _FIRST if in_first else _SECOND
    return Text(
        _UNKNOWN.say(Language.ENGLISH, what=label.en, which=which.en),
        _UNKNOWN.say(Language.KOREAN, what=label.ko, which=which.ko),
    )


def label_of(what: str) -> Text:
    """What something is called in both languages; names of packages and settings are the same in both."""
    if what in _LABELS:
        return Text(what, _LABELS[what])
    for english, korean in _LABELS_OF.items():
        if what.startswith(english):
            return Text(what, korean.format(what.removeprefix(english)))
    return Text(what, what)


def _first(label: Text) -> str:
    """How a sentence begins with it: the name of a package or a setting keeps its spelling."""
    is_name = label.en == label.ko
    return label.en if is_name else f"{label.en[:1].upper()}{label.en[1:]}"


def _short(value: Any) -> str:
    text = value if isinstance(value, str) else str(value).lower() if isinstance(value, bool) else str(value)
    bare = text.removeprefix("sha256:")
    if len(bare) >= 32 and all(digit in "0123456789abcdef" for digit in bare):
        return bare[:_HASH]
    return text if len(text) <= _LONGEST else f"{text[: _LONGEST - 1]}…"
