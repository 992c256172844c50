"""Text: Korean counts as Korean, cuts keep characters whole, and nothing steers a terminal."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pitwall.kit.text import (
    ELLIPSIS,
    check_line,
    check_storable,
    display_width,
    fit,
    normalise,
    pad,
    printable,
    truncate,
    truncate_bytes,
)

FAMILY = "👨\u200d👩\u200d👧"


def test_korean_typed_in_parts_becomes_whole_syllables() -> None:
    """A file name of macOS and a keyboard of Windows give the same text."""
    assert normalise(unicodedata.normalize("NFD", "환불 규정")) == "환불 규정"


@given(st.text(max_size=60), st.integers(1, 40))
def test_cut_text_keeps_to_its_length(text: str, limit: int) -> None:
    """Short text stays as it is; long text ends in an ellipsis."""
    cut = truncate(text, limit)
    assert cut == text if len(text) <= limit else len(cut) <= limit and cut.endswith(ELLIPSIS)


@given(st.text(max_size=60), st.integers(0, 80))
def test_cut_bytes_keep_to_their_size_and_are_a_beginning(text: str, limit: int) -> None:
    """The result is a prefix of valid text, whatever stood at the cut."""
    cut = truncate_bytes(text, limit)
    assert len(cut.encode("utf-8", "replace")) <= limit
    assert text.startswith(cut)


@pytest.mark.parametrize(
    ("text", "limit", "expected"), [("가나다", 8, "가나"), ("가나다", 9, "가나다"), ("abc", 0, "")]
)
def test_korean_is_cut_between_syllables(text: str, limit: int, expected: str) -> None:
    """Three bytes a syllable, none of them cut."""
    assert truncate_bytes(text, limit) == expected


def test_letter_keeps_its_accent_and_a_family_stays_together() -> None:
    """A cut never falls between a letter and its mark, nor inside a joined emoji."""
    assert truncate("ae\u0301x", 3) == "a" + ELLIPSIS
    assert truncate("ab" + FAMILY + "cd", 5) == "ab" + ELLIPSIS


def test_width_of_korean_is_two_columns_a_syllable() -> None:
    """Marks and control characters take no column."""
    assert display_width("응답 ok") == 7
    assert display_width("e\u0301\u200b") == 1


@given(st.text(max_size=40), st.integers(1, 30))
def test_fitted_text_never_exceeds_its_columns(text: str, columns: int) -> None:
    """And padding brings it to exactly that width."""
    fitted = fit(text, columns)
    assert display_width(fitted) <= columns
    assert display_width(pad(fitted, columns)) == columns


def test_padding_stands_left_or_right() -> None:
    """Numbers go to the right edge."""
    assert (pad("가", 4), pad("1", 3, right=True)) == ("가  ", "  1")


@given(st.text())
def test_printable_text_cannot_steer_a_terminal(text: str) -> None:
    """No control character and no change of reading direction is left."""
    safe = printable(text)
    assert not any(unicodedata.category(c) == "Cc" or c in "\u202a\u202e\u2066\u2069" for c in safe)


def test_escape_sequence_is_shown_instead_of_obeyed() -> None:
    """A span named like this must not clear the screen."""
    assert printable("a\x1b[2Jb\nc") == "a\\x1b[2Jb c"


@pytest.mark.parametrize(
    "call", [lambda: truncate("a", 0), lambda: truncate_bytes("a", -1), lambda: fit("a", 0)]
)
def test_impossible_length_is_refused(call: object) -> None:
    """There is no room for even the ellipsis."""
    assert callable(call)
    with pytest.raises(ValueError, match="is -?[01]"):
        call()


@pytest.mark.parametrize("text", ["a\x00b", "a\ud800b"])
def test_text_that_no_database_keeps_is_refused(text: str) -> None:
    """Half an emoji and NUL would fail later, where nobody can mend them."""
    for check in (check_storable, check_line):
        with pytest.raises(ValueError, match="cannot be stored"):
            check(text)


@pytest.mark.parametrize("text", ["a\nb", "a\x1b[31mb", "a\u202eb", "a\x85b"])
def test_line_has_nothing_that_steers(text: str) -> None:
    """Such text may be kept, and is no title."""
    assert check_storable(text) == text
    with pytest.raises(ValueError, match="control characters"):
        check_line(text)


def test_line_typed_in_parts_becomes_whole() -> None:
    """Korean of any keyboard is one line."""
    assert check_line(unicodedata.normalize("NFD", "환불 규정 👩\u200d👧")) == "환불 규정 👩\u200d👧"
