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
