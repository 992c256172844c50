"""What the doctor tells people and programs."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Final

from pitwall.kit.cli_output import ABSENT, Column
from pitwall.kit.i18n import Language, Text
from pitwall.llm.types import Api

if TYPE_CHECKING:
    from pitwall.llm.doctor import Findings
    from pitwall.llm.embedding_doctor import EmbeddingFindings

_HALF = 0.5
_MISSING_MODEL = Text(
    "The endpoint does not list {model}. It lists: {models}.",
    "엔드포인트의 모델 목록에 {model}이(가) 없습니다. 목록: {models}.",
)
_CUT = Text(
    "Most verdicts on long input are wrong, those on short input are not: long prompts may be cut.",
    "긴 입력에서만 판정이 대부분 틀렸습니다. 엔드포인트가 긴 프롬프트를 잘라낼 수 있습니다.",
)
_REPEATS = Text("The same question gets the same reply: {answer}.", "같은 질문에 같은 답: {answer}.")
_SEED = Text("A seed fixes the reply at temperature 1: {answer}.", "온도 1에서 시드가 답을 고정함: {answer}.")
_ANSWERS = {True: Text("yes", "예"), False: Text("no", "아니오"), None: Text("unknown", "알 수 없음")}

MODE_COLUMNS: Final = (
    Column("mode", "MODE"),
    Column("asked", "ASKED", "right"),
    Column("valid", "VALID", "right"),
    Column("complete", "ALL IDS", "right"),
    Column("short", "SHORT RIGHT", "right"),
    Column("korean", "KOREAN RIGHT", "right"),
    Column("long", "LONG RIGHT", "right"),
    Column("latency_ms", "MS", "right"),
    Column("failures", "FAILURES", wrap=True),
)


_UNIT_LENGTH = Text("Vectors have length 1: {answer}.", "벡터의 길이가 1임: {answer}.")
_SAME_VECTOR = Text("The same text gets the same vector: {answer}.", "같은 텍스트에 같은 벡터: {answer}.")
_ORDER = Text(
    "Vectors of a batch are not those of its texts: scores by likeness will be wrong.",
    "한꺼번에 보낸 텍스트의 벡터가 따로 보낸 것과 다릅니다. 유사도 점수가 틀리게 됩니다.",
)
_WEAK = Text(
    "It cannot tell sentences that say the same from others in {languages}: take another model for them.",
    "{languages}에서 뜻이 같은 문장을 구별하지 못합니다. 다른 모델을 쓰세요.",
)
_NO_VECTORS = Text("{model} gave no vectors: {problem}", "{model} 모델이 벡터를 주지 않았습니다: {problem}")
_BATCH_REFUSED = Text(
    "It takes {largest} texts at once and refused {refused}: {problem}",
    "한 번에 텍스트 {largest}개까지 받고 {refused}개는 거부했습니다: {problem}",
)
_KINDS = {
    "english": Text("English", "영어"),
    "korean": Text("Korean", "한국어"),
    "across": Text("Korean and English together", "한국어와 영어 사이"),
}

EMBEDDING_COLUMNS: Final = (
    Column("model", "EMBEDDING"),
    Column("dimension", "DIMENSION", "right"),
    Column("english", "ENGLISH RIGHT", "right"),
    Column("korean", "KOREAN RIGHT", "right"),
    Column("across", "ACROSS RIGHT", "right"),
    Column("largest_batch", "AT ONCE", "right"),
    Column("latency_ms", "MS", "right"),
)


def embedding_view(found: EmbeddingFindings) -> dict[str, Any]:
    """What was found about an embedding model, as JSON."""
    endpoint = found.endpoint
    return {
        "model": endpoint.model,
        "api": endpoint.api.value,
        "url": endpoint.base_url or None,
        "is_simulated": endpoint.api is Api.SIMULATED,
        "dimension": found.dimension,
        "is_normalised": found.is_normalised,
        "same_text_same_vector": found.repeats,
        "batch_keeps_order": found.keeps_order,
        "right": {kind.value: _ratio(found.right[kind], asked) for kind, asked in found.asked.items()},
        "largest_batch": found.largest_batch,
        "refused_batch": found.refused_batch,
        "latency_ms": found.latency_ms,
        "problem": found.problem,
    }


def shown_embedding(view: Mapping[str, Any]) -> dict[str, Any]:
    """An embedding model as a row of its table."""
    right = {kind: _percent(view["right"].get(kind)) for kind in _KINDS}
    latency = view["latency_ms"]
    return {**view, **right, "latency_ms": None if latency is None else f"{latency:.0f}"}


def embedding_remarks(view: Mapping[str, Any], language: Language) -> list[str]:
    """What a person should know beyond the table."""
    if view["dimension"] is None:
        return [_NO_VECTORS.say(language, model=view["model"], problem=view["problem"])]
    said = [
        _SAME_VECTOR.say(language, answer=_ANSWERS[view["same_text_same_vector"]].say(language)),
        _UNIT_LENGTH.say(language, answer=_ANSWERS[view["is_normalised"]].say(language)),
    ]
    if view["batch_keeps_order"] is False:
        said.append(_ORDER.say(language))
    weak = [kind for kind, right in view["right"].items() if right is not None and right <= _HALF]
    if weak:
        said.append(_WEAK.say(language, languages=", ".join(_KINDS[kind].say(language) for kind in weak)))
    if view["refused_batch"] is not None:
        said.append(
            _BATCH_REFUSED.say(
                language,
                largest=view["largest_batch"] or 0,
                refused=view["refused_batch"],
                problem=view["problem"],
            )
        )
    return said


def findings_view(findings: Findings) -> dict[str, Any]:
    """What was found, as JSON."""
    endpoint, abilities = findings.endpoint, findings.abilities
    is_simulated = endpoint.api is Api.SIMULATED
    return {
        "model": endpoint.model,
        "api": endpoint.api.value,
        "url": endpoint.base_url or None,
        "is_simulated": is_simulated,
        "listed_models": None if findings.models is None else list(findings.models),
        "best_mode": None if abilities is None or is_simulated else abilities.modes[0].value,
        "left_out": [] if abilities is None else sorted(abilities.quirks.left_out),
        "same_question_same_reply": findings.repeats,
        "seed_fixes_reply": findings.seed_repeats,
        "modes": [
            {
                "mode": "simulated" if one.mode is None else one.mode.value,
                "asked": one.asked,
                "valid": one.valid,
                "complete": one.complete,
                "failure_rate": one.failure_rate,
                "right": {kind.value: _ratio(one.right[kind], asked) for kind, asked in one.verdicts.items()},
                "latency_ms": one.latency_ms,
                "failures": {failure.value: count for failure, count in one.failures.items()},
                "is_refused": one.is_refused,
                "problem": one.problem,
            }
            for one in findings.modes
        ],
    }


def _ratio(part: int, whole: int) -> float | None:
    return part / whole if whole else None


def shown_mode(row: Mapping[str, Any]) -> dict[str, Any]:
    """A mode as a row of the table."""
    right = {kind: _percent(row["right"].get(kind)) for kind in ("short", "korean", "long")}
    latency = row["latency_ms"]
    failures = ", ".join(f"{name} {count}" for name, count in row["failures"].items())
    problem = f": {row['problem']}" if row["problem"] else ""
    return {
        **row,
        **right,
        "latency_ms": None if latency is None else f"{latency:.0f}",
        "failures": f"{failures}{problem}" or None,
    }


def _percent(ratio: float | None) -> str:
    return ABSENT if ratio is None else f"{ratio:.0%}"


def remarks(findings: Findings, view: Mapping[str, Any], language: Language) -> list[str]:
    """What a person should know beyond the table."""
    said = []
    models, model = findings.models, findings.endpoint.model
    if models is not None and models and model not in models and f"{model}:latest" not in models:
        said.append(_MISSING_MODEL.say(language, model=model, models=", ".join(models[:10])))
    best = next((one for one in view["modes"] if one["mode"] == view["best_mode"]), None)
    right = {} if best is None else best["right"]
    long, short = right.get("long"), right.get("short")
    if long is not None and short is not None and long < _HALF <= short:
        said.append(_CUT.say(language))
    if best is not None:
        said.append(_REPEATS.say(language, answer=_ANSWERS[findings.repeats].say(language)))
        said.append(_SEED.say(language, answer=_ANSWERS[findings.seed_repeats].say(language)))
    return said
