"""JSON with broken characters is read, and what was repaired is said."""

from __future__ import annotations

import json

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pitwall.ingest.json_text import load_json


@pytest.mark.parametrize(
    ("text", "read"),
    [
        (r"hello \ud83d", "hello �"),
        (r"\ude00 hello", "� hello"),
        (r"\ud83d\ud83d\ude00", "�\U0001f600"),
        (r"\uD83D\n", "�\n"),
        (r"\\ud83d \udc00", "\\ud83d �"),
        (r"\ud83d\\ude00", "�\\ude00"),
    ],
)
def test_half_of_a_pair_becomes_the_replacement_character(text: str, read: str) -> None:
    """Whole pairs and escaped backslashes are left alone."""
    document, [repair] = load_json(f'{{"a": "{text}"}}'.encode())
    assert document == {"a": read}
    assert "half of a surrogate pair replaced at byte" in repair


def test_repairs_are_counted_and_placed() -> None:
    """The first is named by its byte."""
    assert load_json(rb'["\ud800", "\udfff", "\ud801"]')[1] == (
        "half of a surrogate pair replaced at byte 2 and 2 more",
    )


def test_both_kinds_of_damage_are_repaired() -> None:
    """Invalid bytes and half pairs in one document."""
    document, repairs = load_json(b'["\xff\\ud800"]')
    assert document == ["��"]
    assert len(repairs) == 2


def test_invalid_bytes_can_be_left_to_the_caller() -> None:
    """A file in another encoding is not to be read as a row of question marks."""
    with pytest.raises(orjson.JSONDecodeError):
        load_json(b'["\xff"]', with_invalid_utf8=False)


@given(st.text(st.characters(), max_size=20), st.booleans())
def test_any_text_that_json_can_write_is_read(text: str, as_ascii: bool) -> None:
    """Python's writer is the oracle: it writes half pairs as escapes."""
    body = json.dumps([text], ensure_ascii=as_ascii).encode("utf-8", "surrogatepass")
    [read], repairs = load_json(body)
    whole = text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    if as_ascii:
        assert read == whole
        assert bool(repairs) == (whole.count("�") > text.count("�"))


@pytest.mark.parametrize("body", [b"", b"{", b'{"a": \\ud800}', b"nope \xff"])
def test_no_json_stays_no_json(body: bytes) -> None:
    """Repair makes nothing of what was nothing."""
    with pytest.raises(orjson.JSONDecodeError):
        load_json(body)
