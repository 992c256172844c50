"""What may leave for a tracker."""

from __future__ import annotations

import pytest

from pitwall.evals.trackers.sanitising import MOST_ITEMS, Sanitiser

KEEP = Sanitiser(characters=100, context_characters=20)


@pytest.mark.parametrize(
    ("text", "kept"),
    [
        ("mail kim@example.co.kr", "mail [masked:email]"),
        ("call 010-1234-5678", "call [masked:phone]"),
        ("주민번호 900101-1234568", "주민번호 [masked:resident_number]"),
        ("card 4111-1111-1111-1111", "card [masked:card]"),
        ("key sk-abcdefghijklmnopqrstuvwx", "key [masked:secret]"),
        ("암 진단비 1억원", "암 진단비 1억원"),
    ],
)
def test_every_rule_of_masking_applies(text: str, kept: str) -> None:
    """Also those that telemetry does not apply unless asked."""
    assert KEEP.text(text) == kept


@pytest.mark.parametrize("place", [80, 95, 99, 4_880, 4_895])
def test_what_lies_across_a_cut_is_masked(place: int) -> None:
    """Half a number is none to a pattern; so texts are masked before they are cut."""
    text = "." * place + "010-1234-5678" + "." * 20_000
    for digits in ("010-", "1234"):
        assert digits not in KEEP.text(text)
    assert len(KEEP.text(text)) == 100


def test_many_masks_do_not_bring_an_unmasked_end_into_view() -> None:
    """Masks are shorter than what they hide: a key that the first cut halves must not move up."""
    key = "eyJ" + "a" * 1500 + "." + "b" * 1500 + "." + "c" * 1500
    for shift in range(0, 4600, 700):
        kept = KEEP.text("-" * shift + f" {key}" * 20)
        assert "aaaa" not in kept
        assert "bbbb" not in kept


def test_json_is_cut_in_every_direction() -> None:
    """Items, depth, secrets by name, numbers that are somebody's."""
    value = {
        "api_key": "hunter22",
        "owner": {"mail": "kim@example.co.kr", "deep": {"deeper": {"mail": "kim@example.co.kr"}}},
        "card": 4111111111111111,
        "size": 3,
        "rate": 0.5,
        "known": True,
        "nothing": None,
    }
    kept = KEEP.mapping(value)
    assert kept["api_key"] == "[redacted]"
    assert kept["owner"]["mail"] == "[masked:email]"
    assert "kim@" not in str(kept)
    assert kept["card"] == "[masked:card]"
    assert (kept["size"], kept["rate"], kept["known"], kept["nothing"]) == (3, 0.5, True, None)
    assert len(KEEP.mapping({str(number): number for number in range(100)})) == MOST_ITEMS
    assert KEEP.context("x" * 50) == "x" * 19 + "…"
