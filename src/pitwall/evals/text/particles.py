"""Korean particles and the copula: when the end of a token is one, by rules that look at its sounds.

Nothing is cut from a token because it merely ends like a particle. The rules:

1. What follows a number, a unit, Latin letters or a closing bracket and is a particle or a form of the
   copula in its whole length is one: `API는`, `1억원입니다`, `(주)에서`.
2. A particle of two and more syllables (`에서`, `까지`, `으로는`) and a polite form of the copula (`입니다`)
   are cut where at least two syllables stay, or one before `에서 에게 까지 에는 에도`.
3. `은 는 을 를 이 가 과 와 의 에 도 만 로` are cut where at least two syllables stay and the form suits the
   sound before it (`은` after a consonant, `는` after a vowel), unless the whole token is a known noun that
   ends so (`고양이`, `민주주의`, `고속도로`).
"""

from __future__ import annotations

from functools import lru_cache
from typing import Final

_FIRST, _LAST = 0xAC00, 0xD7A3
_FINALS: Final = 28
_RIEUL: Final = 8
_STEM: Final = 2

_COPULA: Final = (
    "입니다 입니까 이었습니다 였습니다 이에요 예요 이다 이며 이고 이지만 이라고 라고 이라는 라는 인데 "
    "이었다 였다 이므로 이라서 이어서 이죠 이지 인 임 일 이란 란"
).split()
_LONG: Final = (
    "에서는 에서도 에서의 에서 에게서 에게는 에게도 에게 한테서 한테 께서는 께서 으로부터 로부터 부터는 "
    "부터 까지는 까지도 까지의 까지 으로서 으로써 로서 로써 으로는 으로도 으로의 으로 로는 로도 로의 에는 "
    "에도 에만 에의 처럼 보다는 보다 마다 조차 마저 밖에 이나 이랑 과의 와의 과는 와는 만의 만이 만을 만은 "
    "만에 간의 하고 대로 만큼 이라도 라도 이야말로"
).split()
_SHORT: Final = "은 는 을 를 이 가 과 와 의 에 도 만 로 랑 나 께".split()
_AFTER_CONSONANT: Final = frozenset(
    "은 을 이 과 으로 으로는 으로도 으로의 으로부터 으로서 으로써 이나 이랑 이라도 과의 과는".split()
)
_AFTER_VOWEL: Final = frozenset("는 를 가 와 랑 나 라도 와의 와는".split())
_AFTER_VOWEL_OR_RIEUL: Final = frozenset("로 로는 로도 로의 로부터 로서 로써".split())

_AFTER_ONE_SYLLABLE: Final = frozenset("에서 에게 까지 에는 에도".split())
_CUT_SHORT: Final = frozenset("은 는 을 를 이 가 과 와 의 에 도 만 로".split())
_CUT_LONG: Final = tuple(
    sorted(
        [form for form in _LONG if form not in ("하고", "보다", "대로", "이나", "로서")]
        + "입니다 입니까 이었습니다 였습니다 이에요 예요 이었다 였다".split(),
        key=len,
        reverse=True,
    )
)
_WHOLE: Final = frozenset([*_COPULA, *_LONG, *_SHORT])

# Nouns that rule 3 would cut; those that end in 주의, 회의, 도로 and the like are named by their ends.
_NOUNS: Final = frozenset(
    "고양이 호랑이 거북이 지팡이 어린이 젊은이 늙은이 목걸이 귀걸이 놀이 먹이 달팽이 원숭이 개구리 강아지 "
    "제주도 경기도 강원도 충청도 전라도 경상도 한반도 울릉도 독도 무궁화 정치가 건축가 평론가 수필가 "
    "번역가 작가 화가 사업가 자본가 산부인과 소아과 정형외과 이비인후과 안과 치과 내과 외과 교과 학과 "
    "인도네시아 스웨덴 마을 가을 노을 서울로 앞으로 새로 따로 바로 서로 스스로 홀로 함부로 주로 별도 정도 "
    "속도 온도 각도 강도 밀도 제도 태도 의도 지도 아마도 그래도 아무도 불만 시장가 평가 전문가 국가 추가 "
    "증가 허가 휴가 참가 결과 효과 성과 통과 초과 부과 사과 경과".split()
)
_NOUN_ENDS: Final = (
    "주의",
    "회의",
    "협의",
    "합의",
    "정의",
    "강의",
    "문의",
    "동의",
    "도로",
    "경로",
    "통로",
    "진로",
    "평가",
    "국가",
)


def is_hangul(letter: str) -> bool:
    """Whether a character is a Korean syllable."""
    return _FIRST <= ord(letter) <= _LAST


def is_ending(tail: str) -> bool:
    """Whether the Korean text right after a number or Latin letters is nothing but a particle (rule 1)."""
    return tail in _WHOLE or any(
        tail.endswith(second) and tail[: -len(second)] in _WHOLE
        for second in ("은", "는", "도", "만", "의", "요")
    )


@lru_cache(maxsize=1 << 15)  # words come again, above all where a whole corpus is indexed
def strip_particle(token: str) -> str:
    """Return a Korean token without its particle, by rules 2 and 3."""
    for form in _CUT_LONG:
        stem = token[: -len(form)]
        least = 1 if form in _AFTER_ONE_SYLLABLE else _STEM
        if len(stem) >= least and token.endswith(form) and _suits(stem, form):
            return stem
    form, stem = token[-1:], token[:-1]
    if form not in _CUT_SHORT or len(stem) < _STEM or not _suits(stem, form):
        return token
    return token if token in _NOUNS or token.endswith(_NOUN_ENDS) else stem


def _suits(stem: str, form: str) -> bool:
    final = (ord(stem[-1]) - _FIRST) % _FINALS
    if form in _AFTER_CONSONANT:
        return final != 0 and not (form.startswith("으로") and final == _RIEUL)
    if form in _AFTER_VOWEL:
        return final == 0
    if form in _AFTER_VOWEL_OR_RIEUL:
        return final in (0, _RIEUL)
    return True
