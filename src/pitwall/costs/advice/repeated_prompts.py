"""The same input to the same model, again and again: what an answer cache would save."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from pitwall.costs.advice.types import Basis, Kind, Suggestion, Work, confidence_of, filled
from pitwall.kit.i18n import Text

_MIN_REPEATS: Final = 5
_TITLE: Final = Text("Cache answers of {name}", "{name}의 답을 캐시하세요")
_DETAIL: Final = Text(
    "{repeats} of {calls} calls repeated an input of the 24 hours before, {distinct} different inputs "
    "among them.",
    "호출 {calls}건 가운데 {repeats}건이 24시간 안에 이미 보낸 입력을 되풀이했습니다. 그런 입력은 "
    "{distinct}가지입니다.",
)
_NOTE: Final = Text(
    "Whole input, model and request parameters are equal; repeats within a trace are left out, they "
    "may be meant. Low: repeats within an hour; high: all repeats. Texts of {share} of the calls were "
    "compared.",
    "입력 전체와 모델, 요청 매개변수가 모두 같은 호출입니다. 같은 트레이스 안의 반복은 의도한 것일 수 "
    "있어 뺐습니다. 최소는 한 시간 안의 반복, 최대는 모든 반복입니다. 호출의 {share}에서 글을 "
    "비교했습니다.",
)


@dataclass(frozen=True, slots=True)
class Repeats:
    """Repeats of inputs among the calls whose texts were compared.

    Attributes:
        calls: Calls that were compared.
        hour_usd: Cost of repeats of the hour before.
        day_usd: Of the 24 hours before.
        all_usd: Of any time before.
        distinct: Inputs that were repeated.
    """

    work: Work
    calls: int
    day_repeats: int
    distinct: int
    hour_usd: float
    day_usd: float
    all_usd: float
    trace_ids: Sequence[str]


def advise(basis: Basis, found: Sequence[Repeats]) -> Iterator[Suggestion]:
    """Suggest a cache where inputs come again."""
    if not basis.texts_share:
        return
    scale = basis.per_month / basis.texts_share
    for one in found:
        if one.day_repeats < _MIN_REPEATS:
            continue
        yield Suggestion(
            kind=Kind.REPEATED_PROMPTS,
            cell=one.work.cell,
            title=filled(_TITLE, name=one.work.name),
            detail=filled(
                _DETAIL,
                repeats=f"{one.day_repeats:,}",
                calls=f"{one.calls:,}",
                distinct=f"{one.distinct:,}",
            ),
            usd=one.day_usd * scale,
            low_usd=one.hour_usd * scale,
            high_usd=one.all_usd * scale,
            confidence=confidence_of(basis.days * basis.texts_share, one.day_repeats),
            evidence={
                "compared_calls": one.calls,
                "repeats_in_24h": one.day_repeats,
                "repeated_inputs": one.distinct,
                "repeated_share": one.day_repeats / one.calls,
            },
            note=filled(_NOTE, share=f"{basis.texts_share * 100:.0f} %"),
            trace_ids=one.trace_ids,
        )
