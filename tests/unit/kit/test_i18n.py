"""Which language Pitwall speaks."""

from __future__ import annotations

import pytest

from pitwall.kit.i18n import Language, Text, choose_language


@pytest.mark.parametrize(
    ("environ", "explicit", "expected"),
    [
        ({}, None, "en"),
        ({"LANG": "ko_KR.UTF-8"}, None, "ko"),
        ({"LANG": "de_DE.UTF-8"}, None, "en"),
        ({"LANG": "ko_KR.UTF-8", "LC_ALL": "C.UTF-8"}, None, "en"),
        ({"LANG": "en_US.UTF-8", "PITWALL_LANG": "ko"}, None, "ko"),
        ({"PITWALL_LANG": "ko"}, "en-GB", "en"),
        ({"PITWALL_LANG": "ko"}, "fr", "ko"),
    ],
)
def test_language_follows_what_was_asked_then_pitwall_lang_then_the_locale(
    environ: dict[str, str], explicit: str | None, expected: str
) -> None:
    """A language Pitwall does not speak counts as not asked for."""
    assert choose_language(environ, explicit) == expected


def test_message_is_said_in_both_languages() -> None:
    """Values are filled in; one that is missing is an error, not a gap."""
    text = Text(en="{count} traces", ko="트레이스 {count}개")
    assert text.say(Language.ENGLISH, count=3) == "3 traces"
    assert text.say(Language.KOREAN, count=3) == "트레이스 3개"
    with pytest.raises(KeyError):
        text.say(Language.KOREAN, number=3)


def test_one_is_said_in_the_singular() -> None:
    """English has a form of its own for one; Korean says the same as for many."""
    text = Text(en="{count:,} traces", ko="트레이스 {count:,}개", en_one="1 trace")
    said = [text.say(language, count=count) for language in Language for count in (1, 2000)]
    assert said == ["1 trace", "2,000 traces", "트레이스 1개", "트레이스 2,000개"]
