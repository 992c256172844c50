"""Prompts of somebody's own: read, and checked before anything is asked with them.

What may be replaced are the words. The form of the reply, the numbers of items and how they are checked, and
the fence around data are code, whatever a prompt says.
"""

from __future__ import annotations

import difflib
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from string import Formatter
from typing import Any, Final

from pitwall.evals.judging.errors import PromptNotFound, PromptsInvalid
from pitwall.evals.judging.prompts import (
    COMMON,
    LANGUAGE_PLACE,
    NAMES,
    SYSTEM,
    USER,
    Content,
    Prompts,
    places_of,
)
from pitwall.kit.i18n import Language, Text
from pitwall.kit.text import check_storable
from pitwall.signals.errors import CatalogueInvalid
from pitwall.signals.pack_files import parse_document

VERSION: Final = "version"
LONGEST_TEXT: Final = 20_000
"""Characters; there has to be room for what is judged."""
_HIGHEST_VERSION: Final = 1_000_000
_LANGUAGES: Final = tuple(language.value for language in Language)
_FORM: Final = "claims: {version: 1, en: {system: ..., user: ...}}"
_HINT: Final = (
    "`pitwall eval prompts show NAME` writes one as it has to be, `pitwall eval prompts list` names them."
)

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


def read_prompts(path: Path) -> Prompts:
    """Read prompts of a YAML file, to ask with.

    Raises:
        PromptsInvalid: As `read_own` says.
    """
    return Prompts.replacing(read_own(path))


def read_own(path: Path) -> dict[str, Content]:
    """Read what a YAML file says of prompts, by name.

    Raises:
        PromptsInvalid: It cannot be read, or something in it cannot be; all of that is named with its line.
    """
    try:
        text = path.read_text("utf-8")
    except OSError as error:
        raise PromptsInvalid(f"{path} cannot be read: {error.strerror}.", hint="Name a YAML file.") from error
    except UnicodeDecodeError as error:
        raise PromptsInvalid(f"{path} is not UTF-8 text.", hint="Save it as UTF-8.") from error
    try:
        document = parse_document(text, path)
    except CatalogueInvalid as error:
        where = f"{path}:{error.details['line']}"
        raise PromptsInvalid(f"{where}: {error.details['problem']}.", hint=_HINT) from error
    return _checked(document.data, document.where)


def check_prompts(content: Any) -> Prompts:
    """Check prompts that somebody sent.

    Raises:
        PromptsInvalid: Something in them cannot be; all of that is named.
    """
    return Prompts.replacing(_checked(content, lambda _place: "prompts"))


def _checked(content: Any, where: Callable[[Place], str]) -> dict[str, Content]:
    """Return prompts as they are kept.

    Args:
        where: Says in which file and line a place stands.

    Raises:
        PromptsInvalid: Something in them cannot be; all of that is named.
    """
    problems = list(problems_of(content))
    if problems:
        raise _invalid(problems, where)
    return {name: _kept(one) for name, one in content.items()}


def check_name(name: str) -> str:
    """Return the name of a prompt, or of what is said with all of them.

    Raises:
        PromptNotFound: There is none; the nearest is named.
    """
    if name not in (*NAMES, COMMON):
        raise PromptNotFound(
            f"There is no prompt {name!r}{_near(name, NAMES).en}.",
            hint="`pitwall eval prompts list` names them.",
        )
    return name


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
        near = _near(name, NAMES)
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
            said = {"name": str(key), "near": _near(str(key), known), "known": ", ".join(known)}
            yield PromptProblem((*place, str(key)), _fill(_NO_MEMBER, **said))


def _written(name: str | None, form: str | None, conversion: str | None) -> str:
    """What stands between the braces of a place: nothing but a name is known."""
    return f"{name}{f'!{conversion}' if conversion else ''}{f':{form}' if form else ''}"


def _shown(place: str) -> str:
    return f"{{{place}}}"


def _near(name: str, known: Sequence[str]) -> Text:
    found = difflib.get_close_matches(name, known, 1, 0.6)
    return _fill(_NEAR, near=found[0]) if found else Text("", "")


def _kept(content: Mapping[str, Any]) -> dict[str, Any]:
    """A prompt that was found right, as it is kept: edges of its texts say nothing."""
    texts = {
        language: {part: check_storable(content[language][part]).strip() for part in (SYSTEM, USER)}
        for language in _LANGUAGES
        if language in content
    }
    return {VERSION: content[VERSION], **texts}


def _invalid(problems: Sequence[PromptProblem], where: Callable[[Place], str]) -> PromptsInvalid:
    views = [_view(one, where(one.place)) for one in problems]
    more = f" ({len(views) - 1} more in details)" if len(views) > 1 else ""
    return PromptsInvalid(
        f"{views[0]['text']['en']}{more}", hint=_HINT, details={"problems": views, "count": len(views)}
    )


def _view(problem: PromptProblem, where: str) -> dict[str, Any]:
    name, language, part = (*problem.place, None, None, None)[:3]
    text = problem.told(where)
    return {
        "where": where,
        "prompt": name,
        "language": language,
        "part": part,
        "text": {"en": text.en, "ko": text.ko},
    }


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
