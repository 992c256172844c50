"""What can be wrong with prompts of somebody's own, place by place, in Korean and English. Pure."""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from string import Formatter
from typing import Any, Final

from pitwall.evals.judging.prompts import (
    COMMON,
    LANGUAGE_PLACE,
    NAMES,
    SYSTEM,
    USER,
    VERSION,
    places_of,
    prompt,
)
from pitwall.kit.i18n import Language, Text
from pitwall.kit.text import check_storable

LONGEST_TEXT: Final = 20_000
"""Characters; there has to be room for what is judged."""
_HIGHEST_VERSION: Final = 1_000_000
_LANGUAGES: Final = tuple(language.value for language in Language)
_VERDICT: Final = re.compile(r"^- (\w+):", re.MULTILINE)
_FORM: Final = "claims: {version: 1, en: {system: ..., user: ...}}"

_NO_MAPPING: Final = Text(
    "prompts stand below their names, as in `{form}`", "프롬프트는 이름 아래에 씁니다. 예: `{form}`"
)
_BARE: Final = Text(
    "a prompt without its name; put it below the name, such as `claims:`",
    "이름이 없는 프롬프트입니다. `claims:`처럼 이름 아래에 쓰십시오",
)
_NOTHING: Final = Text("it has no prompt", "프롬프트가 없습니다")
_UNKNOWN: Final = Text(
    "there is no prompt {name!r}{near}; there are {known}",
    "프롬프트 {name!r}은(는) 없습니다{near}. 있는 것: {known}",
)
_NEAR: Final = Text(" (do you mean {near!r}?)", "({near!r}을(를) 찾으십니까?)")
_FIXED: Final = Text(
    "it cannot be replaced: it tells the judge what is data and in which language to answer; leave it out",
    "바꿀 수 없습니다. 무엇이 데이터이고 이유를 어떤 언어로 쓰는지 판정 모델에 알리는 부분이므로 빼십시오",
)
_NO_OBJECT: Final = Text("it has to be a mapping with {names}", "{names}이(가) 있는 매핑이어야 합니다")
_NO_MEMBER: Final = Text(
    "there is no {name!r} here{near}; there are {known}",
    "여기에는 {name!r}이(가) 없습니다{near}. 쓸 수 있는 것: {known}",
)
_VERSION: Final = Text(
    "it is {value}; give a whole number from 1, which is yours to count",
    "값이 {value}입니다. 직접 세는 1 이상의 정수를 쓰십시오",
)
_NO_VERSION: Final = Text(
    "it has no version; give a whole number from 1, which is yours to count",
    "version이 없습니다. 직접 세는 1 이상의 정수를 쓰십시오",
)
_NO_LANGUAGE: Final = Text(
    "it says nothing in any language; give it `en`, `ko` or both",
    "어느 언어로도 쓰여 있지 않습니다. `en`, `ko` 가운데 하나나 둘 다 쓰십시오",
)
_EMPTY: Final = Text(
    "it is empty; write what is to be said, or leave {code!r} out, so that Pitwall's own stays",
    "비어 있습니다. 할 말을 쓰거나, Pitwall의 것을 그대로 쓰려면 {code!r}을(를) 빼십시오",
)
_NO_TEXT: Final = Text("it has to be a text", "글이어야 합니다")
_TOO_LONG: Final = Text(
    "it has {count:,} characters; shorten it to {most:,}",
    "글자가 {count:,}자입니다. {most:,}자까지 줄이십시오",
)
_UNSTORABLE: Final = Text(
    "it has a character that cannot be stored; remove it", "저장할 수 없는 문자가 있습니다. 지우십시오"
)
_BRACE: Final = Text(
    "a brace stands alone; write it twice where it is text: {twice}",
    "중괄호가 짝이 맞지 않습니다. 글자로 쓰려면 두 번 쓰십시오: {twice}",
)
_UNKNOWN_PLACE: Final = Text(
    "there is no place {place}; {known}, and a brace that is text is written twice",
    "자리 {place}은(는) 없습니다. {known}. 중괄호를 글자로 쓰려면 두 번 쓰십시오",
)
_PLACES: Final = Text("its places are {places}", "쓸 수 있는 자리: {places}")
_MISSING_PLACE: Final = Text(
    "the place {place} is missing; write it where the judge is to read it",
    "자리 {place}이(가) 없습니다. 판정 모델이 읽을 곳에 쓰십시오",
)
_IN_SYSTEM: Final = Text(
    "the place {place} is filled in in `user` only; write it there",
    "자리 {place}은(는) `user`에서만 채워집니다. 그곳에 쓰십시오",
)

Place = tuple[str, ...]
"""Name of a prompt, language, and `system` or `user`; as much of it as there is."""


@dataclass(frozen=True, slots=True)
class PromptProblem:
    """Something wrong with prompts."""

    place: Place
    what: Text

    def told(self, where: str) -> Text:
        """What is wrong and where, as a sentence."""
        place = "".join(f"{part}: " for part in (where, ", ".join(self.place)) if part)
        return Text(f"{place}{self.what.en}.", f"{place}{self.what.ko}.")


def problems_of(content: Any) -> Iterator[PromptProblem]:
    """Everything that is wrong with prompts, in their order."""
    if not isinstance(content, Mapping):
        yield PromptProblem((), _fill(_NO_MAPPING, form=_FORM))
    elif not content:
        yield PromptProblem((), _NOTHING)
    elif set(content) <= {VERSION, *_LANGUAGES}:
        yield PromptProblem((), _BARE)
    else:
        for name, one in content.items():
            yield from _problems_of_prompt(str(name), one)


def _problems_of_prompt(name: str, content: Any) -> Iterator[PromptProblem]:
    if name == COMMON:
        yield PromptProblem((name,), _FIXED)
    elif name not in NAMES:
        near = nearest(name, NAMES)
        yield PromptProblem((name,), _fill(_UNKNOWN, name=name, near=near, known=", ".join(NAMES)))
    elif not isinstance(content, Mapping):
        yield PromptProblem((name,), _fill(_NO_OBJECT, names=", ".join((VERSION, *_LANGUAGES))))
    else:
        yield from _strangers((name,), content, (VERSION, *_LANGUAGES))
        yield from _problems_of_version(name, content)
        given = [language for language in Language if language.value in content]
        if not given:
            yield PromptProblem((name,), _NO_LANGUAGE)
        for language in given:
            yield from _problems_of_language(name, language, content[language.value])


def _problems_of_version(name: str, content: Mapping[Any, Any]) -> Iterator[PromptProblem]:
    if VERSION not in content:
        yield PromptProblem((name,), _NO_VERSION)
        return
    version = content[VERSION]
    if not isinstance(version, int) or isinstance(version, bool) or not 1 <= version <= _HIGHEST_VERSION:
        yield PromptProblem((name, VERSION), _fill(_VERSION, value=repr(version)))


def _problems_of_language(name: str, language: Language, content: Any) -> Iterator[PromptProblem]:
    place = (name, language.value)
    if not isinstance(content, Mapping):
        yield PromptProblem(place, _fill(_NO_OBJECT, names=f"{SYSTEM}, {USER}"))
        return
    yield from _strangers(place, content, (SYSTEM, USER))
    for part in (SYSTEM, USER):
        found = list(_problems_of_text((*place, part), language, content.get(part, "")))
        yield from found or _problems_of_places((*place, part), name, language, content[part])


def _problems_of_text(place: Place, language: Language, text: Any) -> Iterator[PromptProblem]:
    if text is not None and not isinstance(text, str):
        yield PromptProblem(place, _NO_TEXT)
    elif text is None or not text.strip():
        yield PromptProblem(place, _fill(_EMPTY, code=language.value))
    elif len(text) > LONGEST_TEXT:
        yield PromptProblem(place, _fill(_TOO_LONG, count=len(text), most=LONGEST_TEXT))
    else:
        try:
            check_storable(text)
        except ValueError:
            yield PromptProblem(place, _UNSTORABLE)


def _problems_of_places(place: Place, name: str, language: Language, text: str) -> Iterator[PromptProblem]:
    needed = places_of(name, language)
    if place[-1] == SYSTEM:
        written = [one for one in sorted(needed) if _shown(one) in text]
        yield from (PromptProblem(place, _fill(_IN_SYSTEM, place=_shown(one))) for one in written)
        return
    try:
        found = [_written(*part[1:]) for part in Formatter().parse(text) if part[1] is not None]
    except ValueError:
        yield PromptProblem(place, _fill(_BRACE, twice="{{ }}"))
        return
    known = sorted(needed | {LANGUAGE_PLACE})
    for one in dict.fromkeys(found):
        if one not in known:
            places = _fill(_PLACES, places=", ".join(map(_shown, known)))
            yield PromptProblem(place, _fill(_UNKNOWN_PLACE, place=_shown(one), known=places))
    for one in sorted(needed.difference(found)):
        yield PromptProblem(place, _fill(_MISSING_PLACE, place=_shown(one)))


def _strangers(place: Place, content: Mapping[Any, Any], known: Sequence[str]) -> Iterator[PromptProblem]:
    for key in content:
        if key not in known:
            said = {"name": str(key), "near": nearest(str(key), known), "known": ", ".join(known)}
            yield PromptProblem((*place, str(key)), _fill(_NO_MEMBER, **said))


def _written(name: str | None, form: str | None, conversion: str | None) -> str:
    """What stands between the braces of a place: nothing but a name is known."""
    return f"{name}{f'!{conversion}' if conversion else ''}{f':{form}' if form else ''}"


def _shown(place: str) -> str:
    return f"{{{place}}}"


def unnamed_verdicts(name: str, language: Language, content: Mapping[str, str]) -> list[str]:
    """Verdicts that the judge may give and that a prompt, unlike Pitwall's own, does not speak of."""
    said = "\n".join((content[SYSTEM], content[USER]))
    return [word for word in _VERDICT.findall(prompt(name).system[language]) if word not in said]


def nearest(name: str, known: Sequence[str]) -> Text:
    """Ask whether a name that is like a wrong one was meant; nothing without any."""
    found = difflib.get_close_matches(name, known, 1, 0.6)
    return _fill(_NEAR, near=found[0]) if found else Text("", "")


def _fill(template: Text, **values: Any) -> Text:
    """Fill values in; those that are texts themselves say each language its own."""
    said = {
        language: template.say(
            language,
            **{key: one.say(language) if isinstance(one, Text) else one for key, one in values.items()},
        )
        for language in Language
    }
    return Text(said[Language.ENGLISH], said[Language.KOREAN])
