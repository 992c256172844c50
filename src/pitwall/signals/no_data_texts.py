"""What Pitwall says of a signal without a value, in both languages."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from typing import Any

from pitwall.kit.i18n import Language, Text
from pitwall.signals.expressions import Source


class NoDataReason(StrEnum):
    """Why there is no value, or none that can be judged."""

    FUTURE = "future"
    NOTHING_RECEIVED = "nothing_received"
    SOURCE_NOT_RECEIVED = "source_not_received"
    NONE_IN_RANGE = "none_in_range"
    NONE_MATCH = "none_match"
    FILTERED_OUT = "filtered_out"
    NOT_REPORTED = "not_reported"
    NO_GROWTH = "no_growth"
    UNDEFINED = "undefined"
    TOO_FEW = "too_few"


SOURCES_IN_WORDS: Mapping[Source, Text] = {
    Source.SPANS: Text("spans", "스팬"),
    Source.POINTS: Text("metric points", "메트릭 포인트"),
    Source.LOGS: Text("log records", "로그"),
    Source.SCORES: Text("scores", "점수"),
}

REASONS: Mapping[NoDataReason, Text] = {
    NoDataReason.FUTURE: Text(
        "The range begins at {since}, which is still to come. Choose an earlier one.",
        "범위가 아직 오지 않은 시각({since})에서 시작합니다. 더 이른 범위를 고르세요.",
    ),
    NoDataReason.NOTHING_RECEIVED: Text(
        "This project has not received any telemetry yet. Send some, or choose another project.",
        "이 프로젝트는 아직 텔레메트리를 받은 적이 없습니다. 데이터를 보내거나 다른 프로젝트를 고르세요.",
    ),
    NoDataReason.SOURCE_NOT_RECEIVED: Text(
        "This project has never received {source}, and the signal is computed of them.",
        "이 신호를 계산하는 데 필요한 {source} 데이터를 이 프로젝트는 받은 적이 없습니다.",
    ),
    NoDataReason.NONE_IN_RANGE: Text(
        "No {source} happened in this range.",
        "이 범위에는 {source} 데이터가 없습니다.",
    ),
    NoDataReason.NONE_MATCH: Text(
        "There are {source} in this range, but none that the signal looks at: {condition}.",
        "이 범위에 {source} 데이터는 있지만, 이 신호가 보는 것({condition})은 없습니다.",
    ),
    NoDataReason.FILTERED_OUT: Text(
        "The signal has data in this range, but none that meets the condition: {asked}.",
        "이 범위에 이 신호의 데이터는 있지만, 조건({asked})에 맞는 것은 없습니다.",
    ),
    NoDataReason.NOT_REPORTED: Text(
        "{count} {source} match in this range, but none of them tells {told}.",
        "이 범위에 맞는 {source} {count}건이 있지만, {told} 값을 알려 준 것이 없습니다.",
        en_one="One of the {source} matches in this range, but it does not tell {told}.",
    ),
    NoDataReason.NO_GROWTH: Text(
        "A counter grows from one report to the next; in this range no series has two.",
        "카운터는 보고 사이의 증가량으로 계산하는데, 이 범위에는 보고가 두 번 이상 있는 계열이 없습니다.",
    ),
    NoDataReason.UNDEFINED: Text(
        "What the signal is computed of is there, but not in the same window, or it is divided by 0.",
        "계산에 필요한 데이터는 있지만, 같은 구간에 함께 있지 않거나 0으로 나누게 됩니다.",
    ),
    NoDataReason.TOO_FEW: Text(
        "No value rests on more than {most} observations, and a judgement needs {least}. "
        "Choose a longer range or longer windows.",
        "한 값의 근거가 된 관측이 많아야 {most}건인데, 판정에는 {least}건이 필요합니다. "
        "범위나 구간을 더 길게 잡으세요.",
    ),
}

LATEST = Text("The latest was at {at}.", "가장 최근 것은 {at}에 있었습니다.")
NEVER = Text("There never was one in this project.", "이 프로젝트에 그런 데이터가 있었던 적이 없습니다.")
WITH_COLUMNS = Text("{records}, with {told}", "{records}, {told} 있음")
OBSERVATIONS = Text(
    "{count} observations in a window", "한 구간에 관측 {count}건", en_one="1 observation in a window"
)


def filled(text: Text, **values: Any) -> Text:
    """A text with its values filled in; a value may be in both languages itself."""

    def say(language: Language) -> str:
        spoken = {
            name: value.say(language) if isinstance(value, Text) else value for name, value in values.items()
        }
        return text.say(language, **spoken)

    return Text(say(Language.ENGLISH), say(Language.KOREAN))


def joined(*texts: Text) -> Text:
    """Sentences one after the other."""
    return Text(" ".join(text.en for text in texts), " ".join(text.ko for text in texts))
