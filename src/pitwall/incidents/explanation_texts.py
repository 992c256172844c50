"""An explanation in sentences, each of them made of numbers, in both languages."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import timedelta
from typing import Final

from pitwall.changes.types import ListedChange
from pitwall.changes.wire import listed_view
from pitwall.incidents.decomposition import PRIOR_COUNT, Part
from pitwall.incidents.explanation import PLACES, Contribution, Explanation, Status, Stretch
from pitwall.incidents.texts import change_text
from pitwall.kit.clock import to_unix_nano
from pitwall.kit.durations import format_duration
from pitwall.kit.i18n import Language, Text
from pitwall.signals.render import show_number

_VALUES: Final = Text(
    "{title} was {now} from {since} to {until} UTC ({count:,} records), and {before} in the {length} before "
    "({count_before:,} records).",
    "{title}: {since}~{until} UTC에 {now} (기록 {count:,}건), 그 전 {length} 동안은 {before} "
    "(기록 {count_before:,}건).",
)
_VALUES_OF_SUM: Final = Text(
    "{title} was {now} from {since} to {until} UTC, and {before} in as long a time of the {length} before.",
    "{title}: {since}~{until} UTC에 {now}, 그 전 {length} 동안은 같은 길이로 치면 {before}였습니다.",
)
_ELSEWHERE: Final = Text(
    "Apart from {labels} it was {now} ({count:,} records), and {before} before.",
    "{labels} 외에는 {now}(기록 {count:,}건), 그 전에는 {before}였습니다.",
)
_ONE: Final = Text(
    "{share} of the change comes from {what}: {before} before, {now} now, in {count:,} of {total:,} records.",
    "변화의 {share}는 {what}에서 왔습니다: 이전 {before}, 현재 {now}, 전체 {total:,}건 중 {count:,}건.",
)
_ONE_BEYOND: Final = Text(
    "{share} of the records beyond {limit} that were added have {what}: its own value was {before} before, "
    "and is {now} now, in {count:,} of {total:,} records.",
    "새로 {limit}을(를) 넘은 기록의 {share}는 {what}입니다: 이전 {before}, 현재 {now}, 전체 {total:,}건 중 "
    "{count:,}건.",
)
_ONE_OF_SUM: Final = Text(
    "{share} of the change comes from {what}: {before} before, {now} now.",
    "변화의 {share}는 {what}에서 왔습니다: 이전 {before}, 현재 {now}.",
)
_WITHOUT: Final = Text(
    "Without it the whole would be {without} now.", "이것을 빼면 전체 값은 지금 {without}입니다."
)
_WITHOUT_NONE: Final = Text("Nothing is left without it.", "이것을 빼면 남는 기록이 없습니다.")
_RATE: Final = Text("It became worse itself.", "그 자체가 나빠졌습니다.")
_MIX: Final = Text(
    "It did not change much itself: its part of the records went from {from_} to {to}.",
    "그 자체는 거의 그대로이고, 기록에서 차지하는 비중이 {from_}에서 {to}로 바뀌었습니다.",
)
_BOTH: Final = Text(
    "{rate} because it became worse itself, {mix} because its part of the records went from {from_} to {to}.",
    "그 자체가 나빠진 몫이 {rate}, 기록에서 차지하는 비중이 {from_}에서 {to}로 바뀐 몫이 {mix}입니다.",
)
_NEW: Final = Text(
    "It was not there before; now it has {to} of the records.", "이전에는 없었고, 지금은 기록의 {to}입니다."
)
_GONE: Final = Text(
    "It is gone; before it had {from_} of the records.", "지금은 사라졌고, 이전에는 기록의 {from_}였습니다."
)
_ALIKE: Final = Text("As much fits {others}.", "{others}에도 거의 똑같이 들어맞습니다.")
_ALSO: Final = Text("Next come {others}.", "그다음은 {others}입니다.")
_OUTCOME: Final = Text(
    "{share} of what was added ended as {what}: {count:,} records now.",
    "늘어난 것의 {share}는 {what}입니다(현재 {count:,}건).",
)
_SPREAD: Final = Text(
    "No single value stands out: as far as the records tell, it changed everywhere alike.",
    "두드러지는 값이 없습니다. 기록으로 보는 한 모든 곳에서 비슷하게 바뀌었습니다.",
)
_NO_CHANGE: Final = Text(
    "That is no clear change: it was much the same before, or it varies as much by chance.",
    "뚜렷한 변화가 아닙니다. 이전에도 비슷했거나 우연히 이만큼 달라질 수 있습니다.",
)
_NOT_ENOUGH: Final = Text(
    "There is not enough data to say why: {count:,} records from {since} to {until} UTC and {count_before:,} "
    "in the {length} before; {needed} are needed in each.",
    "원인을 말하기에 데이터가 부족합니다: {since}~{until} UTC에 {count:,}건, 그 전 {length} 동안 "
    "{count_before:,}건이며 각각 {needed}건이 필요합니다.",
)
_NOT_APPLICABLE: Final = Text(
    "The signal {signal} cannot be compared along dimensions here.",
    "신호 {signal}은(는) 여기서 차원별로 비교할 수 없습니다.",
)
_FAILED: Final = Text(
    "It could not be computed; the server's log says why.",
    "계산하지 못했습니다. 서버 로그에 이유가 있습니다.",
)
_CHANGED: Final = Text("Changed {when} the first alert: {what}.", "첫 경보 {when} 변경: {what}.")
_BEFORE: Final = Text("{length} before", "{length} 전")
_AFTER: Final = Text("{length} after", "{length} 후")
_NO_VALUE: Final = Text("no {dimension}", "{dimension} 없음")
_MAX_CHANGES: Final = 3
_ALIKE_WITHIN: Final = 0.1
_MOSTLY: Final = 0.8


def explanation_text(explanation: Explanation) -> Text:
    """What explains an incident, in a few sentences."""
    english, korean = (" ".join(_sentences(explanation, language)) for language in Language)
    return Text(english, korean)


def _sentences(found: Explanation, language: Language) -> Iterator[str]:
    match found.status:
        case Status.NOT_APPLICABLE:
            yield _NOT_APPLICABLE.say(language, signal=found.subject.signal)
        case Status.FAILED:
            yield _FAILED.say(language)
        case Status.NOT_ENOUGH_DATA:
            yield _NOT_ENOUGH.say(language, **_facts(found, language), needed=PRIOR_COUNT)
        case _:
            values = _VALUES_OF_SUM if found.is_scaled else _VALUES
            yield values.say(language, **_facts(found, language))
    yield from _elsewhere(found, language)
    if found.status is Status.NO_CHANGE:
        yield _NO_CHANGE.say(language)
    elif found.status is Status.SPREAD:
        yield _SPREAD.say(language)
    yield from _causes([one for one in found.contributions if not one.is_outcome], found, language)
    for one in found.contributions:
        if one.is_outcome:
            share = _percent(one.part.share)
            yield _OUTCOME.say(
                language, share=share, what=_what(one, language), count=one.part.slice.now.count
            )
    for change in found.changes[:_MAX_CHANGES]:
        yield _change(change, found, language)


def _elsewhere(found: Explanation, language: Language) -> Iterator[str]:
    """How it is where the alert's labels do not hold: nothing, unless there is something to compare with."""
    if found.elsewhere is None or found.now.value is None:
        return
    before, now = found.elsewhere
    if now.value is not None and now.count >= PRIOR_COUNT:
        unit = found.subject.unit
        yield _ELSEWHERE.say(
            language,
            labels=", ".join(value for name, value in found.subject.labels.items() if name not in PLACES),
            now=show_number(now.value, unit),
            before=show_number(before.value, unit),
            count=now.count,
        )


def _causes(causes: Sequence[Contribution], found: Explanation, language: Language) -> Iterator[str]:
    if not causes:
        return
    first = causes[0]
    yield _first(first, found, language)
    if (effect := _effect(first.part, found, language)) is not None:
        yield effect
    if first.part.rate_effect is not None or first.without is not None:
        text = _WITHOUT_NONE if first.without is None else _WITHOUT
        yield text.say(language, without=show_number(first.without, found.subject.unit))
    alike = [
        one
        for one in causes[1:]
        if one.dimension != first.dimension and first.part.share - one.part.share <= _ALIKE_WITHIN
    ]
    others = [one for one in causes[1:] if one not in alike]
    for text, listed in ((_ALIKE, alike), (_ALSO, others)):
        if listed:
            shown = [f"{_what(one, language)} ({_percent(one.part.share)})" for one in listed]
            yield text.say(language, others=", ".join(shown))


def _first(one: Contribution, found: Explanation, language: Language) -> str:
    part, unit = one.part, found.subject.unit
    text = _ONE_OF_SUM if one.without is None and part.rate_effect is None else _ONE
    return (_ONE_BEYOND if found.is_quantile else text).say(
        language,
        share=_percent(part.share),
        what=_what(one, language),
        before=show_number(part.slice.before.value, unit),
        now=show_number(part.slice.now.value, unit),
        count=part.slice.now.count,
        total=found.now.count,
        limit=show_number(found.before.value, unit),
    )


def _effect(part: Part, found: Explanation, language: Language) -> str | None:
    if part.rate_effect is None or part.mix_effect is None:
        return None
    before, now = part.slice.before.count, part.slice.now.count
    filled = {
        "from_": _percent(before / found.before.count),
        "to": _percent(now / found.now.count),
        "rate": _percent(part.rate_effect),
        "mix": _percent(part.mix_effect),
    }
    if not before or not now:
        return (_GONE if before else _NEW).say(language, **filled)
    if abs(part.rate_effect) >= _MOSTLY * abs(part.share):
        return _RATE.say(language)
    if abs(part.mix_effect) >= _MOSTLY * abs(part.share):
        return _MIX.say(language, **filled)
    return _BOTH.say(language, **filled)


def _change(change: ListedChange, found: Explanation, language: Language) -> str:
    nanos = to_unix_nano(found.fired_at) - change.at_nano
    seconds = abs(nanos) // 10**9
    length = timedelta(seconds=seconds if seconds < 60 else seconds // 60 * 60)
    when = (_BEFORE if nanos >= 0 else _AFTER).say(language, length=format_duration(length))
    what = change_text(listed_view(change))[language.value]
    return _CHANGED.say(language, when=when, what=what)


def _facts(found: Explanation, language: Language) -> dict[str, object]:
    baseline = found.baseline or found.window
    return {
        "title": found.subject.title.say(language),
        "now": show_number(found.now.value, found.subject.unit),
        "before": show_number(found.before.value, found.subject.unit),
        "count": found.now.count,
        "count_before": found.before.count,
        "since": f"{found.window.since:%H:%M}",
        "until": f"{found.window.until:%H:%M}",
        "length": _length(baseline),
    }


def _length(stretch: Stretch) -> str:
    return format_duration(stretch.until - stretch.since)


def _what(one: Contribution, language: Language) -> str:
    title = one.title.say(language)
    dimension = title[:1].lower() + title[1:] if language is Language.ENGLISH else title
    value = one.part.slice.name
    return f"{dimension} {value}" if value else _NO_VALUE.say(language, dimension=dimension)


def _percent(share: float) -> str:
    return f"{share * 100:.0f} %"
