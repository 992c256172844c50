"""What users say of answers: what is taken, and which word of whom counts."""

from __future__ import annotations

import pytest

from pitwall.core.feedback import FeedbackInvalid, opinion_id, read_opinion

TRACE = "ab" * 16


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ({"thumb": "up"}, ("user_thumb", 1.0, "up")),
        ({"thumb": "down"}, ("user_thumb", 0.0, "down")),
        ({"satisfaction": 1}, ("user_satisfaction", 1.0, "")),
        ({"satisfaction": 5}, ("user_satisfaction", 5.0, "")),
    ],
)
def test_opinion_is_read(given: dict[str, object], expected: tuple[str, float, str]) -> None:
    """A thumb is 1 or 0, a satisfaction the number itself."""
    opinion = read_opinion(**given)
    assert (opinion.name, opinion.value, opinion.label) == expected


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({}, "neither"),
        ({"thumb": "up", "satisfaction": 4}, "a thumb and a satisfaction"),
        ({"thumb": "UP"}, "thumb is 'UP'"),
        ({"thumb": True}, "thumb is True"),
        ({"satisfaction": 0}, "satisfaction is 0"),
        ({"satisfaction": 6}, "satisfaction is 6"),
        ({"satisfaction": 4.5}, "satisfaction is 4.5"),
        ({"satisfaction": True}, "satisfaction is True"),
        ({"satisfaction": "5"}, "satisfaction is '5'"),
    ],
)
def test_other_feedback_is_refused_by_name(given: dict[str, object], said: str) -> None:
    """The message names the field and its value."""
    with pytest.raises(FeedbackInvalid, match=said):
        read_opinion(**given)


def test_one_word_of_each_user_on_each_trace_counts() -> None:
    """The id is the same for the same user, trace and kind, however the trace id is written."""
    assert opinion_id(TRACE, "user_thumb", "u1") == opinion_id(TRACE.upper(), "user_thumb", "u1")
    others = [
        ("cd" * 16, "user_thumb", "u1"),
        (TRACE, "user_satisfaction", "u1"),
        (TRACE, "user_thumb", "u2"),
    ]
    ids = {opinion_id(TRACE, "user_thumb", "u1"), opinion_id(TRACE, "user_thumb", None)}
    assert len(ids | {opinion_id(*other) for other in others}) == 5
