"""What users say of answers: one vocabulary for the API and the SDK, so that both give one score."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import Final

from pitwall.core.errors import InvalidInput

THUMB: Final = "user_thumb"
"""Name of the scores that thumbs give: 1 up, 0 down."""
SATISFACTION: Final = "user_satisfaction"
"""Name of the scores of satisfaction, 1 to 5."""
LOWEST_SATISFACTION: Final = 1
HIGHEST_SATISFACTION: Final = 5
SOURCE: Final = "human"
_THUMBS: Final = {"up": 1.0, "down": 0.0}
_ID_BYTES: Final = 16


class FeedbackInvalid(InvalidInput):
    """Feedback says nothing that can be kept; the message names the field."""

    default_code = "feedback.invalid"


@dataclass(frozen=True, slots=True)
class Opinion:
    """What somebody said, as a score."""

    name: str
    value: float
    label: str = ""


def read_opinion(thumb: object = None, satisfaction: object = None) -> Opinion:
    """Read a thumb or a satisfaction.

    Args:
        thumb: `up` or `down`.
        satisfaction: A whole number from 1 to 5.

    Raises:
        FeedbackInvalid: There is none or both, or it is something else.
    """
    if (thumb is None) == (satisfaction is None):
        what = "neither a thumb nor a satisfaction" if thumb is None else "a thumb and a satisfaction"
        raise FeedbackInvalid(f"Feedback has {what}.", hint="Give one of the two.")
    if thumb is not None:
        if not isinstance(thumb, str) or thumb not in _THUMBS:
            raise FeedbackInvalid(f"thumb is {thumb!r}.", hint='Give "up" or "down".')
        return Opinion(THUMB, _THUMBS[thumb], thumb)
    is_number = isinstance(satisfaction, int) and not isinstance(satisfaction, bool)
    if not is_number or not LOWEST_SATISFACTION <= satisfaction <= HIGHEST_SATISFACTION:  # type: ignore[operator]
        raise FeedbackInvalid(f"satisfaction is {satisfaction!r}.", hint="Give a whole number from 1 to 5.")
    return Opinion(SATISFACTION, float(satisfaction))  # type: ignore[arg-type]


def opinion_id(trace_id: str, name: str, user: str | None) -> str:
    """The id of the score: one for each user, trace and kind of feedback, so that the last one counts.

    Args:
        trace_id: 32 hexadecimal digits.
        user: Who says it; those without a name share one opinion of a trace.
    """
    text = "\0".join(("feedback", trace_id.lower(), name, user or ""))
    return hashlib.blake2b(text.encode("utf-8", "surrogatepass"), digest_size=_ID_BYTES).hexdigest()
