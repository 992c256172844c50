"""What can be wrong with a plan, in words."""

from __future__ import annotations

from pitwall.kit.i18n import Text

MODE_HAS_METRICS = Text(
    "Mode {mode!r} has its own metrics: {metrics}.", "{mode!r} 모드는 지표가 정해져 있습니다: {metrics}."
)
NO_METRIC = Text("A run needs at least one metric.", "지표를 하나 이상 골라야 합니다.")
NOT_POSITIVE = Text(
    "{flag} is {value}; it must be more than 0.", "{flag} 값이 {value}입니다. 0보다 커야 합니다."
)
NO_PRICE = Text(
    "The price of {model!r} is not known, so --max-cost cannot be kept.",
    "{model!r}의 가격을 알 수 없어 비용 한도(--max-cost)를 지킬 수 없습니다.",
)
NOT_JUDGED = Text(
    "--threshold names {metric!r}, which the run does not judge.",
    "{metric!r}의 기준값(--threshold)이 있지만 이 실행에서 쓰는 지표가 아닙니다.",
)
OUT_OF_RANGE = Text(
    "The threshold {value} of {metric!r} is outside of its range.",
    "{metric!r}의 기준값 {value}이(가) 지표의 범위를 벗어납니다.",
)
NO_FIELD = Text(
    "Metric {metric!r} needs {need}, which none of the {cases} cases of {dataset!r} has.",
    "{metric!r} 지표에는 {need} 값이 필요하지만 {dataset!r}의 케이스 {cases}개 어디에도 없습니다.",
)
# Of two texts, the first is for a run without a profile, the second for a profile that has no such model.
ASKS_A_JUDGE = (
    Text(
        "Metric {metric!r} asks a judge, and no profile is chosen.",
        "{metric!r} 지표는 판정 모델이 필요하지만 고른 프로필이 없습니다.",
    ),
    Text(
        "Metric {metric!r} asks a judge, and profile {profile!r} has none.",
        "{metric!r} 지표는 판정 모델이 필요하지만 {profile!r} 프로필에는 없습니다.",
    ),
)
NEEDS_EMBEDDINGS = (
    Text(
        "Metric {metric!r} needs an embedding model, and no profile is chosen.",
        "{metric!r} 지표는 임베딩 모델이 필요하지만 고른 프로필이 없습니다.",
    ),
    Text(
        "Metric {metric!r} needs an embedding model, and profile {profile!r} has none.",
        "{metric!r} 지표는 임베딩 모델이 필요하지만 {profile!r} 프로필에는 없습니다.",
    ),
)
RETRIEVER_NEEDS_EMBEDDINGS = (
    Text(
        "--retriever {kind} needs an embedding model, and no profile is chosen.",
        "--retriever {kind}에는 임베딩 모델이 필요하지만 고른 프로필이 없습니다.",
    ),
    Text(
        "--retriever {kind} needs an embedding model, and profile {profile!r} has none.",
        "--retriever {kind}에는 임베딩 모델이 필요하지만 {profile!r} 프로필에는 없습니다.",
    ),
)
NOTHING_TO_FIND = Text(
    "All {cases} cases of {dataset!r} have contexts, so --retriever finds none.",
    "{dataset!r}의 케이스 {cases}개에 모두 컨텍스트가 있어 --retriever가 찾을 것이 없습니다.",
)
